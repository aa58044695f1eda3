"""`feedhub once`: one round, and the static files."""

from __future__ import annotations

import asyncio
from pathlib import Path

from feedhub.cli.clock import Clock, clock_of, resume
from feedhub.cli.console import out as stdout
from feedhub.cli.console import print_json, say, steps
from feedhub.cli.round_output import round_json, tell_merges, tell_round
from feedhub.cli.runtime import run_until_signal, write_files
from feedhub.config import Config, load
from feedhub.directory import output_directory
from feedhub.feeds import Library, keep
from feedhub.hub import Hub, RoundReport


def run(path: Path, *, everything: bool, out: Path | None, as_json: bool, now: str | None) -> int:
    """Run one round over a configuration; returns the exit code."""
    clock = clock_of(now)
    config = load(path)
    for warning in config.warnings:
        say(f"warning: {warning}")
    report = run_until_signal(_round(config, clock, everything=everything, out=out))
    if as_json:
        print_json(round_json(report))
        return report.exit_code
    tell_round(stdout(), report, every_source=len(report.sources) <= 60)
    tell_merges(stdout(), [now for now, _ in report.changed])
    if not report.sources:
        say("no source is free: another feedhub polls them" if everything else "no source is due; --all polls them all")
    if out is not None:
        say(f"feeds written to {out}")
    return report.exit_code


async def _round(config: Config, clock: Clock, *, everything: bool, out: Path | None) -> RoundReport:
    async with Hub.open(config, clock()) as hub:
        now = resume(clock, await asyncio.to_thread(hub.last_change))
        with steps("polling", len(config.sources)) as bar:
            report = await hub.round(now, everything=everything, progress=lambda each: bar.advance(each.source))
        await hub.purge(now)
        await asyncio.to_thread(keep, config, hub.store, hub.identity, now)
        if out is not None:
            library = Library(hub.store, output_directory(config, hub.identity), clock)
            files = await asyncio.to_thread(library.files, now)
            write_files(out, files)
    return report
