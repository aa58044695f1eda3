"""The pages of articles: which are to be fetched, by whom, and what was read on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from sqlalchemy import Connection, Row, and_, bindparam, or_, select, update

from feedhub.codec import dump, load
from feedhub.model import ArticlePage, Copy, PageRequest
from feedhub.store import article_texts, hosts
from feedhub.store.claims import LeaseLost
from feedhub.store.dialect import among, upsert
from feedhub.store.placements import chunks, hash64
from feedhub.store.tables import copy, copy_version, host, page

#: so many due pages are looked at to find some of different sources
_LOOK = 1_000
_HOUR = timedelta(hours=1)
DECIDE, PUBLISH = "decide", "publish"


class PageClaim(Struct, frozen=True, kw_only=True):
    """One worker's hold on one page until its lease ends."""

    copy: int
    source: str
    fence: int
    #: how often it was tried in vain
    tries: int
    #: decide | publish
    purpose: str
    wanted: PageRequest


class PageState(Struct, frozen=True, kw_only=True):
    """How far the reading of a copy's page is."""

    requested_at: datetime
    #: it is still to be fetched
    awaited: bool
    #: it was tried in vain, and is tried again
    failed: bool
    #: digest of what its feed said when it was asked for in order to decide
    teaser: int | None
    #: how often it was asked for
    requests: int


class DecidingPage(Struct, frozen=True, kw_only=True):
    """A page that is wanted in order to decide, and what it promises."""

    copy: int
    value: Copy
    wanted: PageRequest
    promise: float


def teaser_digest(value: Copy) -> int:
    """Return what stands for a copy's headline, text and address as its feed gave them."""
    return hash64(f"{value.title}\0{value.text}\0{value.url}")


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
    empty = dict.fromkeys(("host", "lease_until", "read_at", "refusal", "body", "text", "digest", "teaser"))
    counts = {"fence": 0, "tries": 0, "requests": 1, "promise": 1.0}
    return {**empty, **counts, "source": source, "purpose": purpose, "requested_at": now, "due_at": now}


def request_to_decide(connection: Connection, wanted: Iterable[DecidingPage], now: datetime) -> None:
    """Have these pages fetched in order to decide; one that was asked for is asked again only for an edited entry.

    What was read for the entry as it was is let go.
    """
    rows = [
        {
            **_new_row(each.value.key.source, DECIDE, now),
            "copy": each.copy,
            "host": urlsplit(each.wanted.url).hostname or "",
            "wanted": dump(each.wanted),
            "teaser": teaser_digest(each.value),
            "promise": each.promise,
        }
        for each in wanted
    ]
    if not rows:
        return
    hosts.ensure(connection, sorted({str(row["host"]) for row in rows}))
    anew = ("host", "wanted", "teaser", "promise")
    again = (
        update(page)
        .where(page.c.copy == bindparam("b_copy"), page.c.purpose == DECIDE, page.c.teaser != bindparam("b_teaser"))
        .values(
            **{name: bindparam(f"b_{name}") for name in anew},
            requested_at=now,
            due_at=now,
            lease_until=None,
            fence=page.c.fence + 1,
            tries=0,
            requests=page.c.requests + 1,
            refusal=None,
            text=None,
            digest=None,
        )
    )
    connection.execute(again, [{f"b_{name}": row[name] for name in ("copy", *anew)} for row in rows])
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
    """Lease up to `limit` pages that are due, the most promising first, at most `a_source` of one source.

    Of pages read to decide no more than `per_host_hour` of a host are asked for in an hour, and none while it rests.
    """
    free = or_(page.c.lease_until.is_(None), page.c.lease_until <= at, page.c.lease_until > at + 2 * lease)
    resting = select(host.c.name).where(host.c.name == page.c.host, host.c.pages_paused_until > now).exists()
    due = select(page.c.copy, page.c.source, page.c.host, page.c.purpose).where(page.c.due_at <= now, free, ~resting)
    found = connection.execute(
        due.order_by(page.c.promise.desc(), page.c.due_at, page.c.copy).limit(_LOOK).with_for_update(skip_locked=True)
    ).all()
    spent = _spent(connection, {row.host for row in found if row.purpose == DECIDE}, now)
    _rest_spent(connection, [name for name, times in spent.items() if len(times) >= per_host_hour], spent)
    chosen = _chosen(found, limit, a_source, per_host_hour, Counter({name: len(t) for name, t in spent.items()}))
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


def _spent(connection: Connection, names: Collection[str], now: datetime) -> dict[str, list[datetime]]:
    """Return when pages of each host were asked for in the last hour."""
    if not names:
        return {}
    lately = and_(page.c.host.in_(sorted(names)), page.c.read_at > now - _HOUR, page.c.purpose == DECIDE)
    spent: dict[str, list[datetime]] = {}
    for name, when in connection.execute(select(page.c.host, page.c.read_at).where(lately)):
        spent.setdefault(name, []).append(when)
    return spent


def _rest_spent(connection: Connection, names: Collection[str], spent: Mapping[str, Sequence[datetime]]) -> None:
    """Have hosts whose budget is spent rest until some of it is free: others are not to be looked for behind them."""
    for name in names:
        pause_host(connection, name, min(spent[name]) + _HOUR)


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
    refusal: str | None = None,
) -> None:
    """Write back what became of a page and let it go; raises LeaseLost if it is no longer ours."""
    values: dict[str, object] = {"due_at": due_at, "lease_until": None, "tries": tries, "refusal": refusal}
    if read is not None:
        values["body"] = dump(read)
    same = and_(page.c.copy == claimed.copy, page.c.fence == claimed.fence)
    if connection.execute(update(page).where(same).values(**values)).rowcount != 1:
        raise LeaseLost(claimed.source)


def pause_host(connection: Connection, name: str, until: datetime) -> None:
    """Ask no page of a host before then, or later where it rests longer; its feeds are polled as ever."""
    shorter = or_(host.c.pages_paused_until.is_(None), host.c.pages_paused_until < until)
    connection.execute(update(host).where(host.c.name == name, shorter).values(pages_paused_until=until))


def states(connection: Connection, copies: Collection[int]) -> dict[int, PageState]:
    """Return for each of these copies whose page was asked for how far that is."""
    if not copies:
        return {}
    columns = (page.c.copy, page.c.requested_at, page.c.due_at, page.c.tries, page.c.teaser, page.c.requests)
    query = select(*columns).where(among(connection, page.c.copy, copies))
    return {
        number: PageState(
            requested_at=when,
            awaited=due is not None,
            failed=due is not None and tries > 0,
            teaser=teaser,
            requests=requests,
        )
        for number, when, due, tries, teaser, requests in connection.execute(query)
    }


def rewrite(connection: Connection, number: int, value: Copy, now: datetime) -> None:
    """Store what a copy says with its page read; what it said stays, if anyone saw it, and it waits to be settled."""
    row = connection.execute(
        select(copy.c.body, copy.c.text, copy.c.story, copy.c.edited).where(copy.c.id == number).with_for_update()
    ).one()
    if row.body is None:
        return
    if row.story is not None:
        version = {"copy": number, "valid_until": now, "body": row.body, "text": row.text}
        connection.execute(copy_version.insert().values(**version))
    ((body, text),) = article_texts.store(connection, [value])
    values = {"body": body, "text": text, "pending": True, "edited": row.edited or row.story is not None}
    connection.execute(update(copy).where(copy.c.id == number).values(**values))
    article_texts.collect(connection, [row.text])


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
