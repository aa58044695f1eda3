"""Commands forked from a process that has feedhub imported: real processes, each begun in a hundredth of a start.

What a command has of its own is as if it were started by a shell: arguments, environment, folder, umask, descriptors,
limits, signals, exit code. What it does not show is the start itself: tests of that ask `commands` for a fresh
interpreter.
"""

from __future__ import annotations

import atexit
import importlib
import os
import resource
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import IO

import forked_parsers
import forking
from msgspec import Struct
from warmed import warm

import feedhub.cli

ROOT = Path(__file__).parent.parent
#: where processes of a test run find the server
_ADDRESS = "COMMANDS_OF_THE_TESTS"
_PRELOADED = (
    *"alembic.command psycopg uvloop rich.progress rich.table".split(),
    *(f"feedhub.cli.{path.stem}" for path in sorted((ROOT / "feedhub" / "cli").glob("*.py")) if path.stem[0] != "_"),
)


class Forked:
    """A command under way: the part of `subprocess.Popen` that tests use."""

    def __init__(self, pid: int, status: socket.socket, streams: Sequence[IO[bytes] | None]) -> None:
        self.pid = pid
        self.stdin, self.stdout, self.stderr = streams
        self.returncode: int | None = None
        #: what its wait status can be read from once it has ended
        self._status = status

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; None while it runs."""
        return self._wait(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; raises TimeoutExpired."""
        code = self._wait(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("feedhub", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def _wait(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._status, selectors.EVENT_READ)
                if not selector.select(timeout):
                    return None
            self.returncode = os.waitstatus_to_exitcode(int(self._status.recv(32)))
            self._status.close()
        return self.returncode


def start(
    arguments: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stdin: int | IO[bytes] | None = None,
    stdout: int | IO[bytes] | None = None,
    stderr: int | IO[bytes] | None = None,
    limit: int | None = None,
) -> Forked:
    """Start a command; descriptors as `subprocess.Popen` takes them, `limit` is the largest file it may write."""
    ours: list[IO[bytes] | None] = [None, None, None]
    theirs: list[int] = []
    mine: list[int] = []
    for place, stream in enumerate((stdin, stdout, stderr)):
        if stream == subprocess.PIPE:
            read, write = os.pipe()
            inner, outer = (read, write) if place == 0 else (write, read)
            ours[place] = os.fdopen(outer, "wb" if place == 0 else "rb")
            theirs.append(inner)
            mine.append(inner)
        elif stream == subprocess.DEVNULL:
            theirs.append(os.open(os.devnull, os.O_RDWR))
            mine.append(theirs[-1])
        else:
            theirs.append(place if stream is None else stream if isinstance(stream, int) else stream.fileno())
    request = {"arguments": list(arguments), "cwd": str(cwd), "env": dict(env), "limit": limit, "umask": _umask()}
    status = forking.ask(_address(), request, theirs)
    for descriptor in mine:
        os.close(descriptor)
    return Forked(int(status.recv(32)), status, ours)


def _umask() -> int:
    """This process's, which can be asked for by its setting alone, or of the kernel."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1], 8) for line in lines if line.startswith("Umask:"))


def _address() -> str:
    """The server of the whole test run, where it has one; else this process starts its own, which ends with it."""
    if _ADDRESS not in os.environ:
        stack = ExitStack()
        stack.enter_context(server())
        atexit.register(stack.close)
    return os.environ[_ADDRESS]


def server() -> AbstractContextManager[None]:
    """Have commands forked for this process, and for those that it starts."""
    return forking.server(__name__, _ADDRESS)


class _Command(Struct, frozen=True, dict=True):
    arguments: list[str]
    cwd: str
    env: dict[str, str]
    limit: int | None
    umask: int
    streams: list[int]


def serve(listener: int, alive: int) -> None:
    """Fork for each request, until `alive` is closed; returns in the children once their command is over."""
    for name in _PRELOADED:
        importlib.import_module(name)
    warm()
    forked_parsers.use()
    request = forking.next_request(listener, alive)
    if request is not None:
        _run(_Command(streams=request[1], **request[0]))


def _run(command: _Command) -> None:
    """Become the command: everything that a new process would have is set, then its end is the interpreter's."""
    for number, stream in enumerate(command.streams):
        os.dup2(stream, number)
    os.closerange(3, 4096)
    os.chdir(command.cwd)
    os.umask(command.umask)
    os.environ.clear()
    os.environ.update(command.env)
    time.tzset()
    sys.argv = ["feedhub", *command.arguments]
    sys.path[0] = command.cwd
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, errors="backslashreplace", buffering=1)  # noqa: SIM115
    if command.limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (command.limit, command.limit))
    os._exit(_end(feedhub.cli.main))


def _end(main: Callable[[], None]) -> int:
    """Run to the end and do what an interpreter does then, but for taking itself apart: that takes half a second."""
    code = 0
    try:
        main()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = 120
    return code
