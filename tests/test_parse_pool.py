"""Parsing in processes that may be killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from commands import business
from test_parse_documents import item, rss

from feedhub.model import Feed, Fetched, FetchFailed, ParseFailed
from feedhub.parse.parser_pool import ParserPool

pytestmark = pytest.mark.usefixtures("fresh_parsers")

#: what the fast reader does not read: workers are for these, and for what is large
DOCTYPE = b"<!DOCTYPE rss>"
GOOD = DOCTYPE + rss(item()).partition(b"?>")[2]
#: each of so many elements takes feedparser 20 us
SLOW = DOCTYPE + b"<rss version='2.0'><channel>" + b"<a>" * 1_000_000 + b"</channel></rss>"
LARGE = rss(item("<description>" + "x&amp;" * 1_500_000 + "</description>"))


T = TypeVar("T")


def within(pool_of: Callable[[], ParserPool], job: Callable[[ParserPool], Awaitable[T]]) -> T:
    async def run() -> T:
        async with pool_of() as pool:
            return await job(pool)

    return asyncio.run(run())


def workers() -> set[int]:
    """The parser processes that this one has started and not yet seen end."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"feedhub.parse.worker_process" in (process / "cmdline").read_bytes():
                found.add(int(process.name))
    return found


def test_a_feed_comes_back_as_the_parser_read_it() -> None:
    feed = within(ParserPool, lambda pool: pool.parse(GOOD, url="http://paper.test/"))
    assert isinstance(feed, Feed)
    assert [entry.guid for entry in feed.entries] == ["1"]


def test_a_document_that_stalls_the_parser_costs_its_deadline_and_nothing_else() -> None:
    async def job(pool: ParserPool) -> list[Any]:
        started = time.monotonic()
        slow, good = await asyncio.gather(pool.parse(SLOW), pool.parse(GOOD))
        return [slow, good, time.monotonic() - started, await pool.parse(GOOD)]

    slow, good, took, again = within(lambda: ParserPool(deadline=1), job)
    assert slow == ParseFailed(reason="reading it takes longer than 1 s: given up")
    assert isinstance(good, Feed)
    assert good == again
    assert took < 5 * business()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_worker_ends_that_has_nothing_to_do_and_the_next_document_starts_another() -> None:
    async def job(pool: ParserPool) -> list[Any]:
        assert isinstance(await pool.parse(GOOD), Feed)
        first = workers()
        await pool.end_idle(60)
        assert workers() == first
        slow = asyncio.create_task(pool.parse(SLOW))
        while workers() != first or not pool._feeds._busy:
            await asyncio.sleep(0.01)
        await pool.end_idle(0)
        # one at work is left alone
        assert workers() == first
        assert isinstance(await slow, ParseFailed)
        assert isinstance(await pool.parse(GOOD), Feed)
        second = workers()
        await pool.end_idle(0)
        return [first, second, workers(), await pool.parse(GOOD)]

    first, second, none, again = within(lambda: ParserPool(deadline=1, workers=1), job)
    assert len(first) == len(second) == 1
    assert first != second
    assert none == set()
    assert isinstance(again, Feed)


@pytest.mark.parametrize("coding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_no_label_brings_a_document_to_the_lenient_reader_here(coding: str) -> None:
    body = '<rss version="2.0"><channel><item><guid>1</guid><title>One'.encode(coding)

    async def job(pool: ParserPool) -> int:
        await pool.parse(body, content_type="application/json")
        return len(workers())

    assert within(ParserPool, job) == 1


def test_a_document_that_needs_too_much_memory_is_refused() -> None:
    async def job(pool: ParserPool) -> list[Any]:
        return [await pool.parse(LARGE), await pool.parse(GOOD)]

    large, good = within(lambda: ParserPool(memory=60_000_000), job)
    assert isinstance(large, ParseFailed)
    assert "memory" in large.reason
    assert isinstance(good, Feed)


def test_a_worker_that_was_killed_is_replaced() -> None:
    async def job(pool: ParserPool) -> object:
        await pool.parse(GOOD)
        (pid,) = workers()
        os.kill(pid, signal.SIGKILL)
        return await pool.parse(GOOD)

    assert isinstance(within(ParserPool, job), Feed)


def test_nothing_is_started_before_it_is_needed_and_nothing_stays() -> None:
    async def job(pool: ParserPool) -> list[set[int]]:
        before = workers()
        await pool.parse(b'{"items": []}')
        json_only = workers()
        await asyncio.gather(*(pool.parse(GOOD) for _ in range(6)))
        return [before, json_only, workers()]

    before, json_only, after = within(ParserPool, job)
    assert before == json_only
    assert len(after - before) == 2
    assert workers() == before


def test_a_worker_stays_however_large_its_parent_is() -> None:
    async def job(pool: ParserPool) -> bool:
        await pool.parse(GOOD)
        before = workers()
        await pool.parse(GOOD)
        return before == workers() != set()

    ballast = bytearray(b"x") * 200_000_000
    assert within(ParserPool, job)
    del ballast


@pytest.mark.parametrize("turns", [0, 1, 2, 5, 50])
def test_a_job_that_is_cancelled_leaves_no_answer_for_the_next(turns: int) -> None:
    async def job(pool: ParserPool) -> object:
        await pool.parse(GOOD)
        task = asyncio.create_task(pool.parse(SLOW))
        for _ in range(turns):  # of the event loop: at whichever it comes, the next job gets its own answer
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await pool.parse(GOOD)

    assert isinstance(within(lambda: ParserPool(workers=1), job), Feed)


def test_closing_does_not_wait_for_a_stalled_parser() -> None:
    async def run() -> None:
        pool, before = ParserPool(deadline=60), workers()
        task = asyncio.create_task(pool.parse(SLOW))
        while workers() == before:
            await asyncio.sleep(0)
        async with asyncio.timeout(20):
            await pool.close()
            assert await task == ParseFailed(reason="not read: the program is stopping")

    asyncio.run(run())


def test_a_folder_is_parsed_as_one_feed() -> None:
    parts = (
        Fetched(source="s", url="a.xml", body=GOOD),
        FetchFailed(source="s", reason="b.xml: no regular file"),
        Fetched(source="s", url="c.json", body=b'{"items": [{"id": "2"}]}'),
    )
    fetched = Fetched(source="s", url="folder", body=b"", parts=parts)
    feed = within(ParserPool, lambda pool: pool.parse_fetched(fetched))
    assert isinstance(feed, Feed)
    assert [entry.guid for entry in feed.entries] == ["1", "2"]
    assert feed.remarks == ("b.xml: no regular file", "c.json: no JSON Feed version given")


def test_ctrl_c_prints_no_tracebacks_of_workers(tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(
        "import asyncio, signal, sys\n"
        # whoever began these tests in the background may have had it ignored
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"sys.path.insert(0, {str(Path(__file__).parent.parent)!r})\n"
        "from feedhub.parse.parser_pool import ParserPool\n"
        f"slow = {SLOW[:42]!r} + b'<a>' * 1_000_000\n"
        "async def main():\n"
        "    async with ParserPool() as pool:\n"
        "        await pool.parse(b'<rss/>')\n"
        "        print('ready', flush=True)\n"
        "        while True:\n            await pool.parse(slow)\n"
        "try:\n    asyncio.run(main())\nexcept KeyboardInterrupt:\n    sys.exit(130)\n"
    )
    process = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=10 * business())
    finally:
        process.kill()
    assert (process.returncode, errors) == (130, b"")
