"""Whether what the store holds is consistent: every invariant checked, what is wrong named in a line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, func, inspect, or_, select

from feedhub.model import EntryKey, Story
from feedhub.store import article_texts, search, story_bodies
from feedhub.store.archived_stories import UNRENDERED
from feedhub.store.tables import (
    archive,
    archive_entry,
    archived_story,
    copy,
    decision_entry,
    metadata,
    output_entry,
    story,
    verdict,
)

_REPLAY = "`feedhub db replay` builds the index anew"
#: rows of a table read at a time
PAGE = 1_000


def problems(connection: Connection) -> list[str]:
    """Return what is wrong, a line each; nothing in a sound store."""
    lost = set(metadata.tables) - set(inspect(connection).get_table_names())
    if lost:
        return [f"table {name}: is missing; restore a backup" for name in sorted(lost)]
    stories = {row.id: row for row in connection.execute(select(*_ROW))}
    members: dict[int, set[EntryKey]] = {}
    found = list(_of_copies(connection, stories, members))
    found += _of_stories(connection, stories, members)
    found += _of_successors(stories)
    found += _of_outputs(connection, stories)
    found += _of_archives(connection, stories)
    found += article_texts.problems(connection)
    found += _of_references(connection)
    found += _of_search(connection, stories)
    return found


_ROW = (
    story.c.id,
    story.c.tag,
    story.c.state,
    story.c.founder_source,
    story.c.founder_guid,
    story.c.successor,
    story.c.ended,
    story.c.reason,
    story.c.killed_by,
    story.c.body.is_not(None).label("told"),
)
Stories = Mapping[int, Row[Any]]


def _of_copies(connection: Connection, stories: Stories, members: dict[int, set[EntryKey]]) -> Iterator[str]:
    """Every copy that was not withdrawn waits, or stands in one story that is live, killed or purged."""
    query = select(
        copy.c.source,
        copy.c.guid,
        copy.c.story,
        copy.c.pending,
        copy.c.edited,
        copy.c.withdrawn,
        copy.c.excluded,
        copy.c.body.is_not(None).label("kept"),
    )
    for r in connection.execute(query):
        name = f"copy {r.source} {r.guid}"
        row = stories.get(r.story) if r.story is not None else None
        if r.edited and not r.pending:
            yield f"{name}: was edited and does not wait"
        if r.withdrawn:
            continue
        if row is not None:
            members.setdefault(row.id, set()).add(EntryKey(source=r.source, guid=r.guid))
        if r.pending:
            if not r.kept:
                yield f"{name}: waits and has no text"
        elif row is None and not r.excluded:
            yield f"{name}: neither waits nor stands in a story"
        elif row is None:
            continue
        elif row.state == "joined" or (row.state == "killed" and row.killed_by is None):
            yield f"{name}: stands in {row.tag}, which is {row.state}"
        elif row.state == "live" and not r.kept:
            yield f"{name}: stands in {row.tag}, which is live, and has no text"


def _of_stories(connection: Connection, stories: Stories, members: Mapping[int, set[EntryKey]]) -> Iterator[str]:
    """Every live story is told by copies that stand in it, with an id of its own; of the others nothing is told."""
    for tag, count in Counter(row.tag for row in stories.values()).items():
        if count > 1:
            yield f"story {tag}: {count} rows have this id"
    waiting = set(connection.execute(select(copy.c.story).where(copy.c.pending).distinct()).scalars())
    for row in stories.values():
        if row.state == "live" and not row.told:
            yield f"story {row.tag}: live and says nothing"
        if row.state == "live" and not members.get(row.id):
            yield f"story {row.tag}: live without copies"
        if row.state != "live" and row.told:
            yield f"story {row.tag}: {row.state} and still says something"
    for page in story_bodies.live(connection, page=PAGE):
        for number, body in page:
            if number not in waiting:
                yield from _of_body(stories[number].tag, body, members.get(number, set()))


def _of_body(tag: str, body: Story, members: set[EntryKey]) -> Iterator[str]:
    listed = [each.key for each in body.copies]
    if body.id != tag:
        yield f"story {tag}: says that it is {body.id}"
    if body.canonical not in members or not listed or listed[0] != body.canonical:
        yield f"story {tag}: {body.canonical} speaks and is not its first copy"
    for key in set(listed) - members:
        yield f"story {tag}: lists {key}, which is not in it"
    if len(set(listed)) != len(listed):
        yield f"story {tag}: lists a copy twice"
    for name, key in body.provenance.items():
        if key not in members:
            yield f"story {tag}: its {name} comes from {key}, which is not in it"


def _of_successors(stories: Stories) -> Iterator[str]:
    """Check that a joined story leads to one that is not; a live one leads nowhere and did not end."""
    for row in stories.values():
        if row.state == "live" and (row.successor is not None or row.ended is not None or row.killed_by is not None):
            yield f"story {row.tag}: live, with what a story has that ended"
        if row.state != "live" and (row.ended is None or not row.reason):
            yield f"story {row.tag}: {row.state} without time or reason"
        if row.state != "joined":
            continue
        seen, after = {row.id}, row.successor
        while after is not None and after not in seen and stories[after].state == "joined":
            seen.add(after)
            after = stories[after].successor
        if after is None or after in seen:
            yield f"story {row.tag}: joined to nothing"


def _of_outputs(connection: Connection, stories: Stories) -> Iterator[str]:
    for r in connection.execute(select(output_entry.c.output, output_entry.c.story)):
        if stories[r.story].state == "purged":
            yield f"output {r.output}: lists {stories[r.story].tag}, which is purged"


def _of_archives(connection: Connection, stories: Stories) -> Iterator[str]:
    """Every archived document is there and says something, rendered or not; what outputs call archived is in one."""
    counts = select(archive.c.output, func.count(), func.max(archive.c.number)).group_by(archive.c.output)
    for output, count, newest in connection.execute(counts):
        if count != newest:
            yield f"output {output}: has {count} archived documents of {newest}"
    said = or_(
        and_(story.c.change == archive_entry.c.change, story.c.body.is_not(None)), archived_story.c.body.is_not(None)
    )
    kept = and_(archived_story.c.story == archive_entry.c.story, archived_story.c.change == archive_entry.c.change)
    rows = select(archive_entry.c.output, archive_entry.c.number, archive_entry.c.story)
    rows = rows.join(story, story.c.id == archive_entry.c.story).outerjoin(archived_story, kept)
    for output, number, one in connection.execute(rows.where(UNRENDERED, ~said)):
        yield f"output {output}: its archived document {number} lost what {stories[one].tag} said"
    same = and_(archive_entry.c.output == output_entry.c.output, archive_entry.c.story == output_entry.c.story)
    query = select(output_entry.c.output, output_entry.c.story).where(output_entry.c.archived, ~exists().where(same))
    for output, one in connection.execute(query):
        yield f"output {output}: no archived document holds {stories[one].tag}"


def _of_references(connection: Connection) -> Iterator[str]:
    """Report verdicts and decisions that name what is not there."""
    known = set(connection.execute(select(copy.c.id)).scalars())
    for left, right in connection.execute(select(verdict.c.left, verdict.c.right)):
        if left >= right or not {left, right} <= known:
            yield f"a verdict about copies number {left} and {right}"
    for r in connection.execute(
        select(decision_entry.c.decision).where(decision_entry.c.side.not_in(("left", "right")))
    ):
        yield f"decision {r.decision}: names an entry on no side"


def _of_search(connection: Connection, stories: Stories) -> Iterator[str]:
    """Check that the search index finds the live stories that do not wait for it, and no other."""
    found, waiting = search.indexed(connection), search.waiting(connection)
    live = {row.id for row in stories.values() if row.told}
    yield from (f"search: does not find {stories[number].tag}; {_REPLAY}" for number in sorted(live - found - waiting))
    yield from (f"search: is to find story number {number} twice; {_REPLAY}" for number in sorted(found & waiting))
    yield from (f"search: is to find story number {number}, which is no more; {_REPLAY}" for number in waiting - live)
    yield from (f"search: finds story number {number}, which is no more; {_REPLAY}" for number in sorted(found - live))
