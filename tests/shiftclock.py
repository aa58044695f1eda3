"""Loaded as `sitecustomize` of a child: its clock is as far from the machine's as a file says, while it runs, too."""

from __future__ import annotations

import ctypes
import gc
import os
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from typing import Any

_FILE = os.open(os.environ["SHIFTED_CLOCK"], os.O_RDONLY)
_time, _time_ns, _now, _connect = time.time, time.time_ns, datetime.now, sqlite3.connect
_EPOCH_DAY = 2_440_587.5


def offset() -> int:
    """Seconds from the machine's clock to this process's."""
    return int(os.pread(_FILE, 32, 0) or 0)


def now(tz: Any = None) -> datetime:
    """`datetime.now` by the shifted clock."""
    return _now(tz) + timedelta(seconds=offset())


def utcnow() -> datetime:
    """`datetime.utcnow` by the shifted clock."""
    return now(UTC).replace(tzinfo=None)


def connect(*parts: Any, **more: Any) -> sqlite3.Connection:
    """A connection whose engine tells the same time as its process, as it would on a machine set back."""
    made: sqlite3.Connection = _connect(*parts, **more)
    made.create_function("julianday", 1, lambda _: time.time() / 86_400 + _EPOCH_DAY)
    return made


# the class itself: what is made by libraries in C and what a type names is no other
(_attributes,) = gc.get_referents(datetime.__dict__)
_attributes.update(now=staticmethod(now), utcnow=staticmethod(utcnow))
ctypes.pythonapi.PyType_Modified(ctypes.py_object(datetime))
time.time = lambda: _time() + offset()
time.time_ns = lambda: _time_ns() + offset() * 1_000_000_000
sqlite3.connect = sqlite3.dbapi2.connect = connect  # type: ignore[assignment]
