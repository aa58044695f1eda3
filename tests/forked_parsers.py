"""Parser processes forked from one that has the parsers imported: real processes, each begun in a tenth of a start.

A parser has of its own what a started one has: pipes, session, folder, import path, limits, sandbox, exit code; it is
not a child of the process that asks for it. Tests of the start and of the pool ask for the fixture `fresh_parsers`.
"""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
from asyncio.streams import FlowControlMixin
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, NoReturn

import forking

from feedhub.parse import worker_pool, worker_process, worker_sandbox

#: where processes that tests start find the server
_ADDRESS = "PARSERS_OF_THE_TESTS"
_BUFFER = 1 << 22
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
    request = {"arguments": arguments, "cwd": os.getcwd()}
    asking = forking.ask(_addresses[-1], request, (their_input, their_output))
    asking.setblocking(False)
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


def server() -> AbstractContextManager[None]:
    """Have parsers forked for all processes started from now on that `use` it."""
    return forking.server(__name__, _ADDRESS)


@contextmanager
def used() -> Iterator[None]:
    """Have the parsers of this process forked, and those of processes that it starts and that `use` it."""
    with nullcontext() if _ADDRESS in os.environ else server():
        use()
        try:
            yield
        finally:
            worker_pool._process = started


def serve(listener: int, alive: int) -> None:
    """Fork for each request, until `alive` is closed."""
    work: dict[str, Any] = {}
    request = forking.next_request(listener, alive, lambda request: _warm(request["arguments"][0], work))
    if request is not None:
        _become(request[1], **request[0])


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
