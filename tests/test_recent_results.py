"""What many ask for goes on to be returned while it is made anew: SharedCalls, RecentResults."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from feedhub.serve.shared_calls import RecentResults, SharedCalls

SECONDS = 5.0


class Kitchen:
    """Work that counts what it makes, and waits where it is told to; time stands unless it is moved."""

    def __init__(self) -> None:
        self.now = 100.0
        self.made = 0
        self.result: object = "made"
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.recent = RecentResults(SharedCalls(), SECONDS, monotonic=lambda: self.now)

    async def work(self) -> object:
        await self.may_go_on.wait()
        self.made += 1
        if isinstance(self.result, Exception):
            raise self.result
        return self.result and f"{self.result} {self.made}"

    async def ask(self) -> object:
        return await self.recent.call("page", self.work)

    async def settle(self) -> None:
        """Let what was begun end."""
        for _ in range(5):
            await asyncio.sleep(0)


def run(play: Callable[[Kitchen], Awaitable[None]]) -> None:
    async def whole() -> None:
        await play(Kitchen())

    asyncio.run(whole())


def test_a_crowd_is_given_the_last_result_while_the_next_is_made() -> None:
    async def play(kitchen: Kitchen) -> None:
        assert await kitchen.ask() == "made 1"
        kitchen.now += 1
        kitchen.may_go_on.clear()
        assert [await kitchen.ask() for _ in range(9)] == ["made 1"] * 9
        kitchen.may_go_on.set()
        await kitchen.settle()
        assert (await kitchen.ask(), kitchen.made) == ("made 2", 2)

    run(play)


def test_what_was_made_just_now_is_not_made_anew() -> None:
    async def play(kitchen: Kitchen) -> None:
        for _ in range(9):
            assert await kitchen.ask() == "made 1"
            await kitchen.settle()
            kitchen.now += 0.05
        assert kitchen.made == 1

    run(play)


def test_what_is_older_than_may_be_shown_is_made_before_it_is_returned() -> None:
    async def play(kitchen: Kitchen) -> None:
        await kitchen.ask()
        kitchen.now += SECONDS
        assert await kitchen.ask() == "made 2"

    run(play)


@pytest.mark.parametrize("result", [None, ValueError("no")], ids=["nothing", "an error"])
def test_what_went_wrong_is_not_kept(result: object) -> None:
    async def play(kitchen: Kitchen) -> None:
        await kitchen.ask()
        kitchen.now += SECONDS
        kitchen.result = result
        for made in (2, 3):
            if result is None:
                assert await kitchen.ask() is None
            else:
                with pytest.raises(ValueError, match="no"):
                    await kitchen.ask()
            assert kitchen.made == made
        kitchen.result = "again"
        assert await kitchen.ask() == "again 4"

    run(play)


def test_a_failure_to_make_anew_is_nobodys_while_the_last_result_may_be_shown() -> None:
    async def play(kitchen: Kitchen) -> None:
        await kitchen.ask()
        kitchen.result = ValueError("no")
        for seconds in (1, 3):
            kitchen.now = 100.0 + seconds
            assert await kitchen.ask() == "made 1"
            await kitchen.settle()
        assert kitchen.made == 3
        kitchen.now = 100.0 + SECONDS
        with pytest.raises(ValueError, match="no"):
            await kitchen.ask()

    run(play)


def test_without_seconds_every_call_makes_its_own() -> None:
    async def play(kitchen: Kitchen) -> None:
        kitchen.recent = RecentResults(SharedCalls(), 0.0, monotonic=lambda: kitchen.now)
        assert [await kitchen.ask() for _ in range(3)] == ["made 1", "made 2", "made 3"]

    run(play)
