"""Rows of stories, written as they are made and read back by the number of their item."""

from __future__ import annotations

import marshal
import tempfile
from types import TracebackType
from typing import IO

from feedhub.match.cluster.rows import DedupeRow
from feedhub.match.index.record_file import RecordFile
from feedhub.model import Relation
from feedhub.unix import read_at

_BLOCK = 1 << 20


class SpooledRows:
    """Rows on disk; a context manager that gives the disk back."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="feedhub-", buffering=_BLOCK)  # noqa: SIM115 (see __exit__)
        #: of each item where its row begins and how long it is; 0 where it has none
        self._places = RecordFile("<QI")
        self._written = 0

    def add(self, number: int, row: DedupeRow) -> None:
        """Write the row of an item."""
        values = row.id, row.story, row.canonical, row.relation.value, row.matched, row.score, row.ground
        packed = marshal.dumps(values, 4)
        self._file.write(packed)
        self._places.write(number, self._written, len(packed))
        self._written += len(packed)

    def get(self, number: int) -> DedupeRow | None:
        """Return the row of an item; None where nothing was written of it."""
        start, size = self._places.get(number)
        if not size:
            return None
        packed = read_at(self._file.fileno(), size, start)
        name, story, canonical, relation, matched, score, ground = marshal.loads(packed)
        return DedupeRow(
            id=name,
            story=story,
            canonical=canonical,
            relation=Relation(relation),
            matched=matched,
            score=score,
            ground=ground,
        )

    def __enter__(self) -> SpooledRows:
        self._file.flush()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()
        self._places.close()
