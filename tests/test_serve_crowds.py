"""A crowd at one document: it is built once, for all of them."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from hubs import Newsroom
from outlets import Stand, plain_item

from feedhub.directory import output_directory
from feedhub.feeds import StoreBackend, current_documents
from feedhub.feeds.output_documents import DocumentSet, OutputDocuments
from feedhub.store import Database


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    room = Newsroom(tmp_path)
    room.source("paper")
    room.serve("paper", plain_item(1))
    made = Stand(room)
    made.round()
    return made


def test_a_document_that_a_crowd_asks_for_is_looked_up_once(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    present = OutputDocuments.current

    def noted(documents: OutputDocuments) -> DocumentSet:
        looked.append(threading.current_thread().name)
        return present(documents)

    async def crowd(backend: StoreBackend) -> int:
        asked = [asyncio.create_task(backend.document("all", "atom")) for _ in range(400)]
        await asyncio.sleep(0)
        # who asked first goes away
        asked[0].cancel()
        done = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(done[0], asyncio.CancelledError)
        return len({id(each) for each in done[1:]})

    monkeypatch.setattr(OutputDocuments, "current", noted)
    store = Database.open(stand.room.config.database)
    backend = StoreBackend(store, output_directory(stand.room.config, "test.example,2026"), stand.clock, recheck=60)
    assert asyncio.run(crowd(backend)) == 1
    assert len(looked) == 1
    store.close()


def test_a_reader_does_not_wait_for_a_new_version_while_the_last_one_is_not_old(stand: Stand) -> None:
    store = Database.open(stand.room.config.database)
    directory = output_directory(stand.room.config, "test.example,2026")
    backend = StoreBackend(store, directory, stand.clock, recheck=1e-9, patience=0)
    patient = StoreBackend(store, directory, stand.clock, recheck=1e-9, patience=60)

    async def readers() -> None:
        old = await backend.document("all", "atom")
        assert await patient.document("all", "atom") == old
        stand.room.serve("paper", plain_item(1), plain_item(2))
        await asyncio.to_thread(stand.round)
        assert await backend.document("all", "atom") is old
        new = await patient.document("all", "atom")
        assert new != old
        while await backend.document("all", "atom") is old:
            await asyncio.sleep(0.01)
        assert await backend.document("all", "atom") == new

    asyncio.run(readers())
    store.close()


def test_a_reader_waits_for_a_new_version_where_the_last_one_is_old(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current_documents, "_STALE_SECONDS", 0)
    store = Database.open(stand.room.config.database)
    directory = output_directory(stand.room.config, "test.example,2026")
    backend = StoreBackend(store, directory, stand.clock, recheck=1e-9, patience=0)

    async def readers() -> None:
        old = await backend.document("all", "atom")
        stand.room.serve("paper", plain_item(1), plain_item(2))
        await asyncio.to_thread(stand.round)
        assert await backend.document("all", "atom") != old

    asyncio.run(readers())
    store.close()
