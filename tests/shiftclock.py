"""Loaded as `sitecustomize` of a child: its clock is as far from the machine's as a file says, while it runs, too."""

from __future__ import annotations

import datetime as module
import os
import sqlite3
import time
from datetime import timedelta
from typing import Any

_FILE = os.open(os.environ["SHIFTED_CLOCK"], os.O_RDONLY)
_time, _time_ns, _datetime, _connect = time.time, time.time_ns, module.datetime, sqlite3.connect
_EPOCH_DAY = 2_440_587.5


def offset() -> int:
    """Seconds from the machine's clock to this process's."""
    return int(os.pread(_FILE, 32, 0) or 0)


class _Kind(type):
    """Whoever asks takes the class for `datetime` itself: only the clock is another, the values are the same."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, _datetime)

    def __subclasscheck__(cls, kind: type) -> bool:
        return issubclass(kind, _datetime)

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is _datetime

    def __hash__(cls) -> int:
        return hash(_datetime)


class Shifted(_datetime, metaclass=_Kind):  # type: ignore[valid-type, misc]
    """`datetime` with another clock."""

    def __new__(cls, *parts: Any, **more: Any) -> Any:
        return _datetime(*parts, **more)

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return _datetime.now(tz) + timedelta(seconds=offset())

    @classmethod
    def utcnow(cls) -> Any:
        return cls.now(module.UTC).replace(tzinfo=None)


def connect(*parts: Any, **more: Any) -> sqlite3.Connection:
    """A connection whose engine tells the same time as its process, as it would on a machine set back."""
    made: sqlite3.Connection = _connect(*parts, **more)
    made.create_function("julianday", 1, lambda _: time.time() / 86_400 + _EPOCH_DAY)
    return made


Shifted.__name__ = Shifted.__qualname__ = "datetime"
Shifted.__module__ = "datetime"
module.datetime = Shifted  # type: ignore[misc]
time.time = lambda: _time() + offset()
time.time_ns = lambda: _time_ns() + offset() * 1_000_000_000
sqlite3.connect = sqlite3.dbapi2.connect = connect  # type: ignore[assignment]
