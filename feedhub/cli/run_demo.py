"""`feedhub demo`: the invented newsroom over real HTTP on loopback, two rounds, checked against the truth."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from feedhub.cli.console import print_json, print_message, progress_bar
from feedhub.cli.console import stdout as stdout
from feedhub.cli.round_output import print_merges, print_round, round_json
from feedhub.cli.signals import run_until_signal
from feedhub.config import Config
from feedhub.demo import EVENING, MORNING, DemoOrigin, DemoWorld, load
from feedhub.demo.play import RoundResult, config, is_right, play
from feedhub.directory import output_directory
from feedhub.feeds import StoreBackend, maintain
from feedhub.hub import Hub
from feedhub.ingest import SourceReport
from feedhub.serve import ServerSettings
from feedhub.serve.app import create_app
from feedhub.serve.server import Listener, listen, serve


def run(*, leave: bool, port: int, as_json: bool) -> int:
    """Play both rounds, print what was merged and why, judge it, and leave the feeds open unless told to `leave`."""
    world = load()
    listener = listen("127.0.0.1", 0 if leave else port)
    with tempfile.TemporaryDirectory(prefix="feedhub-demo-") as folder, DemoOrigin(world) as origin:
        made = config(world, origin, Path(folder))
        return run_until_signal(_play(made, world, origin, listener, leave=leave, as_json=as_json), terminated=0)


async def _play(
    made: Config, world: DemoWorld, origin: DemoOrigin, listener: Listener, *, leave: bool, as_json: bool
) -> int:
    async with Hub.open(made, MORNING) as hub:
        acts = await play(hub, world, origin, _watch)
        right = is_right(acts)
        if as_json:
            print_json({"right": right, "rounds": [_json(act) for act in acts]})
        else:
            for act in acts:
                _print(stdout(), act)
            print_message("the demo agrees with its truth file" if right else "the demo DISAGREES with its truth file")
        if leave:
            listener.socket.close()
        else:
            await _stay_open(made, hub, listener)
        return 0 if right else 1


@contextmanager
def _watch(title: str, total: int) -> Iterator[Callable[[SourceReport], None]]:
    with progress_bar(title, total) as bar:
        yield lambda report: bar.advance(report.source)


def _json(act: RoundResult) -> dict[str, Any]:
    verdict = act.score
    return {
        "round": act.part,
        "answers": act.responses,
        "entries": verdict.entries,
        "stories": verdict.stories,
        "copies": verdict.copies,
        "false_merges": [[f"{row.source} {row.guid}" for row in pair] for pair in verdict.false_merges],
        "missed_merges": [[f"{row.source} {row.guid}" for row in pair] for pair in verdict.missed],
        "lost": [f"{row.source} {row.guid}" for row in verdict.lost],
        "report": round_json(act.report),
    }


def _print(console: Console, act: RoundResult) -> None:
    verdict = act.score
    answers = ", ".join(f"{count} x {status}" for status, count in sorted(act.responses.items()))
    console.rule(f"{act.part}: the outlets answered {answers}", align="left")
    print_round(act.report, news_only=True, console=console)
    print_merges(act.report.changed, most=6, console=console)
    for each in act.report.changed:
        if each.correction:
            console.print(escape(f"corrected: {each.title}: {each.correction}"))
        elif not each.is_new and each.updated != each.updated_before:
            console.print(escape(f"updated: {each.title}"))
    console.print(
        f"truth: {verdict.entries} entries are {verdict.stories} stories; "
        f"{len(verdict.false_merges)} false merges, {len(verdict.missed)} missed merges, {len(verdict.lost)} lost"
    )
    for what, pairs in (("false merge", verdict.false_merges), ("missed", verdict.missed)):
        for left, right in pairs[:20]:
            console.print(escape(f"  {what}: {left.source} {left.guid} ~ {right.source} {right.guid} ({left.case})"))
    for row in verdict.lost[:20]:
        console.print(escape(f"  lost: {row.source} {row.guid}"))


async def _stay_open(made: Config, hub: Hub, listener: Listener) -> None:
    await asyncio.to_thread(maintain, made, hub.store, hub.identity, EVENING)
    backend = StoreBackend(hub.store, output_directory(made, hub.identity, listener.url), lambda: EVENING)
    print_message(f"subscribe to {listener.url}/feeds/all.atom or open {listener.url}/ ; Ctrl-C ends the demo")
    await serve(create_app(backend, ServerSettings()), listener, asyncio.Event())
