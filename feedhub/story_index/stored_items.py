"""The items of an index: texts on disk, a few numbers of each in memory."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from math import nan
from typing import Any

import numpy as np
from cachetools import LRUCache

from feedhub.errors import ItemError
from feedhub.match import U64, Prepared, hash64
from feedhub.match.index.keys import keys_of
from feedhub.match.index.learned_furniture import Headed
from feedhub.match.index.packed_rows import joined, parted
from feedhub.match.index.spool import REMEMBERED, packed_item, packed_words, text_digest, unpacked_item
from feedhub.match.text.prepare import coded, published, shingles_of
from feedhub.match.text.tokens import I64, Tokens, decoded
from feedhub.model import Copy
from feedhub.story_index.index_file import NO_ROW, UNREADABLE, IndexFile, sealed
from feedhub.story_index.kept_ids import packed_id, unpacked_id

#: the columns that are kept in memory, with the types of their arrays
_TYPES = (("ranks", "Q"), ("sources", "I"), ("outlets", "Q"), ("digests", "Q"), ("published", "d"), ("sizes", "H"))


class StoredItems:
    """Items by number, in the order in which they came."""

    def __init__(self, file: IndexFile) -> None:
        self._file = file
        self._recent: LRUCache[int, Prepared] = LRUCache(REMEMBERED)
        self._headed: LRUCache[int, Headed] = LRUCache(REMEMBERED)
        #: ids that a file cannot keep
        self._exotic: dict[int, Hashable] = {}
        #: ids of the items that were added last: what an add answers is about them
        self._newest: dict[int, Any] = {}
        self.ranks, self.sources, self.outlets, self.digests, self.published, self.sizes = (
            array(kind) for _, kind in _TYPES
        )
        for first, data in file.every("SELECT first, data FROM columns ORDER BY first"):
            with file.reading():
                self._load_columns(first, file.opened(data, first))

    def __len__(self) -> int:
        return len(self.ranks)

    def _columns(self) -> tuple[array[Any], ...]:
        return self.ranks, self.sources, self.outlets, self.digests, self.published, self.sizes

    def _load_columns(self, first: int, packed: memoryview) -> None:
        if first != len(self):
            raise ValueError("items that are missing, or there twice")
        for column, part in zip(self._columns(), parted(packed, len(_TYPES)), strict=True):
            column.frombytes(part)
        if len({len(column) for column in self._columns()}) > 1:
            raise ValueError("columns of other lengths")

    def add(self, copies: Sequence[Copy], originals: Sequence[Any], sources: Sequence[int]) -> Iterator[U64]:
        """Write items, with their ids as they came and the numbers of their sources; return the keys of each."""
        both = coded(copies)
        rows = []
        for copy, arrays, result, original, source in zip(copies, both, keys_of(both), originals, sources, strict=True):
            number = len(self)
            name = copy.key.guid
            self._newest[number] = original
            rows.append(
                (number, name, self._packed_id(number, name, original), sealed(packed_item(copy, arrays), number))
            )
            values = (
                hash64(f"{copy.key.source}\0{name}"),
                source,
                hash64(copy.outlet),
                text_digest(copy, arrays),
                nan if (when := published(copy)) is None else when,
                len(result),
            )
            for column, value in zip(self._columns(), values, strict=True):
                column.append(value)
            yield result
        self._file.write("INSERT INTO items VALUES (?, ?, ?, ?)", rows)

    def save_columns(self, first: int) -> None:
        """Write what is kept in memory of the items from this number on."""
        packed = joined(*(column[first:].tobytes() for column in self._columns()))
        self._file.write("INSERT INTO columns VALUES (?, ?)", [(first, sealed(packed, first))])

    def get(self, number: int) -> Prepared:
        """Return one item prepared."""
        item = self._recent.get(number)
        if item is None:
            with self._file.reading():
                item = self._recent[number] = unpacked_item(self._packed([number])[0])
        return item

    @contextmanager
    def comparing(self, *numbers: int) -> Iterator[None]:
        """Compare items in the block; raises EnvironmentFailed where that fails and their words are not their texts'.

        What fails over items that are as they were written is a bug of ours, and comes through.
        """
        try:
            yield
        except UNREADABLE as error:
            for number in numbers:
                words = packed_words(self._packed([number])[0])
                made = coded([self.get(number).copy])[0]
                if not all(map(np.array_equal, words, made)):
                    raise self._file.damaged(NO_ROW) from error
            raise

    def headed(self, number: int) -> Headed:
        """Return one item as far as learning asks for it; its text is looked at only where that is asked for."""
        item = self._recent.get(number) or self._headed.get(number)
        if item is None:
            with self._file.reading():
                item = self._headed[number] = _HeadedItem(*packed_words(self._packed([number])[0]))
        return item

    def keys(self, numbers: Sequence[int]) -> dict[int, U64]:
        """Return the keys of items, made anew from their words."""
        rows = self._file.rows_of("SELECT number, data FROM items WHERE number IN", numbers)
        with self._file.reading():
            items = {number: packed_words(self._file.opened(data, number)) for number, data in rows}
            return dict(zip(items, keys_of(list(items.values())), strict=True)) if items else {}

    def number_of(self, name: str) -> int | None:
        """Return the number of the item that is known by this text; None where there is none."""
        rows = self._file.rows("SELECT number FROM items WHERE id = ?", name)
        if rows and not (type(rows[0][0]) is int and 0 <= rows[0][0] < len(self)):
            raise self._file.damaged(NO_ROW)
        return rows[0][0] if rows else None

    def original(self, number: int) -> Any:
        """Return the id of an item as it came."""
        if number in self._newest:
            return self._newest[number]
        if number in self._exotic:
            return self._exotic[number]
        for name, packed in self._file.rows("SELECT id, original FROM items WHERE number = ?", number):
            original = self._file.opened(packed, _seed_of(number, name))
            with self._file.reading():
                return unpacked_id(original) if len(original) else name
        raise self._file.damaged()

    def as_array(self, name: str) -> Any:
        """Return a column as an array."""
        kinds = {"Q": np.uint64, "I": np.uint32, "d": np.float64, "H": np.uint16}
        return np.frombuffer(getattr(self, name), kinds[dict(_TYPES)[name]])

    def forget(self) -> None:
        """Let go of what is at hand since the last add."""
        self._recent.clear()
        self._headed.clear()
        self._newest.clear()

    def _packed(self, numbers: Sequence[int]) -> list[memoryview]:
        rows = self._file.rows_of("SELECT number, data FROM items WHERE number IN", numbers)
        items = [self._file.opened(data, number) for number, data in rows]
        if len(items) != len(numbers):
            raise self._file.damaged()
        return items

    def _packed_id(self, number: int, name: str, original: Any) -> bytes:
        seed = _seed_of(number, name)
        if type(original) is str and original == name:
            return sealed(b"", seed)
        try:
            return sealed(packed_id(original), seed)
        except ValueError:
            if not self._file.is_temporary:
                raise ItemError(
                    f"id: a {type(original).__name__} cannot be kept in a file; give its text", field="id"
                ) from None
            self._exotic[number] = original
            return sealed(b"", seed)


class _HeadedItem:
    """An item's headline, and its text once somebody asks."""

    def __init__(self, title: U64, body: U64) -> None:
        self.title = decoded(title)
        self._body = body

    @cached_property
    def body(self) -> Tokens:
        return decoded(self._body)

    @cached_property
    def shingles(self) -> U64:
        return shingles_of(self.body.hashes)

    @cached_property
    def sorted_shingles(self) -> U64:
        return np.sort(self.shingles)


def _seed_of(number: int, name: object) -> int:
    # of a damaged file a name may be anything
    return hash64(str(name)) ^ number


def source_totals(sources: I64) -> dict[int, int]:
    """Return how many items each source has."""
    return dict(enumerate(np.bincount(sources).tolist()))
