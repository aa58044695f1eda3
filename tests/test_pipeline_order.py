"""The stories do not depend on the order in which copies arrive, nor on how many are settled at once."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from engines import Databases
from hubs import NOON
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedhub.clean import Agencies, clean
from feedhub.demo import load
from feedhub.demo.world import MORNING
from feedhub.model import Copy, Feed, MatchWindows, OutputRule, Publisher
from feedhub.parse import parse
from feedhub.settle.rules import SettleRules
from feedhub.settle.settler import Settler
from feedhub.store import Database, claims, copies, publishers
from feedhub.store.copies import NewCopy
from feedhub.store.placements import hash64

RULES = SettleRules(
    identity="test.example,2026",
    windows=MatchWindows(),
    hold=timedelta(0),
    outputs=(OutputRule(name="all"),),
)
#: enough sources for stories with many copies, few enough to settle them often
SOURCES = 9


@cache
def arrivals() -> tuple[tuple[Copy, ...], tuple[Publisher, ...]]:
    """Cleaned copies of the fixtures' morning, and who publishes them."""
    world = load()
    agencies = Agencies.known([s.agency for s in world.sources if s.agency])
    found: list[Copy] = []
    for source in world.sources[:SOURCES]:
        feed = parse(Path(source.url).read_bytes(), url="http://origin.example/")
        assert isinstance(feed, Feed)
        found += [
            clean(
                entry,
                source=source,
                feed_title=feed.title,
                feed_language=feed.language,
                outlet=source.outlet or source.id,
                first_seen=MORNING,
                now=MORNING,
                agencies=agencies,
            )
            for entry in feed.entries
        ]
    publishers = [
        Publisher(source=s.id, name=s.name, outlet=s.outlet or s.id, agency=s.agency) for s in world.sources[:SOURCES]
    ]
    return tuple(found), tuple(publishers)


def partition(
    databases: Databases, order: Sequence[Copy], known: Sequence[Publisher], batches: random.Random
) -> set[frozenset[str]]:
    """The stories after the copies arrived in this order, settled in batches of random sizes."""
    with databases.new() as url:
        store = Database.open(url)
        with store.write() as connection:
            claims.sync_configured(connection, [p.source for p in known], NOON)
            for publisher in known:
                publishers.save(connection, publisher.source, publisher)
        settler = Settler(RULES)
        rest = list(order)
        while rest:
            size = batches.choice([1, 3, 17, len(order)])
            batch, rest = rest[:size], rest[size:]
            with store.write() as connection:
                copies.add(
                    connection,
                    [NewCopy(copy=c, identity=hash64(c.key.guid), served=c.key.guid, digest=b"1") for c in batch],
                )
            with store.write() as connection:
                settler.settle(connection, MORNING, limit=max(1, size // 2))
            while True:
                with store.write() as connection:
                    if not settler.settle(connection, MORNING).copies:
                        break
        stories: dict[str, set[str]] = {}
        with store.read() as connection:
            for (source, guid), tag in copies.tags_by_entry(connection).items():
                stories.setdefault(tag, set()).add(f"{source} {guid}")
        store.close()
    return {frozenset(members) for members in stories.values()}


@pytest.fixture
def expected(databases: Databases) -> set[frozenset[str]]:
    """The stories of copies that arrive as the fixtures list them."""
    return partition(databases, *arrivals(), random.Random(0))


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.integers(0, 2**32))
def test_the_stories_are_the_same_in_every_order_and_batch_size(
    databases: Databases, expected: set[frozenset[str]], seed: int
) -> None:
    found, publishers = arrivals()
    chance = random.Random(seed)
    order = list(found)
    chance.shuffle(order)
    assert partition(databases, order, publishers, chance) == expected
