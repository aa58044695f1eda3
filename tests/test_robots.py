"""Hostile files of robots.txt: what they say is read off the event loop, and what is remembered of them is bounded."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from hubs import NOON
from protego import Protego

from feedhub.ingest.robots import Robots
from feedhub.model import Fetched, FetchResult, Validators

LONG = "User-agent: *\n" + "".join(f"Disallow: /*{number}*x\n" for number in range(30_000))


Refusal = Callable[[str, datetime], Coroutine[Any, Any, object]]


def served(body: str, asked: list[str]) -> Refusal:
    """Ask rules of hosts that all serve the same file."""

    async def fetch(url: str) -> FetchResult:
        asked.append(url)
        return Fetched(source="s", url=url, body=body.encode(), validators=Validators(), body_hash="")

    return partial(Robots().refusal, fetch=fetch)


def test_a_long_file_is_parsed_off_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[str] = []
    parse = Protego.parse

    def noted(text: str) -> Protego:
        threads.append(threading.current_thread().name)
        return parse(text)

    monkeypatch.setattr(Protego, "parse", noted)
    asyncio.run(served(LONG, [])("https://paper.test/a", NOON))
    asyncio.run(served("User-agent: *\nDisallow: /b\n", [])("https://paper.test/a", NOON))
    assert [name == "MainThread" for name in threads] == [False, True]


@pytest.mark.soak
def test_many_hosts_with_long_files_are_forgotten_and_those_with_short_ones_remembered() -> None:
    async def ask(refusal: Refusal, hosts: int) -> None:
        for _ in range(2):
            for number in range(hosts):
                await refusal(f"https://paper{number}.test/a", NOON)

    for body, hosts, fetches in ((LONG, 12, 24), ("User-agent: *\nDisallow: /b\n", 500, 500)):
        asked: list[str] = []
        asyncio.run(ask(served(body, asked), hosts))
        assert len(asked) == fetches
