"""A process that serves beside the one that polls, forked before either has threads, and asked over a socket.

What polls and settles holds the interpreter's lock while it computes; readers are served under a lock of their own.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import socket
import sys
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from feedhub.errors import EnvironmentFailed

#: begin to serve: the database is there; take over the configuration as it is now
BEGIN, RELOAD = "begin", "reload"
#: prctl(2)
_PR_SET_PDEATHSIG = 1
#: how long a request to the serving process may take, in seconds
_PATIENCE = 30.0
#: how often is looked whether the process has ended
_LOOK_SECONDS = 0.02


class ServingProcess:
    """The serving process as the one that polls sees it; it lives no longer than that one."""

    def __init__(self, pid: int, control: socket.socket) -> None:
        self._pid = pid
        self._control = control
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._answered = asyncio.Event()
        self._asking = asyncio.Lock()

    async def ask(self, request: str) -> None:
        """Have the process do something, and wait until it is done; raise EnvironmentFailed where it has ended."""
        async with self._asking:
            if self._reading is None:
                reader, self._writer = await asyncio.open_connection(sock=self._control)
                self._reading = asyncio.create_task(self._read(reader))
            assert self._writer is not None
            self._answered.clear()
            self._writer.write(f"{request}\n".encode())
            answering = asyncio.create_task(self._answered.wait())
            try:
                await asyncio.wait({answering, self._reading}, timeout=_PATIENCE, return_when=asyncio.FIRST_COMPLETED)
            finally:
                answering.cancel()
            if not self._answered.is_set():
                raise EnvironmentFailed("the process that serves has ended, or does not answer; the log says why")

    async def ended(self) -> None:
        """Wait until the process has ended."""
        assert self._reading is not None
        await asyncio.shield(self._reading)

    async def stop(self, grace: float) -> None:
        """Have the process end and let answers under way finish, for so many seconds at most."""
        if self._writer is None:
            self._control.close()
        else:
            self._writer.close()
        ends = asyncio.get_running_loop().time() + grace
        while not self._has_ended():
            if asyncio.get_running_loop().time() > ends:
                os.kill(self._pid, signal.SIGKILL)
            await asyncio.sleep(_LOOK_SECONDS)

    def _has_ended(self) -> bool:
        try:
            pid, _ = os.waitpid(self._pid, os.WNOHANG)
        except ChildProcessError:
            return True
        return pid != 0

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with suppress(OSError):
            while await reader.readline():
                self._answered.set()


class Requests:
    """What the serving process is asked for; the end of it is the wish that it end."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._writer: asyncio.StreamWriter | None = None

    def end(self) -> None:
        """Ask for nothing more: the process is to end."""
        if self._writer is not None:
            self._writer.close()

    async def __aiter__(self) -> AsyncIterator[str]:
        reader, self._writer = await asyncio.open_connection(sock=self._control)
        try:
            with suppress(OSError):
                while line := await reader.readline():
                    yield line.decode().strip()
                    self._writer.write(b"done\n")
                    await self._writer.drain()
        finally:
            self._writer.close()


def can_fork() -> bool:
    """Whether a process may be forked and go on without a new program: elsewhere system libraries forbid it."""
    return sys.platform == "linux"


def fork_serving(serve: Callable[[Requests], int]) -> ServingProcess:
    """Fork the process that serves; `serve` runs in it, answers requests, and returns its exit code."""
    ours, theirs = socket.socketpair()
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        theirs.close()
        return ServingProcess(pid, ours)
    code = 1
    try:
        ours.close()
        _end_with(parent)
        # a terminal and systemd signal both processes; this one is asked to end by the other
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        code = serve(Requests(theirs))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # nothing of what the other process has yet to do is done here, too
        os._exit(code)


def _end_with(parent: int) -> None:
    """Be killed when the parent is; its port is free then for the next one."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)
