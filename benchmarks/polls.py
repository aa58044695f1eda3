"""CPU per poll, beside others over the same feeds in the same run: `python benchmarks/polls.py [--feeds N] [--json]`.
With `--feeds 1000 --entries 1 --kilobytes 1` the column of 304s is had in a minute: it depends on no document.

Each feed is a loopback host of its own with 60 full-text entries (266 kB). Rounds: all new, all 304, 15 % changed by
three entries, all changed. Ours is a whole round: claim, fetch, parse, clean, record, match, settle. Beside it a bare
loop of the same transport, a bare loop of httpx and feedparser, and lemon24/reader where it is installed
(`pip install reader sgmllib3k`). `--hang` instead polls 10,000 sources that answer 304, 1 % of which hang.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from feedhub.cli.signals import run as run_in_loop

NOON = datetime(2026, 6, 28, 12, 0, tzinfo=UTC)
ENTRIES, KILOBYTES = 60, 266
CONCURRENCY = 100
Rounds = dict[str, float]


class Origin:
    """The server, in a process of its own."""

    def __init__(self, entries: int, kilobytes: int, wire: int = 0) -> None:
        script = Path(__file__).with_name("papers.py")
        self._process = subprocess.Popen(
            [sys.executable, script, str(entries), str(kilobytes), str(wire)], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def set(self, **values: int) -> None:
        for name, value in values.items():
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/control/{name}={value}").read()

    def answers(self) -> int:
        """Return how many requests for feeds were answered."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/answers") as answer:
            return int(answer.read())

    def url(self, number: int) -> str:
        return f"http://127.{1 + number // 62500}.{number // 250 % 250}.{1 + number % 250}:{self.port}/feed{number}"

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()


@contextmanager
def serving(entries: int, kilobytes: int, wire: int = 0) -> Iterator[Origin]:
    origin = Origin(entries, kilobytes, wire)
    try:
        yield origin
    finally:
        origin.close()


def cpu() -> float:
    """Seconds of CPU of this process and of the children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def rounds(origin: Origin, run: Callable[[int], Any]) -> Rounds:
    """CPU seconds of the three rounds; `run` does the round of that number."""
    found = {}
    for number, (name, settings) in enumerate(
        {
            "all new": {"round": 0, "every": 1},
            "all 304": {"round": 0, "every": 1},
            "15 % changed": {"round": 1, "every": 7},
            "all changed": {"round": 2, "every": 1},
        }.items()
    ):
        origin.set(**settings)
        started = cpu()
        run(number)
        found[name] = cpu() - started
    return found


# ---------------------------------------------------------------- ours


def config(folder: Path, urls: list[str], concurrency: int) -> Any:
    from feedhub.config import Config
    from feedhub.config.settings import Fetch, Polling
    from feedhub.model import OutputRule, Source

    return Config(
        path=folder / "config.yaml",
        database=f"sqlite:///{folder / 'hub.db'}",
        identity="bench.example,2026",
        sources=tuple(Source(id=f"s{n}", url=url, name=f"Paper {n}") for n, url in enumerate(urls)),
        feeds=(OutputRule(name="all", limit=100),),
        fetch=Fetch(allow=tuple(url.split("/")[2] for url in urls)),
        polling=Polling(concurrency=concurrency, host_delay=timedelta(0)),
    )


def ours(origin: Origin, feeds: int) -> Rounds:
    from feedhub.hub import Hub

    with tempfile.TemporaryDirectory() as folder:
        chosen = config(Path(folder), [origin.url(n) for n in range(feeds)], CONCURRENCY)

        def run(number: int) -> None:
            async def go() -> None:
                now = NOON + timedelta(hours=6 * number)
                async with Hub.open(chosen, now) as hub:
                    report = await hub.round(now)
                    assert not report.failed, report.failed[0]

            run_in_loop(go())

        return rounds(origin, run)


# ---------------------------------------------------------------- others


def bare(origin: Origin, feeds: int) -> Rounds:
    """Our transport under httpx, and nothing else."""
    import httpx

    from feedhub.fetch.transport import EXEMPT, Transport

    etags: dict[str, str] = {}

    async def one(client: httpx.AsyncClient, url: str, gate: asyncio.Semaphore) -> None:
        async with gate:
            request = client.build_request("GET", url, headers=_conditions(etags, url))
            request.extensions[EXEMPT] = True
            response = await client.send(request)
            etags[url] = response.headers["etag"]

    def run(number: int) -> None:
        async def go() -> None:
            gate = asyncio.Semaphore(CONCURRENCY)
            async with httpx.AsyncClient(transport=Transport(connect_timeout=5)) as client:
                await asyncio.gather(*(one(client, origin.url(n), gate) for n in range(feeds)))

        run_in_loop(go())

    return rounds(origin, run)


def naive(origin: Origin, feeds: int) -> Rounds:
    """httpx as it comes, and feedparser for what is not a 304."""
    import feedparser
    import httpx

    etags: dict[str, str] = {}

    async def one(client: httpx.AsyncClient, url: str, gate: asyncio.Semaphore) -> None:
        async with gate:
            response = await client.get(url, headers=_conditions(etags, url))
        etags[url] = response.headers["etag"]
        if response.status_code == 200:
            feedparser.parse(io.BytesIO(response.content))

    def run(number: int) -> None:
        async def go() -> None:
            gate = asyncio.Semaphore(CONCURRENCY)
            async with httpx.AsyncClient(timeout=60) as client:
                await asyncio.gather(*(one(client, origin.url(n), gate) for n in range(feeds)))

        run_in_loop(go())

    return rounds(origin, run)


def _conditions(etags: dict[str, str], url: str) -> dict[str, str]:
    return {"If-None-Match": etags[url]} if url in etags else {}


def lemon(origin: Origin, feeds: int) -> Rounds:
    """lemon24/reader over the same feeds."""
    from reader import make_reader

    with tempfile.TemporaryDirectory() as folder:
        reader = make_reader(str(Path(folder) / "reader.db"))
        for number in range(feeds):
            reader.add_feed(origin.url(number))

        def run(number: int) -> None:
            setattr(reader, "_now", lambda: NOON + timedelta(hours=6 * number))  # noqa: B010
            reader.update_feeds()

        try:
            return rounds(origin, run)
        finally:
            reader.close()


# ---------------------------------------------------------------- many, some hanging


def hanging(sources: int, share: int) -> dict[str, float]:
    """A round over sources that answer 304, with each `share`-th hanging and without; memory and stalls of the loop."""
    found: dict[str, float] = {}
    with serving(1, 1) as origin, tempfile.TemporaryDirectory() as folder:
        chosen = config(Path(folder), [origin.url(n) for n in range(sources)], 200)
        seed(chosen)
        for name, every in (("without", 0), ("with", share)):
            origin.set(hang=every)
            found |= {f"{name} {key}": value for key, value in run_in_loop(watched(chosen, every)).items()}
    return found


def seed(chosen: Any) -> None:
    """Every source as if it had been read before."""
    from sqlalchemy import bindparam, update

    from feedhub.codec import dump
    from feedhub.hub import Hub
    from feedhub.model import SourceState, Validators
    from feedhub.store.tables import source

    hub = Hub.open(chosen, NOON)
    states = [
        {
            "b_id": each.id,
            "b_state": dump(SourceState(configured=each.url, validators=Validators(etag='"0"', url=each.url))),
        }
        for each in chosen.sources
    ]
    with hub.store.write() as connection:
        connection.execute(
            update(source).where(source.c.id == bindparam("b_id")).values(state=bindparam("b_state")), states
        )
    hub.store.close()


async def watched(chosen: Any, every: int) -> dict[str, float]:
    from feedhub.hub import Hub

    lags: list[float] = []
    busy: list[float] = []
    loop = asyncio.get_running_loop()

    async def watch() -> None:
        while True:
            before, used = loop.time(), time.thread_time()
            await asyncio.sleep(0.01)
            lags.append(loop.time() - before - 0.01)
            busy.append(time.thread_time() - used)

    now = NOON + timedelta(hours=6 * (1 + bool(every)))
    async with Hub.open(chosen, now) as hub:
        # what lives as long as the process need not be looked through by every collection: 150 ms each time
        gc.collect()
        gc.freeze()
        watcher = asyncio.create_task(watch())
        started, used = time.monotonic(), cpu()
        await hub.round(now)
        watcher.cancel()
        return {
            "seconds": time.monotonic() - started,
            "cpu ms per poll": (cpu() - used) * 1e3 / len(chosen.sources),
            "longest stall ms": max(lags) * 1e3,
            # what the loop itself did in one turn, whatever else the machine did meanwhile
            "of it ms of CPU": max(busy) * 1e3,
            "pss MB": pss() / 1e6,
        }


def pss() -> int:
    """Proportional memory of this process and its children but the server."""
    text = Path(f"/proc/{os.getpid()}/smaps_rollup").read_text()
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("Pss:"))) * 1024


# ---------------------------------------------------------------- report


def measured(feeds: int, skip: list[str], entries: int, kilobytes: int) -> dict[str, Rounds]:
    found = {}
    for name, work in {"feedhub": ours, "bare transport": bare, "httpx + feedparser": naive, "reader": lemon}.items():
        if name in skip or (name == "reader" and not find_spec("reader")):
            continue
        with serving(entries, kilobytes) as origin:
            found[name] = work(origin, feeds)
    return found


def table(found: dict[str, Rounds], feeds: int) -> Iterator[str]:
    names = next(iter(found.values()))
    yield f"{'ms of CPU a feed':22}" + "".join(f"{name:>16}" for name in names)
    for who, took in found.items():
        yield f"{who:22}" + "".join(f"{seconds * 1e3 / feeds:>16.2f}" for seconds in took.values())
    if "reader" in found:
        ratios = (found["feedhub"][name] / found["reader"][name] for name in names)
        yield f"{'feedhub / reader':22}" + "".join(f"{ratio:>16.2f}" for ratio in ratios)


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--feeds", type=int, default=200)
    arguments.add_argument("--entries", type=int, default=ENTRIES)
    arguments.add_argument("--kilobytes", type=int, default=KILOBYTES, help="small feeds show what a 304 costs sooner")
    arguments.add_argument("--skip", action="append", default=[], help="leave out one of the programs compared")
    arguments.add_argument("--hang", action="store_true")
    arguments.add_argument("--sources", type=int, default=10_000)
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    if chosen.hang:
        figures = hanging(chosen.sources, 100)
        print(
            json.dumps(figures, indent=2) if chosen.json else "\n".join(f"{k:28}{v:10.1f}" for k, v in figures.items())
        )
        return
    found = measured(chosen.feeds, chosen.skip, chosen.entries, chosen.kilobytes)
    print(json.dumps(found, indent=2) if chosen.json else "\n".join(table(found, chosen.feeds)))


if __name__ == "__main__":
    main()
