"""A hub that has nothing to settle lets go of memory, and settles afterwards as if it had not."""

from __future__ import annotations

import asyncio
import gc
from datetime import timedelta
from pathlib import Path

from hubs import BRIDGE, NOON, Newsroom, close_all, item

from feedhub.hub import Hub
from feedhub.match import Prepared

PAPERS = ("courier", "herald", "post")


def prepared() -> int:
    """Count the copies that are at hand made ready to compare."""
    gc.collect()
    return sum(isinstance(each, Prepared) for each in gc.get_objects())


def told(folder: Path, *, rests: bool) -> list[tuple[str, tuple[str, ...]]]:
    """Return the stories of three papers, whose copies of one text come an hour after each other."""
    folder.mkdir()
    room = Newsroom(folder)
    for paper in PAPERS:
        room.source(paper)

    async def play() -> None:
        async with Hub.open(room.config, NOON) as hub:
            for hour, paper in enumerate(PAPERS):
                room.serve(paper, item("bridge", f"Bridge closed, says {paper}", *BRIDGE))
                await hub.round(NOON + timedelta(hours=hour), everything=True)
                for _ in range(2 * rests):
                    await hub.rest()

    asyncio.run(play())
    found = [(story.title, tuple(sorted(str(copy.key) for copy in story.copies))) for story in room.stories()]
    room.close()
    return found


def test_a_hub_that_rested_settles_as_one_that_did_not(tmp_path: Path) -> None:
    stories = told(tmp_path / "rested", rests=True)
    assert stories == told(tmp_path / "busy", rests=False)
    assert [len(copies) for _, copies in stories] == [3]


def test_what_was_settled_is_remembered_for_one_rest_and_forgotten_by_the_next(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    for paper in PAPERS[:2]:
        room.source(paper)
        room.serve(paper, item("bridge", "Bridge closed", *BRIDGE))

    async def play() -> tuple[int, int]:
        async with Hub.open(room.config, NOON) as hub:
            # as a daemon does: a whole round ends with nothing remembered
            for claimed in await hub.claim(NOON, limit=2):
                await hub.poll(claimed, NOON)
            await hub.settle(NOON)
            await hub.rest()
            after_one = prepared()
            await hub.rest()
            return after_one - before, prepared() - before

    before = prepared()
    assert asyncio.run(play()) == (2, 0)
    close_all()
