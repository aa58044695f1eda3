"""Messages that wait to be delivered: queued with what they tell of, sent by whoever claims them, given up at last."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from msgspec import Struct
from sqlalchemy import Connection, delete, func, or_, select, update

from feedhub.codec import dump, load
from feedhub.store.dialect import upsert
from feedhub.store.tables import delivery

#: messages that may wait for one target; the oldest go
MOST = 10_000
#: how long one that was given up is remembered
KEPT = timedelta(days=7)


class NotificationText(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a notification says."""

    title: str
    text: str


class QueuedMessage(Struct, frozen=True, kw_only=True):
    """A message to be queued."""

    target: str
    #: a newer message about the same takes the place of one that waits
    subject: str
    topic: str
    body: NotificationText | None = None
    #: not to be sent sooner
    due: datetime | None = None


class Delivery(Struct, frozen=True, kw_only=True):
    """A message that was claimed."""

    id: int
    target: str
    subject: str
    topic: str
    #: stands for the message in all its tries
    message: str
    body: NotificationText | None
    queued_at: datetime
    tries: int


class TargetState(Struct, frozen=True, kw_only=True):
    """How a target does."""

    target: str
    waiting: int
    given_up: int
    #: when the first of those that were given up was queued, and why the last one was
    since: datetime | None
    remark: str | None


def queue(connection: Connection, messages: Sequence[QueuedMessage], now: datetime) -> None:
    """Queue messages; who is to send them finds them once this transaction has ended."""
    if not messages:
        return
    rows = [
        {
            "target": each.target,
            "subject": each.subject,
            "topic": each.topic,
            "message": uuid4().hex,
            "body": None if each.body is None else dump(each.body),
            "queued_at": now,
            "due_at": max(now, each.due or now),
            "lease_until": None,
            "tries": 0,
            "remark": None,
        }
        for each in messages
    ]
    connection.execute(upsert(connection, delivery, [delivery.c.target, delivery.c.subject]), rows)
    for target in sorted({each.target for each in messages}):
        _drop_beyond(connection, target)


def _drop_beyond(connection: Connection, target: str) -> None:
    mine = delivery.c.target == target
    last = select(delivery.c.id).where(mine).order_by(delivery.c.id.desc()).offset(MOST).limit(1)
    if (oldest := connection.execute(last).scalar()) is not None:
        connection.execute(delete(delivery).where(mine, delivery.c.id <= oldest))


def is_due(connection: Connection, targets: Collection[str], now: datetime) -> bool:
    """Tell whether a message is due for one of these targets."""
    query = select(delivery.c.id).where(delivery.c.target.in_(list(targets)), delivery.c.due_at <= now)
    return connection.execute(query.limit(1)).first() is not None


def release(connection: Connection, claimed: Delivery, due: datetime) -> None:
    """Give a message back untried; it is due again then."""
    same = (delivery.c.id == claimed.id, delivery.c.message == claimed.message)
    connection.execute(update(delivery).where(*same).values(due_at=due, lease_until=None))


def claim(
    connection: Connection, targets: Collection[str], *, now: datetime, lease: timedelta, limit: int
) -> list[Delivery]:
    """Take messages that are due for these targets, the oldest first; nobody else sends them until the lease ends."""
    free = or_(delivery.c.lease_until.is_(None), delivery.c.lease_until <= now)
    due = (
        select(delivery)
        .where(delivery.c.target.in_(list(targets)), delivery.c.due_at <= now, free)
        .order_by(delivery.c.due_at, delivery.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(due).all()
    if rows:
        these = delivery.c.id.in_([r.id for r in rows])
        connection.execute(update(delivery).where(these).values(lease_until=now + lease))
    return [
        Delivery(
            id=r.id,
            target=r.target,
            subject=r.subject,
            topic=r.topic,
            message=r.message,
            body=None if r.body is None else load(NotificationText, r.body),
            queued_at=r.queued_at,
            tries=r.tries,
        )
        for r in rows
    ]


def finish(connection: Connection, sent: Delivery) -> None:
    """Let go of a message that was delivered, unless a newer one about the same has taken its place."""
    same = (delivery.c.id == sent.id, delivery.c.message == sent.message)
    connection.execute(delete(delivery).where(*same))


def fail(connection: Connection, tried: Delivery, reason: str, due: datetime | None) -> None:
    """Note that a try failed: the message is due again then, or given up (None)."""
    values = {"tries": tried.tries + 1, "due_at": due, "lease_until": None, "remark": reason[:300]}
    same = (delivery.c.id == tried.id, delivery.c.message == tried.message)
    connection.execute(update(delivery).where(*same).values(**values))


def trim(connection: Connection, targets: Collection[str], now: datetime) -> None:
    """Let go of what was given up long ago, and of what goes to targets that are configured no more."""
    old = delivery.c.due_at.is_(None) & (delivery.c.queued_at < now - KEPT)
    connection.execute(delete(delivery).where(or_(old, delivery.c.target.not_in(list(targets)))))


def states(connection: Connection) -> list[TargetState]:
    """Return how every target does that a message waits for or was given up for."""
    query = select(
        delivery.c.target,
        func.count(delivery.c.due_at).label("waiting"),
        (func.count() - func.count(delivery.c.due_at)).label("given_up"),
        func.max(delivery.c.remark).label("remark"),
    ).group_by(delivery.c.target)
    first = select(delivery.c.target, func.min(delivery.c.queued_at)).where(delivery.c.due_at.is_(None))
    since = {target: when for target, when in connection.execute(first.group_by(delivery.c.target))}
    return [
        TargetState(target=r.target, waiting=r.waiting, given_up=r.given_up, since=since.get(r.target), remark=r.remark)
        for r in connection.execute(query.order_by(delivery.c.target))
    ]
