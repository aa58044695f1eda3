"""What the commands share: signals, and a hub over a configuration."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from feedhub.allocator import limit_free_memory
from feedhub.errors import EnvironmentFailed
from feedhub.private_files import Part, follow_own_links, sweep_parts

T = TypeVar("T")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

INTERRUPTED = 130
TERMINATED = 143
#: how long a thread that computes may keep the event loop waiting; it waits once for each call of the system. With
#: the interpreter's 5 ms the slowest one in a hundred answers takes five times as long, and nothing is done sooner
_SWITCH_SECONDS = 0.0005
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(Exception):
    """A signal asked us to stop."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(signal.Signals(number).name)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in an event loop of libuv's, where there is one: a poll costs a fifth less there."""
    factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    # none on Windows, and where nobody built it
    with suppress(ImportError):
        from uvloop import new_event_loop

        factory = new_event_loop
    limit_free_memory()
    sys.setswitchinterval(_SWITCH_SECONDS)
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(work)


def run_until_signal(work: Coroutine[Any, Any, T], *, terminated: int = TERMINATED) -> T:
    """Run to the end; on Ctrl-C or SIGTERM cancel, let clean-up finish, and exit with 130 or `terminated`."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    try:
        return run(_watched(work))
    except Stopped as stop:
        sys.exit(INTERRUPTED if stop.number == signal.SIGINT else terminated)
    finally:
        # The event loop leaves the interpreter's defaults behind.
        for number, handler in before.items():
            signal.signal(number, handler)


async def _watched(work: Coroutine[Any, Any, T]) -> T:
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)
    got: list[int] = []

    def stop(number: int) -> None:
        got.append(number)
        task.cancel()

    for number in _SIGNALS:
        try:
            loop.add_signal_handler(number, stop, number)
        except NotImplementedError:
            # Windows: the loop wakes at the next event
            signal.signal(number, lambda number, frame: loop.call_soon_threadsafe(stop, number))
    try:
        return await task
    except asyncio.CancelledError:
        if got:
            raise Stopped(got[0]) from None
        raise


def write_files(
    folder: Path, files: Iterable[tuple[str, Iterable[bytes]]], *, before: Callable[[], None] = lambda: None
) -> list[str]:
    """Write all files or none, each whole; what says the same already is left alone (raises EnvironmentFailed).

    `files` are names and pieces of bytes, one file in memory at a time; returns the names. `before` is called
    when all of them are written and none has its name yet.
    """
    parts: list[Part] = []
    names: list[str] = []
    try:
        folder = follow_own_links(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for name, pieces in files:
            names.append(name)
            path = folder / name
            if not _says(path, pieces):
                parts.append(part := Part(path))
                part.file.writelines(pieces)
                part.finish()
        before()
        for part in parts:
            part.publish()
        for name in names:
            sweep_parts(folder / name)
    except OSError as error:
        raise EnvironmentFailed(f"--out {folder}: {error.strerror or error}; nothing half-written was left") from error
    finally:
        for part in parts:
            part.discard()
    return names


def _says(path: Path, pieces: Iterable[bytes]) -> bool:
    """Whether a file holds just these bytes."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return all(file.read(len(piece)) == piece for piece in pieces) and not file.read(1)


def write_new(
    folder: Path, files: Callable[[Callable[[str, datetime], bool]], Iterator[tuple[str, bytes, datetime]]]
) -> None:
    """Write files that hardly ever change, each whole and dated when it changed; one of that date is left alone.

    `files` asks which are there, and gives name, bytes and date of the others (raises EnvironmentFailed).
    """

    def is_written(name: str, changed: datetime) -> bool:
        with suppress(OSError):
            return (folder / name).stat().st_mtime_ns == _nanoseconds(changed)
        return False

    try:
        folder = follow_own_links(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for name, body, changed in files(is_written):
            part = Part(folder / name)
            try:
                part.file.write(body)
                part.finish()
                part.publish(modified_ns=_nanoseconds(changed))
            finally:
                part.discard()
    except OSError as error:
        raise EnvironmentFailed(f"--out {folder}: {error.strerror or error}; nothing half-written was left") from error


def _nanoseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1) * 1000
