"""SQLite and PostgreSQL side by side: claims a second, and new items a second as the store grows.

    python benchmarks/stores.py [--sizes 1000 10000 100000] [--million] [--workers 4] [--seconds 10]

An item has 300 words; every fifth is an edited copy of another. Its way is that of a worker, from the claim of its
source over record, clean, match and settle to the commit; only the document comes parsed. The store is filled up to
each size with real rows, written in bulk. `ms of CPU` is the worker's alone; `share` is the part of its time in which
nobody else may settle. PostgreSQL comes from the tests' wheel, with its own settings but for `fsync`, which both
engines have as operators do.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from itertools import count
from multiprocessing.synchronize import Event
from pathlib import Path

from feedhub.settle.settler import BATCH

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent.parent / "tests")]

from blocks import multiply  # noqa: E402
from intake import BLOCK, LEASE, NOON, SOURCES, Took, Worker, prepare, seed, seen  # noqa: E402
from postgres import NotHere, Server  # noqa: E402
from sqlalchemy import create_engine, make_url, text  # noqa: E402

from feedhub.model import SourceState  # noqa: E402
from feedhub.store import Connection, Database, claims, poll_results, retention  # noqa: E402
from feedhub.store.dialect import clock  # noqa: E402

#: polls that end in the same turn of the loop share a transaction
TOGETHER = 16
NAMES = [f"s{n}" for n in range(SOURCES)]
#: name -> makes a database and gives its URL
Engines = dict[str, Callable[[], str]]


def finish(connection: Connection, part: list[claims.Claim]) -> None:
    """Write polls back that had nothing new."""
    due = NOON + timedelta(hours=1)
    poll_results.finish_all(
        connection,
        [
            poll_results.UnchangedPoll(claim=each, state=SourceState(configured="x"), due_at=due, remark=None)
            for each in part
        ],
    )


def poll(url: str, seconds: float, start: float, done: multiprocessing.Queue[int]) -> None:
    """Claim some sources, write them back a few at a time, and again, as workers do."""
    store = Database.open(url)
    time.sleep(max(0.0, start - time.time()))
    count = 0
    while time.time() < start + seconds:
        with store.write() as connection:
            held = claims.claim(connection, now=NOON, at=clock(connection), lease=LEASE, limit=50)
        if not held:
            break
        for first in range(0, len(held), TOGETHER):
            part = held[first : first + TOGETHER]
            store.transact(partial(finish, part=part))
            count += len(part)
    store.close()
    done.put(count)


def claimed(url: str, workers: int, seconds: float) -> float:
    """Sources a second from claim to commit."""
    store = Database.open(url)
    with store.write() as connection:
        names = [f"c{n}" for n in range(60_000)]
        claims.sync_configured(connection, names, NOON, {name: f"{name}.example" for name in names})
    store.close()
    done: multiprocessing.Queue[int] = multiprocessing.Queue()
    start = time.time() + 3
    crowd = [multiprocessing.Process(target=poll, args=(url, seconds, start, done)) for _ in range(workers)]
    for process in crowd:
        process.start()
    total = sum(done.get() for _ in crowd)
    for process in crowd:
        process.join()
    return total / seconds


class Filled:
    """One engine's store with so many items in it."""

    def __init__(self, url: str, size: int) -> None:
        self.url = url
        self.store = Database.open(url)
        prepare(self.store, NAMES)
        seed(self.store, 0, min(size, BLOCK), NAMES)
        self.stored = multiply(self.store, size) if size > BLOCK else size
        self._vacuum()

    def ingest(self, count: int) -> tuple[float, Took]:
        """Seconds until a worker holds the index, and what it takes it then to bring in new items."""
        worker = Worker(self.store, NAMES)
        loaded = worker.load(seen(self.stored))
        worker.ingest(self.stored, 500)
        took = worker.ingest(self.stored + 500, count)
        self.stored += 500 + count
        return loaded, took

    def turn(self, *, ahead: bool) -> float:
        """Milliseconds of CPU an item with the turn, the least of three batches."""
        worker = Worker(self.store, NAMES)
        worker.load(seen(self.stored))
        took = []
        for _ in range(3):
            took.append(worker.turn(self.stored, ahead=ahead))
            self.stored += BATCH
        return min(took) * 1e3

    def crowd(self, workers: int, count: int) -> tuple[float, float]:
        """New items a second of several workers at once, and how many of the machine's cores are busy meanwhile."""
        ready: multiprocessing.Queue[float] = multiprocessing.Queue()
        go = multiprocessing.Event()
        spans = [(self.stored + n * (count + 500), count, n) for n in range(workers)]
        crowd = [multiprocessing.Process(target=work, args=(self.url, *span, ready, go)) for span in spans]
        for process in crowd:
            process.start()
        for _ in crowd:
            ready.get()
        began, busy = time.perf_counter(), _busy()
        go.set()
        for _ in crowd:
            ready.get()
        took, cores = time.perf_counter() - began, _busy() - busy
        for process in crowd:
            process.join()
        self.stored += workers * (count + 500)
        return workers * count / took, cores / took

    def purge(self, count: int) -> float:
        """Items a second that are let go."""
        cut = seen(count) - NOON
        began = time.perf_counter()
        limits = {"retention": RETENTION, "window": timedelta(hours=72)}
        while self.store.transact(lambda c: retention.purge(c, now=NOON + cut + RETENTION, **limits)).more:
            pass
        return count / (time.perf_counter() - began)

    def bytes(self) -> float:
        """Bytes an item."""
        return _bytes(self.store, self.url) / self.stored

    def _vacuum(self) -> None:
        """As autovacuum would have done long before."""
        if make_url(self.url).get_backend_name() == "postgresql":
            engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text("VACUUM ANALYZE"))
            engine.dispose()


RETENTION = timedelta(days=30)


def work(url: str, first: int, count: int, number: int, ready: multiprocessing.Queue[float], go: Event) -> None:
    """One of several workers over one store."""
    store = Database.open(url)
    worker = Worker(store, NAMES[number::2][:50])
    worker.ingest(first, 500)
    ready.put(0.0)
    go.wait()
    ready.put(worker.ingest(first + 500, count).wall)
    store.close()


def _busy() -> float:
    """Seconds for which the machine's cores have worked: for us, for the database's server, and for anybody else."""
    user, nice, system, *_ = Path("/proc/stat").read_text().split()[1:]
    return (int(user) + int(nice) + int(system)) / os.sysconf("SC_CLK_TCK")


def _bytes(store: Database, url: str) -> int:
    with store.read() as connection:
        if make_url(url).get_backend_name() == "sqlite":
            pages, size = (connection.execute(text(f"PRAGMA {p}")).scalar_one() for p in ("page_count", "page_size"))
            return int(pages * size)
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


@contextmanager
def engines() -> Iterator[Engines]:
    """Makers of new databases on each engine that can run here."""
    with tempfile.TemporaryDirectory() as folder:
        names = (f"sqlite:///{folder}/{n}.db" for n in count())
        makers: Engines = {"SQLite": lambda: next(names)}
        try:
            server = Server(fsync="on", autovacuum="on", full_page_writes="on", shared_buffers="256MB")
        except NotHere as reason:
            print(f"PostgreSQL not run: {reason}", file=sys.stderr)
            yield makers
            return
        try:
            server.start()
            yield {**makers, "PostgreSQL": lambda: server.url(server.create())}
        finally:
            server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--million", action="store_true", help="go on to a million stored items")
    parser.add_argument("--sample", type=int, default=2_000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=10)
    given = parser.parse_args()
    sizes = [*given.sizes, 1_000_000] if given.million else given.sizes
    with engines() as makers:
        print(f"| {'':44} | " + " | ".join(f"{name:>12}" for name in makers) + " |")
        print("|" + "-" * 46 + "|" + "|".join("-" * 14 for _ in makers) + "|")
        for size in sizes:
            began = time.perf_counter()
            stores = [Filled(make(), size) for make in makers.values()]
            print(f"filled up to {size:,} in {time.perf_counter() - began:.0f} s", file=sys.stderr)
            _sized(f"{size:,} stored", stores, given.sample)
        _row("ms of CPU an item with the turn", [each.turn(ahead=False) for each in stores], 2)
        _row("the same, judged ahead", [each.turn(ahead=True) for each in stores], 2)
        _row("items/s let go by retention", [each.purge(min(5_000, sizes[-1] // 2)) for each in stores])
        one, two = ([each.crowd(n, given.sample) for each in stores] for n in (1, 2))
        for name, rates in (("one worker", one), ("two workers", two)):
            _row(f"items/s, {name}", [rate for rate, _ in rates])
            _row(f"cores busy, {name}", [cores for _, cores in rates], 2)
        _row("two workers, times one", [b / a for (a, _), (b, _) in zip(one, two, strict=True)], 2)
        claims_a_second = [claimed(make(), given.workers, given.seconds) for make in makers.values()]
        _row(f"claim to commit, {given.workers} workers, sources/s", claims_a_second)


def _sized(name: str, stores: list[Filled], sample: int) -> None:
    loaded, took = zip(*(each.ingest(sample) for each in stores), strict=True)
    _row(f"{name}: seconds to load the index", list(loaded), 2)
    _row(f"{name}: new items/s", [each.items / each.wall for each in took])
    _row(f"{name}: ms of CPU an item", [each.cpu / each.items * 1e3 for each in took], 2)
    _row(f"{name}: share with the turn to settle", [each.settling / each.wall for each in took], 2)
    _row(f"{name}: bytes an item", [each.bytes() for each in stores])


def _row(name: str, values: list[float], digits: int = 0) -> None:
    print(f"| {name:44} | " + " | ".join(f"{value:12,.{digits}f}" for value in values) + " |", flush=True)


if __name__ == "__main__":
    main()
