"""Stories that share words and still are others: shown beside each other, never merged."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from feedhub.model import RelatedStory
from feedhub.store import Connection, copies, index, stories
from feedhub.store.stories import StoryRow

#: a pair that shares fewer words is not worth showing
SHARED_WORDS = 40
#: at most so many, on either side
MOST = 5


def relate(connection: Connection, touched: Collection[int], change: int) -> None:
    """Bring the related lists of these stories and of their neighbours up to date, the same on both sides."""
    near = {number: _near(connection, number) for number in touched}
    for number in {other for found in near.values() for other in found} - set(near):
        near[number] = _near(connection, number)
    wider = set(near) | {other for found in near.values() for other in found}
    rows = {row.id: row for row in stories.by_ids(connection, wider) if row.body is not None}
    best = {number: _best(found, rows) for number, found in near.items() if number in rows}
    for number, chosen in best.items():
        mutual = [other for other in chosen if number in best.get(other, ())]
        _write(connection, rows, number, near[number], mutual, change)


def _near(connection: Connection, number: int) -> dict[int, tuple[int, str]]:
    """Other stories with which copies of this one share words: number -> (words, ground)."""
    own = set(copies.numbers_of(connection, number))
    misses = index.decisions(connection, own, merged=False)
    apart = [(m.right if m.left in own else m.left, m.match) for m in misses if m.match.shared_words >= SHARED_WORDS]
    where = index.stories_of(connection, {other for other, _ in apart})
    found: dict[int, tuple[int, str]] = {}
    for other, match in apart:
        story = where.get(other)
        if story is not None and story != number:
            found[story] = max(found.get(story, (0, "")), (match.shared_words, match.ground))
    return found


def _best(found: dict[int, tuple[int, str]], rows: dict[int, StoryRow]) -> list[int]:
    return sorted((n for n in found if n in rows), key=lambda n: (-found[n][0], rows[n].tag))[:MOST]


def _write(
    connection: Connection,
    rows: dict[int, StoryRow],
    number: int,
    found: dict[int, tuple[int, str]],
    mutual: Collection[int],
    change: int,
) -> None:
    row = rows[number]
    assert row.body is not None
    related = tuple(
        RelatedStory(id=other.tag, title=other.body.title, shared_words=found[n][0], ground=found[n][1])
        for n in mutual
        if (other := rows[n]).body is not None
    )
    if related != row.body.related:
        stories.save(connection, number, replace(row.body, related=related), newest=row.newest, change=change)
