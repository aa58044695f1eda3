"""Nothing that a stranger can ask for, or a source can send, holds the event loop for 50 ms.

FEEDHUB_STALL_SCALE makes texts and lists so many times as long; `-m ""` runs the second test, too, which waits for
parsers' deadlines.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import random
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from hubs import NOON, Newsroom
from loop_watch import Watch, watched
from origin import Origin, Reply, bomb
from outlets import Stand, plain_item, words

from feedhub.config import Fetch
from feedhub.hub import Hub
from feedhub.model import OutputRule

SCALE = int(os.environ.get("FEEDHUB_STALL_SCALE", "1"))
PARAGRAPHS, EDITIONS, STORIES = 60 * SCALE, 4, 100 * SCALE
#: seconds of the loop's own CPU; the issue's bound
BOUND = 0.05
TAGS = ", ".join(f'"{number:032x}"' for number in range(1_500))
PATHS = (
    "/ /feeds/all.atom /feeds/all.rss /feeds/all.json /feeds/all.html /feeds/all.atom?page=2 /feeds/all.rss?page=3 "
    "/feeds/all.json?page=999999 /feeds/all.atom?archive=1 /feeds/all.atom?archive=999999 /feeds/hush/all.atom "
    "/feeds/hush.atom?token=x /health /metrics /feeds/health.atom /readyz /healthz /story/nothing /static/hub.css "
    "/websub/x /search?q=aster /nothing"
).split(" ")
HEADERS: Sequence[dict[str, str]] = (
    {},
    {"accept-encoding": "gzip"},
    {"accept-encoding": "zstd, br;q=0.5, " + ", ".join(f"x{n};q=0.{n}" for n in range(5_000))},
    {"a-im": "feed", "if-none-match": TAGS},
    {"if-none-match": TAGS, "cookie": "a=b; " * 2_000},
    {"if-modified-since": "Tue, 10 Mar 2026 16:00:00 GMT", "range": "bytes=" + ",".join(["0-"] * 9_000)},
    {"authorization": "Basic " + "A" * 40_000},
)


def edition(number: int) -> dict[str, object]:
    """A long story of which two thirds of the words are others in each edition."""
    common, own = random.Random(1), random.Random(number)
    lines = [
        " ".join([*common.sample(words(n).split(), 12), *own.sample(words(n + 900).split(), 18)])
        for n in range(PARAGRAPHS)
    ]
    return plain_item(0, content_html="".join(f"<p>{line}</p>" for line in lines))


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Stand:
    """A hub with many stories and a long one that was edited again and again."""
    room = Newsroom(tmp_path_factory.mktemp("stalls"))
    room.settings["feeds"] = (OutputRule(name="all", limit=500), OutputRule(name="hush", token="a-long-secret-token"))
    room.source("evil")
    room.source("paper")
    room.serve("paper", *[plain_item(number) for number in range(1, STORIES)])
    made = Stand(room)
    for number in range(EDITIONS):
        room.serve("evil", edition(number))
        made.round(number)
    return made


def ask_for_everything(client: httpx.Client, story: str) -> int:
    """Ask for each page with each head, many at once, and post to nobody; return how many were answered."""

    def ask(path: str, headers: dict[str, str]) -> int:
        with suppress(httpx.TransportError):
            return client.get(path, headers=headers).status_code
        return 0

    def post(key: str) -> int:
        with suppress(httpx.TransportError):
            return client.post(f"/websub/{key}", content=b"x" * 9_000_000).status_code
        return 410

    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(ask, path, headers) for path in (*PATHS, story) for headers in HEADERS]
        asked += [threads.submit(post, key) for key in ("x", "y" * 2_000)]
        return sum(each.result() in (200, 226, 301, 304, 401, 404, 410, 414, 431) for each in asked)


def test_no_request_holds_the_event_loop(stand: Stand) -> None:
    story = next(each.id for each in stand.room.stories() if "evil" in str(each.copies[0].key.source))
    with watched() as watch, stand.served() as client:
        path = f"/story/{story.rpartition(':')[2]}"
        assert client.get(path).status_code == 200
        for each in PATHS:
            client.get(each)
        watch.clear()
        assert ask_for_everything(client, path) > len(PATHS) * len(HEADERS) * 0.9
    _hold(watch)


def _hold(watch: Watch) -> None:
    print(watch)
    assert watch.worst < BOUND, str(watch)


LARGE = 1_000_000 * SCALE
RSS, END = b"<rss version='2.0'><channel>", b"</channel></rss>"
ITEMS = [{"id": str(number)} for number in range(20_000 * SCALE)]
GZIP = {"Content-Encoding": "gzip"}
DOCUMENTS: dict[str, tuple[bytes, dict[str, str]]] = {
    "text": (RSS + b"x" * LARGE, {}),
    "items": (RSS + b"<item><title>a</title></item>" * (20_000 * SCALE), {}),
    "attributes": (b"<rss " + b"".join(b"a%d='b' " % n for n in range(30_000)) + b">", {}),
    "nesting": (RSS + b"<a>" * (100_000 * SCALE), {}),
    "entities": (b"<!DOCTYPE rss [<!ENTITY a 'b'>" + b"<!ENTITY c '&a;&a;'>" * 20_000 + b"]><rss>&c;</rss>", {}),
    "json": (json.dumps({"version": "https://jsonfeed.org/version/1", "items": ITEMS}).encode(), {}),
    "nested json": (b"[" * 500_000, {}),
    "zeros": (gzip.compress(b"\0" * 900_000, 9), GZIP),
    "a bomb": (bomb(b"\0", 60), GZIP),
    "members": (gzip.compress(b"") * 900 + gzip.compress(b"x"), GZIP),
    "hubs": (b"<rss/>", {"Link": ", ".join(f"<http://hub{n}.test/>; rel=hub" for n in range(400))}),
    "a link without end": (b"<rss/>", {"Link": "<" * 8_000}),
    "relations": (b"<rss/>", {"Link": "<a>" + ";rel=" * 1_600}),
    "a date": (b"<rss/>", {"Expires": "1 " * 8_000, "Date": "," * 8_000}),
    "ages": (b"<rss/>", {"Cache-Control": "max-age=9," * 1_600}),
    "waits": (b"", {"Retry-After": "9," * 8_000}),
    "a page": (b"<!doctype html><title>" + b"x" * LARGE, {"Content-Type": "text/html"}),
    "a location": (b"", {"Location": "http://a.test/" + "%ff" * 5_000}),
    "dots": (b"", {"Location": "../" * 5_000}),
    "latin": (RSS + b"<title>" + b"\xe9" * LARGE + b"</title>" + END, {"Content-Type": "text/xml"}),
    "utf-16": ((RSS + b"<title>" + b"x" * LARGE + b"</title>" + END).decode().encode("utf-16"), {}),
    "a long entry": (
        RSS + b"<item><guid>1</guid><description>" + b"&lt;b>word " * (LARGE // 10) + b"</description></item>" + END,
        {},
    ),
    "references": (RSS + b"<item><guid>1</guid><title>" + b"&amp;" * (LARGE // 5) + b"</title></item>" + END, {}),
}
STATUSES = {"waits": 503, "a location": 302, "dots": 301}


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as made:
        for name, (body, headers) in DOCUMENTS.items():
            made.serve(f"/{name.replace(' ', '-')}", Reply(STATUSES.get(name, 200), headers, body))
        yield made


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_no_answer_of_a_source_holds_the_event_loop(origin: Origin, tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.settings["fetch"] = Fetch(allow=(origin.place,))
    for name in DOCUMENTS:
        row = name.replace(" ", "-")
        room.source(row)
        room.reconfigure(row, url=origin.url(f"/{row}"))

    async def poll(hours: int, watch: Watch) -> int:
        now = NOON + timedelta(hours=hours)
        async with Hub.open(room.config, now) as hub:
            # opening a hub is no stranger's doing
            await asyncio.sleep(0)
            watch.clear()
            report = await hub.round(now, everything=True)
            return len(report.sources)

    with watched() as watch:
        assert asyncio.run(poll(0, watch)) == len(DOCUMENTS)
        # what is loaded when it is first needed is loaded by now
        room.settings["database"] = f"sqlite:///{tmp_path / 'again.db'}"
        assert asyncio.run(poll(1, watch)) == len(DOCUMENTS)
    assert threading.active_count() < 50
    _hold(watch)
