"""WebSub: the hubs that sources offer, what became of asking them, and what our own subscribers were told."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from msgspec import Struct
from sqlalchemy import Connection, and_, delete, or_, select, update

from feedhub.codec import load
from feedhub.model import SourceState
from feedhub.store.dialect import among, upsert
from feedhub.store.tables import output_entry, source, story, subscription

#: a source is not polled more often than this, whatever its hub signs
SHORTEST_PAUSE = timedelta(seconds=10)

State = Literal["offered", "asked", "active", "denied"]


class Subscription(Struct, frozen=True, kw_only=True):
    """One source that a hub tells us about, or is asked to."""

    source: str
    key: str
    hub: str
    topic: str
    secret: str
    state: State
    due_at: datetime
    lease_until: datetime | None
    last_message_at: datetime | None
    #: requests since the last that was confirmed
    failures: int
    remark: str | None


def offered(connection: Connection, name: str, *, hubs: Sequence[str], topic: str | None, now: datetime) -> None:
    """Note what a source's document says of hubs: one that is known stays as it is, another begins anew."""
    hub = next((one for one in hubs if one.startswith("https://")), next(iter(hubs), None))
    if hub is None or topic is None:
        connection.execute(delete(subscription).where(subscription.c.source == name))
        return
    known = connection.execute(
        select(subscription.c.hub, subscription.c.topic).where(subscription.c.source == name)
    ).first()
    if known is not None and (known.hub, known.topic) == (hub, topic):
        return
    keys = {"key": secrets.token_urlsafe(24), "secret": secrets.token_urlsafe(32)}
    fresh = {"source": name, "hub": hub, "topic": topic, "state": "offered", "due_at": now, **keys}
    nothing = {"lease_until": None, "last_message_at": None, "failures": 0, "remark": None}
    connection.execute(upsert(connection, subscription, [subscription.c.source]), {**fresh, **nothing})


def offering(connection: Connection, names: Collection[str]) -> set[str]:
    """Those of these sources that a hub is known for."""
    rows = connection.execute(select(subscription.c.source).where(among(connection, subscription.c.source, names)))
    return set(rows.scalars())


def due(connection: Connection, now: datetime, limit: int) -> list[Subscription]:
    """Return the subscriptions whose hub is to be asked (again), of sources that are still polled."""
    rows = connection.execute(
        select(subscription)
        .join(source, source.c.id == subscription.c.source)
        .where(source.c.configured, subscription.c.due_at <= now)
        .order_by(subscription.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=subscription)
    )
    return [Subscription(**r._mapping) for r in rows]


def by_key(connection: Connection, key: str) -> Subscription | None:
    """Return the subscription whose callback this is."""
    row = connection.execute(select(subscription).where(subscription.c.key == key)).first()
    return None if row is None else Subscription(**row._mapping)


def ask(connection: Connection, name: str, again: datetime) -> None:
    """Note that the hub is being asked; until it answers it is asked again then. An active lease goes on meanwhile."""
    same = subscription.c.source == name
    connection.execute(update(subscription).where(same).values(due_at=again, failures=subscription.c.failures + 1))
    connection.execute(update(subscription).where(same, subscription.c.state != "active").values(state="asked"))


def remark(connection: Connection, name: str, text: str) -> None:
    """Note that the hub could not be asked."""
    connection.execute(update(subscription).where(subscription.c.source == name).values(remark=text))


def denied(connection: Connection, key: str, reason: str, again: datetime) -> None:
    """Note that the hub said no, or takes back its yes."""
    values = {"state": "denied", "lease_until": None, "remark": reason, "due_at": again}
    connection.execute(update(subscription).where(subscription.c.key == key).values(**values))


def confirmed(connection: Connection, key: str, *, until: datetime, again: datetime) -> None:
    """Note that the hub has verified that we want it: active until the lease ends, renewed before."""
    values = {"state": "active", "lease_until": until, "due_at": again, "failures": 0, "remark": None}
    connection.execute(update(subscription).where(subscription.c.key == key).values(**values))


def heard(connection: Connection, name: str, *, floor: timedelta, now: datetime) -> None:
    """Note that a hub brought news: its source is due now or `floor` after its last poll, if not due before.

    A source that fails keeps its own time: whoever backs off does so whatever a hub says.
    """
    connection.execute(update(subscription).where(subscription.c.source == name).values(last_message_at=now))
    text = connection.execute(select(source.c.state).where(source.c.id == name)).scalar()
    due_at = _due_at(_state(text), floor=floor, now=now)
    if due_at is not None:
        late = and_(source.c.id == name, source.c.configured, source.c.due_at > due_at)
        connection.execute(update(source).where(late).values(due_at=due_at))


def is_repeated(
    connection: Connection, one: Subscription, *, floor: timedelta, within: timedelta, now: datetime
) -> bool:
    """Return whether news that a hub brings now change nothing.

    So it is where others came `within` that time and since the source's last poll, no poll is under way, and the source
    is due by then or fails.
    """
    if one.last_message_at is None or now - one.last_message_at >= within:
        return False
    row = connection.execute(
        select(source.c.state, source.c.due_at, source.c.lease_until).where(source.c.id == one.source)
    ).first()
    if row is None:
        return True
    if row.lease_until is not None and row.lease_until > now:
        # the poll under way may have begun before them
        return False
    state = _state(row.state)
    if state is not None and state.last_success is not None and one.last_message_at <= state.last_success:
        return False
    due_at = _due_at(state, floor=floor, now=now)
    return due_at is None or bool(row.due_at <= due_at)


def _state(text: str | None) -> SourceState | None:
    return load(SourceState, text) if text else None


def _due_at(state: SourceState | None, *, floor: timedelta, now: datetime) -> datetime | None:
    """When a source is due of which a hub has news; None while it fails or is stopped."""
    if state is not None and (state.failures or state.stopped):
        return None
    polled = state.last_success if state is not None else None
    return now if polled is None else max(now, polled + floor)


class HubNotice(NamedTuple):
    """What a hub that tells us of a source's news has told."""

    #: when it brought news last
    heard_at: datetime
    #: when its lease ends
    until: datetime


def listening(connection: Connection, names: Collection[str], *, now: datetime) -> dict[str, HubNotice]:
    """Return what was told last of these sources, of those whose hub tells us of news."""
    leased = select(subscription.c.source, subscription.c.last_message_at, subscription.c.lease_until).where(
        subscription.c.source.in_(list(names)),
        subscription.c.state == "active",
        subscription.c.lease_until > now,
        subscription.c.last_message_at.is_not(None),
    )
    return {name: HubNotice(heard_at, until) for name, heard_at, until in connection.execute(leased)}


def listens(
    connection: Connection, name: str, *, now: datetime, polled: datetime | None, has_news: bool
) -> HubNotice | None:
    """Return what a source's hub told last, None where none tells us of its news.

    `polled`: when it was polled before; `has_news`: it has news now. A hub is believed once it told us something, until
    a poll finds what it did not tell.
    """
    notice = listening(connection, [name], now=now).get(name)
    if notice is not None and has_news and polled is not None and notice.heard_at <= polled:
        connection.execute(update(subscription).where(subscription.c.source == name).values(last_message_at=None))
        return None
    return notice


def changed_outputs(connection: Connection, *, after: int, since: datetime | None, now: datetime) -> set[str]:
    """Return the outputs in which a story changed, went, or was released since then."""
    changed = story.c.change > after
    if since is not None:
        changed = or_(changed, and_(story.c.released > since, story.c.released <= now))
    rows = connection.execute(
        select(output_entry.c.output).join(story, story.c.id == output_entry.c.story).where(changed).distinct()
    )
    return set(rows.scalars())
