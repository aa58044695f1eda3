"""How long single callbacks hold an event loop, in seconds of its thread's own CPU: a busy machine changes nothing."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Watch:
    """The longest callbacks of the loops that were watched, the longest first."""

    longest: list[tuple[float, str]] = field(default_factory=list)
    #: how many are remembered
    most: int = 5

    def note(self, seconds: float, handle: Any) -> None:
        if len(self.longest) == self.most and seconds <= self.longest[-1][0]:
            return
        # a task's step is a method of the task, and that names its coroutine
        what = getattr(handle._callback, "__self__", None) or handle
        self.longest = sorted([*self.longest, (seconds, repr(what)[:300])], reverse=True)[: self.most]

    @property
    def worst(self) -> float:
        """The longest, in seconds."""
        return self.longest[0][0] if self.longest else 0.0

    def clear(self) -> None:
        """Forget what was measured: what is imported and compiled once, a stranger cannot ask for twice."""
        self.longest = []

    def __str__(self) -> str:
        return "\n".join(f"{1000 * seconds:6.1f} ms  {what}" for seconds, what in self.longest)


@contextmanager
def watched() -> Iterator[Watch]:
    """Measure every callback of every asyncio loop (uvloop's are none) that runs within the block."""
    watch, lock = Watch(), threading.Lock()
    handles: Any = asyncio.Handle
    run = handles._run

    def timed(handle: asyncio.Handle) -> None:
        began = time.thread_time()
        run(handle)
        took = time.thread_time() - began
        if took > 0.001:
            with lock:
                watch.note(took, handle)

    handles._run = timed
    try:
        yield watch
    finally:
        handles._run = run
