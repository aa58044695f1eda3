"""What is remembered of a source's lines is bounded, whatever the source serves."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hubs import Newsroom
from hypothesis import given, settings
from hypothesis import strategies as st
from outlets import Stand, plain_item
from sqlalchemy import event

from feedhub.merge import source_furniture
from feedhub.settle import source_lines
from feedhub.settle.source_lines import SourceLines
from feedhub.store import Database, placements
from feedhub.store.placements import StoredCopy
from feedhub.structs import replace


@given(
    entries=st.lists(st.tuples(st.sampled_from("abcdefgh"), st.frozensets(st.integers(0, 3))), max_size=20),
    unread=st.integers(0, 20),
)
def test_a_line_that_is_repeated_is_never_ruled_out_before_all_entries_are_read(
    entries: list[tuple[str, frozenset[int]]], unread: int
) -> None:
    later = entries[unread:]
    if not source_furniture.may_repeat(later, len(entries) - len(later)):
        assert not source_furniture.repeated(entries)


@pytest.mark.parametrize("repeats", [True, False])
def test_of_a_source_that_repeats_nothing_a_dozen_entries_are_read(tmp_path: Path, repeats: bool) -> None:
    room = Newsroom(tmp_path)
    room.source("paper")
    tail = "<p>Call the paper on weekdays between nine and five o'clock.</p>" if repeats else ""
    items = [plain_item(number) for number in range(1, 41)]
    room.serve("paper", *({**item, "content_html": item["content_html"] + tail} for item in items))
    Stand(room).round()
    lines = SourceLines()
    with room.store.read() as connection:
        rows = placements.page(connection, after=0, limit=40)
        read: list[int] = []
        event.listen(connection, "before_cursor_execute", lambda *call: read.append("article_text" in call[2]))
        lines.add(connection, rows[-1:])
        assert sum(read) == (2 if repeats else 1)
        assert bool(lines.of("paper")) is repeats
        later = SourceLines()
        for row in rows:
            later.add(connection, [row])
        assert later.of("paper") == lines.of("paper")


@settings(max_examples=40, deadline=None, database=None)
@given(
    tails=st.lists(st.frozensets(st.integers(0, 2)), min_size=1, max_size=70),
    sizes=st.lists(st.integers(1, 12), min_size=1, max_size=8),
    usual=st.frozensets(st.integers(0, 2)),
    titles=st.lists(st.integers(0, 9), min_size=1),
    first=st.integers(0, 70),
)
def test_the_lines_that_a_source_repeats_are_known_however_its_entries_come(
    tmp_path_factory: pytest.TempPathFactory,
    tails: list[frozenset[int]],
    sizes: list[int],
    usual: frozenset[int],
    titles: list[int],
    first: int,
) -> None:
    room = Newsroom(tmp_path_factory.mktemp("room"))
    room.source("paper")

    def told(number: int, tail: frozenset[int]) -> dict[str, object]:
        # lines that most entries have, so that it depends on a few of them
        lines = "".join(f"<p>Call the paper on weekdays, line {line} is free.</p>" for line in sorted(tail | usual))
        # some headlines come again, and stand for the last entry under them
        again = titles[number % len(titles)]
        title = {"title": f"News in brief, part {again}"} if again > 5 else {}
        return plain_item(number) | title | {"content_html": plain_item(number)["content_html"] + lines}

    items = [told(number, tail) for number, tail in enumerate(tails, 1)]
    lines = SourceLines()
    for part in (items[:first], items):
        room.serve("paper", *part)
        Stand(room).round()
        rest = placements_of(room)[0 if part is not items else min(first, len(items)) :]
        add_in_parts(room, lines, rest, sizes)
    latest = placements_of(room)[-source_furniture.LATEST :]
    entries = [(source_furniture.line_key(row.copy.title), source_furniture.keys_of(row.copy)) for row in latest]
    assert lines.of("paper") == source_furniture.repeated(entries)


def add_in_parts(room: Newsroom, lines: SourceLines, rest: list[StoredCopy], sizes: list[int]) -> None:
    while rest:
        for size in sizes:
            some, rest = rest[:size], rest[size:]
            if some:
                with room.store.read() as connection:
                    lines.add(connection, some)


def placements_of(room: Newsroom) -> list[StoredCopy]:
    """All copies, in the order in which they came."""
    return room.read(lambda connection: placements.page(connection, after=0, limit=1_000))


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


@given(st.lists(st.tuples(st.integers(0, 30), st.frozensets(st.sampled_from("abc"))), max_size=45))
def test_repeated_lines_are_those_that_four_fifths_of_the_entries_have(
    entries: list[tuple[int, frozenset[str]]],
) -> None:
    distinct = dict(entries)
    counts = {line: sum(line in lines for lines in distinct.values()) for line in "abc"}
    enough = len(distinct) >= source_furniture.FEWEST
    expected = {line for line, count in counts.items() if enough and 10 * count >= 8 * len(distinct)}
    assert source_furniture.repeated(entries) == expected
