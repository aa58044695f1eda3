"""WebSub as a subscriber: subscribe at hubs that sources offer; a notification makes the source due at once.

offered --asked--> asked --verified--> active --lease nearly over--> asked again
                     '--no response: asked again later                 (its source is polled all the while)

What a hub brings is never read as a feed: the source itself is polled, and vouches for its own entries.
"""

from __future__ import annotations

import asyncio
import hmac
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from feedhub.store import Database, subscriptions
from feedhub.store.subscriptions import SHORTEST_PAUSE, Subscription

#: posts a form; returns None where it was accepted, else why not; raises TimeoutError where there was no response
PostForm = Callable[[str, Sequence[tuple[str, str]]], Awaitable[str | None]]

#: what we ask for, and what we make of what a hub grants
LEASE = timedelta(days=10)
_SHORTEST, _LONGEST = timedelta(minutes=5), timedelta(days=30)
_RENEW = 0.8
#: a hub that does not respond is asked again after so long, doubling
_RETRY = timedelta(hours=1)
_RETRY_MOST = timedelta(days=2)
_DENIED = timedelta(days=7)
#: as the specification names them; sha1 is what the oldest hubs have
_METHODS = ("sha1", "sha256", "sha384", "sha512")
_MOST_REQUESTS = 20


async def subscribe(store: Database, post: PostForm, base_url: str, now: datetime) -> int:
    """Request the subscriptions that are due; returns how many hubs accepted.

    A hub is asked for one source after the other, and waits for no other hub; where it does not respond, the others
    wait for the next time.
    """
    by_hub: defaultdict[str, list[Subscription]] = defaultdict(list)
    for one in await asyncio.to_thread(_claim, store, now):
        by_hub[one.hub].append(one)

    async def ask(waiting: Sequence[Subscription]) -> int:
        accepted = 0
        for number, one in enumerate(waiting):
            try:
                refused = await post(one.hub, _request(one, base_url))
            except TimeoutError as error:
                await asyncio.to_thread(_remark, store, waiting[number:], str(error))
                break
            accepted += refused is None
            if refused is not None:
                await asyncio.to_thread(_remark, store, [one], refused)
        return accepted

    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(ask(waiting)) for waiting in by_hub.values()]
    return sum(task.result() for task in asked)


def _claim(store: Database, now: datetime) -> list[Subscription]:
    with store.write() as connection:
        waiting = subscriptions.due(connection, now, _MOST_REQUESTS)
        for one in waiting:
            subscriptions.ask(connection, one.source, now + min(_RETRY * 2 ** min(one.failures, 10), _RETRY_MOST))
    return waiting


def _remark(store: Database, some: Sequence[Subscription], reason: str) -> None:
    with store.write() as connection:
        for one in some:
            subscriptions.remark(connection, one.source, reason)


def _request(one: Subscription, base_url: str) -> list[tuple[str, str]]:
    return [
        ("hub.mode", "subscribe"),
        ("hub.topic", one.topic),
        ("hub.callback", f"{base_url}/websub/{one.key}"),
        ("hub.secret", one.secret),
        ("hub.lease_seconds", str(int(LEASE.total_seconds()))),
    ]


def verify_subscription(store: Database, key: str, parameters: Mapping[str, str], now: datetime) -> str | None:
    """Return a hub's challenge when it verifies our intent (WebSub, 5.3); None where we did not ask for this.

    Only the first answer to a request is written: strangers and repetitions take no turn from those who write.
    """
    one = find(store, key)
    if one is None or parameters.get("topic") != one.topic:
        return None
    if parameters.get("mode") == "denied":
        if one.state != "denied":
            reason = f"denied: {_printable(parameters.get('reason', '')[:200])}"
            with store.write() as connection:
                subscriptions.denied(connection, one.key, reason, now + _DENIED)
        return ""
    # unsubscribing is never asked for: a lease that is no longer wanted runs out
    if parameters.get("mode") != "subscribe" or one.state not in ("asked", "active") or not parameters.get("challenge"):
        return None
    if one.failures:
        lease = _lease(parameters.get("lease_seconds", ""))
        with store.write() as connection:
            subscriptions.confirmed(connection, one.key, until=now + lease, again=now + _RENEW * lease)
    return parameters["challenge"]


def _printable(text: str) -> str:
    """Return a text as it may be stored and shown: PostgreSQL stores no NUL, and terminals obey escapes."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _lease(text: str) -> timedelta:
    seconds = int(text) if text.isdecimal() and len(text) < 12 else int(LEASE.total_seconds())
    return min(max(timedelta(seconds=seconds), _SHORTEST), _LONGEST)


def find(store: Database, key: str) -> Subscription | None:
    """Return the subscription whose callback this is; None where it is nobody's."""
    with store.read() as connection:
        return subscriptions.by_key(connection, key)


def accept(store: Database, one: Subscription, *, floor: timedelta, now: datetime) -> None:
    """Make a source due whose hub has brought signed news: `floor` after its last poll, and not while it fails.

    What repeats such news within seconds, with the source due already, is not written.
    """
    if one.state != "active" or one.lease_until is None or now > one.lease_until:
        return
    floor = max(floor, SHORTEST_PAUSE)
    with store.read() as connection:
        if subscriptions.is_repeated(connection, one, floor=floor, within=SHORTEST_PAUSE, now=now):
            return
    with store.write() as connection:
        subscriptions.heard(connection, one.source, floor=floor, now=now)


class SignatureCheck:
    """Checks whether `METHOD=HEX` is a body's signature under a secret (WebSub, 7.1); the body is not kept."""

    def __init__(self, secret: str, signature: str) -> None:
        method, _, digest = signature.strip().partition("=")
        self._digest = digest.strip().lower().encode("utf-8", "replace")
        self._hmac = hmac.new(secret.encode(), b"", method.lower()) if method.lower() in _METHODS else None

    @property
    def is_possible(self) -> bool:
        """Whether the method is one that the specification names."""
        return self._hmac is not None

    def update(self, chunk: bytes) -> None:
        """Take a piece of the body."""
        if self._hmac is not None:
            self._hmac.update(chunk)

    @property
    def is_right(self) -> bool:
        """Whether the body so far has this signature; compared in constant time."""
        return self._hmac is not None and hmac.compare_digest(self._hmac.hexdigest().encode(), self._digest)
