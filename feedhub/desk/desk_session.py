"""The one-time key of a desk's address, the cookies that it was exchanged for, the token of every form.

All of it is kept in this process alone: with its end every cookie is worthless.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from hashlib import sha256
from hmac import compare_digest

from msgspec import Struct

#: browsers that may be signed in at once; one more ends the oldest
_MOST_SESSIONS = 8


class Session(Struct, frozen=True, kw_only=True):
    """A browser that has exchanged a key."""

    #: what every form of this browser must hold
    token: str
    #: what the next page tells, and no other: a sentence, and the decision that it is about
    messages: list[tuple[str, int | None]]
    #: the numbers of the decisions that were made in it and not taken back, the last at the end
    made: list[int]


class Sessions:
    """The browsers that are signed in, and the key by which the next one may be. Used by the event loop alone."""

    def __init__(self) -> None:
        self._key: bytes | None = None
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()

    def new_key(self) -> str:
        """Make a key that can be exchanged once; the one before it is worthless from now on."""
        key = secrets.token_urlsafe(32)
        self._key = _digest(key)
        return key

    def exchange(self, key: str) -> str | None:
        """Return a cookie's value for the key, and kill the key; None where it is not the one that lives."""
        if self._key is None or not compare_digest(_digest(key), self._key):
            return None
        self._key = None
        cookie = secrets.token_urlsafe(32)
        self._sessions[_digest(cookie)] = Session(token=secrets.token_urlsafe(32), messages=[], made=[])
        if len(self._sessions) > _MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return cookie

    def of(self, cookie: str) -> Session | None:
        """Return the session of a cookie's value."""
        return self._sessions.get(_digest(cookie))


def _digest(secret: str) -> bytes:
    """Hash a secret: to find it among others takes as long whatever it begins with."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
