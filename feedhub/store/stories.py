"""Stories: their lasting ids, what subscribers see of them, and the tombstones of those that are no more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from feedhub.codec import dump, load
from feedhub.model import EntryKey, OutputItem, Story, Tombstone
from feedhub.store.dialect import upsert
from feedhub.store.tables import entered, story

State = Literal["live", "joined", "killed", "purged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRow:
    """A story's row: who founded it, how it stands, and its body while it is live."""

    id: int
    tag: str
    founder: EntryKey
    founded: datetime
    state: State
    successor: int | None
    released: datetime
    updated: datetime
    newest: datetime
    ended: datetime | None
    reason: str | None
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
        body=None if r.body is None else load(Story, r.body),
    )


def by_ids(connection: Connection, ids: Collection[int]) -> list[StoryRow]:
    """Stories by number, whatever their state."""
    return [_row(r) for r in connection.execute(select(story).where(story.c.id.in_(list(ids))))]


def by_tag(connection: Connection, tag: str) -> StoryRow | None:
    """The story with this id, whatever its state."""
    found = connection.execute(select(story).where(story.c.tag == tag)).first()
    return None if found is None else _row(found)


def by_key(connection: Connection, key: str) -> StoryRow | None:
    """The story whose id ends in this key, whatever its state."""
    found = connection.execute(select(story).where(story.c.tag.endswith(f":{key}", autoescape=True))).first()
    return None if found is None else _row(found)


def founded_by(connection: Connection, keys: Collection[EntryKey]) -> list[StoryRow]:
    """Stories that were founded by one of these entries, whatever their state."""
    if not keys:
        return []
    same = or_(*(and_(story.c.founder_source == k.source, story.c.founder_guid == k.guid) for k in keys))
    return [_row(r) for r in connection.execute(select(story).where(same))]


def create(connection: Connection, *, tag: str, founder: EntryKey, now: datetime, founded: datetime) -> int:
    """A row for a new story; its body follows with `save`."""
    made = connection.execute(
        insert(story)
        .values(
            tag=tag,
            founder_source=founder.source,
            founder_guid=founder.guid,
            founded=founded,
            state="live",
            released=now,
            updated=now,
            newest=now,
            changed=0,
        )
        .returning(story.c.id)
    )
    return int(made.scalar_one())


def save(connection: Connection, number: int, body: Story, *, newest: datetime, change: int) -> None:
    """What a story says now; a story that had ended lives again."""
    connection.execute(
        update(story)
        .where(story.c.id == number)
        .values(
            state="live",
            ended=None,
            reason=None,
            successor=None,
            released=body.released,
            updated=body.updated,
            newest=newest,
            changed=change,
            body=dump(body),
        )
    )


def end(
    connection: Connection,
    number: int,
    state: State,
    *,
    when: datetime,
    reason: str,
    change: int,
    successor: int | None,
) -> None:
    """A story is no more: what is left of it is a tombstone."""
    connection.execute(
        update(story)
        .where(story.c.id == number)
        .values(state=state, ended=when, reason=reason, successor=successor, changed=change, body=None)
    )


def enter(connection: Connection, output: str, number: int, at: datetime) -> None:
    """A story enters an output, or enters it again with a material revision."""
    connection.execute(
        upsert(connection, entered, [entered.c.output, entered.c.story]), {"output": output, "story": number, "at": at}
    )


def outputs_of(connection: Connection, numbers: Collection[int]) -> dict[int, dict[str, datetime]]:
    """For each story the outputs that it has entered, and when."""
    found: dict[int, dict[str, datetime]] = {number: {} for number in numbers}
    for r in connection.execute(select(entered).where(entered.c.story.in_(list(numbers)))):
        found[r.story][r.output] = r.at
    return found


def items(connection: Connection, output: str, *, now: datetime, limit: int) -> list[OutputItem]:
    """The stories of an output that are released, newest entered first, at most `limit`."""
    rows = connection.execute(
        select(story.c.body, entered.c.at)
        .join(entered, entered.c.story == story.c.id)
        .where(entered.c.output == output, story.c.state == "live", story.c.body.is_not(None), story.c.released <= now)
        .order_by(entered.c.at.desc(), story.c.tag)
        .limit(limit)
    )
    return [OutputItem(story=load(Story, r.body), entered=r.at) for r in rows]


def tombstones(connection: Connection, output: str, *, since: datetime) -> list[Tombstone]:
    """The stories that an output showed and that ended since then, newest first."""
    after = story.alias("successor")
    rows = connection.execute(
        select(story.c.tag, story.c.ended, story.c.reason, after.c.tag.label("became"))
        .join(entered, entered.c.story == story.c.id)
        .outerjoin(after, after.c.id == story.c.successor)
        .where(entered.c.output == output, story.c.state.in_(("joined", "killed")), story.c.ended >= since)
        .order_by(story.c.ended.desc(), story.c.tag)
    )
    return [Tombstone(id=r.tag, when=r.ended, reason=r.reason or "", successor=r.became) for r in rows]


def stone(connection: Connection, row: StoryRow) -> Tombstone:
    """The tombstone of a story that ended; it points at the last story that this one became part of."""
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
        select(story).where(story.c.state == "live", story.c.id > after).order_by(story.c.id).limit(limit)
    )
    return [_row(r) for r in rows]


def held(connection: Connection, now: datetime) -> int:
    """How many stories wait for their release."""
    query = select(func.count()).select_from(story).where(story.c.state == "live", story.c.released > now)
    return int(connection.execute(query).scalar_one())
