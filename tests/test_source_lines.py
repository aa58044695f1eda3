"""What is remembered of a source's lines is bounded, whatever the source serves."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

from hubs import Newsroom
from outlets import Stand, plain_item

from feedhub.settle import source_lines
from feedhub.settle.source_lines import SourceLines
from feedhub.store import Database, placements


def test_a_source_of_endless_lines_takes_a_bounded_share_of_memory(tmp_path: Path) -> None:
    lines = SourceLines()
    room = Newsroom(tmp_path)
    room.source("paper")
    room.serve("paper", plain_item(1))
    Stand(room).round()
    store = Database.open(room.config.database)
    with store.read() as connection:
        (row,) = placements.page(connection, after=0, limit=1)
        many = [
            replace(
                row,
                id=row.id + number,
                copy=replace(
                    row.copy, title=f"Headline {number}", paragraphs=tuple(f"line {n} " * 3 for n in range(9_000))
                ),
            )
            for number in range(1, 42)
        ]
        tracemalloc.start()
        lines.add(connection, many)
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    store.close()
    assert size < 3_000_000
    repeated = lines.of("paper")
    assert 0 < sum(map(len, repeated)) <= source_lines.REPEATED_CHARACTERS
    # both ends of the text are known, where furniture stands
    assert any("line 0 " in line for line in repeated)
    assert any("line 8999 " in line for line in repeated)
