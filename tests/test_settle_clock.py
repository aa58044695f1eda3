"""A settling that takes long goes by the clock, batch by batch; a daemon's ends with the batch that is not full."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hubs import NOON, Newsroom, item

from feedhub.hub import Hub
from feedhub.settle.settle_loop import SettleLoop
from feedhub.settle.settler import BATCH, Settler, SettleResult
from feedhub.store import database, placements


def test_the_last_change_is_hardly_ahead_of_the_clock_though_others_change_something_between_two_batches(
    tmp_path: Path,
) -> None:
    room = Newsroom(tmp_path)
    room.source("paper")
    room.serve("paper", *(item(f"story-{number}", f"Ferry {number} aground") for number in range(2 * BATCH + 1)))
    now = NOON

    def clock() -> datetime:
        nonlocal now
        now += timedelta(seconds=0.5)
        return now

    async def play() -> tuple[list[int], datetime | None]:
        async with Hub.open(room.config, NOON) as hub:
            for claimed in await hub.claim(NOON, limit=1, everything=True):
                await hub.poll(claimed, NOON)

            def summarise(part: SettleResult) -> int:
                # as what keeps the outputs does, which has looked at the clock before it came to write
                with room.store.write() as connection:
                    for number in range(9):
                        database.next_change(connection, now - timedelta(seconds=0.4 * (number % 2)))
                return part.copies

            return await hub.settle_as(summarise, clock), hub.last_change()

    batches, last = asyncio.run(play())
    assert batches == [BATCH, BATCH, 1]
    assert last is not None
    assert last <= now + timedelta(seconds=2)


@pytest.mark.parametrize(("more_comes", "batches"), [(False, [2, 2]), (True, [2])])
def test_what_comes_during_a_batch_that_is_not_full_waits_for_the_next_settling_while_more_comes(
    more_comes: bool, batches: list[int], tmp_path: Path
) -> None:
    room = Newsroom(tmp_path)
    room.source("paper")
    room.serve("paper", item("ferry", "Ferry aground"), item("bridge", "Bridge shut"))
    settled: list[int] = []

    def summarise(part: SettleResult) -> None:
        settled.append(part.copies)
        if len(settled) == 1:
            with room.store.write() as connection:
                placements.mark_source_pending(connection, "paper")

    async def play() -> int:
        async with Hub.open(room.config, NOON) as hub:
            for claimed in await hub.claim(NOON, limit=1, everything=True):
                await hub.poll(claimed, NOON)
            with ThreadPoolExecutor(1) as thread:
                loop = SettleLoop(Settler(hub.rules), room.store, thread)
                await loop.settle_as(summarise, lambda: NOON, wait=False, more_comes=lambda: more_comes)
                first = len(settled)
                await loop.settle_as(summarise, lambda: NOON, wait=False)
            return first

    assert settled[: asyncio.run(play())] == batches
    assert settled == [2, 2]
