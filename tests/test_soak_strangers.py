"""Strangers for as long as one likes: `pytest -n0 -s -m soak tests/test_soak_strangers.py`, a minute of them a test.

FEEDHUB_SOAK_MINUTES=60 makes it an hour.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from commands import Desk, business, ended, feed, item, until
from daemons import Subscriber
from engines import Databases
from origin import Origin, Reply, Request
from strangers import Crowd, exchange, sources
from test_serve_limits import SETTINGS, few_files, memory

from feedhub.store import Database, copies

SECONDS = 60 * float(os.environ.get("FEEDHUB_SOAK_MINUTES", "1"))
pytestmark = [pytest.mark.soak, pytest.mark.timeout(SECONDS * 4 + 120)]
CLIENTS, READERS = 200, 20
HOSTILE, HONEST = 50, 200
#: seconds between two polls of a source; what is more than twice as late, on a machine that does nothing else, is late
INTERVAL = 30


@contextmanager
def many_files() -> Iterator[None]:
    """Let this process, where the clients are, open more files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4_096), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


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
    with many_files(), desk.start("run", preexec_fn=few_files(256)) as process:
        client = Subscriber(desk, process)
        until(lambda: client.titles(), "the stories of the source")
        yield client


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


@pytest.mark.parametrize("commands", [("run",), ("worker", "serve")], ids=" and ".join)
def test_readers_are_served_and_sources_polled_beside_hostile_ones(
    databases: Databases, commands: Sequence[str], tmp_path: Path
) -> None:
    with databases.new() as url, Origin() as origin, many_files(), ExitStack() as stack:
        settings = (
            f"database: {url!r}\npolling: {{interval: {INTERVAL}s, floor: {INTERVAL}s, host_delay: 0s, per_host: 40, "
            f"concurrency: 100}}\nfetch: {{allow: [{origin.place!r}]}}\nserver: {{port: 0}}\n"
            "feeds:\n  - {name: all, limit: 200}"
        )
        clients = []
        for command in commands:
            (tmp_path / command).mkdir()
            desk = Desk(tmp_path / command)
            desk.configure(sources(origin, HOSTILE, HONEST), settings)
            clients.append(Subscriber(desk, stack.enter_context(desk.start(command, preexec_fn=few_files(1_024)))))
        until(lambda: len(clients[-1].titles()) >= 200, "stories of the papers", 120)
        lateness, remembered = asyncio.run(_soak(clients, origin))
        for client in clients:
            assert ended(client.process, signal.SIGTERM, seconds=10) == 0
            assert "Traceback" not in client.desk.log
            assert "oo many open files" not in client.desk.log
        done = clients[0].desk.run("db", "verify", patience=600)
        assert done.code == 0, done.out + done.err
        # what a paper listed last is in the store
        served = {number: len(origin.seen(f"/paper{number}")) // 10 for number in range(HONEST)}
        missing = [n for n, newest in served.items() if not _is_stored(url, f"paper{n}", f"{n}-{max(newest - 1, 0)}")]
        print(f"entries missing: {len(missing)}")
        assert missing == []
        # the machine may do other things beside
        assert lateness < INTERVAL * business()
        assert remembered[-1] < remembered[len(remembered) // 3] * 1.3 + 40


async def _soak(clients: Sequence[Subscriber], origin: Origin) -> tuple[float, list[float]]:
    """Play the crowd and print figures; return the lateness of polls (99 %, seconds), and memory in MB over time.

    The last of the daemons serves.
    """
    port = clients[-1].port
    crowd, cpu = Crowd(port, time.monotonic() + SECONDS), sum(map(_cpu, clients))
    begin, remembered = len(origin.requests), [sum(map(memory, clients))]
    arguments = [str(each) for each in (port, SECONDS, READERS, 20 * business())]
    readers = await asyncio.create_subprocess_exec(
        sys.executable, Path(__file__).with_name("honest_readers.py"), *arguments, stdout=asyncio.subprocess.PIPE
    )

    async def watch() -> None:
        while time.monotonic() < crowd.until:
            await asyncio.sleep(SECONDS / 30)
            remembered.append(sum(map(memory, clients)))

    output, *_ = await asyncio.gather(readers.communicate(), crowd.run(CLIENTS), watch())
    answers = json.loads(output[0])
    took = sorted(each for times in answers["took"].values() for each in times)
    gaps = sorted(_gaps(origin.requests[begin:]))
    late, used = gaps[int(0.99 * len(gaps))], (sum(map(_cpu, clients)) - cpu) / SECONDS
    print(f"\n{SECONDS / 60:g} minutes, load {business():.1f} a core, the daemon {used:.2f} cores")
    print(f"{len(took)} answers: half within {_ms(took, 0.5)}, 99 % within {_ms(took, 0.99)}")
    for path, times in answers["took"].items():
        times.sort()
        print(f"  {path}: half within {_ms(times, 0.5)}, 99 % within {_ms(times, 0.99)}")
    print(
        f"{len(gaps)} polls of honest sources: half late by {gaps[len(gaps) // 2]:.1f} s, 99 % by {late:.1f} s at most"
    )
    print("memory " + " ".join(f"{each:.0f}" for each in remembered[:: max(1, len(remembered) // 10)]) + " MB")
    assert not answers["failures"], answers["failures"][:5]
    assert took[int(0.99 * len(took))] < 4 * business()
    return late, remembered


def _gaps(requests: Sequence[Request]) -> Iterator[float]:
    """Yield by how many seconds more than the interval each poll of an honest source came after the one before it."""
    asked: dict[str, list[float]] = {}
    for each in requests:
        if each.target.startswith("/paper"):
            asked.setdefault(each.target, []).append(each.at)
    for times in asked.values():
        for earlier, later in pairwise(times):
            yield later - earlier - INTERVAL


def _ms(took: list[float], share: float) -> str:
    return f"{1000 * took[int(share * len(took))]:.0f} ms"


def _cpu(client: Subscriber) -> float:
    """Seconds of CPU that the daemon has used, its parsers not counted."""
    used = 0
    for pid in client.pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        used += int(fields[11]) + int(fields[12])
    return used / os.sysconf("SC_CLK_TCK")


def _is_stored(url: str, source: str, guid: str) -> bool:
    store = Database.open(url)
    try:
        with store.read() as connection:
            return (source, guid) in copies.tags_by_entry(connection)
    finally:
        store.close()
