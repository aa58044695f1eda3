"""Whether a hub is sound: what the store finds wrong with its rows, and what is wrong with its index; a line each."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from feedhub.match import Segment
from feedhub.store import Connection, invariants, placements, segments
from feedhub.store.segments import SegmentRow


def problems(connection: Connection) -> list[str]:
    """List what is wrong, a line each; nothing in a sound hub."""
    return [*invariants.problems(connection), *_of_index(connection)]


def _of_index(connection: Connection) -> Iterator[str]:
    """Check that every segment can be read, is what its row says, and names copies that were there."""
    newest = placements.newest_id(connection)
    for row in segments.listing(connection):
        try:
            segment = Segment.unpack(segments.body(connection, row.id))
        except (ValueError, zlib.error):
            yield f"index segment {row.id}: cannot be read; `feedhub db replay` builds the index anew"
            continue
        if not _is(row, segment):
            yield f"index segment {row.id}: holds other copies than its row says"
        for number in segment.copies.tolist():
            if number > newest:
                yield f"index segment {row.id}: copy number {number} was never there"


def _is(row: SegmentRow, segment: Segment) -> bool:
    times = (row.since.timestamp(), row.until.timestamp())
    return len(segment) == row.copies and times == (segment.since, segment.until)
