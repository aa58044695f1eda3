"""Both rounds of the invented newsroom, played against a real hub over real HTTP, and judged by the truth."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path

from msgspec import Struct

from feedhub.config import Config, Fetch, Polling, databases
from feedhub.demo.score import Score, score
from feedhub.demo.web_server import DemoOrigin
from feedhub.demo.world import EVENING, MORNING, DemoWorld, Part
from feedhub.hub import Hub, RoundReport
from feedhub.ingest import SourceReport
from feedhub.model import OutputRule
from feedhub.store import Database, copies
from feedhub.structs import replace

IDENTITY = "demo.feedhub.example,2026"
#: opens a view of a round's progress: (title, steps) -> called after each source
ProgressView = Callable[[str, int], AbstractContextManager[Callable[[SourceReport], None]]]


class RoundResult(Struct, frozen=True, kw_only=True):
    """One round as it went."""

    part: Part
    report: RoundReport
    #: how often the outlets answered with each status
    responses: Mapping[int, int]
    score: Score


def config(world: DemoWorld, origin: DemoOrigin, folder: Path) -> Config:
    """Configure a hub over the world's sources as the origin serves them, its database in `folder`."""
    return Config(
        path=folder / "config.yaml",
        database=databases.beside("sqlite:///feedhub.db", folder),
        identity=IDENTITY,
        polling=Polling(per_host=len(world.sources), host_delay=timedelta(0)),
        fetch=Fetch(allow=(origin.address,)),
        sources=tuple(replace(source, url=origin.url(source.id)) for source in world.sources),
        feeds=(OutputRule(name="all", title="The demo newsroom, each story once", limit=500),),
    )


async def play(hub: Hub, world: DemoWorld, origin: DemoOrigin, watch: ProgressView) -> tuple[RoundResult, RoundResult]:
    """Play the morning's round, then the evening's."""
    return (
        await _play_round(hub, world, origin, "morning", MORNING, watch),
        await _play_round(hub, world, origin, "evening", EVENING, watch),
    )


async def _play_round(
    hub: Hub, world: DemoWorld, origin: DemoOrigin, part: Part, now: datetime, watch: ProgressView
) -> RoundResult:
    origin.part = part
    origin.responses.clear()
    with watch(f"{part}: polling", len(world.sources)) as progress:
        report = await hub.round(now, everything=True, progress=progress)
    found = await asyncio.to_thread(_story_ids, hub.store)
    return RoundResult(
        part=part, report=report, responses=dict(origin.responses), score=score(world.truth, part, found)
    )


def _story_ids(store: Database) -> dict[tuple[str, str], str]:
    with store.read() as connection:
        return copies.tags_by_entry(connection)


def is_right(acts: tuple[RoundResult, RoundResult]) -> bool:
    """Whether both rounds agree with the truth and the second was answered with 304s."""
    return all(act.score.is_right for act in acts) and acts[1].responses.get(304, 0) > 0
