"""Stories: their lasting ids, what subscribers see of them, and the tombstones of those that are no more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from feedhub.model import EntryKey, Story, Tombstone
from feedhub.store import archived_stories, article_texts, dialect, search
from feedhub.store.dialect import select_among, upsert, without_index
from feedhub.store.executemany import executemany
from feedhub.store.story_versions import versions as versions
from feedhub.store.tables import output_entry, story

StoryStatus = Literal["live", "joined", "killed", "purged"]


class StoryRow(Struct, frozen=True, kw_only=True):
    """A story's row: who founded it, how it stands, and its body while it is live."""

    id: int
    tag: str
    founder: EntryKey
    founded: datetime
    state: StoryStatus
    successor: int | None
    released: datetime
    updated: datetime
    newest: datetime
    ended: datetime | None
    reason: str | None
    #: who killed it (agency | person); later copies of its text are not published
    killed_by: str | None
    #: the source whose copy showed it to be another story
    joined_by: str | None
    body: Story | None

    @property
    def age(self) -> tuple[datetime, EntryKey, int]:
        """Older stories sort first; the id breaks ties of one founder."""
        return (self.founded, self.founder, self.id)


def _row(r: Row[Any]) -> StoryRow:
    return StoryRow(
        id=r.id,
        tag=r.tag,
        founder=EntryKey(source=r.founder_source, guid=r.founder_guid),
        founded=r.founded,
        state=r.state,
        successor=r.successor,
        released=r.released,
        updated=r.updated,
        newest=r.newest,
        ended=r.ended,
        reason=r.reason,
        killed_by=r.killed_by,
        joined_by=r.joined_by,
        body=None if r.body is None else article_texts.read(Story, r.body, r.story_packed, r.story_base),
    )


_STORIES = select(story, *article_texts.columns(story.c.text))
_TAGS = select(story.c.tag)
_FOUNDERS = select(story.c.id, story.c.founder_source, story.c.founder_guid)
_ENTRIES = select(output_entry)


def by_ids(connection: Connection, ids: Collection[int]) -> list[StoryRow]:
    """Stories by number, whatever their state."""
    if not ids:
        return []
    return [_row(r) for r in select_among(connection, _STORIES, story.c.id, ids)]


def by_tag(connection: Connection, tag: str) -> StoryRow | None:
    """Return the story with this id, whatever its state."""
    found = connection.execute(_STORIES.where(story.c.tag == tag)).first()
    return None if found is None else _row(found)


def by_tags(connection: Connection, tags: Collection[str]) -> list[StoryRow]:
    """Return the stories with these ids, whatever their state."""
    if not tags:
        return []
    return [_row(r) for r in select_among(connection, _STORIES, story.c.tag, tags)]


def existing_tags(connection: Connection, tags: Collection[str]) -> set[str]:
    """Those of the ids that a story has or had."""
    if not tags:
        return set()
    return set(select_among(connection, _TAGS, story.c.tag, tags).scalars())


def by_key(connection: Connection, key: str) -> StoryRow | None:
    """Return the story whose id ends in this key, whatever its state."""
    found = connection.execute(_STORIES.where(story.c.tag.endswith(f":{key}", autoescape=True))).first()
    return None if found is None else _row(found)


def founded_by(connection: Connection, keys: Collection[EntryKey]) -> list[StoryRow]:
    """Stories that were founded by one of these entries, whatever their state."""
    if not keys:
        return []
    wanted = set(keys)
    rows = select_among(connection, _FOUNDERS, story.c.founder_guid, sorted({key.guid for key in keys}))
    # Entries of several sources may have one guid.
    found = [r.id for r in rows if EntryKey(source=r.founder_source, guid=r.founder_guid) in wanted]
    return by_ids(connection, found)


class StoryContent(Struct, frozen=True, kw_only=True):
    """What a story says now."""

    story: int
    body: Story
    #: first seen of its newest copy
    newest: datetime
    #: the number of the text that its own is, as far as the caller knows; else of one that it is likely to resemble
    text: int | None = None
    like: int | None = None
    #: what its row says so far, None where that is nothing: the search index forgets it
    before: Story | None = None


class NewStory(Struct, frozen=True, kw_only=True):
    """A story that was not there before: who founded it, and what it says."""

    founder: EntryKey
    founded: datetime
    says: StoryContent


def reserve_ids(connection: Connection, count: int) -> list[int]:
    """Numbers for so many new stories."""
    return dialect.numbers(connection, story.c.id, count) if count else []


_ADD = insert(story)


def add(connection: Connection, new: Sequence[NewStory], change: int) -> None:
    """Rows for new stories."""
    if new:
        stored = _store(connection, [each.says for each in new])
        executemany(
            connection,
            _ADD,
            [
                {
                    "id": each.says.story,
                    "tag": each.says.body.id,
                    "founder_source": each.founder.source,
                    "founder_guid": each.founder.guid,
                    "founded": each.founded,
                    "state": "live",
                    "released": each.says.body.released,
                    "published": _published(each.says.body),
                    "updated": each.says.body.updated,
                    "newest": each.says.newest,
                    "change": change,
                    "body": body,
                    "text": text,
                }
                for each, (body, text) in zip(new, stored, strict=True)
            ],
        )
        search.add(connection, [each.says.story for each in new])


def _store(connection: Connection, contents: Sequence[StoryContent]) -> list[tuple[str, int | None]]:
    return article_texts.store(
        connection,
        [each.body for each in contents],
        bases=[each.like for each in contents],
        own=[each.text for each in contents],
    )


def _published(body: Story) -> datetime | None:
    return body.published if body.dated else None


def save(connection: Connection, contents: Sequence[StoryContent], change: int) -> None:
    """Save what stories say now; a story that had ended lives again."""
    if not contents:
        return
    lives: dict[str, object] = {
        "state": "live",
        "ended": None,
        "reason": None,
        "killed_by": None,
        "successor": None,
        "joined_by": None,
        "change": change,
    }
    bodies: dict[str, object] = {
        name: bindparam(f"b_{name}") for name in ("released", "published", "updated", "newest", "body", "text")
    }
    rows = [
        {
            "b_id": each.story,
            "b_released": each.body.released,
            "b_published": _published(each.body),
            "b_updated": each.body.updated,
            "b_newest": each.newest,
            "b_body": body,
            "b_text": text,
        }
        for each, (body, text) in zip(contents, _store(connection, contents), strict=True)
    ]
    numbers = [each.story for each in contents]
    former = article_texts.references(connection, story.c.text, numbers, story.c.id)
    archived_stories.preserve(connection, numbers)
    connection.execute(update(story).where(story.c.id == bindparam("b_id")).values(lives | bodies), rows)
    article_texts.collect(connection, former)
    search.replace(
        connection,
        [(each.story, each.before) for each in contents if each.before is not None],
        [(each.story, each.body) for each in contents],
    )


def end(
    connection: Connection,
    number: int,
    state: StoryStatus,
    *,
    when: datetime,
    reason: str,
    change: int,
    successor: int | None = None,
    killed_by: str | None = None,
    joined_by: str | None = None,
) -> None:
    """End a story: what is left of it is a tombstone. `killed_by`: who killed it, and its text with it."""
    values = {"state": state, "ended": when, "reason": reason, "successor": successor, "killed_by": killed_by}
    values |= {"joined_by": joined_by, "change": change, "body": None, "text": None}
    search.remove(connection, [number])
    archived_stories.preserve(connection, [number])
    former = article_texts.references(connection, story.c.text, [number], story.c.id)
    connection.execute(update(story).where(story.c.id == number).values(**values))
    article_texts.collect(connection, former)


def joins_by_source(connection: Connection, *, since: datetime) -> dict[str, int]:
    """Return how many published stories the copies of each source have ended since then, by showing them another."""
    query = select(story.c.joined_by, func.count()).where(story.c.state == "joined", story.c.ended >= since)
    query = query.where(story.c.joined_by.is_not(None), story.c.released <= story.c.ended).group_by(story.c.joined_by)
    return {source: number for source, number in connection.execute(query)}


def take_back_kill(connection: Connection, number: int) -> None:
    """Take a kill back: the story may live again, when its copies are settled next."""
    connection.execute(update(story).where(story.c.id == number).values(killed_by=None))


#: it is still to be shown, and to be archived
_ENTERED: dict[str, object] = {"shown_at": None, "archived": False}


def enter(connection: Connection, rows: Collection[tuple[str, int, datetime]]) -> None:
    """Stories enter outputs, or enter them again with a material revision: (output, story, when)."""
    if rows:
        statement = upsert(connection, output_entry, [output_entry.c.output, output_entry.c.story])
        names = ("output", "story", "entered_at")
        executemany(connection, statement, [dict(zip(names, row, strict=True)) | _ENTERED for row in rows])


def outputs_of(connection: Connection, numbers: Collection[int]) -> dict[int, dict[str, datetime]]:
    """For each story the outputs that it has entered, and when."""
    found: dict[int, dict[str, datetime]] = {number: {} for number in numbers}
    if numbers:
        for r in select_among(connection, _ENTRIES, output_entry.c.story, numbers):
            found[r.story][r.output] = r.entered_at
    return found


def tombstones(connection: Connection, output: str, *, since: datetime) -> list[Tombstone]:
    """Return the stories that an output showed and that ended since then, newest first."""
    after = story.alias("successor")
    # by the index of the stories' states: by that of the entries all that the output ever had would be read
    shown_in = without_index(connection, output_entry.c.output)
    rows = connection.execute(
        select(story.c.tag, story.c.ended, story.c.reason, after.c.tag.label("became"))
        .join(output_entry, output_entry.c.story == story.c.id)
        .outerjoin(after, after.c.id == story.c.successor)
        .where(shown_in == output, story.c.state.in_(("joined", "killed")), story.c.ended >= since)
        # one that was held back until its end was never seen by anybody
        .where(story.c.released <= story.c.ended)
        .order_by(story.c.ended.desc(), story.c.tag)
    )
    return [Tombstone(id=r.tag, when=r.ended, reason=r.reason or "", successor=r.became) for r in rows]


def tombstone(connection: Connection, row: StoryRow) -> Tombstone:
    """Return the tombstone of a story that ended; it points at the last story that this one became part of."""
    successor = row.successor
    became: str | None = None
    while successor is not None:
        after = connection.execute(select(story.c.tag, story.c.successor).where(story.c.id == successor)).one()
        became, successor = after.tag, after.successor
    return Tombstone(id=row.tag, when=row.ended or row.updated, reason=row.reason or "", successor=became)


def next_release(connection: Connection, now: datetime) -> datetime | None:
    """When the next story that is held back will appear; None where none is."""
    query = select(story.c.released).where(story.c.state == "live", story.c.released > now)
    return connection.execute(query.order_by(story.c.released).limit(1)).scalar()


def last_release(connection: Connection, now: datetime) -> datetime | None:
    """When the newest story that is out now came out; None where none is."""
    query = select(story.c.released).where(story.c.state == "live", story.c.released <= now)
    return connection.execute(query.order_by(story.c.released.desc()).limit(1)).scalar()


def live(connection: Connection, *, after: int = 0, limit: int = 1_000) -> Sequence[StoryRow]:
    """Live stories in the order of their numbers, a page at a time."""
    rows = connection.execute(
        _STORIES.where(story.c.state == "live", story.c.id > after).order_by(story.c.id).limit(limit)
    )
    return [_row(r) for r in rows]


def live_count(connection: Connection) -> int:
    """How many stories live."""
    return int(connection.execute(select(func.count()).select_from(story).where(story.c.state == "live")).scalar_one())


def waiting_for_release(connection: Connection, now: datetime) -> int:
    """How many stories wait for their release."""
    query = select(func.count()).select_from(story).where(story.c.state == "live", story.c.released > now)
    return int(connection.execute(query).scalar_one())
