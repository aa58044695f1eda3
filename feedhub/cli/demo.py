"""`feedhub demo`: the invented newsroom over real HTTP on loopback, two rounds, checked against the truth."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from feedhub.cli.console import out as stdout
from feedhub.cli.console import print_json, say, steps
from feedhub.cli.runtime import run_until_signal
from feedhub.cli.tell import round_json, tell_merges, tell_round
from feedhub.config import Config, Fetch, Polling
from feedhub.demo import EVENING, MORNING, Origin, Verdict, World, compare, load
from feedhub.demo.world import Part
from feedhub.library import Library, shelf
from feedhub.model import OutputRule
from feedhub.pipeline import Hub, RoundReport
from feedhub.serve import Listener, Settings, create_app, listen, serve
from feedhub.store import Database, copies

IDENTITY = "demo.feedhub.example,2026"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One round of the demo."""

    part: Part
    report: RoundReport
    answers: dict[int, int]
    verdict: Verdict


def run(*, leave: bool, port: int, as_json: bool) -> int:
    """Play both rounds, print what was merged and why, judge it, and leave the feeds open unless told to `leave`."""
    world = load()
    listener = listen("127.0.0.1", 0 if leave else port)
    with tempfile.TemporaryDirectory(prefix="feedhub-demo-") as folder, Origin(world) as origin:
        config = _config(world, origin, Path(folder), listener)
        return run_until_signal(_play(config, world, origin, listener, leave=leave, as_json=as_json), terminated=0)


def _config(world: World, origin: Origin, folder: Path, listener: Listener) -> Config:
    return Config(
        path=folder / "config.yaml",
        database=f"sqlite:///{folder / 'feedhub.db'}",
        identity=IDENTITY,
        polling=Polling(per_host=len(world.sources), host_delay=timedelta(0)),
        fetch=Fetch(allow=(origin.address,)),
        sources=tuple(replace(source, url=origin.url(source.id)) for source in world.sources),
        feeds=(OutputRule(name="all", title="The demo newsroom, each story once", limit=500),),
    )


async def _play(config: Config, world: World, origin: Origin, listener: Listener, *, leave: bool, as_json: bool) -> int:
    async with Hub.open(config, MORNING) as hub:
        acts = [
            await _act(hub, world, origin, "morning", MORNING),
            await _act(hub, world, origin, "evening", EVENING),
        ]
        right = all(act.verdict.right for act in acts) and acts[1].answers.get(304, 0) > 0
        if as_json:
            print_json({"right": right, "rounds": [_json(act) for act in acts]})
        else:
            for act in acts:
                _tell(stdout(), act)
            say("the demo agrees with its truth file" if right else "the demo DISAGREES with its truth file")
        if not leave:
            await _stay_open(config, hub, listener)
        else:
            listener.socket.close()
        return 0 if right else 1


async def _act(hub: Hub, world: World, origin: Origin, part: Part, now: datetime) -> Act:
    origin.part = part
    origin.answers.clear()
    with steps(f"{part}: polling", len(world.sources)) as bar:
        report = await hub.round(now, everything=True, progress=lambda each: bar.advance(each.source))
    found = await asyncio.to_thread(_found, hub.store)
    return Act(part=part, report=report, answers=dict(origin.answers), verdict=compare(world.truth, part, found))


def _found(store: Database) -> dict[tuple[str, str], str]:
    """In which story every entry is, under the guid that it has and under the one that it is served with."""
    with store.read() as connection:
        return copies.whereabouts(connection)


def _json(act: Act) -> dict[str, Any]:
    verdict = act.verdict
    return {
        "round": act.part,
        "answers": act.answers,
        "entries": verdict.entries,
        "stories": verdict.stories,
        "copies": verdict.copies,
        "false_merges": [[f"{row.source} {row.guid}" for row in pair] for pair in verdict.false_merges],
        "missed_merges": [[f"{row.source} {row.guid}" for row in pair] for pair in verdict.missed],
        "lost": [f"{row.source} {row.guid}" for row in verdict.lost],
        "report": round_json(act.report),
    }


def _tell(console: Console, act: Act) -> None:
    verdict = act.verdict
    answers = ", ".join(f"{count} x {status}" for status, count in sorted(act.answers.items()))
    console.rule(f"{act.part}: the outlets answered {answers}", align="left")
    tell_round(console, act.report, every_source=False)
    tell_merges(console, [now for now, _ in act.report.changed], most=6)
    for now, before in act.report.changed:
        if before is not None and now.correction and now.correction != before.correction:
            console.print(escape(f"corrected: {now.title}: {now.correction}"))
        elif before is not None and now.updated != before.updated:
            console.print(escape(f"updated: {now.title}"))
    console.print(
        f"truth: {verdict.entries} entries are {verdict.stories} stories; "
        f"{len(verdict.false_merges)} false merges, {len(verdict.missed)} missed merges, {len(verdict.lost)} lost"
    )
    for what, pairs in (("false merge", verdict.false_merges), ("missed", verdict.missed)):
        for left, right in pairs[:20]:
            console.print(escape(f"  {what}: {left.source} {left.guid} ~ {right.source} {right.guid} ({left.case})"))
    for row in verdict.lost[:20]:
        console.print(escape(f"  lost: {row.source} {row.guid}"))


async def _stay_open(config: Config, hub: Hub, listener: Listener) -> None:
    library = Library(hub.store, shelf(config, hub.identity, listener.url), lambda: EVENING)
    say(f"subscribe to {listener.url}/feeds/all.atom or open {listener.url}/ ; Ctrl-C ends the demo")
    await serve(create_app(library, Settings()), listener, asyncio.Event())
