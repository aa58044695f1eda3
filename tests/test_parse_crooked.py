"""Markup that would take the lenient reader minutes is refused in one pass, and nothing that feeds have is."""

from __future__ import annotations

import time

import pytest

from feedhub.model import Feed, ParseFailed
from feedhub.parse import parse


def rss(inside: bytes) -> bytes:
    return b"<!DOCTYPE rss><rss version='2.0'><channel><title>t</title>" + inside + b"</channel></rss>"


def attributes(form: bytes, count: int = 30_000) -> bytes:
    return b" ".join(form.replace(b"N", b"%d" % n) for n in range(count))


CROOKED = {
    "quoted": rss(b"<item " + attributes(b"aN='x'") + b"/>"),
    "in double quotes": rss(b"<item " + attributes(b'aN="x"') + b"/>"),
    "with > in the values": rss(b"<item " + attributes(b"aN='>'") + b"/>"),
    "with < in the values": rss(b"<item " + attributes(b"aN='<b>'") + b"/>"),
    "blanks round the sign": rss(b"<item " + attributes(b"aN = 'x'") + b"/>"),
    "no quotes, behind an error": rss(b"&nope;<item " + attributes(b"aN=x") + b"/>"),
    "never closed": rss(b"<item " + attributes(b"aN='x'")),
    "the root": b"<!DOCTYPE rss><rss version='2.0' " + attributes(b"xmlns:aN='u'") + b"><channel/></rss>",
    "many elements with many": rss((b"<item " + attributes(b"aN='x'", 300) + b"/>") * 100),
}


@pytest.mark.parametrize("body", CROOKED.values(), ids=CROOKED)
def test_an_element_of_very_many_attributes_is_refused_at_once(body: bytes) -> None:
    started = time.process_time()
    result = parse(body)
    assert isinstance(result, ParseFailed)
    assert "attributes, more than any feed has" in result.reason
    assert time.process_time() - started < 0.5


ENTRY = b"<item><guid>1</guid><title>Ferry aground off Selm</title>%s</item>"
PROSE = b"x = y; " * 40_000
STRAIGHT = {
    "forty namespaces": b"<!DOCTYPE rss><rss version='2.0' "
    + attributes(b"xmlns:aN='u'", 40)
    + b"><channel>"
    + ENTRY % b""
    + b"</channel></rss>",
    "prose with < and =": rss(
        ENTRY % (b"<description><![CDATA[a <b and c = 'd' " + b"x = y; " * 40_000 + b"]]></description>")
    ),
    "a page of pictures": rss(
        ENTRY % (b"<description><![CDATA[" + b"<img src='a' alt='b' width=1>" * 5_000 + b"]]></description>")
    ),
    "a picture in the address": rss(ENTRY % (b"<enclosure url='data:" + b"ab==" * 50_000 + b"'/>")),
}


@pytest.mark.parametrize("body", STRAIGHT.values(), ids=STRAIGHT)
def test_what_feeds_have_is_read(body: bytes) -> None:
    result = parse(body)
    assert isinstance(result, Feed)
    assert len(result.entries) == 1


QUOTES = {
    name: rss(form * (1_000_000 // len(form))) for name, form in {"'": b"<a '", '"': b'<a "', "both": b"<a '\""}.items()
}


@pytest.mark.parametrize("body", QUOTES.values(), ids=QUOTES)
def test_the_look_itself_is_linear(body: bytes) -> None:
    from feedhub.parse.crooked_markup import crooked

    started = time.process_time()
    crooked(body)
    assert time.process_time() - started < 1
