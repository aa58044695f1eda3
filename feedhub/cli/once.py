"""`feedhub once`: one round, and the static files."""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from feedhub.cli.configuration import read_config
from feedhub.cli.console import print_json, print_message, progress_bar
from feedhub.cli.round_output import print_merges, print_round, round_json
from feedhub.cli.signals import run_until_signal, write_files, write_new
from feedhub.cli.steady_clock import Clock, SteadyClock, clock_of, resume
from feedhub.config import Config, scalar_forms
from feedhub.directory import OutputDirectory, static_directory
from feedhub.errors import EnvironmentFailed, UsageError
from feedhub.feeds import maintain
from feedhub.hub import Hub, RoundReport
from feedhub.store import Database


def run(
    path: Path,
    *,
    everything: bool,
    out: Path | None,
    as_json: bool,
    now: str | None,
    base_url: str | None = None,
    archives: bool = False,
) -> int:
    """Run one round over a configuration; returns the exit code."""
    clock = clock_of(now)
    config = read_config(path, quiet=as_json)
    for warning in config.warnings:
        print_message(f"warning: {warning}")
    address = _address(base_url, out)
    if archives and (out is None or not (address or config.server.base_url)):
        raise UsageError("--archives: its files link each other; give --out and --base-url as well")
    # what a start has made stays, and to look through it for cycles once more takes a twentieth of a small round
    gc.freeze()
    report = run_until_signal(
        _round(config, clock, everything=everything, out=out, base_url=address, archives=archives)
    )
    if as_json:
        print_json(round_json(report))
        return report.exit_code
    print_round(report)
    print_merges(report.changed)
    if not report.sources and config.sources:
        print_message(
            "no source is free: another feedhub polls them" if everything else "no source is due; --all polls them all"
        )
    if out is not None:
        print_message(f"feeds written to {out}")
    return report.exit_code


def _address(base_url: str | None, out: Path | None) -> str | None:
    """Check where the static files are reached."""
    if base_url is None:
        return None
    if out is None:
        raise UsageError("--base-url: says where the files of --out are reached; give that as well")
    try:
        return scalar_forms.base_url(base_url)
    except ValueError as error:
        raise UsageError(f"--base-url: {error}") from None


async def _round(
    config: Config, clock: Clock, *, everything: bool, out: Path | None, base_url: str | None, archives: bool
) -> RoundReport:
    async with Hub.open(config, clock()) as hub:
        if isinstance(clock, SteadyClock) and (shared := await asyncio.to_thread(hub.shared_clock)) is not None:
            clock.follow(shared)
        now = resume(clock, await asyncio.to_thread(hub.last_change))
        with progress_bar("polling", len(config.sources)) as bar:
            report = await hub.round(now, everything=everything, progress=lambda each: bar.advance(each.source))
        await hub.purge(now)
        await asyncio.to_thread(maintain, config, hub.store, hub.identity, now)
        if out is not None:
            directory = static_directory(config, hub.identity, base_url)
            await asyncio.to_thread(partial(_write_outputs, hub.store, directory, out, clock, now, archives=archives))
    return report


def _write_outputs(
    store: Database, directory: OutputDirectory, out: Path, clock: Clock, now: datetime, *, archives: bool
) -> None:
    """Write the files of all outputs; where nothing has changed since they were written none is rendered."""
    from feedhub.feeds import static_files

    stamp = static_files.files_stamp(store, directory, now)
    if not archives and static_files.are_current(store, out, stamp, now):
        return
    from feedhub.feeds import StoreBackend

    backend = StoreBackend(store, directory, clock)

    def write_archives() -> None:
        # before the documents that link them, and after those were read
        if archives:
            write_new(out, backend.archive_files)

    names = write_files(out, backend.files(now, archives=archives), before=write_archives)
    if not archives:
        # the files stand; without the note the next round renders them once more
        with suppress(EnvironmentFailed):
            static_files.note_files(store, out, stamp, names)
