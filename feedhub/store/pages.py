"""The pages of articles: which are to be fetched, by whom, and what was read on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, or_, select, update

from feedhub.codec import dump, load
from feedhub.model import ArticlePage, Copy, PageRequest
from feedhub.store.claims import LeaseLost
from feedhub.store.dialect import upsert
from feedhub.store.placements import chunks
from feedhub.store.tables import copy, copy_version, page

#: so many due pages are looked at to find some of different sources
_LOOK = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PageClaim:
    """One worker's hold on one page until its lease ends."""

    copy: int
    source: str
    fence: int
    #: how often it was tried in vain
    tries: int
    wanted: PageRequest


def request(connection: Connection, source: str, wanted: Iterable[tuple[str, PageRequest]], now: datetime) -> None:
    """Have the pages of these entries, named by their guids, fetched; what was read before stays until then."""
    by_guid = dict(wanted)
    for part in chunks(by_guid):
        rows = connection.execute(select(copy.c.id, copy.c.guid).where(copy.c.source == source, copy.c.guid.in_(part)))
        numbers = {row.id: dump(by_guid[row.guid]) for row in rows}
        connection.execute(
            update(page)
            .where(page.c.copy == bindparam("b_copy"))
            .values(wanted=bindparam("b_wanted"), due_at=now, lease_until=None, fence=page.c.fence + 1, tries=0),
            [{"b_copy": number, "b_wanted": text} for number, text in numbers.items()],
        )
        rest = {"source": source, "due_at": now, "lease_until": None, "fence": 0, "tries": 0, "body": None}
        connection.execute(
            upsert(connection, page, [page.c.copy], replace=False),
            [{**rest, "copy": number, "wanted": text} for number, text in numbers.items()],
        )


def claim(
    connection: Connection, *, now: datetime, at: datetime, lease: timedelta, limit: int, a_source: int
) -> list[PageClaim]:
    """Up to `limit` pages that are due, at most `a_source` of one source, so that no host holds up the others."""
    free = or_(page.c.lease_until.is_(None), page.c.lease_until <= at, page.c.lease_until > at + 2 * lease)
    due = select(page.c.copy, page.c.source).where(page.c.due_at <= now, free).order_by(page.c.due_at, page.c.copy)
    of_source: Counter[str] = Counter()
    chosen: list[int] = []
    for row in connection.execute(due.limit(_LOOK).with_for_update(skip_locked=True)):
        if len(chosen) < limit and of_source[row.source] < a_source:
            of_source[row.source] += 1
            chosen.append(row.copy)
    if not chosen:
        return []
    taken = connection.execute(
        update(page)
        .where(page.c.copy.in_(chosen))
        .values(lease_until=at + lease, fence=page.c.fence + 1)
        .returning(page.c.copy, page.c.source, page.c.fence, page.c.tries, page.c.wanted)
    )
    claims = [
        PageClaim(copy=r.copy, source=r.source, fence=r.fence, tries=r.tries, wanted=load(PageRequest, r.wanted))
        for r in taken
    ]
    return sorted(claims, key=lambda each: each.copy)


def finish(
    connection: Connection, claimed: PageClaim, *, read: ArticlePage | None, due_at: datetime | None, tries: int = 0
) -> None:
    """Write back what became of a page and let it go; raises LeaseLost if it is no longer ours."""
    values: dict[str, object] = {"due_at": due_at, "lease_until": None, "tries": tries}
    if read is not None:
        values["body"] = dump(read)
    same = and_(page.c.copy == claimed.copy, page.c.fence == claimed.fence)
    if connection.execute(update(page).where(same).values(**values)).rowcount != 1:
        raise LeaseLost(claimed.source)


def rewrite(connection: Connection, number: int, value: Copy, now: datetime) -> None:
    """Store what a copy says with its page read; what it said stays, if anyone saw it, and it waits to be settled."""
    row = connection.execute(
        select(copy.c.body, copy.c.story, copy.c.edited).where(copy.c.id == number).with_for_update()
    ).one()
    if row.body is None:
        return
    if row.story is not None:
        connection.execute(copy_version.insert().values(copy=number, valid_until=now, body=row.body))
    values = {"body": dump(value), "pending": True, "edited": row.edited or row.story is not None}
    connection.execute(update(copy).where(copy.c.id == number).values(**values))


def read(connection: Connection, number: int) -> ArticlePage | None:
    """Return what was read on the page of an entry."""
    text = connection.execute(select(page.c.body).where(page.c.copy == number)).scalar()
    return None if text is None else load(ArticlePage, text)


def release(connection: Connection, claimed: Sequence[PageClaim]) -> None:
    """Let claims go without a result."""
    for each in claimed:
        same = and_(page.c.copy == each.copy, page.c.fence == each.fence)
        connection.execute(update(page).where(same).values(lease_until=None))


def void(connection: Connection) -> None:
    """End every claim: whoever held one is no more."""
    connection.execute(update(page).where(page.c.lease_until.is_not(None)).values(lease_until=None))
