"""Parser processes forked from one that has the parsers imported: real processes, each begun in a tenth of a start.

A parser has of its own what a started one has: pipes, session, folder, import path, limits, sandbox, exit code; it is
not a child of the process that asks for it. Tests of the start and of the pool ask for the fixture `fresh_parsers`.
"""

from __future__ import annotations

import array
import asyncio
import gc
import json
import os
import selectors
import socket
import subprocess
import sys
from asyncio.streams import FlowControlMixin
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from feedhub.parse import worker_pool, worker_process, worker_sandbox

TESTS = Path(__file__).parent
#: where processes that tests start find the server
_ADDRESS = "PARSERS_OF_THE_TESTS"
_REQUEST = 1 << 16
_BUFFER = 1 << 22
#: as long as connections to the server may wait
_BACKLOG = 64
_addresses: list[str] = []
#: what starts an interpreter
started: Any = worker_pool._process


class ForkedParser:
    """A parser process under way: the part of `asyncio.subprocess.Process` that the pool uses."""

    def __init__(
        self, pid: int, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader, output: Any, ended: socket.socket
    ) -> None:
        self.pid, self.stdin, self.stdout = pid, stdin, stdout
        self.returncode: int | None = None
        self._output = output
        self._loop = asyncio.get_running_loop()
        self._end: asyncio.Future[int] = self._loop.create_future()
        self._loop.add_reader(ended, self._note_end, ended)

    async def wait(self) -> int:
        """Wait for its end; what it has written and nobody has read is lost."""
        code = await asyncio.shield(self._end)
        self.stdin.close()
        self._output.close()
        return code

    def _note_end(self, ended: socket.socket) -> None:
        self._loop.remove_reader(ended)
        with ended:
            self.returncode = os.waitstatus_to_exitcode(int(ended.recv(32)))
        self._end.set_result(self.returncode)


async def _process(arguments: list[str]) -> ForkedParser:
    """Start a parser as `worker_pool` does."""
    loop = asyncio.get_running_loop()
    their_input, our_output = os.pipe()
    our_input, their_output = os.pipe()
    asking = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    asking.setblocking(False)
    asking.connect("\0" + _addresses[-1])
    request = json.dumps({"arguments": arguments, "cwd": os.getcwd()}).encode()
    rights = array.array("i", (their_input, their_output))
    asking.sendmsg([request], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
    os.close(their_input)
    os.close(their_output)
    pid = int(await loop.sock_recv(asking, 32))
    writing, protocol = await loop.connect_write_pipe(lambda: FlowControlMixin(loop), os.fdopen(our_output, "wb", 0))
    reader = asyncio.StreamReader(_BUFFER, loop)
    reading, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader, loop=loop), os.fdopen(our_input, "rb", 0)
    )
    return ForkedParser(pid, asyncio.StreamWriter(writing, protocol, None, loop), reader, reading, asking)


def use() -> None:
    """Have parsers of this process forked, if the process of the tests has a server for that."""
    if address := os.environ.get(_ADDRESS):
        _addresses.append(address)
        worker_pool._process = _process  # type: ignore[assignment]


@contextmanager
def server() -> Iterator[None]:
    """Have the parsers of this process forked, and those of processes that it starts and that `use` it."""
    name = f"parsers-{os.getpid()}-{os.urandom(8).hex()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind("\0" + name)
        listening.listen(_BACKLOG)
        alive, ours = os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-c", f"import forked_parsers; forked_parsers.serve({listening.fileno()}, {alive})"],
            pass_fds=[listening.fileno(), alive],
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(TESTS.parent), str(TESTS)))},
            start_new_session=True,
        )
        os.close(alive)
    os.environ[_ADDRESS] = name
    use()
    try:
        yield
    finally:
        worker_pool._process = started
        del os.environ[_ADDRESS]
        os.close(ours)
        process.wait(10)


def serve(listener: int, alive: int) -> None:
    """Fork for each connection and write the child's id and its wait status to it, until `alive` is closed."""
    children: dict[int, tuple[int, socket.socket]] = {}
    work: dict[str, Any] = {}
    with socket.socket(fileno=listener) as listening, selectors.DefaultSelector() as selector:
        selector.register(listening, selectors.EVENT_READ)
        selector.register(alive, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fd == alive:
                    return
                if key.fd in children:
                    selector.unregister(key.fd)
                    os.close(key.fd)
                    pid, asking = children.pop(key.fd)
                    _tell(asking, os.waitpid(pid, 0)[1])
                    asking.close()
                    continue
                asking = listening.accept()[0]
                body, rights, _, _ = asking.recvmsg(_REQUEST, socket.CMSG_SPACE(2 * array.array("i").itemsize))
                if not body:
                    asking.close()
                    continue
                request = json.loads(body)
                streams = array.array("i")
                streams.frombytes(rights[0][2])
                _warm(request["arguments"][0], work)
                pid = os.fork()
                if pid == 0:
                    _become(list(streams), **request)
                for stream in streams:
                    os.close(stream)
                pidfd = os.pidfd_open(pid)
                children[pidfd] = (pid, asking)
                selector.register(pidfd, selectors.EVENT_READ)
                _tell(asking, pid)


def _tell(asking: socket.socket, number: int) -> None:
    # who asked may have been killed
    with suppress(OSError):
        asking.send(str(number).encode())


def _warm(task: worker_process.Task, work: dict[str, Any]) -> None:
    """Import what a task needs and read its samples, once."""
    if task not in work:
        work[task] = worker_process._work(task)
        worker_sandbox.load_codecs()
        worker_process._warm_up(task, work[task])
        gc.collect()
        gc.freeze()


def _become(streams: list[int], arguments: list[str], cwd: str) -> NoReturn:
    """Be what `worker_pool` starts, to its end."""
    code = 1
    try:
        os.setsid()
        os.chdir(cwd)
        silent = os.open(os.devnull, os.O_RDWR)
        for number, stream in enumerate((*streams, silent)):
            os.dup2(stream, number)
        os.closerange(3, 4096)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
        task, memory, seconds, *sys.path = arguments
        worker_process.main(task, int(memory), int(seconds))  # type: ignore[arg-type]
        code = 0
    finally:
        os._exit(code)
