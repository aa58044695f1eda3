"""Both rounds of the invented newsroom, played against a real hub over real HTTP, and judged by the truth."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from feedhub.config import Config, Fetch, Polling, databases
from feedhub.demo.score import Verdict, compare
from feedhub.demo.web_server import Origin
from feedhub.demo.world import EVENING, MORNING, Part, World
from feedhub.hub import Hub, RoundReport
from feedhub.ingest import SourceReport
from feedhub.model import OutputRule
from feedhub.store import Database, copies

IDENTITY = "demo.feedhub.example,2026"
#: opens a view of a round's progress: (title, steps) -> told after each source
Watch = Callable[[str, int], AbstractContextManager[Callable[[SourceReport], None]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One round as it went."""

    part: Part
    report: RoundReport
    #: how often the outlets answered with each status
    answers: Mapping[int, int]
    verdict: Verdict


def config(world: World, origin: Origin, folder: Path) -> Config:
    """A hub over the world's sources as the origin serves them, its database in `folder`."""
    return Config(
        path=folder / "config.yaml",
        database=databases.beside("sqlite:///feedhub.db", folder),
        identity=IDENTITY,
        polling=Polling(per_host=len(world.sources), host_delay=timedelta(0)),
        fetch=Fetch(allow=(origin.address,)),
        sources=tuple(replace(source, url=origin.url(source.id)) for source in world.sources),
        feeds=(OutputRule(name="all", title="The demo newsroom, each story once", limit=500),),
    )


async def play(hub: Hub, world: World, origin: Origin, watch: Watch) -> tuple[Act, Act]:
    """Morning, then evening."""
    return (
        await _act(hub, world, origin, "morning", MORNING, watch),
        await _act(hub, world, origin, "evening", EVENING, watch),
    )


async def _act(hub: Hub, world: World, origin: Origin, part: Part, now: datetime, watch: Watch) -> Act:
    origin.part = part
    origin.answers.clear()
    with watch(f"{part}: polling", len(world.sources)) as progress:
        report = await hub.round(now, everything=True, progress=progress)
    found = await asyncio.to_thread(_found, hub.store)
    return Act(part=part, report=report, answers=dict(origin.answers), verdict=compare(world.truth, part, found))


def _found(store: Database) -> dict[tuple[str, str], str]:
    with store.read() as connection:
        return copies.tags_by_entry(connection)


def is_right(acts: tuple[Act, Act]) -> bool:
    """Whether both rounds agree with the truth and the second was answered with 304s."""
    return all(act.verdict.right for act in acts) and acts[1].answers.get(304, 0) > 0
