"""SQLite and PostgreSQL side by side: claims a second with several workers, ingest a second as the store grows.

    python benchmarks/stores.py [--sizes 10000 50000] [--workers 4] [--seconds 10]

PostgreSQL comes from the tests' wheel, with its own settings but for `fsync`, which both engines have as operators do.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent.parent / "tests")]

from postgres import NotHere, Server  # noqa: E402
from sqlalchemy import make_url, text  # noqa: E402

from feedhub.model import Copy, EntryKey, OutputRule, Publisher  # noqa: E402
from feedhub.pipeline.rules import Rules  # noqa: E402
from feedhub.pipeline.settle import Settler  # noqa: E402
from feedhub.store import Connection, Database, claims, copies, placing  # noqa: E402
from feedhub.store.copies import NewCopy  # noqa: E402
from feedhub.store.dialect import clock  # noqa: E402

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)
SOURCES = 200
#: polls that end in the same turn of the loop share a transaction
TOGETHER = 16
WORDS = [
    f"{a}{b}{c}"
    for a in ("ba", "ke", "li", "mo", "nu", "ra", "se", "ti")
    for b in "bdfglmnprst"
    for c in ("an", "er", "ing", "old", "une", "ist", "ock", "ard", "ell", "ume")
]
RULES = Rules(
    identity="bench.example,2026",
    window=timedelta(hours=72),
    revision_window=timedelta(hours=24),
    hold=timedelta(0),
    outputs=(OutputRule(name="all"),),
)


def article(number: int) -> Copy:
    """A 300-word item; every fifth is a copy of an earlier one in another paper, edited."""
    copied = number % 5 == 4
    of = number - 4 if copied else number
    chance = random.Random(of)
    words = chance.choices(WORDS, k=300)
    if copied:
        words[40:44] = random.Random(number).choices(WORDS, k=4)
    body = ". ".join(" ".join(words[n : n + 15]).capitalize() for n in range(0, 300, 15)) + "."
    source = f"s{number % SOURCES}"
    title = " ".join(random.Random(-number).choices(WORDS, k=8)).capitalize()
    return Copy(
        key=EntryKey(source=source, guid=f"{source}/{number}"),
        outlet=source,
        first_seen=NOON + timedelta(seconds=number / 10),
        title=title,
        html=f"<p>{body}</p>",
        paragraphs=(body,),
        url=f"https://{source}.example/{number}",
        url_key=f"{source}.example/{number}",
    )


def finish(connection: Connection, part: list[claims.Claim]) -> None:
    """Write polls back that had nothing new."""
    for each in part:
        due = NOON + timedelta(hours=1)
        claims.finish(connection, each, state='{"configured":"x"}', due_at=due, publisher=None, remark=None)


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
            store.transact(lambda connection, part=part: finish(connection, part))
            count += len(part)
    store.close()
    done.put(count)


def claimed(url: str, workers: int, seconds: float) -> float:
    """Sources a second from claim to commit."""
    store = Database.open(url)
    with store.write() as connection:
        names = [f"c{n}" for n in range(60_000)]
        claims.configure(connection, names, NOON, {name: f"{name}.example" for name in names})
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


def ingest(store: Database, settler: Settler, start: int, count: int) -> None:
    """Record and settle items, a source's document of 50 a transaction, a batch of 500 a settling."""
    now = NOON + timedelta(seconds=(start + count) / 10)
    fresh = [article(number) for number in range(start, start + count)]
    for first in range(0, count, 50):
        part = fresh[first : first + 50]
        new = [
            NewCopy(copy=c, identity=placing.name_of(c.key.guid), served=c.key.guid, digest=c.key.guid.encode()[-16:])
            for c in part
        ]
        store.transact(lambda connection, new=new: copies.add(connection, new))
    while store.transact(lambda connection: settler.settle(connection, now)).copies:
        pass


def measured(url: str, sizes: list[int], sample: int) -> Iterator[tuple[int, float, float]]:
    """(stored items, new items a second, bytes an item) at each size."""
    store = Database.open(url)

    def prepare(connection: Connection) -> None:
        names = [f"s{n}" for n in range(SOURCES)]
        claims.configure(connection, names, NOON)
        for name in names:
            claims.publish_as(connection, name, Publisher(source=name, name=name, outlet=name))

    store.transact(prepare)
    settler = Settler(RULES)
    stored = 0
    for size in sizes:
        while stored < size:
            ingest(store, settler, stored, 500)
            stored += 500
        before = time.perf_counter()
        ingest(store, settler, stored, sample)
        took = time.perf_counter() - before
        stored += sample
        yield size, sample / took, _bytes(store, url) / stored
    store.close()


def _bytes(store: Database, url: str) -> int:
    with store.read() as connection:
        if make_url(url).get_backend_name() == "sqlite":
            pages, size = (connection.execute(text(f"PRAGMA {p}")).scalar_one() for p in ("page_count", "page_size"))
            return int(pages * size)
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


@contextmanager
def engines() -> Iterator[dict[str, str]]:
    """A new database on each engine that can run here."""
    with tempfile.TemporaryDirectory() as folder:
        urls = {"SQLite": f"sqlite:///{folder}/hub.db"}
        try:
            server = Server(fsync="on", autovacuum="on", full_page_writes="on", shared_buffers="256MB")
        except NotHere as reason:
            print(f"PostgreSQL not run: {reason}", file=sys.stderr)
            yield urls
            return
        try:
            server.start()
            yield {**urls, "PostgreSQL": server.url(server.create())}
        finally:
            server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000])
    parser.add_argument("--sample", type=int, default=2_000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=10)
    given = parser.parse_args()
    with engines() as urls:
        print(f"| {'':40} | " + " | ".join(f"{name:>12}" for name in urls) + " |")
        print("|" + "-" * 42 + "|" + "|".join("-" * 14 for _ in urls) + "|")
        rates = [claimed(url, given.workers, given.seconds) for url in urls.values()]
        _row(f"claim to commit, {given.workers} workers, sources/s", rates)
        runs = [measured(url, given.sizes, given.sample) for url in urls.values()]
        for found in zip(*runs, strict=True):
            _row(f"ingest at {found[0][0]:,} stored, items/s", [rate for _, rate, _ in found])
            _row(f"bytes an item at {found[0][0]:,} stored", [size for _, _, size in found])


def _row(name: str, values: list[float]) -> None:
    print(f"| {name:40} | " + " | ".join(f"{value:12,.0f}" for value in values) + " |", flush=True)


if __name__ == "__main__":
    main()
