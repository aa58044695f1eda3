"""A client of a daemon that runs at a desk."""

from __future__ import annotations

import http.client
import json
import random
import re
import signal
import socket
from contextlib import suppress
from pathlib import Path

from commands import Desk, Process, until
from msgspec import Struct


class Answer(Struct, frozen=True, dict=True):
    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Subscriber(Struct, frozen=True, dict=True):
    """A client of the daemon under way at a desk."""

    desk: Desk
    process: Process

    @property
    def port(self) -> int:
        def told() -> re.Match[str] | None:
            assert self.process.poll() is None, self.desk.log
            return re.search(r"event=serving .*url=http://127\.0\.0\.1:(\d+)/", self.desk.log)

        return int(until(told, "the daemon to serve")[1])

    @property
    def pids(self) -> list[int]:
        """The daemon's process, and the one that serves where it has forked one; workers run another program."""
        own = self.process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        line = Path(f"/proc/{own}/cmdline").read_bytes()
        return [own, *(int(pid) for pid in children if Path(f"/proc/{pid}/cmdline").read_bytes() == line)]

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def titles(self) -> set[str]:
        answer = self.ask("/feeds/all.json")
        return {entry["title"] for entry in json.loads(answer.body)["items"]} if answer.status == 200 else set()


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether a process has a handler of its own for a signal."""
    caught = re.search(r"SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text())
    return caught is not None and bool(int(caught[1], 16) >> (number - 1) & 1)


def free_port() -> int:
    """A port that nobody has now, and that the system gives to no connection of its own choice meanwhile."""
    for port in random.sample(range(15_000, 32_000), 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("no port is free")
