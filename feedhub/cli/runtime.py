"""What the commands share: the clock, signals, and a hub over a configuration."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import typer
import uvloop

from feedhub.errors import EnvironmentFailed, UsageError

T = TypeVar("T")
Clock = Callable[[], datetime]

INTERRUPTED = 130
TERMINATED = 143
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def wall_clock() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


def fixed_clock(text: str | None) -> Clock:
    """A clock that stands at an ISO instant (`--now`), or the wall clock; raises UsageError if it is none."""
    if text is None:
        return wall_clock
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f'--now: expected an instant such as 2026-03-10T18:00:00Z, got "{text}"') from None
    if instant.tzinfo is None:
        raise UsageError(f'--now: "{text}" names no zone; write 2026-03-10T18:00:00Z')
    stands = instant.astimezone(UTC)
    return lambda: stands


class Stopped(Exception):
    """A signal asked us to stop."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(signal.Signals(number).name)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in an event loop of libuv's: a poll costs a fifth less there than in asyncio's own."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def run_until_signal(work: Coroutine[Any, Any, T], *, terminated: int = TERMINATED) -> T:
    """Run to the end; on Ctrl-C or SIGTERM cancel, let clean-up finish, and exit with 130 or `terminated`."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    try:
        return run(_watched(work))
    except Stopped as stop:
        raise typer.Exit(INTERRUPTED if stop.number == signal.SIGINT else terminated) from None
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
        loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if got:
            raise Stopped(got[0]) from None
        raise


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Write each file whole or not at all; one that says the same already is left alone (raises EnvironmentFailed)."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, body in files.items():
            _replace(folder / name, body)
    except OSError as error:
        raise EnvironmentFailed(f"--out {folder}: {error.strerror or error}; nothing half-written was left") from error


def _replace(path: Path, body: bytes) -> None:
    if path.is_file() and path.read_bytes() == body:
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
