"""Conditions, codings and HEAD by RFC 9110, as a table."""

from __future__ import annotations

import asyncio
import gzip
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
from newsstand import NOON, at

from feedhub.packed_bytes import PackedBytes
from feedhub.serve import Document, document
from feedhub.serve.http_document import version_of
from feedhub.serve.http_response import DocumentRequest, DocumentResponse, accepted_codings, read_request, respond

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BODY = b"<feed>" + b"the same words over and over " * 50 + b"</feed>"
DOCUMENT = document(BODY, "application/atom+xml", NOON)
PLAIN, GZIPPED, ZSTD = DOCUMENT.plain.etag, DOCUMENT.encoded["gzip"].etag, DOCUMENT.encoded["zstd"].etag
DATE = "Tue, 02 Jun 2026 12:00:00 GMT"


LATER = at(24)


def ask(now: datetime = LATER, made: Document = DOCUMENT, **said: Any) -> DocumentResponse:
    return respond(made, DocumentRequest(**said), now)


def head(made: DocumentResponse) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in made.headers}


# if-none-match, if-modified-since, accept-encoding -> status, etag
CONDITIONS: dict[str, tuple[str | None, str | None, str, int, str]] = {
    "unconditional": (None, None, "", 200, PLAIN),
    "unconditional, gzip": (None, None, "gzip", 200, GZIPPED),
    "the tag": (PLAIN, None, "", 304, PLAIN),
    "the tag of the coding asked for": (GZIPPED, None, "gzip", 304, GZIPPED),
    "the tag of the other coding": (PLAIN, None, "gzip", 304, PLAIN),
    "unconditional, zstd": (None, None, "gzip, deflate, br, zstd", 200, ZSTD),
    "the tag of a coding that is not asked for any more": (ZSTD, None, "gzip", 304, ZSTD),
    "a tag that a proxy weakened": (f"W/{GZIPPED}", None, "gzip", 304, GZIPPED),
    "in a list": (f'"old", W/"older" ,{PLAIN}', None, "", 304, PLAIN),
    "a comma inside a tag": (f'"a,b", {PLAIN}', None, "", 304, PLAIN),
    "any": ("*", None, "", 304, PLAIN),
    "any, gzip": (" * ", None, "gzip", 304, GZIPPED),
    "another tag": ('"other"', None, "", 200, PLAIN),
    "the tag without its quotes": (PLAIN.strip('"'), None, "", 200, PLAIN),
    "a star in quotes": ('"*"', None, "", 200, PLAIN),
    "an empty tag": ("", None, "", 200, PLAIN),
    "the date": (None, DATE, "", 304, PLAIN),
    "the date, gzip": (None, DATE, "gzip", 304, GZIPPED),
    "a later date": (None, "Tue, 02 Jun 2026 12:00:01 GMT", "", 304, PLAIN),
    "an earlier date": (None, "Tue, 02 Jun 2026 11:59:59 GMT", "", 200, PLAIN),
    "the old form of date": (None, "Tuesday, 02-Jun-26 12:00:00 GMT", "", 304, PLAIN),
    "a date that nobody can read": (None, "yesterday", "", 200, PLAIN),
    "a date out of range": (None, "Tue, 99 Jun 2026 12:00:00 GMT", "", 200, PLAIN),
    "a date ahead of us": (None, "Tue, 19 Jan 2038 03:14:07 GMT", "", 200, PLAIN),
    "the tag before an old date": (PLAIN, "Tue, 02 Jun 2020 12:00:00 GMT", "", 304, PLAIN),
    "an empty tag before the date": ("", DATE, "", 200, PLAIN),
    "another tag before the date": ('"other"', DATE, "", 200, PLAIN),
}


@pytest.mark.parametrize(("tag", "date", "coding", "status", "etag"), CONDITIONS.values(), ids=CONDITIONS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditions(method: str, tag: str | None, date: str | None, coding: str, status: int, etag: str) -> None:
    made = ask(method=method, if_none_match=tag, if_modified_since=date, accept_encoding=coding)
    assert (made.status, head(made)["etag"]) == (status, etag)
    assert bool(made.body) is (status == 200 and method == "GET")


@pytest.mark.parametrize(("coding", "unpack"), [("gzip", gzip.decompress), ("zstd", zstd.decompress)])
def test_each_coding_has_its_own_strong_tag_and_the_same_text(coding: str, unpack: Any) -> None:
    plain, packed = ask(), ask(accept_encoding=coding)
    assert plain.body == BODY
    assert unpack(packed.body) == BODY
    assert len(packed.body) == int(head(packed)["content-length"]) < len(BODY)
    assert head(packed)["content-encoding"] == coding
    assert "content-encoding" not in head(plain)
    assert len({PLAIN, GZIPPED, ZSTD}) == 3
    assert not PLAIN.startswith("W/")
    assert {version_of(tag) for tag in (PLAIN, GZIPPED, ZSTD, f"W/{ZSTD}")} == {PLAIN.strip('"')}


def test_the_headers_of_a_200() -> None:
    assert head(ask()) == {
        "etag": PLAIN,
        "cache-control": "public, max-age=60, stale-if-error=86400",
        "vary": "Accept-Encoding",
        "content-type": "application/atom+xml",
        "content-length": str(len(BODY)),
        "accept-ranges": "none",
        "last-modified": DATE,
    }


def test_a_304_repeats_what_caches_need_and_nothing_else() -> None:
    made = ask(if_none_match="*")
    assert head(made).keys() == {"etag", "cache-control", "vary"}
    assert made.body == b""


def test_head_says_what_get_would() -> None:
    assert ask(method="HEAD").headers == ask().headers


ACCEPTED: dict[str, tuple[str, ...]] = {
    "": (),
    "gzip": ("gzip",),
    "GZIP": ("gzip",),
    "x-gzip": ("gzip",),
    "gzip;q=0": (),
    "gzip; q=0.0": (),
    "gzip;q=0.001": ("gzip",),
    "gzip;q=nonsense": (),
    "deflate, br;q=0.5": (),
    "br, gzip ; q=0.8": ("gzip",),
    "*": ("gzip",),
    "*;q=0": (),
    "gzip;q=0, *": (),
    "identity": (),
    "gzip, deflate, br, zstd": ("zstd", "gzip"),
    "gzip, zstd;q=0.5": ("gzip", "zstd"),
    "zstd;q=0, gzip": ("gzip",),
    "zstd": ("zstd",),
    "identity, gzip;q=0.5": (),
    "identity;q=0.5, gzip": ("gzip",),
    "identity;q=0, gzip;q=0.1": ("gzip",),
}


@pytest.mark.parametrize(("accept", "expected"), ACCEPTED.items())
def test_a_coding_only_for_who_takes_it(accept: str, expected: tuple[str, ...]) -> None:
    assert accepted_codings(accept) == expected


def test_a_second_that_is_not_over_has_no_date_yet() -> None:
    """Two versions may fall into one second; a date given for the first would hide the second from its reader."""
    fresh = document(BODY, "text/plain", NOON + timedelta(microseconds=300_000))
    early, late = NOON + timedelta(microseconds=900_000), NOON + timedelta(seconds=1)
    assert "last-modified" not in head(ask(now=early, made=fresh))
    assert ask(now=early, made=fresh, if_modified_since=DATE).status == 200
    assert head(ask(now=late, made=fresh))["last-modified"] == DATE
    assert ask(now=late, made=fresh, if_modified_since=DATE).status == 304


def test_what_has_no_date_is_compared_by_tag_alone() -> None:
    undated = document(BODY, "text/html")
    assert "last-modified" not in head(ask(made=undated))
    assert ask(made=undated, if_modified_since=DATE).status == 200
    assert ask(made=undated, if_none_match="*").status == 304


def test_the_same_body_has_the_same_tags_and_bytes_always() -> None:
    assert document(BODY, "application/atom+xml", NOON) == DOCUMENT
    assert document(BODY + b" ", "application/atom+xml", NOON).plain.etag != PLAIN


def test_what_compression_makes_longer_is_sent_plain() -> None:
    tiny = document(b"ok", "text/plain", NOON)
    assert not tiny.encoded
    assert head(ask(made=tiny, accept_encoding="zstd, gzip"))["etag"] == tiny.plain.etag


def test_a_private_document_stays_out_of_shared_caches() -> None:
    made = document(BODY, "text/plain", NOON, private=True)
    assert head(ask(made=made))["cache-control"].startswith("private,")


def test_headers_given_twice_are_one_list() -> None:
    request = read_request("GET", [(b"if-none-match", b'"a"'), (b"host", b"x"), (b"if-none-match", PLAIN.encode())])
    assert respond(DOCUMENT, request, at(24)).status == 304


def test_a_long_document_is_sent_in_pieces_and_is_the_same_document() -> None:
    body = b"".join(b"<entry>%d</entry>" % number for number in range(150_000))
    packed = PackedBytes([body[:7], body[7:]]).between(b"", b"")
    long, whole = document(packed, "text/plain", NOON), document(body, "text/plain", NOON)
    assert [each.etag for each in long.variants] == [each.etag for each in whole.variants]
    assert gzip.decompress(long.encoded["gzip"].body) == zstd.decompress(long.encoded["zstd"].body) == body
    assert long.plain.memory < len(body) / 3
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(ask(made=long).send(send))
    start, *pieces = sent
    assert dict(start["headers"])[b"content-length"] == b"%d" % len(body)
    assert b"".join(piece["body"] for piece in pieces) == body
    assert [piece.get("more_body", False) for piece in pieces] == [True] * (len(pieces) - 1) + [False]
    assert len(pieces) > 2
