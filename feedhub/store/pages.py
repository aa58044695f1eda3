"""The pages of articles: which are to be fetched, by whom, and what was read on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, and_, bindparam, delete, func, or_, select, update

from feedhub.codec import dump, load
from feedhub.model import ArticlePage, Copy, PageRequest
from feedhub.store import hosts
from feedhub.store.claims import LeaseLost
from feedhub.store.dialect import among, upsert
from feedhub.store.placements import chunks, hash64
from feedhub.store.tables import copy, copy_version, host, page

#: so many due pages are looked at to find some of different sources
_LOOK = 1_000
_HOUR = timedelta(hours=1)
DECIDE, PUBLISH = "decide", "publish"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageClaim:
    """One worker's hold on one page until its lease ends."""

    copy: int
    source: str
    fence: int
    #: how often it was tried in vain
    tries: int
    #: decide | publish
    purpose: str
    wanted: PageRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """What was read on a page in order to decide: for comparing, never shown."""

    paragraphs: tuple[str, ...]
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """How far the reading of a copy's page is."""

    requested_at: datetime
    #: it is still to be fetched
    awaited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPages:
    """What became of the pages of one host that were asked for in order to decide."""

    host: str
    awaited: int
    read: int
    refused: int


def teaser_digest(value: Copy) -> int:
    """Return what stands for a copy's headline and text as its feed gave them."""
    return hash64(f"{value.title}\0{value.text}")


def request(connection: Connection, source: str, wanted: Iterable[tuple[str, PageRequest]], now: datetime) -> None:
    """Have the pages of these entries, named by their guids, fetched; what was read before stays until then."""
    by_guid = dict(wanted)
    for part in chunks(by_guid):
        named_by = select(copy.c.id, copy.c.guid).where(copy.c.source == source, copy.c.guid.in_(part))
        rows = connection.execute(named_by).all()
        numbers = {row.id: dump(by_guid[row.guid]) for row in rows}
        connection.execute(
            update(page)
            .where(page.c.copy == bindparam("b_copy"))
            .values(
                wanted=bindparam("b_wanted"),
                purpose=PUBLISH,
                requested_at=now,
                due_at=now,
                lease_until=None,
                fence=page.c.fence + 1,
                tries=0,
            ),
            [{"b_copy": number, "b_wanted": text} for number, text in numbers.items()],
        )
        named = {row.id: urlsplit(by_guid[row.guid].url).hostname or "" for row in rows}
        hosts.ensure(connection, sorted(set(named.values())))
        rest = _new_row(source, PUBLISH, now)
        connection.execute(
            upsert(connection, page, [page.c.copy], replace=False),
            [{**rest, "copy": number, "host": named[number], "wanted": text} for number, text in numbers.items()],
        )


def _new_row(source: str, purpose: str, now: datetime) -> dict[str, object]:
    empty = dict.fromkeys(("host", "lease_until", "read_at", "refusal", "body", "text", "teaser"))
    return {**empty, "source": source, "purpose": purpose, "requested_at": now, "due_at": now, "fence": 0, "tries": 0}


def request_to_decide(connection: Connection, wanted: Iterable[tuple[int, Copy, PageRequest]], now: datetime) -> None:
    """Have the pages of these copies fetched in order to decide; one that was asked for before is not asked again."""
    rows = [
        {
            **_new_row(value.key.source, DECIDE, now),
            "copy": number,
            "host": urlsplit(about.url).hostname or "",
            "wanted": dump(about),
            "teaser": teaser_digest(value),
        }
        for number, value, about in wanted
    ]
    if rows:
        hosts.ensure(connection, sorted({str(row["host"]) for row in rows}))
        connection.execute(upsert(connection, page, [page.c.copy], replace=False), rows)


def claim(
    connection: Connection,
    *,
    now: datetime,
    at: datetime,
    lease: timedelta,
    limit: int,
    a_source: int,
    per_host_hour: int,
) -> list[PageClaim]:
    """Lease up to `limit` pages that are due, at most `a_source` of one source, so that no host holds up the others.

    Of pages read to decide no more than `per_host_hour` of a host are asked for in an hour, and none while it rests.
    """
    free = or_(page.c.lease_until.is_(None), page.c.lease_until <= at, page.c.lease_until > at + 2 * lease)
    resting = select(host.c.name).where(host.c.name == page.c.host, host.c.pages_paused_until > now).exists()
    due = select(page.c.copy, page.c.source, page.c.host, page.c.purpose).where(page.c.due_at <= now, free, ~resting)
    found = connection.execute(
        due.order_by(page.c.due_at, page.c.copy).limit(_LOOK).with_for_update(skip_locked=True)
    ).all()
    spent = _spent(connection, {row.host for row in found if row.purpose == DECIDE}, now)
    chosen = _chosen(found, limit, a_source, per_host_hour, spent)
    if not chosen:
        return []
    taken = connection.execute(
        update(page)
        .where(page.c.copy.in_(chosen))
        .values(lease_until=at + lease, fence=page.c.fence + 1, read_at=now)
        .returning(page.c.copy, page.c.source, page.c.fence, page.c.tries, page.c.purpose, page.c.wanted)
    )
    claims = [
        PageClaim(
            copy=r.copy,
            source=r.source,
            fence=r.fence,
            tries=r.tries,
            purpose=r.purpose,
            wanted=load(PageRequest, r.wanted),
        )
        for r in taken
    ]
    return sorted(claims, key=lambda each: each.copy)


def _spent(connection: Connection, names: Collection[str], now: datetime) -> Counter[str]:
    """Count the pages of each host that were asked for in the last hour."""
    if not names:
        return Counter()
    lately = and_(page.c.host.in_(sorted(names)), page.c.read_at > now - _HOUR, page.c.purpose == DECIDE)
    rows = connection.execute(select(page.c.host, func.count()).where(lately).group_by(page.c.host))
    return Counter({name: number for name, number in rows})


def _chosen(
    rows: Iterable[Row[Any, Any, Any, Any]], limit: int, a_source: int, per_host_hour: int, spent: Counter[str]
) -> list[int]:
    of_source: Counter[str] = Counter()
    chosen: list[int] = []
    for number, source, name, purpose in map(tuple, rows):
        fits = len(chosen) < limit and of_source[source] < a_source
        if not fits or (purpose == DECIDE and spent[name] >= per_host_hour):
            continue
        of_source[source] += 1
        spent[name] += purpose == DECIDE
        chosen.append(number)
    return chosen


def finish(
    connection: Connection,
    claimed: PageClaim,
    *,
    read: ArticlePage | None,
    due_at: datetime | None,
    tries: int = 0,
    paragraphs: Sequence[str] = (),
    refusal: str | None = None,
) -> None:
    """Write back what became of a page and let it go; raises LeaseLost if it is no longer ours.

    `paragraphs`: what was read in order to decide.
    """
    values: dict[str, object] = {"due_at": due_at, "lease_until": None, "tries": tries, "refusal": refusal}
    if read is not None:
        values["body"] = dump(read)
    if paragraphs:
        values["text"] = "\n".join(paragraphs)
    same = and_(page.c.copy == claimed.copy, page.c.fence == claimed.fence)
    if connection.execute(update(page).where(same).values(**values)).rowcount != 1:
        raise LeaseLost(claimed.source)


def pause_host(connection: Connection, name: str, until: datetime) -> None:
    """Ask no page of a host before then; its feeds are polled as ever."""
    connection.execute(update(host).where(host.c.name == name).values(pages_paused_until=until))


def texts(connection: Connection, copies: Collection[int]) -> dict[int, tuple[PageText, int]]:
    """Return what was read to decide of these copies, with the digest of the teaser that it was read for."""
    found: dict[int, tuple[PageText, int]] = {}
    if copies:
        columns = (page.c.copy, page.c.text, page.c.read_at, page.c.teaser)
        query = select(*columns).where(among(connection, page.c.copy, copies), page.c.text.is_not(None))
        for number, text, read_at, teaser in connection.execute(query):
            found[number] = PageText(paragraphs=tuple(text.split("\n")), read_at=read_at), teaser
    return found


def states(connection: Connection, copies: Collection[int]) -> dict[int, PageState]:
    """Return for each of these copies whose page was asked for how far that is."""
    if not copies:
        return {}
    query = select(page.c.copy, page.c.requested_at, page.c.due_at).where(among(connection, page.c.copy, copies))
    rows = connection.execute(query.where(page.c.purpose == DECIDE))
    return {number: PageState(requested_at=when, awaited=due is not None) for number, when, due in rows}


def by_host(connection: Connection) -> list[HostPages]:
    """Count what became of the pages that were asked for in order to decide, host by host."""
    rows = connection.execute(
        select(
            page.c.host,
            func.count(page.c.due_at).label("awaited"),
            func.count(page.c.text).label("read"),
            func.count(page.c.refusal).label("refused"),
        )
        .where(page.c.purpose == DECIDE)
        .group_by(page.c.host)
        .order_by(page.c.host)
    )
    return [HostPages(host=r.host, awaited=r.awaited, read=r.read, refused=r.refused) for r in rows]


def decided_copies(connection: Connection) -> int:
    """Count the copies that stand in their stories because pages were read."""
    query = select(func.count()).select_from(copy).where(copy.c.ground.contains("decided on the pages"))
    return int(connection.execute(query).scalar_one())


def drop_texts(connection: Connection, before: datetime) -> None:
    """Let go of what was read in order to decide before then: its window is closed."""
    connection.execute(delete(page).where(page.c.purpose == DECIDE, page.c.requested_at < before))


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
