"""Hubs that read pages to decide are killed and frozen at any instant: subscribers see no trace of it."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import until
from faults import Fault, child, is_frozen, see, whole_round
from hubs import NOON
from origin import Origin
from test_reading_pages import ALONE, ENTRIES, GLASSES, LYNXES, RAMPS, World

from feedhub.config.settings import Polling
from feedhub.structs import replace

pytestmark = pytest.mark.timeout(3_000)
LATER = NOON.replace(hour=13)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What subscribers get from a hub to which nothing happens."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with Origin() as origin:
        world = World(origin, folder)
        world.settings(database=f"sqlite:///{folder / 'undisturbed.db'}")
        finish(world)
        return see(world.room.config, LATER).files


@pytest.fixture
def world(engine: str, tmp_path: Path) -> Iterator[World]:
    with Origin() as origin:
        yield World(origin, tmp_path)


def finish(world: World) -> None:
    """A round to which nothing happens, and that ends well."""
    done = child(whole_round, world.room.config, NOON, Fault())
    done.join(120)
    assert done.exitcode == 0


def holds(world: World, undisturbed: dict[str, bytes], processes: int) -> None:
    """Every story once, for subscribers as if nothing had happened; no process asked twice for one page."""
    seen = see(world.room.config, LATER)
    assert (seen.waiting, seen.problems) == (0, [])
    assert b"deleted-entry" not in seen.files["all.atom"]
    assert world.together() == {RAMPS, GLASSES, LYNXES, *ALONE}
    assert seen.files == undisturbed
    assert all(world.asked(*entry) <= processes for entry in ENTRIES)


@pytest.mark.parametrize("kills", [4, pytest.param(100, marks=pytest.mark.soak)])
def test_a_hub_killed_while_it_reads_pages_ends_like_one_that_was_not(
    world: World, undisturbed: dict[str, bytes], kills: int
) -> None:
    chance = random.Random(kills)
    died = 0
    for _ in range(kills):
        # polls take some two hundred statements, pages and what they decide the rest
        process = child(whole_round, world.room.config, NOON, Fault(statement=chance.randrange(100, 420)))
        process.join(120)
        died += process.exitcode == -signal.SIGKILL
    assert died
    finish(world)
    holds(world, undisturbed, processes=kills + 1)


@pytest.mark.parametrize("number", [0, 3])
def test_a_hub_frozen_over_a_page_past_its_lease_does_no_harm_when_it_thaws(
    world: World, undisturbed: dict[str, bytes], number: int
) -> None:
    polling = world.room.settings["polling"]
    assert isinstance(polling, Polling)
    world.settings(polling=replace(polling, concurrency=1))
    frozen = child(whole_round, world.room.config, NOON, Fault(frozen_page=number))
    try:
        until(lambda: not frozen.is_alive() or is_frozen(frozen), "the hub to freeze", 120)
        assert frozen.is_alive()
        # where the frozen one was in the middle of a transaction, the server ends that before it thaws
        finish(world)
        os.kill(frozen.pid or 0, signal.SIGCONT)
        frozen.join(120)
        # Whose transaction the server ended runs it again; where only a closed connection tells, it ends with one line.
        assert frozen.exitcode in (0, 1)
    finally:
        frozen.kill()
    finish(world)
    holds(world, undisturbed, processes=2)
