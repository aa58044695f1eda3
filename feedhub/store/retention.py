"""What is old enough to go: stories by their newest copy, the index by the window; a listed identity stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import Connection, delete, select, update

from feedhub.store import (
    archived_stories,
    archives,
    article_texts,
    claims,
    counts,
    entry_failures,
    listings,
    locks,
    page_texts,
    robots_rules,
    search,
    segments,
)
from feedhub.store.database import next_change
from feedhub.store.dialect import among
from feedhub.store.tables import (
    copy,
    copy_version,
    output_entry,
    output_exclusion,
    page,
    remark,
    settle_failure,
    story,
    story_version,
    verdict,
)

#: stories purged in one transaction: nobody waits long for the turn
BATCH = 1_000


class PurgeResult(Struct, frozen=True, kw_only=True):
    """How much went, and whether more is to go: purge again."""

    stories: int = 0
    copies: int = 0
    more: bool = False


def purge(connection: Connection, *, now: datetime, retention: timedelta, window: timedelta) -> PurgeResult:
    """Purge stories whose newest copy is older than `retention`, a batch; what sources still list cannot return.

    Nothing that waits to be settled is touched.
    """
    locks.take(connection, locks.SETTLE)
    cut = now - retention
    segments.drop_before(connection, now - 2 * window)
    page_texts.drop(connection, now - window)
    robots_rules.drop(connection, now)
    counts.drop_old(connection, now)
    connection.execute(delete(remark).where(remark.c.noted_at < cut))
    for name in entry_failures.drop_before(connection, cut):
        # one that is listed still is tried again: nobody would know of it any more
        listings.drop(connection, name)
        claims.forget_validators(connection, name)
    old = select(story.c.id).where(story.c.state == "live", story.c.newest < cut).order_by(story.c.newest).limit(BATCH)
    numbers = list(connection.execute(old).scalars())
    if numbers:
        these = among(connection, story.c.id, numbers)
        archives.close_leaving(connection, numbers, now)
        archived_stories.preserve(connection, numbers)
        change = next_change(connection, now)
        search.remove(connection, numbers)
        former = article_texts.references(connection, story.c.text, numbers, story.c.id)
        former |= article_texts.references(connection, story_version.c.text, numbers, story_version.c.story)
        ended = {"state": "purged", "ended": now, "reason": "retention", "body": None, "text": None, "change": change}
        connection.execute(update(story).where(these).values(**ended))
        for table in (output_entry, output_exclusion, story_version):
            connection.execute(delete(table).where(among(connection, table.c.story, numbers)))
        article_texts.collect(connection, former)
    dropped = _let_go(connection, [*numbers, *_killed(connection, cut)])
    return PurgeResult(stories=len(numbers), copies=dropped, more=len(numbers) == BATCH)


def _killed(connection: Connection, cut: datetime) -> list[int]:
    """Killed stories whose text is still known: it is, as long as their tombstones are shown."""
    has_text = select(copy.c.id).where(copy.c.story == story.c.id, copy.c.body.is_not(None)).exists()
    return list(
        connection.execute(select(story.c.id).where(story.c.state == "killed", story.c.ended < cut, has_text)).scalars()
    )


def _let_go(connection: Connection, stories: Sequence[int]) -> int:
    """Purge the copies of stories that are no more; a listed one keeps its identity until its source drops it."""
    settled = copy.c.pending.is_(False)
    gone: list[int] = []
    if stories:
        gone = list(
            connection.execute(select(copy.c.id).where(among(connection, copy.c.story, stories), settled)).scalars()
        )
    former = article_texts.references(connection, copy.c.text, gone, copy.c.id)
    former |= article_texts.references(connection, copy_version.c.text, gone, copy_version.c.copy)
    for column in (
        (verdict.c.left, verdict.c.right, copy_version.c.copy, page.c.copy, settle_failure.c.copy) if gone else ()
    ):
        connection.execute(delete(column.table).where(among(connection, column, gone)))
    if gone:
        connection.execute(update(copy).where(among(connection, copy.c.id, gone)).values(body=None, text=None))
    article_texts.collect(connection, former)
    unlisted = connection.execute(delete(copy).where(copy.c.body.is_(None), copy.c.listed.is_(False), settled))
    return unlisted.rowcount
