"""Polls that share a transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from feedhub.ingest import write_batcher
from feedhub.ingest.write_batcher import WriteBatcher
from feedhub.store import Connection, Database
from feedhub.store.claims import LeaseLost


def keep(name: str) -> str:
    return f"insert into hub (key, value) values ('{name}', '1')"


def run(folder: Path, *names: str) -> tuple[list[Any], list[str]]:
    """What became of each work, and the names that were kept; `lost`, `broken` fail."""
    store = Database.open(f"sqlite:///{folder / 'hub.db'}")

    def work(name: str, connection: Connection) -> None:
        if name == "lost":
            raise LeaseLost(name)
        connection.execute(text(keep(name)))
        if name == "broken":
            raise ValueError(name)

    async def go() -> list[Any]:
        with ThreadPoolExecutor(1) as thread:
            together = WriteBatcher(store, thread)
            works = [together.write(partial(work, name)) for name in names]
            return await asyncio.wait_for(asyncio.gather(*works, return_exceptions=True), 20)

    try:
        told = asyncio.run(go())
        with store.read() as connection:
            kept = list(connection.execute(text("select key from hub where value = '1' order by key")).scalars())
        return told, kept
    finally:
        store.close()


@pytest.mark.parametrize("count", [1, 3, 200])
def test_everything_that_is_ready_is_written(tmp_path: Path, count: int) -> None:
    names = [f"n{number:03}" for number in range(count)]
    assert run(tmp_path, *names) == ([None] * count, names)


def test_who_lost_the_lease_is_told_and_the_others_are_written(tmp_path: Path) -> None:
    told, kept = run(tmp_path, "a", "lost", "b")
    assert [type(each) for each in told] == [type(None), LeaseLost, type(None)]
    assert kept == ["a", "b"]


def test_a_work_that_fails_takes_no_other_with_it(tmp_path: Path) -> None:
    told, kept = run(tmp_path, "a", "broken", "b")
    assert [type(each) for each in told] == [type(None), ValueError, type(None)]
    assert kept == ["a", "b"]


def run_all(folder: Path, *values: str) -> tuple[list[Any], list[list[str]]]:
    """What became of each value, and with which others it was written."""
    store = Database.open(f"sqlite:///{folder / 'hub.db'}")
    batches: list[list[str]] = []

    def work(connection: Connection, waiting: Sequence[str]) -> list[str]:
        if "broken" in waiting:
            raise ValueError("broken")
        batches.append(list(waiting))
        return [value for value in waiting if value == "lost"]

    async def go() -> list[Any]:
        with ThreadPoolExecutor(1) as thread:
            together = WriteBatcher(store, thread)
            works = [together.write_all(work, value) for value in values]
            return await asyncio.wait_for(asyncio.gather(*works, return_exceptions=True), 20)

    try:
        return asyncio.run(go()), batches
    finally:
        store.close()


def test_values_of_one_kind_are_written_at_once_and_who_lost_the_lease_is_told(tmp_path: Path) -> None:
    told, batches = run_all(tmp_path, "a", "lost", "b")
    assert [type(each) for each in told] == [type(None), LeaseLost, type(None)]
    assert batches == [["a", "lost", "b"]]


def test_a_value_that_breaks_takes_no_other_with_it(tmp_path: Path) -> None:
    told, batches = run_all(tmp_path, "a", "broken", "b")
    assert [type(each) for each in told] == [type(None), ValueError, type(None)]
    assert batches == [["a"], ["b"]]


@pytest.mark.parametrize(
    ("can_wait", "together"),
    [
        ([True] * 3, [3]),
        ([True, True, False, True], [3, 1]),
        ([True] * 20, [8, 8, 4]),
        ([False, False, False], [1, 1, 1]),
    ],
)
def test_works_that_can_wait_share_a_transaction_with_those_that_follow(
    tmp_path: Path, can_wait: list[bool], together: list[int]
) -> None:
    store = Database.open(f"sqlite:///{tmp_path / 'hub.db'}")
    transactions: list[object] = []

    def note(connection: Connection) -> None:
        transactions.append(connection.get_transaction())

    async def go() -> None:
        with ThreadPoolExecutor(1) as thread:
            batcher = WriteBatcher(store, thread)
            works = []
            for waits in can_wait:
                work = batcher.write(
                    lambda connection: transactions.append(connection.get_transaction()), can_wait=waits
                )
                works.append(asyncio.create_task(work))
                # what begins to be written is over before the next one comes
                for _ in range(3):
                    await asyncio.sleep(0)
                    await asyncio.to_thread(thread.submit(str).result)
            await asyncio.wait_for(asyncio.gather(*works), 20)

    asyncio.run(go())
    store.close()
    assert [len(list(group)) for _, group in groupby(transactions)] == together


def test_works_that_wait_for_others_are_written_before_the_thread_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_batcher, "_GATHERING_SECONDS", 60)
    store = Database.open(f"sqlite:///{tmp_path / 'hub.db'}")
    written: list[bool] = []

    async def go() -> None:
        with ThreadPoolExecutor(1) as thread:
            batcher = WriteBatcher(store, thread)
            work = asyncio.create_task(batcher.write(lambda connection: written.append(True), can_wait=True))
            await asyncio.sleep(0)
            batcher.flush()
            await asyncio.wait_for(work, 20)

    asyncio.run(go())
    store.close()
    assert written == [True]
