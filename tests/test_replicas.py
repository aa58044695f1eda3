"""Any number of servers over one PostgreSQL give the same bytes, and the last ones while it is away."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import newsroom, story_item
from hubs import NOON, Newsroom
from postgres import Cluster, NotHere, Server

from feedhub.directory import output_directory
from feedhub.errors import EnvironmentFailed
from feedhub.feeds import StoreBackend
from feedhub.publish import FORMATS
from feedhub.serve import Document, version_of
from feedhub.store import Database

PAPERS = ["courier", "herald"]


@pytest.fixture
def server(postgres: Cluster) -> Iterator[Server]:
    """A server that may be stopped without harm to other tests."""
    try:
        own = Server()
    except NotHere as reason:
        pytest.skip(f"PostgreSQL not run: {reason}")
    own.start()
    yield own
    own.close()


def replica(room: Newsroom, *, recheck: float = 0.0) -> StoreBackend:
    """One of several servers, with connections of its own."""
    store = Database.open(room.config.database)
    return StoreBackend(
        store, output_directory(room.config, "test.example,2026", "http://hub.example"), lambda: NOON, recheck=recheck
    )


async def documents(backend: StoreBackend) -> dict[str, Document | None]:
    return {suffix: await backend.document("all", suffix) for suffix in FORMATS}


def close(*libraries: StoreBackend) -> None:
    for each in libraries:
        each._store.close()


def test_every_replica_gives_the_same_bytes_and_validators(tmp_path: Path, engine: str) -> None:
    room = newsroom(tmp_path / "room", PAPERS, 4)
    room.round(hours=-1)
    early = replica(room)
    first = asyncio.run(documents(early))
    room.serve("herald", *(story_item("herald", number) for number in range(6)))
    room.round()
    late = replica(room)
    now = asyncio.run(documents(early))
    assert now == asyncio.run(documents(late))
    assert now != first
    close(early, late)


def test_every_replica_knows_what_a_reader_of_another_lacks(tmp_path: Path, engine: str) -> None:
    room = newsroom(tmp_path / "room", PAPERS, 4)
    room.round(hours=-1)
    one, other = replica(room), replica(room)

    async def first() -> str:
        found = await one.document("all", "atom")
        await one.flush()
        assert found is not None
        return version_of(found.plain.etag)

    held = asyncio.run(first())
    room.serve("herald", *(story_item("herald", number) for number in range(6)))
    room.round()
    found = asyncio.run(other.delta("all", "atom", [held]))
    assert found is not None
    assert (found.status, found.plain.body.count(b"<entry")) == (226, 2)
    close(one, other)


def test_readers_get_the_last_documents_while_the_database_is_away(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Newsroom, "elsewhere", server.url(server.create()))
    room = newsroom(tmp_path / "room", PAPERS, 4)
    room.round(hours=-1)
    warm, cold = replica(room), replica(room)
    before = asyncio.run(documents(warm))
    server.stop(signal.SIGINT)
    assert asyncio.run(documents(warm)) == before
    with pytest.raises(EnvironmentFailed):
        asyncio.run(documents(cold))
    server.start()
    room.serve("herald", *(story_item("herald", number) for number in range(6)))
    room.round()
    warm._current._retry_at = 0.0
    after = asyncio.run(documents(warm))
    assert after == asyncio.run(documents(cold))
    assert after != before
    close(warm, cold)
