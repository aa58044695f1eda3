"""A hub inside another program, with an event loop and without."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from commands import Desk, item
from comparing import FERRY, OTHER_FERRY

import feedhub


def configured(tmp_path: Path) -> Path:
    desk = Desk(tmp_path)
    rows = desk.file("north", item("n1", "Ferry runs aground", FERRY[0] + FERRY[1]))
    rows += desk.file("south", item("s1", "Ferry aground, all safe", FERRY[0] + FERRY[1]))
    rows += desk.file("east", item("e1", "Council meets", OTHER_FERRY[3]))
    return desk.configure(rows)


def test_a_program_without_a_loop_opens_polls_settles_and_reads(tmp_path: Path) -> None:
    with feedhub.PlainHub.open(configured(tmp_path)) as hub:
        assert [report.new for report in hub.poll()] == [1, 1, 1]
        assert hub.poll() == ()
        changed = hub.settle()
        assert sorted(len(story.copies) for story in changed) == [1, 2]
        assert {story.id for story in hub.stories()} == {story.id for story in changed}
        assert hub.settle() == ()


def test_a_program_with_a_loop_does_the_same(tmp_path: Path) -> None:
    async def work() -> int:
        async with feedhub.Hub.open(str(configured(tmp_path))) as hub:
            await hub.poll(everything=True)
            return len(await hub.settle())

    assert asyncio.run(work()) == 2


def test_a_configuration_that_is_wrong_is_told(tmp_path: Path) -> None:
    with pytest.raises(feedhub.ConfigError, match=r"nowhere\.yaml"):
        feedhub.PlainHub.open(tmp_path / "nowhere.yaml")
