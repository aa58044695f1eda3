"""Stories that share words and still are others: shown beside each other, never merged."""

from __future__ import annotations

from collections.abc import Collection

from feedhub.model import RelatedStory
from feedhub.store import Connection, placements, stories, verdicts
from feedhub.store.stories import StoryContent, StoryRow
from feedhub.structs import replace

#: a pair that shares fewer words is not worth showing
SHARED_WORDS = 40
#: at most so many, on either side
MOST = 5


#: for each story the others that share words with it: number -> (words, ground)
Neighbourships = dict[int, dict[int, tuple[int, str]]]


def relate(connection: Connection, touched: Collection[int], change: int) -> None:
    """Bring the related lists of these stories and of their neighbours up to date, the same on both sides."""
    near = _near(connection, touched)
    # Those that are beside them so far may be no more.
    tags = {other.id for row in stories.by_ids(connection, touched) if row.body for other in row.body.related}
    others = {other for scores in near.values() for other in scores} | {
        row.id for row in stories.by_tags(connection, tags)
    }
    if not others:
        return
    near |= _near(connection, others - set(near))
    wider = set(near) | {other for scores in near.values() for other in scores}
    rows = {row.id: row for row in stories.by_ids(connection, wider) if row.body is not None}
    best = {number: _best(scores, rows) for number, scores in near.items() if number in rows}
    contents = []
    for number, chosen in sorted(best.items()):
        mutual = [other for other in chosen if number in best.get(other, ())]
        contents += _related(rows, number, near[number], mutual)
    stories.save(connection, contents, change)


def _near(connection: Connection, numbers: Collection[int]) -> Neighbourships:
    """Other stories with which copies of these share words."""
    near: Neighbourships = {number: {} for number in numbers}
    own = {
        copy: number for number, members in placements.ids_of_stories(connection, numbers).items() for copy in members
    }
    misses = [m for m in verdicts.of_copies(connection, own, merged=False) if m.match.shared_words >= SHARED_WORDS]
    where = verdicts.stories_of(connection, {copy for m in misses for copy in (m.left, m.right)})
    for miss in misses:
        for copy, other in ((miss.left, miss.right), (miss.right, miss.left)):
            number, story = own.get(copy), where.get(other)
            if number is not None and story is not None and story != number:
                scores = near[number]
                scores[story] = max(scores.get(story, (0, "")), (miss.match.shared_words, miss.match.ground))
    return near


def _best(scores: dict[int, tuple[int, str]], rows: dict[int, StoryRow]) -> list[int]:
    return sorted((n for n in scores if n in rows), key=lambda n: (-scores[n][0], rows[n].tag))[:MOST]


def _related(
    rows: dict[int, StoryRow], number: int, scores: dict[int, tuple[int, str]], mutual: Collection[int]
) -> list[StoryContent]:
    row = rows[number]
    assert row.body is not None
    related = tuple(
        RelatedStory(id=other.tag, title=other.body.title, shared_words=scores[n][0], ground=scores[n][1])
        for n in mutual
        if (other := rows[n]).body is not None
    )
    if related == row.body.related:
        return []
    body = replace(row.body, related=related)
    return [StoryContent(story=number, body=body, newest=row.newest, before=row.body)]
