"""What a daemon costs that has settled down: `python benchmarks/daemon.py [--feeds N] [--seconds S] [--json]`.

`feedhub run` over N feeds of 60 entries on loopback: the first round; then every feed is polled each minute and answers
304; then one in seven has three new entries, once; then the daemon is started again over its database, and all answer
304; then none is due. Each phase lasts S seconds. CPU and memory (proportional set) are the kernel's, of all
processes of the daemon. From the cost of a poll and of a minute without one follows what an hour costs at other
intervals.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from command import ENTRIES, KILOBYTES, WIRE, proportional, tree
from msgspec import Struct
from msgspec.structs import asdict
from polls import Origin, serving

#: seconds between two polls of a feed while the daemon is watched
INTERVAL = 60
#: of a feed without news; it is polled four times as seldom (docs/polling.md)
_CONFIGURED = INTERVAL // 4
#: what an hour is told for: a poll of each feed every so many minutes
_MINUTES = (15, 30, 60)


class Phase(Struct, frozen=True, kw_only=True):
    """What the daemon did and cost between two looks at it."""

    name: str
    seconds: float
    cpu: float
    polls: int
    #: MB at its end
    memory: float


class Daemon:
    """`feedhub run` under way in a folder."""

    def __init__(self, folder: Path, origin: Origin, feeds: int) -> None:
        self._folder = folder
        self._urls = [origin.url(number) for number in range(feeds)]
        self._log = (folder / "log").open("wb")
        self.start()

    def start(self) -> None:
        """Start it, over the database that it has."""
        self._configure(_CONFIGURED)
        self._process = subprocess.Popen([sys.executable, "-m", "feedhub", "run"], cwd=self._folder, stderr=self._log)

    def _configure(self, seconds: int) -> None:
        allow = ", ".join(json.dumps(url.split("/")[2]) for url in self._urls)
        rows = "\n".join(f"  - {{id: s{number}, url: {json.dumps(url)}}}" for number, url in enumerate(self._urls))
        (self._folder / "config.yaml").write_text(
            f"identity: bench.example,2026\nserver: {{port: 0}}\nfetch: {{allow: [{allow}]}}\n"
            f"polling: {{interval: {seconds}s, floor: {_CONFIGURED}s}}\n"
            f"sources:\n{rows}\n",
            encoding="utf-8",
        )

    def rest(self) -> None:
        """Have no feed due for a day."""
        self._configure(86_400)
        self._process.send_signal(signal.SIGHUP)
        while "event=reloaded" not in self.log:
            time.sleep(0.2)

    @property
    def log(self) -> str:
        """Return what the daemon has logged."""
        return (self._folder / "log").read_text(encoding="utf-8")

    def has_settled(self, copies: int) -> bool:
        """Return whether the database has so many copies and none of them waits: a starved daemon looks calm."""
        path = self._folder / "feedhub.db"
        if not path.exists():
            return False
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            try:
                (stored,) = database.execute("SELECT count(*) FROM copy").fetchone()
                (pending,) = database.execute("SELECT count(*) FROM copy WHERE pending").fetchone()
                return stored >= copies and not pending
            except sqlite3.OperationalError:
                # its tables are being made
                return False

    def cpu(self) -> float:
        """Return the seconds of CPU of all processes, and of those that ended before."""
        used = 0
        for pid in tree(self._process.pid):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            used += sum(map(int, fields[11:15]))
        return used / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Return the MB of all processes, what they share counted once."""
        return sum(map(proportional, tree(self._process.pid)))

    def stop(self) -> None:
        """End the daemon."""
        self._process.terminate()
        self._process.wait(60)


def phases(feeds: int, seconds: float) -> Iterator[Phase]:
    """Yield what each phase cost, when it is over."""
    with serving(ENTRIES, KILOBYTES, WIRE) as origin, tempfile.TemporaryDirectory() as folder:
        origin.set(round=0, every=1)
        daemon = Daemon(Path(folder), origin, feeds)
        try:
            started = time.monotonic()
            while origin.answers() < feeds or not daemon.has_settled(feeds * ENTRIES) or not _is_calm(daemon):
                time.sleep(1)
            yield Phase(
                name="first round",
                seconds=time.monotonic() - started,
                cpu=daemon.cpu(),
                polls=origin.answers(),
                memory=daemon.memory(),
            )
            yield _watched("all 304", daemon, origin, seconds)
            origin.set(round=1, every=7)
            yield _watched("one in seven changed", daemon, origin, seconds)
            daemon.stop()
            daemon.start()
            # what a start costs is no steady state
            time.sleep(INTERVAL)
            yield _watched("started again, all 304", daemon, origin, seconds)
            daemon.rest()
            _wait_for_rest(origin)
            yield _watched("none due", daemon, origin, seconds)
        finally:
            daemon.stop()


def _wait_for_rest(origin: Origin) -> None:
    """Wait until nothing is asked for any more: what was due by the interval before is polled once."""
    before = -1
    while before != (before := origin.answers()):
        time.sleep(1.5 * INTERVAL)


def _is_calm(daemon: Daemon) -> bool:
    before = daemon.cpu()
    time.sleep(2)
    return daemon.cpu() - before < 1


def _watched(name: str, daemon: Daemon, origin: Origin, seconds: float) -> Phase:
    cpu, polls, started = daemon.cpu(), origin.answers(), time.monotonic()
    time.sleep(seconds)
    return Phase(
        name=name,
        seconds=time.monotonic() - started,
        cpu=daemon.cpu() - cpu,
        polls=origin.answers() - polls,
        memory=daemon.memory(),
    )


def hours(found: dict[str, Phase], feeds: int) -> Iterator[tuple[int, float]]:
    """Yield minutes between two polls of a feed, and the seconds of CPU that an hour costs then without news."""
    idle, polling = found["none due"], found["all 304"]
    rest = idle.cpu / idle.seconds
    poll = max(polling.cpu - rest * polling.seconds, 0) / polling.polls
    for minutes in _MINUTES:
        yield minutes, 3600 * rest + feeds * 60 / minutes * poll


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--feeds", type=int, default=200)
    arguments.add_argument("--seconds", type=float, default=2 * INTERVAL)
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    if chosen.seconds < INTERVAL:
        arguments.error(f"--seconds: a phase needs {INTERVAL} or more, for each feed to be polled in it")
    found: dict[str, Phase] = {}
    if not chosen.json:
        print(f"{'phase':24}{'seconds':>9}{'polls':>8}{'CPU s':>9}{'CPU %':>8}{'PSS MB':>9}")
    for phase in phases(chosen.feeds, chosen.seconds):
        found[phase.name] = phase
        if not chosen.json:
            share = 100 * phase.cpu / phase.seconds
            print(
                f"{phase.name:24}{phase.seconds:>9.0f}{phase.polls:>8}{phase.cpu:>9.2f}{share:>8.2f}{phase.memory:>9.0f}",
                flush=True,
            )
    told = dict(hours(found, chosen.feeds))
    if chosen.json:
        print(json.dumps({"feeds": chosen.feeds, "phases": [asdict(each) for each in found.values()], "hours": told}))
        return
    for minutes, cpu in told.items():
        print(f"an hour without news, each feed polled every {minutes} minutes: {cpu:.1f} s of CPU")


if __name__ == "__main__":
    main()
