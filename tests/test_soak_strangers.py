"""Strangers for as long as one likes: `pytest -m soak`, FEEDHUB_SOAK_SECONDS of them (60) a test."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Desk, feed, item, until
from daemons import Subscriber
from origin import Origin, Reply
from test_serve_limits import SETTINGS, few_files, memory

SECONDS = float(os.environ.get("FEEDHUB_SOAK_SECONDS", "60"))
pytestmark = [pytest.mark.soak, pytest.mark.timeout(SECONDS * 4 + 120)]
HOSTILE, HONEST = 200, 20


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as made:
        paper = feed("paper", *[item(str(number), f"Headline{number} of the day") for number in range(30)])
        made.serve("/paper", Reply(200, {"Content-Type": "application/json"}, paper))
        yield made


@pytest.fixture
def hub(origin: Origin, tmp_path: Path) -> Iterator[Subscriber]:
    desk = Desk(tmp_path)
    desk.configure(f'  - {{id: paper, url: "{origin.url("/paper")}", outlet: paper}}\n', SETTINGS.format(origin.place))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with desk.start("run", preexec_fn=few_files(256)) as process:
        # the clients are all here
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4_096), hard))
        try:
            client = Subscriber(desk, process)
            until(lambda: client.titles(), "the stories of the source")
            yield client
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


PIECES = (
    "GET POST HEAD / /feeds/ all.atom secret.json ?page=2 ?archive=1 ?token=x /story/ /websub/ /health %00 %2e%2e/ .. "
    "// HTTP/1.1 HTTP/1.0 HTTP/9.9 Host:localhost Host: Host:evil Content-Length:5 Content-Length:-1 "
    "Transfer-Encoding:chunked If-None-Match:* A-IM:feed Accept-Encoding:gzip;q=nan Range:bytes=0- Expect:100-continue "
    "Connection:Upgrade Upgrade:h2c http://localhost/ http://evil/ \x00 \xff \r \n \r\n \r\n\r\n 0\r\n\r\n : ; , \t "
    "5\r\nhello\r\n"
).split(" ")


def nonsense(chance: random.Random) -> bytes:
    """A request that is nearly one."""
    if chance.random() < 0.5:
        body = bytearray(b'GET /feeds/all.atom HTTP/1.1\r\nHost: localhost\r\nA-IM: feed\r\nIf-None-Match: "x"\r\n\r\n')
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(body))
            body[at : at + chance.randrange(3)] = chance.choice(PIECES).encode("latin-1")
        return bytes(body)
    pieces = chance.choices(PIECES, k=chance.randrange(1, 30))
    return chance.choice((" ", "", "\r\n")).join(pieces).encode("latin-1")


async def exchange(port: int, request: bytes, patience: float = 20) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        async with asyncio.timeout(patience):
            return await reader.read()
    finally:
        writer.close()


def test_no_nonsense_in_a_request_breaks_the_server(hub: Subscriber) -> None:
    chance, tried = random.Random(7), 0

    async def one(until_: float) -> None:
        nonlocal tried
        while time.monotonic() < until_:
            tried += 1
            with contextlib.suppress(OSError, TimeoutError):
                await exchange(hub.port, nonsense(chance), patience=0.3)

    async def many() -> None:
        until_ = time.monotonic() + SECONDS
        await asyncio.gather(*(one(until_) for _ in range(16)))

    asyncio.run(many())
    print(f"{tried} requests")
    assert hub.ask("/feeds/all.atom").status == 200
    assert "Traceback" not in hub.desk.log
    assert "level=error" not in hub.desk.log
    assert " status=500" not in hub.desk.log


class Crowd:
    """Readers who ask as readers do, among clients who do not."""

    def __init__(self, port: int) -> None:
        self.port, self.until = port, time.monotonic() + SECONDS
        self.took: list[float] = []
        self.failed = 0

    async def honest(self, number: int) -> None:
        request = b"GET /feeds/all.atom HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        while time.monotonic() < self.until:
            began = time.monotonic()
            try:
                answer = await exchange(self.port, request)
                self.failed += not answer.startswith(b"HTTP/1.1 200")
            except (OSError, TimeoutError):
                self.failed += 1
            self.took.append(time.monotonic() - began)
            await asyncio.sleep(0.5)

    async def hostile(self, number: int) -> None:
        chance = random.Random(number)
        while time.monotonic() < self.until:
            with contextlib.suppress(OSError, TimeoutError):
                await chance.choice((self.half, self.large, self.posting, self.many_tags))()
            await asyncio.sleep(chance.uniform(0.5, 2))

    async def half(self) -> None:
        """Begin a head and leave it."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(b"GET / HTTP/1.1\r\n")
        await asyncio.sleep(5)
        writer.close()

    async def large(self) -> None:
        await exchange(self.port, b"GET / HTTP/1.1\r\nX: " + b"a" * 500_000)

    async def posting(self) -> None:
        await exchange(
            self.port, b"POST /websub/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999\r\n\r\n" + b"x" * 900_000
        )

    async def many_tags(self) -> None:
        tags = b", ".join(b'"%032x"' % number for number in range(1_500))
        head = b"GET /feeds/all.atom HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nA-IM: feed\r\nIf-None-Match: "
        await exchange(self.port, head + tags + b"\r\n\r\n")


def test_readers_are_served_and_sources_polled_beside_hostile_clients(hub: Subscriber, origin: Origin) -> None:
    crowd = Crowd(hub.port)
    before, polled = memory(hub), len(origin.seen("/paper"))

    async def run() -> None:
        clients = [crowd.hostile(number) for number in range(HOSTILE)]
        readers = [crowd.honest(number) for number in range(HONEST)]
        await asyncio.gather(*clients, *readers)

    asyncio.run(run())
    took = sorted(crowd.took)
    quick = took[int(0.99 * len(took))]
    polls = len(origin.seen("/paper")) - polled
    print(f"{len(took)} answers, 99 % within {1000 * quick:.0f} ms, {crowd.failed} failed; {polls} polls; ", end="")
    print(f"memory {before:.0f} -> {memory(hub):.0f} MB")
    assert crowd.failed == 0
    assert polls > SECONDS / 5
    assert memory(hub) - before < 60
    assert "oo many open files" not in hub.desk.log
