"""What does not fit in memory, on disk: items by number, and numbers sorted into buckets."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import IO, Any

import numpy as np
from cachetools import LRUCache

from feedhub.match.index.keys import keys_of
from feedhub.match.index.packed_rows import joined, numbers_of, packed_values, parted, text_of, text_part, values_of
from feedhub.match.index.record_file import RecordFile
from feedhub.match.text.hashing import hash64
from feedhub.match.text.prepare import MOST_OF_HEADLINE, MOST_WORDS, Coded, Prepared, assemble, coded, published
from feedhub.match.text.tokens import U64
from feedhub.model import Copy, EntryKey, EntryOrigin, Revision, RevisionKind, WireMarks
from feedhub.unix import read_at

#: spread numbers over buckets; another one each time that a bucket is spread again
_FACTORS = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
#: prepared items kept at hand
REMEMBERED = 500
#: bytes written at once
_BLOCK = 1 << 20
#: bytes of a bucket that are sorted in memory at once, into how many a larger one is spread, and how often again
_LARGEST, _SPREAD, _DEEPEST = 1 << 25, 16, 2
#: bytes of it that are read at once
_CHUNK = 1 << 22
#: of a packed item: coded headline and body, names, headline, text
_PARTS = 5
_TEXT, _MAYBE_TEXT, _MAYBE_NUMBER = (str,), (str, type(None)), (int, type(None))
#: source, guid, outlet, address, agency, credit, origin, when it was published, kind and number of its revision mark
_NAMES = (_TEXT, _TEXT, _TEXT, *[_MAYBE_TEXT] * 4, (float, type(None)), _MAYBE_TEXT, _MAYBE_NUMBER)
#: a stream knows published dates only
_UNSEEN = datetime(1970, 1, 1, tzinfo=UTC)


class SpooledItems:
    """Copies written as they come, read back prepared by number."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="feedhub-", buffering=_BLOCK)  # noqa: SIM115 (see close)
        #: of each item where it begins and how long it is
        self._places = RecordFile("<QI")
        self._written = self._flushed = 0
        self._recent: LRUCache[int, Prepared] = LRUCache(REMEMBERED)

    def __len__(self) -> int:
        return len(self._places)

    def add(self, copies: Sequence[Copy]) -> Iterator[tuple[U64, int]]:
        """Write copies; of each its keys and a digest of what it says."""
        both = coded(copies)
        for copy, arrays, result in zip(copies, both, keys_of(both), strict=True):
            packed = packed_item(copy, arrays)
            self._file.write(packed)
            self._places.append(self._written, len(packed))
            self._written += len(packed)
            yield result, text_digest(copy, arrays)

    def get(self, number: int) -> Prepared:
        """One item prepared, from memory where possible."""
        item = self._recent.get(number)
        if item is None:
            item = self._recent[number] = unpacked_item(self._load(number))
        return item

    def keys(self) -> Iterator[EntryKey]:
        """Return the identities of all items in the order in which they came."""
        for number in range(len(self)):
            source, guid, *_ = _names(parted(self._load(number), _PARTS)[2])
            yield EntryKey(source=source, guid=guid)

    def _load(self, number: int) -> bytes:
        if self._flushed < number + 1:
            self._file.flush()
            self._flushed = len(self)
        start, size = self._places.get(number)
        return read_at(self._file.fileno(), size, start)

    def close(self) -> None:
        """Give the disk back."""
        self._file.close()
        self._places.close()


def packed_item(copy: Copy, arrays: Coded) -> bytes:
    """Pack what a comparison needs of a copy with its coded words; the same bytes in every version of Python."""
    mark = copy.wire.revision
    revision = (mark.kind.value, mark.number) if mark else (None, None)
    wire = copy.wire.agency, copy.wire.credit, copy.origin.title if copy.origin else None
    names = packed_values(copy.key.source, copy.key.guid, copy.outlet, copy.url_key, *wire, published(copy), *revision)
    title, body = (each.tobytes() for each in arrays)
    return joined(title, body, names, text_part(copy.title), text_part(copy.text))


def unpacked_item(packed: bytes | memoryview) -> Prepared:
    """Prepare the copy that `packed_item` packed; raises ValueError or RecursionError for anything else."""
    title_codes, body_codes = packed_words(packed)
    _, _, names, title, body = parted(packed, _PARTS)
    source, guid, outlet, url_key, agency, credit, origin, when, revision, number = _names(names)
    text = text_of(body)
    copy = Copy(
        key=EntryKey(source=source, guid=guid),
        outlet=outlet,
        title=text_of(title),
        paragraphs=(text,) if text else (),
        url_key=url_key,
        first_seen=_UNSEEN,
        wire=WireMarks(
            agency=agency,
            credit=credit,
            revision=Revision(kind=RevisionKind(revision), number=number) if revision else None,
        ),
        origin=EntryOrigin(title=origin) if origin else None,
    )
    return assemble(copy, title_codes, body_codes, seen=None, published=when)


def packed_words(packed: bytes | memoryview) -> Coded:
    """Return the coded headline and body of a packed item alone; raises ValueError."""
    title, body = map(numbers_of, parted(packed, _PARTS)[:2])
    if len(title) > MOST_OF_HEADLINE or len(body) > MOST_WORDS:
        raise ValueError("more words than are compared")
    return title, body


def _names(part: memoryview) -> list[Any]:
    return values_of(part, *_NAMES)


def text_digest(copy: Copy, arrays: Coded) -> int:
    """Return a digest of all that a copy says: equal ones are one text with one agency and one revision mark."""
    title, body = (each.tobytes() for each in arrays)
    marks = str((copy.wire.revision, copy.wire.agency, copy.wire.credit, copy.origin))
    return hash64(b"%b%b%b" % (title, body, marks.encode("utf-8", "surrogatepass")))


class Buckets:
    """Rows of numbers spread over files by their first column, so that equal ones meet in one file.

    A file that has grown large is spread once more as it is read, so memory does not grow with the number of rows; only
    rows with one and the same first number have to fit.
    """

    def __init__(self, columns: int, *, number: int = 64, depth: int = 0) -> None:
        self._columns = columns
        self._number = number
        self._depth = depth
        self._factor = np.uint64(_FACTORS[depth])
        self._files = [tempfile.TemporaryFile(prefix="feedhub-") for _ in range(number)]  # noqa: SIM115

    def add(self, *columns: U64) -> None:
        """Append rows, given column by column."""
        bucket = (columns[0] * self._factor) >> np.uint64(48)
        bucket %= np.uint64(self._number)
        order = np.argsort(bucket, kind="stable")
        rows = np.stack([column[order] for column in columns], axis=1)
        ends = np.searchsorted(bucket[order], np.arange(self._number, dtype=np.uint64), side="right")
        for file, part in zip(self._files, np.split(rows, ends[:-1]), strict=True):
            if len(part):
                file.write(np.ascontiguousarray(part).tobytes())

    def __iter__(self) -> Iterator[tuple[U64, ...]]:
        """Return the columns of each bucket."""
        for file in self._files:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            if size > _LARGEST and self._depth < _DEEPEST:
                yield from self._spread(file)
            elif size:
                yield self._rows(file.read())

    def _spread(self, file: IO[bytes]) -> Iterator[tuple[U64, ...]]:
        with Buckets(self._columns, number=_SPREAD, depth=self._depth + 1) as parts:
            while chunk := file.read(_CHUNK // (8 * self._columns) * (8 * self._columns)):
                parts.add(*self._rows(chunk))
            yield from parts

    def _rows(self, data: bytes) -> tuple[U64, ...]:
        rows = np.frombuffer(data, dtype=np.uint64).reshape(-1, self._columns)
        return tuple(np.ascontiguousarray(rows[:, k]) for k in range(self._columns))

    def close(self) -> None:
        """Give the disk back."""
        for file in self._files:
            file.close()

    def __enter__(self) -> Buckets:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
