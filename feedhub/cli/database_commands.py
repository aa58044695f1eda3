"""`feedhub db`: move, back up, verify and rebuild what the hub knows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from feedhub.admin.rebuild import replay
from feedhub.admin.verify import problems
from feedhub.cli.configuration import read_config
from feedhub.cli.console import print_json, print_message, progress_bar
from feedhub.cli.console import stdout as stdout
from feedhub.cli.signals import run_until_signal
from feedhub.cli.steady_clock import Clock, clock_of
from feedhub.config import databases
from feedhub.errors import UsageError
from feedhub.hub import Hub
from feedhub.settle.settler import SettleResult
from feedhub.store import Database, compaction, transfer

#: what is wrong beyond so many lines is only counted
LINES = 200


def move(origin: str, target: str) -> int:
    """Copy a hub from one database into another."""
    rows = transfer.move(
        _url("FROM", origin), _url("TO", target), lambda name, count: print_message(f"{name}: {count:,} rows")
    )
    print_message(f"{rows:,} rows moved; now name the new database in the configuration")
    return 0


def _url(name: str, text: str) -> str:
    """Check a database's URL that the argument `name` gives; a relative file lies in the working folder."""
    try:
        return databases.beside(databases.check(text), Path.cwd())
    except ValueError as error:
        # not the text itself: it may hold a password
        raise UsageError(f"{name}: {error}") from None


def backup(path: Path, file: Path) -> int:
    """Write the configured database as one SQLite file."""
    transfer.backup(read_config(path).database, file)
    print_message(f"written to {file}")
    return 0


def verify(path: Path, *, as_json: bool) -> int:
    """Check every invariant; 0 all sound, 3 something is wrong."""
    url = read_config(path, quiet=as_json).database
    if Database.is_missing(url):
        raise UsageError("there is no database yet; nothing to verify")
    store = Database.open(url)
    try:
        with store.read() as connection:
            found = transfer.damage(connection) or problems(connection)
    finally:
        store.close()
    if as_json:
        print_json({"problems": found})
    else:
        for line in found[:LINES]:
            stdout().print(line, markup=False, highlight=False, soft_wrap=True)
        if len(found) > LINES:
            print_message(f"and {len(found) - LINES:,} more")
        print_message(f"{len(found):,} problems" if found else "all sound")
    return 3 if found else 0


def compact(path: Path, *, as_json: bool) -> int:
    """Free the space of what went."""
    url = read_config(path, quiet=as_json).database
    with progress_bar("compacting", len(compaction.steps(url)), quiet=as_json) as bar:
        done = compaction.compact(url, bar.advance)
    if as_json:
        print_json({"texts": done.texts, "bytes_before": done.before, "bytes_after": done.after})
    else:
        print_message(f"{done.before / 1e6:,.1f} MB before, {done.after / 1e6:,.1f} MB now")
    return 0


def rebuild(path: Path, *, now: str | None, as_json: bool) -> int:
    """Build all stories anew from the stored copies."""
    clock = clock_of(now)
    config = read_config(path, quiet=as_json)
    if Database.is_missing(config.database):
        raise UsageError("there is no database yet; nothing to rebuild from")

    async def work(clock: Clock) -> Sequence[SettleResult]:
        async with Hub.open(config, clock()) as hub:
            with progress_bar("indexing copies", None) as bar:
                return await replay(hub, clock(), lambda copies: bar.advance(f"{copies} copies"))

    parts = run_until_signal(work(clock))
    settled = sum(part.copies for part in parts)
    changed = len({now.id for part in parts for now, _ in part.changed})
    joined = [list(pair) for part in parts for pair in part.joined]
    if as_json:
        print_json({"copies": settled, "changed": changed, "joined": joined})
    else:
        print_message(f"{settled:,} copies settled anew: {changed:,} stories changed, {len(joined):,} joined")
    return 0
