"""What a whole command costs: `python benchmarks/command.py [--feeds N] [--repeats N] [--stages] [--json]`.

`feedhub once --all --out` over N feeds of 60 entries (300 words, one in five an agency's that four papers run), beside
lemon24/reader updating the same feeds (it comes with the extra `dev`), each command a process of its own. Rounds: all
new, all 304, 15 % changed by three entries. CPU is what the kernel counts for the command and all that it started,
memory its highest resident set (`ru_maxrss`) and the highest sum of the proportional sets (PSS) of all its processes.
Below the table stands a digest of the outputs of each round, the same in every run: a change that should change no byte
changes no digest. `--stages` runs the rounds once more with a sampler and prints where the CPU goes, a line a stage.

100 feeds give a look in a minute; 1,000 take some ten.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from command_stages import stages
from msgspec import Struct
from polls import Origin, serving

ENTRIES, WORDS, WIRE = 60, 300, 5
#: the papers' entries are six letters a word, a word and its blank
KILOBYTES = ENTRIES * WORDS * 6 // 1000
ROUNDS = {
    "all new": {"round": 0, "every": 1},
    "all 304": {"round": 0, "every": 1},
    "15 % changed": {"round": 1, "every": 7},
}
#: when each round is
TIMES = ("2026-06-28T00:30:00Z", "2026-06-28T06:30:00Z", "2026-06-28T12:30:00Z")
_SAMPLE_SECONDS = 0.25
_ORIGIN = re.compile(rb"127(?:\.\d{1,3}){3}:\d+")
_ADD = """
import sys
from reader import make_reader
reader = make_reader(sys.argv[1])
for url in sys.stdin.read().split():
    reader.add_feed(url)
"""
_UPDATE = """
import datetime, sys
from reader import make_reader
reader = make_reader(sys.argv[1])
# six hours later: it asks nobody twice within the hour
now = datetime.datetime.fromisoformat(sys.argv[2])
reader._now = lambda: now
reader.update_feeds()
"""


class Cost(Struct, frozen=True, kw_only=True):
    """What one command cost."""

    #: seconds, user and system, with all processes that it waited for
    cpu: float
    #: MB: the highest resident set of one of its processes
    resident: float
    #: MB: the highest sum of the proportional sets of all of them
    proportional: float


def run(arguments: Sequence[str | Path], folder: Path, stdin: str = "") -> Cost:
    """Run a command to its end; raises where it fails."""
    # an installed program has its bytecode; a start that compiles all modules measures the compiler
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(arguments, cwd=folder, env=env, stdin=subprocess.PIPE, stdout=output, stderr=output)
        assert process.stdin is not None
        process.stdin.write(stdin.encode())
        process.stdin.close()
        highest = [0.0]
        over = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, over, highest))
        watcher.start()
        _, status, used = os.wait4(process.pid, 0)
        over.set()
        watcher.join()
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, (folder / "output").read_text()[-2000:]
    return Cost(cpu=used.ru_utime + used.ru_stime, resident=used.ru_maxrss / 1e3, proportional=highest[0])


def _watch(pid: int, over: threading.Event, highest: list[float]) -> None:
    while not over.wait(_SAMPLE_SECONDS):
        highest[0] = max(highest[0], sum(map(proportional, tree(pid))))


def tree(pid: int) -> Iterator[int]:
    """Yield a process and all that it has started, by number."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        # whatever thread it was that started a process
        children += [
            child
            for task in Path(f"/proc/{pid}/task").iterdir()
            if task.name != str(pid)
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return
    for child in children:
        yield from tree(int(child))


def proportional(pid: int) -> float:
    """MB of a process, what it shares counted by its share; 0 once it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0) / 1e3


# ---------------------------------------------------------------- the programs


def feedhub(origin: Origin, feeds: int, folder: Path, before: Sequence[str | Path]) -> Iterator[tuple[str, Cost]]:
    """Each round's name and cost; `before` is what runs the command line."""
    urls = [origin.url(number) for number in range(feeds)]
    allow = ", ".join(json.dumps(url.split("/")[2]) for url in urls)
    rows = "\n".join(f"  - {{id: s{number}, url: {json.dumps(url)}}}" for number, url in enumerate(urls))
    config = f"identity: bench.example,2026\nfetch: {{allow: [{allow}]}}\nsources:\n{rows}\n"
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    for (name, settings), now in zip(ROUNDS.items(), TIMES, strict=True):
        origin.set(**settings)
        yield name, run([*before, "once", "--all", "--out", "public", "--now", now], folder)


def reader(origin: Origin, feeds: int, folder: Path) -> Iterator[tuple[str, Cost]]:
    """Each round's name and cost."""
    urls = "\n".join(origin.url(number) for number in range(feeds))
    run([sys.executable, "-c", _ADD, "reader.db"], folder, urls)
    for (name, settings), now in zip(ROUNDS.items(), TIMES, strict=True):
        origin.set(**settings)
        yield name, run([sys.executable, "-c", _UPDATE, "reader.db", now], folder)


def digest(folder: Path) -> str:
    """Return what stands for all files of a folder, whatever the port that their sources had."""
    whole = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        whole.update(path.name.encode() + b"\0" + _ORIGIN.sub(b"origin", path.read_bytes()))
    return whole.hexdigest()[:16]


def size(folder: Path, name: str) -> float:
    """MB of a database and the files beside it."""
    return sum(path.stat().st_size for path in folder.glob(f"{name}*")) / 1e6


# ---------------------------------------------------------------- report

Measured = dict[str, dict[str, Cost]]


def measure(feeds: int, with_reader: bool) -> tuple[Measured, dict[str, float], dict[str, str]]:
    """Run both programs over the same feeds; return their costs, the sizes of their databases, our outputs' digests."""
    costs: Measured = {}
    digests: dict[str, str] = {}
    sizes: dict[str, float] = {}
    programs: dict[str, tuple[Callable[[Origin, Path], Iterator[tuple[str, Cost]]], str]] = {
        "feedhub": (lambda origin, at: feedhub(origin, feeds, at, [sys.executable, "-m", "feedhub"]), "feedhub.db")
    }
    if with_reader:
        programs["reader"] = (lambda origin, at: reader(origin, feeds, at), "reader.db")
    for program, (work, database) in programs.items():
        with serving(ENTRIES, KILOBYTES, WIRE) as origin, tempfile.TemporaryDirectory() as folder:
            at = Path(folder)
            costs[program] = {}
            for name, cost in work(origin, at):
                costs[program][name] = cost
                if program == "feedhub":
                    digests[name] = digest(at / "public")
                sizes.setdefault(program, size(at, database))
    return costs, sizes, digests


def table(costs: Measured, sizes: dict[str, float]) -> Iterator[str]:
    """Yield the lines of the issue's table."""
    yield f"{'round':14}{'feedhub':>32}{'reader':>32}{'ratio':>8}"
    yield f"{'':14}" + 2 * f"{'CPU s':>10}{'maxrss MB':>11}{'PSS MB':>11}"
    for name in ROUNDS:
        line = f"{name:14}"
        for program in costs:
            cost = costs[program][name]
            line += f"{cost.cpu:>10.2f}{cost.resident:>11.0f}{cost.proportional:>11.0f}"
        if "reader" in costs:
            line += f"{costs['feedhub'][name].cpu / costs['reader'][name].cpu:>8.2f}"
        yield line
    yield f"{'database, MB':14}" + "".join(f"{sizes[program]:>32.0f}" for program in costs)


def ratios(runs: Sequence[Measured]) -> Iterator[str]:
    """Yield each round's ratio of CPU, median and range over the repeats."""
    for name in ROUNDS:
        each = [costs["feedhub"][name].cpu / costs["reader"][name].cpu for costs in runs]
        yield f"{name:14}{statistics.median(each):>8.2f}  ({min(each):.2f} to {max(each):.2f})"


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--feeds", type=int, default=100)
    arguments.add_argument("--repeats", type=int, default=1)
    arguments.add_argument("--alone", action="store_true", help="without reader")
    arguments.add_argument("--stages", action="store_true", help="where the CPU goes, by a sampler")
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    runs = []
    for _ in range(chosen.repeats):
        costs, sizes, digests = measure(chosen.feeds, not chosen.alone)
        runs.append(costs)
        if chosen.json:
            rounds = {p: {n: [c.cpu, c.resident, c.proportional] for n, c in r.items()} for p, r in costs.items()}
            print(json.dumps({"feeds": chosen.feeds, "rounds": rounds, "database": sizes, "digests": digests}))
        else:
            print("\n".join(table(costs, sizes)))
            print("outputs       " + ", ".join(f"{name} {each}" for name, each in digests.items()), flush=True)
    if len(runs) > 1 and not chosen.alone and not chosen.json:
        print("\n".join(ratios(runs)))
    if chosen.stages:
        with serving(ENTRIES, KILOBYTES, WIRE) as origin, tempfile.TemporaryDirectory() as folder:
            before: list[str | Path] = [sys.executable, Path(__file__).with_name("command_stages.py")]
            started = time.monotonic()
            for name, _ in feedhub(origin, chosen.feeds, Path(folder), before):
                print(f"\n{name} ({time.monotonic() - started:.0f} s)")
                print("\n".join(stages(Path(folder))))


if __name__ == "__main__":
    main()
