"""Commands forked from a process that has feedhub imported: real processes, each begun in a hundredth of a start.

What a command has of its own is as if it were started by a shell: arguments, environment, folder, descriptors, limits,
signals, exit code. What it does not show is the start itself: tests of that ask `commands` for a fresh interpreter.
"""

from __future__ import annotations

import array
import atexit
import importlib
import json
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
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

import forked_parsers
from warmed import warm

import feedhub.cli

ROOT = Path(__file__).parent.parent
#: longest request: arguments and an environment
_REQUEST = 1 << 20
_PRELOADED = (
    *"alembic.command psycopg uvloop rich.progress rich.table typer.rich_utils".split(),
    *(f"feedhub.cli.{path.stem}" for path in sorted((ROOT / "feedhub" / "cli").glob("*.py")) if path.stem[0] != "_"),
)


class Forked:
    """A command under way: the part of `subprocess.Popen` that tests use."""

    def __init__(self, pid: int, status: int, streams: Sequence[IO[bytes] | None]) -> None:
        self.pid = pid
        self.stdin, self.stdout, self.stderr = streams
        self.returncode: int | None = None
        #: a pipe from which its wait status can be read once it has ended
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
            self.returncode = os.waitstatus_to_exitcode(int(os.read(self._status, 32)))
            os.close(self._status)
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
    status, ended = os.pipe()
    theirs.append(ended)
    mine.append(ended)
    request = {"arguments": list(arguments), "cwd": str(cwd), "env": dict(env), "limit": limit}
    server = _server()
    server.sendmsg([json.dumps(request).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", theirs))])
    for descriptor in mine:
        os.close(descriptor)
    return Forked(int(server.recv(32)), status, ours)


@cache
def _server() -> socket.socket:
    """Start the process that forks; it ends with the last of our descriptors."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    places = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
    process = subprocess.Popen(
        [sys.executable, "-c", f"import forked; forked.serve({theirs.fileno()})"],
        pass_fds=[theirs.fileno()],
        env={**os.environ, "PYTHONPATH": places, "PYTHONWARNINGS": "default"},
    )
    theirs.close()
    atexit.register(process.wait, 10)
    atexit.register(ours.close)
    return ours


@dataclass(frozen=True)
class _Command:
    arguments: list[str]
    cwd: str
    env: dict[str, str]
    limit: int | None
    streams: list[int]


def serve(descriptor: int) -> None:
    """Fork for each request, and tell each child's wait status; returns in the children once their command is over."""
    for name in _PRELOADED:
        importlib.import_module(name)
    warm()
    forked_parsers.use()
    with socket.socket(fileno=descriptor) as requests, selectors.DefaultSelector() as selector:
        command = _next_command(requests, selector)
    if command is not None:
        _run(command)


def _next_command(requests: socket.socket, selector: selectors.BaseSelector) -> _Command | None:
    """Return in a child with its command, in the parent with None when nobody can ask any more."""
    #: by the descriptor that is ready when a child has ended: its id, and where to write its status
    children: dict[int, tuple[int, int]] = {}
    selector.register(requests, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is not requests:
                selector.unregister(key.fd)
                os.close(key.fd)
                pid, status = children.pop(key.fd)
                os.write(status, str(os.waitpid(pid, 0)[1]).encode())
                os.close(status)
                continue
            command, status = _receive(requests)
            if command is None:
                return None
            pid = os.fork()
            if pid == 0:
                return command
            for stream in command.streams:
                os.close(stream)
            pidfd = os.pidfd_open(pid)
            children[pidfd] = (pid, status)
            selector.register(pidfd, selectors.EVENT_READ)
            requests.send(str(pid).encode())


def _receive(requests: socket.socket) -> tuple[_Command | None, int]:
    body, rights, _, _ = requests.recvmsg(_REQUEST, socket.CMSG_SPACE(4 * array.array("i").itemsize))
    if not body:
        return None, -1
    descriptors = array.array("i")
    descriptors.frombytes(rights[0][2])
    *streams, status = descriptors
    return _Command(streams=streams, **json.loads(body)), status


def _run(command: _Command) -> None:
    """Become the command: everything that a new process would have is set, then its end is the interpreter's."""
    for number, stream in enumerate(command.streams):
        os.dup2(stream, number)
    os.closerange(3, 4096)
    os.chdir(command.cwd)
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
