"""What a host sees of many workers over one database: the manners of one."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from commands import until
from faults import child, daemon, is_frozen
from hubs import Newsroom
from origin import FEED, Origin, Reply, Request, feed, redirect
from sqlalchemy import text

from feedhub.config import Config
from feedhub.config.settings import Fetch, Polling
from feedhub.errors import EnvironmentFailed
from feedhub.fetch import HostGate
from feedhub.hub import Hub, opening
from feedhub.model import OutputRule, Source
from feedhub.store import Connection, Database, claims, hosts
from feedhub.store.claims import Claimant
from feedhub.structs import replace

pytestmark = pytest.mark.usefixtures("engine")
DELAY = 0.15
LEASE = timedelta(minutes=5)
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def hub(folder: Path, *urls: str, per_host: int = 1, delay: float = DELAY) -> Config:
    """A hub that polls these addresses."""
    return Config(
        path=folder / "config.yaml",
        database=Newsroom.elsewhere or "",
        identity="test.example,2026",
        sources=tuple(Source(id=f"s{n}", url=url, name=url, outlet="Paper") for n, url in enumerate(urls)),
        feeds=(OutputRule(name="all"),),
        fetch=Fetch(allow=tuple({url.split("/")[2] for url in urls})),
        polling=Polling(per_host=per_host, host_delay=timedelta(seconds=delay)),
    )


@contextmanager
def workers(config: Config, count: int, lease: float = 300) -> Iterator[Sequence[BaseProcess]]:
    """So many processes that poll one hub's sources; all end well but those that a test kills."""
    crowd = [child(daemon, config, lease) for _ in range(count)]
    try:
        yield crowd
    finally:
        for process in crowd:
            process.terminate()
            process.join(60)
    assert {process.exitcode for process in crowd} <= {0, -signal.SIGKILL}


def read(config: Config, statement: str) -> list[tuple[object, ...]]:
    store = Database.open(config.database)
    try:
        with store.read() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]
    finally:
        store.close()


def polled(config: Config) -> Callable[[], bool]:
    """Whether every source was polled and written back."""
    return lambda: len(read(config, "SELECT 1 FROM source WHERE state <> ''")) == len(config.sources)


async def slow(request: Request, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.1)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(FEED), FEED))


@pytest.mark.parametrize("per_host", [1, 2])
def test_workers_together_ask_a_host_no_more_at_once_and_no_faster_than_one(tmp_path: Path, per_host: int) -> None:
    with Origin() as origin:
        paths = [f"/{number}" for number in range(12)]
        for path in paths:
            origin.serve(path, slow)
        config = hub(tmp_path, *map(origin.url, paths), per_host=per_host)
        with workers(config, 3):
            until(polled(config), "every source to be polled")
    assert sorted(request.target for request in origin.requests) == sorted(paths)
    assert origin.most_in_flight <= per_host
    assert spaced(origin.requests, DELAY)


def spaced(requests: Sequence[Request], delay: float) -> bool:
    """Whether requests came no faster than so; between two of them a busy machine may lose some of the delay."""
    starts = sorted(request.at for request in requests)
    return starts[-1] - starts[0] > (len(starts) - 1.5) * delay


def test_hosts_are_shared_out_so_that_every_worker_polls(tmp_path: Path) -> None:
    with Origin() as one, Origin("127.0.0.2") as other:
        for origin in (one, other):
            origin.serve("/feed", feed())
        config = hub(tmp_path, one.url("/feed"), other.url("/feed"))
        first, second = (claimed(config, Claimant(name=name, each=1), limit=1) for name in ("first", "second"))
        assert [each.host for each in (*first, *second)] == [one.place, other.place]
        assert claimed(config, Claimant(name="third"), limit=9) == []


def claimed(config: Config, by: Claimant, limit: int, lease: timedelta = LEASE) -> list[claims.Claim]:
    store = Database.open(config.database)

    def work(connection: Connection) -> list[claims.Claim]:
        where = {source.id: source.url.split("/")[2] for source in config.sources}
        claims.sync_configured(connection, list(where), NOON, where)
        return claims.claim(connection, now=NOON, lease=lease, limit=limit, by=by)

    try:
        return store.transact(work)
    finally:
        store.close()


def test_a_host_with_many_sources_leaves_room_for_the_others(tmp_path: Path) -> None:
    config = hub(tmp_path, *(f"http://big.test/{n}" for n in range(20)), "http://small.test/", "http://last.test/")
    taken = claimed(config, Claimant(name="one", each=3), limit=6)
    assert sorted(str(each.host) for each in taken) == ["big.test"] * 3 + ["last.test", "small.test"]
    more = claimed(config, Claimant(name="one", each=3, full=frozenset({"big.test"})), limit=6)
    assert more == []


def test_no_source_is_claimed_twice_at_once_however_short_the_lease(tmp_path: Path) -> None:
    config = hub(tmp_path, "http://big.test/1", "http://big.test/2", "http://small.test/", "http://last.test/")
    taken = claimed(config, Claimant(name="one", each=1), limit=9, lease=timedelta(0))
    assert sorted(str(each.host) for each in taken) == ["big.test", "last.test", "small.test"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_one_worker_is_told_is_kept_by_all(tmp_path: Path, status: int) -> None:
    with Origin() as origin:
        paths = [f"/{number}" for number in range(8)]
        for path in paths:
            origin.serve(path, Reply(status, {"Retry-After": "7200"}))
        config = hub(tmp_path, *map(origin.url, paths), delay=1.0)
        with workers(config, 3):
            until(polled(config), "every source to be looked at")
    assert len(origin.requests) == 1
    ((remark, count),) = read(
        config, "SELECT remark, count(*) FROM source WHERE remark LIKE 'not asked%' GROUP BY remark"
    )
    assert (remark, count) == ("not asked: the host told us to wait", 7)


def test_the_host_of_a_killed_worker_is_polled_by_another_once_the_lease_is_over(tmp_path: Path) -> None:
    asked: list[Request] = []

    async def play(request: Request, writer: asyncio.StreamWriter) -> None:
        asked.append(request)
        if len(asked) == 1:
            await asyncio.sleep(3600)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(FEED), FEED))

    with Origin() as origin:
        for path in ("/1", "/2"):
            origin.serve(path, play)
        config = hub(tmp_path, origin.url("/1"), origin.url("/2"))
        with workers(config, 2, lease=3) as crowd:
            until(lambda: bool(asked), "the first request")
            asks = the_one_that_asks(crowd, origin)
            os.kill(asks.pid or 0, signal.SIGKILL)
            asks.join(60)
            until(polled(config), "the other one to take over")
    assert len(asked) == 3


def the_one_that_asks(crowd: Sequence[BaseProcess], origin: Origin) -> BaseProcess:
    """The worker with a connection to the origin."""
    (found,) = (process for process in crowd if process.pid is not None and _connected(process.pid, origin.port))
    return found


def _connected(pid: int, port: int) -> bool:
    """Whether a process has a connection to a port."""
    ours = {os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.is_symlink()}
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(f"socket:[{line[9]}]" in ours for line in lines if line[2].endswith(f":{port:04X}"))


def test_a_worker_frozen_past_its_lease_asks_again_before_it_goes_on(tmp_path: Path) -> None:
    is_answered = threading.Event()

    async def first_waits(request: Request, writer: asyncio.StreamWriter) -> None:
        # the worker is frozen in the wait for its answer, never with a request half sent
        while not is_answered.is_set():
            await asyncio.sleep(0.01)
        await slow(request, writer)

    with Origin() as origin:
        paths = [f"/{number}" for number in range(7)]
        for path in paths:
            origin.serve(path, first_waits)
        config = hub(tmp_path, *map(origin.url, paths), delay=0.3)
        with workers(config, 2, lease=2.5) as crowd:
            until(lambda: len(origin.requests) >= 1, "the first request")
            frozen = the_one_that_asks(crowd, origin)
            os.kill(frozen.pid or 0, signal.SIGSTOP)
            until(lambda: is_frozen(frozen), "it to freeze")
            is_answered.set()
            until(lambda: len(origin.requests) >= 3, "the other one to take over")
            thawed = time.monotonic()
            os.kill(frozen.pid or 0, signal.SIGCONT)
            until(polled(config), "every source to be polled")
    after = [request for request in origin.requests if request.at > thawed]
    assert spaced(after, 0.3), [(request.target, round(request.at - thawed, 3)) for request in origin.requests]


def test_a_host_whose_lease_ran_out_in_the_wait_for_a_turn_gets_its_rest_before_the_request() -> None:
    async def play() -> float:
        gate = HostGate(per_host=1, delay=0.3)
        clock = asyncio.get_running_loop().time

        async def regain(host: str) -> None:
            # the first lease ends while the request waits for its turn, the second one comes with a host just asked
            regained.append(clock())
            until = clock() + (60 if len(regained) > 1 else 0.05)
            gate.open(host, until=until, rest=0.3)

        regained: list[float] = []
        gate.share(regain)
        async with gate.lane("paper.test"):
            started = clock()
        assert len(regained) == 2
        return started - regained[-1]

    assert asyncio.run(play()) >= 0.29


def test_a_host_that_redirects_lead_to_is_asked_by_one_worker_at_a_time(tmp_path: Path) -> None:
    under_way: list[int] = [0]

    async def goal(request: Request, writer: asyncio.StreamWriter) -> None:
        under_way.append(under_way[-1] + 1)
        await slow(request, writer)
        under_way.append(under_way[-1] - 1)

    with Origin() as proxy:
        proxy.serve("http://goal.test/feed", goal)
        urls = [f"http://host{number}.test/feed" for number in range(6)]
        for url in urls:
            proxy.serve(url, redirect("http://goal.test/feed", 302))
        config = hub(tmp_path, *urls, "http://goal.test/feed")
        polling = replace(config.polling, concurrency=2)
        config = replace(config, fetch=Fetch(proxy=proxy.url("")), polling=polling)
        with workers(config, 3):
            until(polled(config), "every source to be polled")
        at_goal = [request for request in proxy.requests if "goal" in request.target]
    assert len(at_goal) == 7
    assert max(under_way) == 1
    assert spaced(at_goal, DELAY)


def test_terms_are_handed_on_with_a_host(tmp_path: Path) -> None:
    store = Database.open(hub(tmp_path, "http://a.test/").database)
    later = NOON + timedelta(seconds=1)

    def work(connection: Connection) -> tuple[hosts.HostTerms | None, ...]:
        mine = hosts.visit(connection, "a.test", owner="me", at=NOON, lease=LEASE)
        yours = hosts.visit(connection, "a.test", owner="you", at=later, lease=LEASE)
        hosts.pause(connection, "a.test", NOON + timedelta(hours=1))
        hosts.pause(connection, "a.test", NOON + timedelta(minutes=1))
        hosts.release(connection, ["a.test"], owner="me", at=NOON, rest=timedelta(seconds=5))
        return mine, yours, hosts.visit(connection, "a.test", owner="you", at=later, lease=LEASE)

    free, taken, after = store.transact(work)
    store.close()
    assert free == hosts.HostTerms()
    assert taken is None
    assert after == hosts.HostTerms(rest=timedelta(seconds=4), pause=timedelta(hours=1) - timedelta(seconds=1))


def test_a_host_whose_lease_was_lost_is_not_renewed(tmp_path: Path) -> None:
    store = Database.open(hub(tmp_path, "http://a.test/").database)

    def work(connection: Connection) -> tuple[list[str], list[str]]:
        for name in ("a.test", "b.test"):
            hosts.visit(connection, name, owner="me", at=NOON, lease=LEASE)
        names = ["a.test", "b.test"]
        hosts.renew(connection, names, owner="me", at=NOON + LEASE / 2, lease=LEASE)
        kept = hosts.renew(connection, names, owner="me", at=NOON + LEASE, lease=LEASE)
        return kept, hosts.renew(connection, names, owner="me", at=NOON + 3 * LEASE, lease=LEASE)

    kept, lost = store.transact(work)
    store.close()
    assert (sorted(kept), lost) == (["a.test", "b.test"], [])


def test_a_host_that_could_not_be_let_go_is_free_when_its_lease_ends(tmp_path: Path) -> None:
    async def play(origin: Origin, config: Config) -> None:
        async with Hub(config, Database.open(config.database, busy=0.2), "test.example,2026") as hub:
            for held in await hub.claim(NOON, limit=1):
                await hub.poll(held, NOON)
            with other.write() as connection:
                hosts.pause(connection, origin.place, NOON)
                with pytest.raises(EnvironmentFailed, match="locked"):
                    await hub.claim(NOON, limit=1)
            before = read(config, "SELECT owner, lease_until FROM host")
            assert before[0][0] is not None
            await hub.renew()
            assert read(config, "SELECT owner, lease_until FROM host") == before

    with Origin() as origin:
        origin.serve("/feed", feed())
        config = hub(tmp_path, origin.url("/feed"))
        other = Database.open(config.database)
        other.transact(lambda connection: opening.prepare(connection, config, NOON))
        asyncio.run(play(origin, config))
        other.close()
