"""What is old enough to go: stories by their newest copy, the index by the window; a listed identity stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, and_, delete, or_, select, update

from feedhub.store import segments, turns
from feedhub.store.database import next_change
from feedhub.store.tables import copy, decision, entered, former, page, remark, story, version


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """How much went."""

    stories: int = 0
    copies: int = 0


def purge(connection: Connection, *, now: datetime, retention: timedelta, window: timedelta) -> Purged:
    """Purge stories whose newest copy is older than `retention`; what their sources still list cannot return.

    Nothing that waits to be settled is touched.
    """
    turns.take(connection, turns.SETTLE)
    cut = now - retention
    old = select(story.c.id).where(story.c.state == "live", story.c.newest < cut)
    numbers = list(connection.execute(old).scalars())
    connection.execute(delete(version).where(version.c.story.in_(old)))
    if numbers:
        change = next_change(connection, now)
        connection.execute(
            update(story)
            .where(story.c.id.in_(numbers))
            .values(state="purged", ended=now, reason="retention", body=None, changed=change)
        )
        connection.execute(delete(entered).where(entered.c.story.in_(numbers)))
    gone = select(copy.c.id).join(story, story.c.id == copy.c.story)
    # Of a killed story the text stays known as long as its tombstone is shown.
    killed = and_(story.c.state == "killed", story.c.ended < cut)
    gone = gone.where(or_(story.c.state == "purged", killed), copy.c.pending.is_(False))
    _forget(connection, gone)
    connection.execute(update(copy).where(copy.c.id.in_(gone)).values(body=None))
    dropped = connection.execute(delete(copy).where(copy.c.id.in_(gone), copy.c.listed.is_(False)))
    segments.drop_before(connection, now - 2 * window)
    connection.execute(delete(remark).where(remark.c.at < cut))
    return Purged(stories=len(numbers), copies=dropped.rowcount)


def _forget(connection: Connection, gone: Select[tuple[int]]) -> None:
    connection.execute(delete(decision).where(or_(decision.c.left.in_(gone), decision.c.right.in_(gone))))
    connection.execute(delete(former).where(former.c.copy.in_(gone)))
    connection.execute(delete(page).where(page.c.copy.in_(gone)))
