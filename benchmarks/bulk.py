"""`feedhub dedupe`, `feedhub bulk dedupe` and a hub over the same made-up items: are their stories equal, at what cost?

    python benchmarks/bulk.py [--items 10000] [--skip-hub] [--own-furniture] [--master 'local[2]'] [--folder DIR]

The first two run as whole processes, and their rows must be equal: story, canonical, relation, matched, score, ground.
The hub records the same cleaned copies on SQLite, first seen when they were published, and settles them 500 at a time
as its daemon does; which items it has together must be equal too. It is given the furniture that the others found,
unless it is to find its own. Seconds of CPU and memory are those of all processes of a run, looked at every 200 ms.
Exit code 1 where anything differs. Needs Linux, Java 17 and `pip install 'feedhub[spark]'`; a million items need 20 GB
of disk.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from made import Maker

from feedhub.clean import Agencies
from feedhub.ingest.identify import fold
from feedhub.items import to_copy
from feedhub.match import Furniture
from feedhub.match.cluster import distributed
from feedhub.model import Copy, MatchWindows, OutputRule, Publisher
from feedhub.settle.rules import SettleRules
from feedhub.settle.settler import BATCH, Settler
from feedhub.store import Connection, Database, copies, publishers, verdicts
from feedhub.store.copies import NewCopy
from feedhub.store.placements import hash64

T = TypeVar("T")
#: items in one file of Parquet
PART = 50_000
TOLD = ("story", "canonical", "relation", "matched", "score", "ground")
RULES = SettleRules(
    identity="bench.example,2026",
    windows=MatchWindows(),
    hold=timedelta(0),
    outputs=(OutputRule(name="all"),),
)


def _parts(values: Iterable[T], size: int) -> Iterator[list[T]]:
    every = iter(values)
    while part := list(islice(every, size)):
        yield part


def make(folder: Path, count: int) -> None:
    """Items as lines of JSON and as Parquet; what an earlier run left is taken."""
    if (folder / "items").exists():
        return
    (folder / "items").mkdir()
    with (folder / "items.jsonl").open("w", encoding="utf-8") as file:
        for number, part in enumerate(_parts(Maker().items(count), PART)):
            items = [item for item, _, _ in part]
            file.writelines(json.dumps(item, ensure_ascii=False) + "\n" for item in items)
            pq.write_table(pa.Table.from_pylist(items), folder / "items" / f"part{number:05}.parquet")


# ---------------------------------------------------------------- runs


@dataclass(slots=True)
class Took:
    """What a command and all the processes that it started took."""

    wall: float = 0.0
    cpu: float = 0.0
    peak: int = 0
    #: bytes that Spark wrote for others to fetch
    shuffled: int = 0


def run(command: list[str], folder: Path, **env: str) -> Took:
    """Run a command in a session of its own; raises where it fails."""
    took, spent = Took(), dict[tuple[int, str], float]()
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, **env}, start_new_session=True)
    while process.poll() is None:
        held = 0
        for pid, born, cpu, resident in _session(process.pid):
            spent[pid, born] = cpu
            held += resident
        took.peak = max(took.peak, held)
        time.sleep(0.2)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}")
    took.wall, took.cpu = time.perf_counter() - began, sum(spent.values())
    return took


def _session(leader: int) -> Iterator[tuple[int, str, float, int]]:
    """Of each process of a session: number, time of birth, seconds of CPU, bytes in memory that are its alone."""
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    for path in Path("/proc").glob("[0-9]*"):
        try:
            fields = (path / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader:
                _, resident, shared, *_ = map(int, (path / "statm").read_text().split())
                yield (
                    int(path.name),
                    fields[19],
                    (int(fields[11]) + int(fields[12])) / ticks,
                    (resident - shared) * page,
                )
        except (OSError, ValueError):
            continue


def bulk(folder: Path, master: str) -> Took:
    """The job, and the bytes in its event log."""
    log = folder / "events"
    log.mkdir()
    conf = {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.compress": "false",
        "spark.eventLog.dir": log.as_uri(),
        "spark.ui.showConsoleProgress": "false",
    }
    given = " ".join(f"--conf {name}={value}" for name, value in conf.items())
    command = [_feedhub(), "bulk", "dedupe", "items", "-o", "out", "--master", master]
    took = run(command, folder, PYSPARK_SUBMIT_ARGS=f"{given} pyspark-shell")
    for path in log.rglob("*"):
        for line in path.open(encoding="utf-8") if path.is_file() else ():
            if '"SparkListenerTaskEnd"' in line:
                metrics = json.loads(line).get("Task Metrics") or {}
                took.shuffled += metrics.get("Shuffle Write Metrics", {}).get("Shuffle Bytes Written", 0)
    return took


def _feedhub() -> str:
    return str(Path(sys.executable).parent / "feedhub")


# ---------------------------------------------------------------- the hub


def settle(folder: Path, furniture: Furniture) -> dict[str, str]:
    """Record and settle all items as a daemon does; returns the story of each."""
    store = Database.open(f"sqlite:///{folder / 'hub.db'}")
    settler = Settler(RULES)
    if furniture.shingles:
        store.transact(lambda connection: verdicts.save_furniture(connection, furniture.packed()))
    known: set[str] = set()
    for some in _parts(_copies(folder / "items.jsonl"), BATCH):
        now = max(copy.first_seen for copy in some)
        store.transact(partial(_record, some=some, known=known, now=now))
        while store.transact(partial(settler.settle, now=now)).copies:
            pass
    with store.read() as connection:
        found = {guid: tag for (_, guid), tag in copies.tags_by_entry(connection).items()}
    store.close()
    return found


def _copies(path: Path) -> Iterator[Copy]:
    agencies = Agencies.known()
    with path.open(encoding="utf-8") as file:
        for line in file:
            item = json.loads(line)
            yield to_copy(item, item["id"], agencies)


def _record(connection: Connection, *, some: list[Copy], known: set[str], now: datetime) -> None:
    for source in sorted({copy.key.source for copy in some} - known):
        publishers.ensure_source(connection, source, now)
        publishers.save(connection, source, Publisher(source=source, name=source, outlet=source))
        known.add(source)
    rows = [(copy, copy.key.guid) for copy in some]
    copies.add(
        connection,
        [NewCopy(copy=c, identity=hash64(fold(guid)), served=guid, digest=guid.encode().zfill(16)) for c, guid in rows],
        listed=False,
    )


def hub(folder: Path, own: bool) -> None:
    """The process that `run` measures."""
    table = pq.read_table(folder / "out" / "furniture").to_pydict()
    given = Furniture() if own else distributed.furniture(zip(table["source"], table["gram"], strict=True))
    (folder / "hub.json").write_text(json.dumps(settle(folder, given)))


# ---------------------------------------------------------------- comparison


def lines(path: Path) -> dict[str, tuple[Any, ...]]:
    """The rows of `feedhub dedupe`."""
    with path.open(encoding="utf-8") as file:
        return {row["id"]: _told(row) for row in map(json.loads, file)}


def rows(folder: Path) -> dict[str, tuple[Any, ...]]:
    """The rows of the job."""
    found: dict[str, tuple[Any, ...]] = {}
    for path in sorted(folder.glob("*.parquet")):
        for batch in pq.ParquetFile(path).iter_batches(columns=["id", *TOLD]):
            found |= {row["id"]: _told(row) for row in batch.to_pylist()}
    return found


def _told(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(round(row[name], 3) if isinstance(row[name], float) else row[name] for name in TOLD)


def groups(stories: Mapping[str, str]) -> set[frozenset[str]]:
    """Which items are together."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for item, story in stories.items():
        found[story].add(item)
    return {frozenset(items) for items in found.values()}


def differences(name: str, one: Mapping[Any, Any] | set[Any], other: Mapping[Any, Any] | set[Any]) -> int:
    """How much two results differ, told with the first few."""
    sets = [set(each.items()) if isinstance(each, Mapping) else each for each in (one, other)]
    only = [sorted(map(str, a - b)) for a, b in (sets, sets[::-1])]
    print(f"{name}: {len(sets[0]):,} and {len(sets[1]):,}, of these only in one: {len(only[0]):,} and {len(only[1]):,}")
    for each in (*only[0][:5], *only[1][:5]):
        print(f"    {each}")
    return len(only[0]) + len(only[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--skip-hub", action="store_true")
    parser.add_argument("--own-furniture", action="store_true", help="the hub finds furniture by itself")
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--folder", type=Path, help="where to work; kept")
    parser.add_argument("--hub", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.hub:
        hub(given.folder, given.own_furniture)
        return
    with tempfile.TemporaryDirectory(prefix="feedhub-bench-") as folder:
        work = given.folder or Path(folder)
        work.mkdir(parents=True, exist_ok=True)
        raise SystemExit(1 if compare(work.resolve(), given) else 0)


def compare(folder: Path, given: argparse.Namespace) -> int:
    """Run all of them; returns how many differences there are."""
    make(folder, given.items)
    took = {"dedupe": run([_feedhub(), "dedupe", "items.jsonl", "-o", "stories.jsonl"], folder)}
    _print("dedupe", took["dedupe"])
    _print("bulk dedupe", bulk(folder, given.master))
    expected = lines(folder / "stories.jsonl")
    wrong = differences("rows of dedupe and of the job", expected, rows(folder / "out" / "stories"))
    if not given.skip_hub:
        own = ["--own-furniture"] if given.own_furniture else []
        _print("hub", run([sys.executable, __file__, "--hub", "--folder", str(folder), *own], folder))
        found = groups(json.loads((folder / "hub.json").read_text()))
        wrong += differences(
            "stories of dedupe and of the hub", groups({i: row[0] for i, row in expected.items()}), found
        )
    return wrong


def _print(name: str, took: Took) -> None:
    line = f"{name:12} {took.wall:8.0f} s {took.cpu:8.0f} s of CPU {took.peak / 1e6:8,.0f} MB"
    print(line + (f" {took.shuffled / 1e6:10,.0f} MB shuffled" if took.shuffled else ""), flush=True)


if __name__ == "__main__":
    main()
