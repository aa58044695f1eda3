"""Who waits for a slot has it in the order of sizes, and no slot is lost."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from feedhub.shortest_first import ShortestFirst


def test_the_shortest_that_waits_begins_next_and_equals_in_their_order() -> None:
    begun: list[str] = []

    async def work(slots: ShortestFirst, name: str, size: int) -> None:
        async with slots.slot(size):
            begun.append(name)
            await asyncio.sleep(0)

    async def run() -> None:
        slots = ShortestFirst(1)
        async with asyncio.TaskGroup() as group:
            for name, size in (("first", 900), ("large", 800), ("small", 5), ("middle", 40), ("small too", 5)):
                group.create_task(work(slots, name, size))

    asyncio.run(run())
    assert begun == ["first", "small", "small too", "middle", "large"]


def test_a_slot_survives_who_is_cancelled_while_it_waits_or_has_it() -> None:
    async def run() -> int:
        slots, most, now = ShortestFirst(2), 0, 0

        async def work(size: int) -> None:
            nonlocal most, now
            async with slots.slot(size):
                now += 1
                most = max(most, now)
                try:
                    await asyncio.sleep(0)
                finally:
                    now -= 1

        for round_ in range(12):
            tasks = [asyncio.create_task(work(size)) for size in range(9)]
            for step in range(9):
                tasks[(step * 5 + round_) % 9].cancel()
                if step % 3 == round_ % 3:
                    await asyncio.sleep(0)
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task
        async with asyncio.timeout(5), slots.slot(1), slots.slot(1):
            return most

    assert asyncio.run(run()) <= 2
