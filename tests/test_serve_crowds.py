"""A crowd at one document: it is built once, for all of them."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from commands import business
from hubs import Newsroom
from outlets import Stand, plain_item

from feedhub.directory import output_directory
from feedhub.feeds import StoreBackend, current_documents, store_backend
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


def test_a_document_is_as_old_as_the_last_check_of_any_document(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monotonic = 0.0
    monkeypatch.setattr(current_documents, "time", SimpleNamespace(monotonic=lambda: monotonic))
    store = Database.open(stand.room.config.database)
    directory = output_directory(stand.room.config, "test.example,2026")
    backend = StoreBackend(store, directory, stand.clock, recheck=1e-9, patience=0)

    async def readers() -> None:
        nonlocal monotonic
        old = await backend.document("all", "rss")
        for _ in range(8):
            monotonic += 5
            # there is no such page, and it is waited for until that is known
            assert await backend.page("all", "atom", 9) is None
        stand.room.serve("paper", plain_item(1), plain_item(2))
        await asyncio.to_thread(stand.round)
        monotonic += 5
        assert await backend.document("all", "rss") is old
        monotonic += 11
        assert await backend.document("all", "rss") is not old

    asyncio.run(readers())
    store.close()


@pytest.mark.parametrize(("stale", "patience", "is_old"), [(60.0, 0.0, True), (60.0, 60.0, False), (0.0, 0.0, False)])
def test_a_page_shows_its_stories_as_they_were_for_as_long_as_a_change_takes_to_sort_in(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, stale: float, patience: float, is_old: bool
) -> None:
    for name, value in (("REST", 0.0), ("STALE", stale), ("REGROUP_SECONDS", patience)):
        monkeypatch.setattr(store_backend, name, value)
    store = Database.open(stand.room.config.database)
    backend = StoreBackend(store, output_directory(stand.room.config, "test.example,2026"), stand.clock)

    async def reader() -> None:
        before = await headlines(backend)
        stand.room.serve("paper", plain_item(1), plain_item(2))
        await asyncio.to_thread(stand.round)
        seen = await headlines(backend)
        assert (seen == before) == is_old
        async with asyncio.timeout(30 * business()):
            while len(await headlines(backend)) < 2:
                await asyncio.sleep(0.01)

    asyncio.run(reader())
    store.close()


async def headlines(backend: StoreBackend) -> set[str]:
    """The headlines on the first page of the output."""
    found = await backend.story_list("all", 1)
    assert found is not None
    return {story.title for group in found.groups for story in group}
