"""Answers byte for byte: the improper fail at once, what servers really send is read, connections are kept apart."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import struct

import httpx
import pytest
from fetching import fetch, fetched, reason, source
from origin import FEED, Origin, Play, Request, feed

from feedhub.fetch import Client, Limits
from feedhub.fetch.transport import EXEMPT, Transport
from feedhub.model import FetchResult


def raw(*pieces: bytes, over: bool = False, closes: bool = True) -> Play:
    """An answer byte for byte; with `over` the last piece is sent again and again."""

    async def play(request: Request, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        while over:
            writer.write(pieces[-1] * 100)
            await writer.drain()
        if closes:
            writer.close()

    return play


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
IMPROPER: dict[str, tuple[Play, str]] = {
    "a header without end": (raw(OK + b"X-A: ", b"a" * 9000, over=True), "more than 128 kB of headers"),
    "headers without end": (raw(OK, b"X-A: b\r\n", over=True), "too many headers"),
    "trailers without end": (raw(CHUNKED + b"1\r\nx\r\n0\r\n", b"X-A: b\r\n", over=True), "too many headers"),
    "a trailer without end": (raw(CHUNKED + b"1\r\nx\r\n0\r\nX-A: ", b"a" * 9000, over=True), "round the body"),
    "an extension of a chunk without end": (raw(CHUNKED + b"1;", b"a" * 9000, over=True), "round the body"),
    "interim answers without end": (raw(b"HTTP/1.1 100 Continue\r\n\r\n", over=True), "interim answers"),
    "early hints without end": (raw(b"HTTP/1.1 103 X\r\nLink: </a>\r\n\r\n", over=True), "interim answers"),
    "two lengths": (raw(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"), "Duplicate Content-Length"),
    "a length and chunks": (raw(OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"), "Transfer-Encoding"),
    "a length below nothing": (raw(OK + b"Content-Length: -5\r\n\r\nabcdef"), "Content-Length"),
    "a chunk beyond all numbers": (raw(CHUNKED + b"F" * 17 + b"\r\nabc"), "Chunk size overflow"),
    "a chunk that is none": (raw(CHUNKED + b"xyz\r\nabc"), "chunk size"),
    "a null in a header": (raw(OK + b"X-A: a\0b\r\n\r\n"), "a null in the header X-A"),
    "no head at all": (raw(FEED), "Expected HTTP/"),
    "another protocol": (raw(b"HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"), "HTTP 101"),
    "chunks that break off": (raw(CHUNKED + b"5\r\nabc"), "the body is cut off"),
    "a head that breaks off": (raw(OK + b"X-A: b\r\n"), "without an answer"),
}


@pytest.mark.parametrize(("play", "expected"), IMPROPER.values(), ids=IMPROPER)
def test_what_is_no_proper_answer_fails_at_once(play: Play, expected: str) -> None:
    with Origin() as origin:
        assert expected in reason(fetch(origin.serve("/feed", play), allow={origin.place}, limits=Limits(total=20)))


async def reset(request: Request, writer: asyncio.StreamWriter) -> None:
    """Half an answer whose end only the connection's end would tell, and then no orderly end."""
    writer.write(OK + b"\r\n" + FEED[:100])
    await writer.drain()
    wire = writer.get_extra_info("socket")
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def test_a_connection_that_is_reset_is_no_end_of_a_body() -> None:
    with Origin() as origin:
        assert "closed" in reason(fetch(origin.serve("/feed", reset), allow={origin.place}))


MEMBERS = gzip.compress(FEED[:50]) + gzip.compress(FEED[50:])
BEARABLE = {
    "gzip members, a chunk for each byte": raw(CHUNKED + b"".join(b"1\r\n%c\r\n" % b for b in MEMBERS) + b"0\r\n\r\n"),
    "no length": raw(OK + b"\r\n" + FEED),
    "chunks with extensions": raw(CHUNKED + b"%x;a=b\r\n" % len(FEED) + FEED + b"\r\n0\r\n\r\n"),
    "a blank behind the chunk's size": raw(CHUNKED + b"%x \r\n" % len(FEED) + FEED + b"\r\n0\r\n\r\n"),
    "trailers": raw(CHUNKED + b"%x\r\n" % len(FEED) + FEED + b"\r\n0\r\nX-A: b\r\n\r\n"),
    "a folded header": raw(OK + b"X-A: a\r\n b\r\nContent-Length: %d\r\n\r\n" % len(FEED) + FEED),
    "lines without CR": raw(b"HTTP/1.1 200 OK\nContent-Length: %d\n\n" % len(FEED) + FEED),
    "HTTP/1.0": raw(b"HTTP/1.0 200 OK\r\n\r\n" + FEED),
    "no reason": raw(b"HTTP/1.1 200\r\nContent-Length: %d\r\n\r\n" % len(FEED) + FEED),
    "early hints": raw(b"HTTP/1.1 103 X\r\nETag: no\r\n\r\n" + OK + b"ETag: yes\r\n\r\n" + FEED),
    "a byte at a time": raw(*(bytes([b]) for b in OK + b"Content-Length: %d\r\n\r\n" % len(FEED) + FEED)),
    "a chunk for each byte": raw(CHUNKED + b"".join(b"1\r\n%c\r\n" % b for b in FEED) + b"0\r\n\r\n"),
    "another answer behind it": raw(
        OK + b"Content-Length: %d\r\n\r\n" % len(FEED) + FEED + b"HTTP/1.1 410 Gone\r\nContent-Length: 1\r\n\r\nx"
    ),
    "more than was announced": raw(OK + b"Content-Length: %d\r\n\r\n" % len(FEED) + FEED + b"HTTP/1.1 200 OK\r\n"),
}


@pytest.mark.parametrize("play", BEARABLE.values(), ids=BEARABLE)
def test_what_servers_really_send_is_read(play: Play) -> None:
    with Origin() as origin:
        found = fetched(fetch(origin.serve("/feed", play), allow={origin.place}))
    assert found.body == FEED
    assert found.validators.etag in (None, "yes")


@pytest.mark.parametrize("between", [b"", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["closed", "a word too much"])
def test_a_kept_connection_that_is_spoilt_costs_the_next_source_nothing(between: bytes) -> None:
    head = OK + b"Content-Length: %d\r\n\r\n" % len(FEED)
    with Origin() as origin:
        urls = [origin.serve(f"/{n}", raw(head + FEED + between, closes=not between)) for n in range(3)]

        async def run() -> list[FetchResult]:
            async with Client(host_delay=0, per_host=1, allow={origin.place}) as client:
                return list(await asyncio.gather(*(client.fetch(source(url)) for url in urls)))

        assert [fetched(each).body for each in asyncio.run(run())] == [FEED] * 3


FORGED = b"<rss><channel><item><title>Forged</title></item></channel></rss>"


@pytest.mark.parametrize("status", [b"404 Not Found", b"302 Found\r\nLocation: /0"], ids=["failed", "redirected"])
def test_what_one_source_is_sent_never_stands_in_the_document_of_the_next(status: bytes) -> None:
    head = b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (status, len(FORGED))
    with Origin() as origin:
        # the connection of the first is not kept: nobody waits behind it yet
        plays = [feed(), raw(head + FORGED, closes=False), feed(), feed()]
        urls = [origin.serve(f"/{n}", play) for n, play in enumerate(plays)]

        async def run() -> list[FetchResult]:
            async with Client(host_delay=0, per_host=1, allow={origin.place}) as client:
                return list(await asyncio.gather(*(client.fetch(source(url)) for url in urls)))

        assert [fetched(each).body for each in asyncio.run(run())[2:]] == [FEED] * 2


def test_a_kept_connection_is_used_again_and_ended_with_the_client() -> None:
    with Origin() as origin:
        urls = [origin.serve(f"/{n}", feed()) for n in range(3)]

        async def run() -> None:
            async with Client(host_delay=0, per_host=1, allow={origin.place}) as client:
                await asyncio.gather(*(client.fetch(source(url)) for url in urls))

        asyncio.run(run())
        # the first did not know yet that others would follow
        assert (origin.connections, len(origin.requests)) == (2, 3)


def test_a_second_address_is_tried_where_the_first_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    with Origin() as origin:
        places = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, origin.port)) for host in ("127.9.9.9", "127.0.0.1")
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kw: places)
        origin.serve("/feed", feed())
        place = f"far.test:{origin.port}"
        assert fetched(fetch(f"http://{place}/feed", allow={place})).body == FEED


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("127.9.9.9", "127.0.0.1")], ids=["one", "of two"])
def test_a_refused_connection_is_told_in_the_systems_words(
    addresses: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        places = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in addresses]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kw: places)
        result = fetch(f"http://far.test:{port}/feed", allow={f"far.test:{port}"})
    assert reason(result) == "far.test: connection refused"


def test_certificates_are_read_once_by_all_who_ask_at_the_same_time() -> None:
    read: list[ssl.SSLContext] = []

    def reading() -> ssl.SSLContext:
        read.append(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        return read[-1]

    async def ask(origin: Origin) -> list[object]:
        transport = Transport(connect_timeout=20, tls=reading)
        requests = [
            httpx.Request("GET", f"https://{origin.place}/{number}", extensions={EXEMPT: True}) for number in range(6)
        ]
        asking = [transport.handle_async_request(request) for request in requests]
        return [*await asyncio.gather(*asking, return_exceptions=True)]

    # no certificate at all: every handshake fails
    with Origin(tls=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)) as origin:
        answers = asyncio.run(ask(origin))
    assert all(isinstance(answer, httpx.TransportError) for answer in answers), answers
    assert len(read) == 1
