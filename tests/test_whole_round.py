"""Works of a round that run side by side: where one fails, none of the others goes on unseen."""

from __future__ import annotations

import asyncio

import pytest

from feedhub.errors import EnvironmentFailed
from feedhub.hub.whole_round import run_all


def test_works_return_what_they_make_in_their_order() -> None:
    async def make(number: int) -> int:
        await asyncio.sleep(0.001 * (3 - number))
        return number

    assert asyncio.run(run_all(make(number) for number in range(3))) == [0, 1, 2]


def test_when_a_work_fails_the_others_have_ended_before_its_error_is_raised() -> None:
    ended: list[str] = []

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("the one that waits")

    async def fail() -> None:
        await asyncio.sleep(0)
        raise EnvironmentFailed("the database is gone")

    async def run() -> None:
        with pytest.raises(EnvironmentFailed, match="gone"):
            await run_all([wait(), fail()])
        assert ended == ["the one that waits"]

    asyncio.run(run())
