"""WebSub, as a subscriber: hubs that sources offer are asked to tell us; what they tell makes the source due at once.

offered --asked--> asked --verified--> active --lease nearly over--> asked again
                     '--no answer: asked again later                 (its source is polled all the while)

What a hub brings is never read as a feed: the source itself is polled, and vouches for its own entries.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from feedhub.store import Database, websub
from feedhub.store.websub import Subscription

#: posts a form; None where it was accepted, else why not
Post = Callable[[str, Sequence[tuple[str, str]]], Awaitable[str | None]]

#: what we ask for, and what we make of what a hub grants
LEASE = timedelta(days=10)
_SHORTEST, _LONGEST = timedelta(minutes=5), timedelta(days=30)
_RENEW = 0.8
#: a hub that does not answer is asked again after so long, doubling
_AGAIN = timedelta(hours=1)
_AGAIN_MOST = timedelta(days=2)
_DENIED = timedelta(days=7)
#: a source is not polled more often than this, whatever its hub signs
_PAUSE = timedelta(seconds=10)
#: as the specification names them; sha1 is what the oldest hubs have
_METHODS = ("sha1", "sha256", "sha384", "sha512")
_AT_ONCE = 20


async def subscribe(store: Database, post: Post, base_url: str, now: datetime) -> int:
    """Ask the hubs that are due; returns how many took the request."""
    with store.write() as connection:
        waiting = websub.due(connection, now, _AT_ONCE)
        for one in waiting:
            websub.ask(connection, one.source, now + min(_AGAIN * 2 ** min(one.failures, 10), _AGAIN_MOST))
    taken = 0
    for one in waiting:
        refused = await post(one.hub, _request(one, base_url))
        if refused is None:
            taken += 1
        else:
            with store.write() as connection:
                websub.remark(connection, one.source, refused)
    return taken


def _request(one: Subscription, base_url: str) -> list[tuple[str, str]]:
    return [
        ("hub.mode", "subscribe"),
        ("hub.topic", one.topic),
        ("hub.callback", f"{base_url}/websub/{one.key}"),
        ("hub.secret", one.secret),
        ("hub.lease_seconds", str(int(LEASE.total_seconds()))),
    ]


def confirm(store: Database, key: str, said: Mapping[str, str], now: datetime) -> str | None:
    """What to answer a hub that verifies our intent (5.3): its challenge where we asked for this, else None."""
    with store.write() as connection:
        one = websub.by_key(connection, key)
        if one is None or said.get("topic") != one.topic:
            return None
        if said.get("mode") == "denied":
            websub.denied(connection, one.source, f"denied: {said.get('reason', '')[:200]}", now + _DENIED)
            return ""
        # unsubscribing is never asked for: a lease that is no longer wanted runs out
        if said.get("mode") != "subscribe" or one.state not in ("asked", "active") or not said.get("challenge"):
            return None
        lease = _lease(said.get("lease_seconds", ""))
        websub.confirmed(connection, one.source, until=now + lease, again=now + _RENEW * lease)
        return said["challenge"]


def _lease(text: str) -> timedelta:
    seconds = int(text) if text.isdecimal() and len(text) < 12 else int(LEASE.total_seconds())
    return min(max(timedelta(seconds=seconds), _SHORTEST), _LONGEST)


def told(store: Database, key: str, signature: str, body: bytes, now: datetime) -> bool:
    """News from a hub: its source is due now. Wrongly signed, nothing changes; False: the callback is nobody's."""
    with store.read() as connection:
        one = websub.by_key(connection, key)
    if one is None:
        return False
    leased = one.state == "active" and one.lease_until is not None and now <= one.lease_until
    if leased and is_signed(one.secret, signature, body):
        due = now if one.heard is None else max(now, one.heard + _PAUSE)
        with store.write() as connection:
            websub.heard(connection, one.source, now=now, due_at=due)
    return True


def is_signed(secret: str, signature: str, body: bytes) -> bool:
    """Whether `METHOD=HEX` is the body's signature under the secret; takes as long when it is not (7.1)."""
    method, _, given = signature.strip().partition("=")
    if method.lower() not in _METHODS:
        return False
    made = hmac.new(secret.encode(), body, getattr(hashlib, method.lower())).hexdigest()
    return hmac.compare_digest(made.encode(), given.strip().lower().encode("utf-8", "replace"))
