"""Servers that fork real processes for tests, from one that has all imported: each begins in a hundredth of a start.

A server outlives no test run: it ends when the process that started it has closed a pipe, or is gone.
"""

from __future__ import annotations

import array
import json
import os
import selectors
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent
#: longest request: arguments and an environment
_REQUEST = 1 << 20
#: as many descriptors as a request may hand over
_DESCRIPTORS = 4
#: as long as connections to a server may wait
_BACKLOG = 64


@contextmanager
def server(module: str, variable: str) -> Iterator[None]:
    """Have `module.serve(listener, alive)` run in a process whose address stands in an environment variable."""
    name = f"{module}-{os.getpid()}-{os.urandom(8).hex()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind("\0" + name)
        listening.listen(_BACKLOG)
        alive, ours = os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-c", f"import {module}; {module}.serve({listening.fileno()}, {alive})"],
            pass_fds=[listening.fileno(), alive],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join((str(TESTS.parent), str(TESTS))),
                "PYTHONWARNINGS": "default",
            },
            start_new_session=True,
        )
        os.close(alive)
    os.environ[variable] = name
    try:
        yield
    finally:
        del os.environ[variable]
        os.close(ours)
        process.wait(10)


def ask(address: str, request: dict[str, Any], descriptors: Sequence[int]) -> socket.socket:
    """Ask for a process: what is returned gives its id, and once it has ended its wait status."""
    asking = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    asking.connect("\0" + address)
    rights = array.array("i", descriptors)
    asking.sendmsg([json.dumps(request).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
    return asking


def next_request(
    listener: int, alive: int, prepare: Callable[[dict[str, Any]], None] = lambda _: None
) -> tuple[dict[str, Any], list[int]] | None:
    """Return in a child with its request and its descriptors; in the server with None, once `alive` is closed.

    `prepare` is called in the server before it forks.
    """
    #: by the descriptor that is ready when a child has ended: its id, and who asked for it
    children: dict[int, tuple[int, socket.socket]] = {}
    with socket.socket(fileno=listener) as listening, selectors.DefaultSelector() as selector:
        selector.register(listening, selectors.EVENT_READ)
        selector.register(alive, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fd == alive:
                    return None
                if key.fd in children:
                    selector.unregister(key.fd)
                    os.close(key.fd)
                    pid, asking = children.pop(key.fd)
                    _answer(asking, os.waitpid(pid, 0)[1])
                    asking.close()
                    continue
                asking = listening.accept()[0]
                space = socket.CMSG_SPACE(_DESCRIPTORS * array.array("i").itemsize)
                body, rights, _, _ = asking.recvmsg(_REQUEST, space)
                if not body:
                    asking.close()
                    continue
                request: dict[str, Any] = json.loads(body)
                streams = array.array("i")
                streams.frombytes(rights[0][2])
                prepare(request)
                pid = os.fork()
                if pid == 0:
                    for _, other in (*children.values(), (pid, asking)):
                        other.close()
                    return request, list(streams)
                for stream in streams:
                    os.close(stream)
                pidfd = os.pidfd_open(pid)
                children[pidfd] = (pid, asking)
                selector.register(pidfd, selectors.EVENT_READ)
                _answer(asking, pid)


def _answer(asking: socket.socket, number: int) -> None:
    # who asked may have been killed
    with suppress(OSError):
        asking.send(str(number).encode())
