"""No answer costs more than its caps, and every failure is one clear line."""

from __future__ import annotations

import asyncio
import gzip
import os
import resource
import ssl
import struct
import time
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress

import pytest
from fetching import fetch, fetched, reason, source
from origin import (
    FEED,
    Origin,
    Play,
    Reply,
    Request,
    bomb,
    drip,
    drip_headers,
    endless,
    feed,
    gzipped,
    hang,
    hang_up,
    noise,
)

from feedhub.errors import EnvironmentFailed
from feedhub.fetch import Client, Limits, Poster
from feedhub.fetch.body import read_body
from feedhub.model import FetchFailed, FetchResult

QUICK = Limits(total=0.4, connect=0.3, body=3_000_000)

FAILURES: list[tuple[str, Play, str]] = [
    ("a server that never answers", hang, "timeout: not finished after 0.4 s"),
    ("a body a byte at a time", drip, "timeout: not finished after 0.4 s"),
    ("headers a line at a time", drip_headers, "timeout: not finished after 0.4 s"),
    ("a body without end", endless, "too large: more than 3 MB"),
    ("a long body", feed(b" " * 3_000_001), "too large: more than 3 MB"),
    ("a bomb", gzipped(b"a" * 2_900_000), "inflates more than 100 times"),
    ("a large bomb", Reply(200, {"Content-Encoding": "gzip"}, bomb(b"a", 50)), "too large: more than 3 MB"),
    ("a body that says br", Reply(200, {"Content-Encoding": "br"}, b"xxxx"), "only gzip was asked for"),
    ("gzip twice", Reply(200, {"Content-Encoding": "gzip, gzip"}, b"xxxx"), "only gzip was asked for"),
    ("damaged gzip", Reply(200, {"Content-Encoding": "gzip"}, b"\x1f\x8b" + b"z" * 40), "the gzip body is damaged"),
    (
        "gzip members without end",
        Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(b"") * 1_100),
        "more than 1000 gzip members",
    ),
    ("half a gzip", Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(FEED)[:-20]), "the gzip body is cut off"),
    ("half a body", Reply(200, {}, FEED, len(FEED) + 10), "the body is cut off"),
    ("a very long header", Reply(200, {"X-A": "a" * 20_000}, FEED), "does not speak proper HTTP"),
    ("too many headers", Reply(200, {f"X-{n}": "a" for n in range(300)}, FEED), "does not speak proper HTTP"),
    ("too much in the headers", Reply(200, {f"X-{n}": "a" * 1000 for n in range(80)}, FEED), "64 kB of headers"),
    ("something that is no HTTP", noise, "does not speak proper HTTP"),
    ("a server that hangs up", hang_up, "closed the connection without an answer"),
    ("not found", Reply(404), "HTTP 404 Not Found"),
    ("an unknown status", Reply(599), "HTTP 599"),
    ("no content", Reply(204), "HTTP 204 No Content"),
    ("a part", Reply(206, {}, FEED), "HTTP 206 Partial Content"),
]


@pytest.mark.parametrize(("play", "expected"), [f[1:] for f in FAILURES], ids=[f[0] for f in FAILURES])
def test_failures_are_values_with_a_line_for_a_person(play: Play, expected: str) -> None:
    with Origin() as origin:
        url = origin.serve("/feed", play)
        assert expected in reason(fetch(url, allow={origin.place}, limits=QUICK))


def test_a_form_that_gets_no_answer_in_time_ends_otherwise_than_one_that_is_refused() -> None:
    async def posted(url: str, allowed: str) -> str | None:
        async with Poster(allow={allowed}, limits=QUICK) as poster:
            assert await poster.send(url, b"news", {}) == "timeout: not finished after 0.4 s"
            return await poster.post(url, [("hub.mode", "publish")])

    with Origin() as origin, pytest.raises(TimeoutError, match=r"^timeout: not finished after 0\.4 s$"):
        asyncio.run(posted(origin.serve("/hub", hang), origin.place))


def test_410_is_gone() -> None:
    with Origin() as origin:
        result = fetch(origin.serve("/feed", Reply(410)), allow={origin.place})
    assert isinstance(result, FetchFailed)
    assert result.gone


def test_nobody_listens() -> None:
    with Origin() as origin:
        place = origin.place
    assert "connect" in reason(fetch(f"http://{place}/", allow={place}))


def test_an_unknown_name() -> None:
    assert reason(fetch("http://feeds.invalid/")) == "DNS: feeds.invalid is not known"


@pytest.mark.parametrize(
    "url",
    ["http://", "http:///feed", "http://[::1/feed", "http://a:99999/", "http://a:b/", "http://xn--a/", "http://a b/"],
)
def test_nonsense_addresses_fail_alone(url: str) -> None:
    assert reason(fetch(url))


def test_a_password_is_not_told_in_a_reason() -> None:
    assert "secret" not in reason(fetch("http://user:secret/x@host:port/"))


@pytest.mark.parametrize(
    "reply",
    [
        gzipped(FEED),
        Reply(200, {"Content-Encoding": "x-gzip"}, gzip.compress(FEED)),
        Reply(200, {"Content-Encoding": "deflate"}, zlib.compress(FEED)),
        Reply(200, {"Content-Type": "application/gzip"}, gzip.compress(FEED)),
        Reply(200, {"Content-Encoding": "gzip"}, FEED),
        Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(FEED[:50]) + gzip.compress(FEED[50:])),
        Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(FEED) + b"\0" * 20),
        Reply(203, {}, FEED),
        Reply(200, {"Content-Encoding": "identity, gzip"}, gzip.compress(FEED)),
        Reply(200, {"Content-Encoding": " GZIP ,identity,"}, gzip.compress(FEED)),
        Reply(200, {"Content-Encoding": "identity, identity"}, FEED),
    ],
    ids="gzip x-gzip deflate undeclared declared-only two-members padded by-a-proxy "
    "identity-first identity-last identity-alone".split(),
)
def test_bodies_are_decoded_as_servers_really_send_them(reply: Reply) -> None:
    with Origin() as origin:
        assert fetched(fetch(origin.serve("/feed", reply), allow={origin.place})).body == FEED


def test_a_body_in_tiny_chunks_takes_no_more_memory_than_its_bytes() -> None:
    async def tiny() -> AsyncIterator[bytes]:
        for n in range(200_000):
            yield struct.pack("!H", 40_000 + n % 25_000)

    tracemalloc.start()
    try:
        body = asyncio.run(read_body(tiny(), None, 3_000_000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(body) == 400_000
    assert peak < 4_000_000


@contextmanager
def no_files_left() -> Iterator[None]:
    """While no more files can be opened by this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    taken: list[int] = []
    try:
        with suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        yield
    finally:
        for one in taken:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://paper.example/", "feed.xml"], ids=["ip", "name", "path"]
)
@pytest.mark.parametrize("proxy", [None, "http://127.0.0.1:1"], ids=["direct", "proxy"])
def test_too_many_open_files_are_this_machines_trouble(url: str, proxy: str | None) -> None:
    async def run() -> None:
        async with Client(host_delay=0, allow={"127.0.0.1:1"}, proxy=proxy) as client:
            with no_files_left():
                await client.fetch(source(url))

    with pytest.raises(EnvironmentFailed, match=r"too many open files: raise the limit .* no source is to blame"):
        asyncio.run(run())


def test_a_server_that_sends_a_byte_a_chunk_costs_no_core() -> None:
    body = FEED + b" " * (300_000 - len(FEED))
    slivers = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"

    async def play(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + slivers)
        writer.close()

    with Origin() as origin:
        url = origin.serve("/feed", play)
        before = time.process_time()
        assert fetched(fetch(url, allow={origin.place})).body == body
        assert time.process_time() - before < 2


def test_slivers_by_way_of_a_proxy_keep_nobody_waiting_and_end_too() -> None:
    async def play(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(101):
            writer.write(b"1\r\nx\r\n" * 1_000)
            await writer.drain()

    async def run(url: str, proxy: str) -> tuple[FetchResult, float]:
        async with Client(host_delay=0, proxy=proxy) as client:
            task = asyncio.create_task(client.fetch(source(url)))
            longest, before = 0.0, time.thread_time()
            while not task.done():
                await asyncio.sleep(0)
                longest, before = max(longest, time.thread_time() - before), time.thread_time()
            return task.result(), longest

    with Origin() as origin:
        origin.serve("http://a.test/feed", play)
        result, longest = asyncio.run(run("http://a.test/feed", f"http://{origin.place}"))
    assert reason(result) == "a.test sends its body in slivers"
    assert longest < 0.08


def test_a_megabyte_in_slivers_is_no_feed() -> None:
    async def play(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(300):
            writer.write(b"1\r\nx\r\n" * 10_000)
            await writer.drain()

    with Origin() as origin:
        before = time.process_time()
        assert "round the body" in reason(fetch(origin.serve("/feed", play), allow={origin.place}))
        assert time.process_time() - before < 6


@pytest.mark.parametrize("body", [b"", b"x"], ids=["none", "one byte"])
def test_tiny_bodies_arrive(body: bytes) -> None:
    with Origin() as origin:
        assert fetched(fetch(origin.serve("/feed", feed(body)), allow={origin.place})).body == body


def test_a_repetitive_feed_below_a_megabyte_is_no_bomb() -> None:
    with Origin() as origin:
        url = origin.serve("/feed", gzipped(b"a" * 900_000))
        assert len(fetched(fetch(url, allow={origin.place})).body) == 900_000


def test_a_certificate_that_nobody_vouches_for_fails(tmp_path: object) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # no certificate at all: the handshake cannot succeed
    with Origin(tls=context) as origin:
        assert reason(fetch(origin.url("/feed"), allow={origin.place})).startswith(("TLS: ", "127.0.0.1"))
