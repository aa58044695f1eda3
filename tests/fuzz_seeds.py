"""What the fuzzer starts from, and the words that it puts in: good and hostile examples of what each target reads."""

from __future__ import annotations

import gzip
from pathlib import Path

from test_hostile_feeds import ADDRESSES, PAYLOADS, document

FIXTURES = Path(__file__).parent.parent / "fixtures"
_TARGETS = (
    "/ /feeds/all.atom /feeds/all.rss /feeds/all.json /feeds/all.html /feeds/all.atom?page=2 /feeds/all.atom?archive=1 "
    "/feeds/hush/all.atom /feeds/all.atom?token=x /story/x /static/hub.css /health /metrics /healthz /readyz "
    "/websub/x /feeds/health.atom http://localhost/ http://evil.test/ * //x /%2e%2e/x /feeds/%00"
).split(" ")
_LINES = (
    'A-IM: feed\r\nIf-None-Match: "x", W/"y"|Accept-Encoding: gzip;q=0.5, br, zstd;q=nan|Range: bytes=0-9|'
    "If-Modified-Since: Tue, 10 Mar 2026 16:00:00 GMT|Authorization: Basic Og==|Content-Length: 5|Expect: 100-continue|"
    "Transfer-Encoding: chunked|Connection: Upgrade\r\nUpgrade: h2c|Connection: keep-alive|X-Hub-Signature: sha256=00|"
    "X-Forwarded-For: 127.0.0.1|Origin: null|Cookie: a=b"
).split("|")
_METHODS = "GET POST HEAD OPTIONS PUT CONNECT TRACE".split()
_STATUSES = "200 203 204 206 226 301 302 304 307 308 401 403 404 410 429 500 503 101 100 999".split()
_HEADERS = (
    "Content-Type: text/xml|Content-Encoding: gzip|Content-Encoding: identity, gzip|Content-Encoding: deflate|"
    'ETag: "x"|Last-Modified: Tue, 10 Mar 2026 16:00:00 GMT|Cache-Control: max-age=99999999999|Retry-After: 9e99|'
    "Expires: 0|Location: //x|Location: javascript:x|Link: <http://hub.test/>; rel=hub|Content-Length: 3|"
    "Transfer-Encoding: chunked|Set-Cookie: a=b|Date: x|Age: -1"
).split("|")
_PAGE = (
    "<!doctype html><html lang=en><head><title>T</title><meta charset=utf-8><meta property=og:title content=T>"
    '<link rel=canonical href=/a><script type=application/ld+json>{"@type":"NewsArticle","headline":"T","author":'
    '[{"name":"A"}],"datePublished":"2026-03-10T16:00:00Z"}</script></head><body><article><h1>T</h1>%s</article>'
    "</body></html>"
)
_PARAGRAPHS = "".join(f"<p>Paragraph {n} of a page says so much that it counts as its text.</p>" for n in "abcd")
_ROBOTS = b"User-agent: *\nDisallow: /*a*b$\nAllow: /a\nCrawl-delay: 9\n"


def seeds(target: str) -> list[bytes]:
    """Return documents of a target to begin with."""
    return {"heads": _heads, "answers": _answers, "feeds": _feeds, "pages": _pages}[target]()


def words(target: str) -> list[bytes]:
    """Return what the fuzzer may put into a document of a target."""
    if target == "heads":
        return [each.encode() for each in (*_TARGETS, *_LINES, *_METHODS, "HTTP/1.1", "\r\n\r\n", "Host: localhost")]
    if target == "answers":
        return [each.encode() for each in (*_STATUSES, *_HEADERS, "HTTP/1.1 ", "\r\n\r\n", "0\r\n\r\n")]
    tags = "<rss version='2.0'>|<channel>|<item>|<entry>|<guid>|<pubDate>|<content:encoded>|<![CDATA[|]]>|"
    tags += "<!DOCTYPE x [|<!ENTITY a 'b'>|&a;|&#0;|&#xD800;|<table>|<td>|<a href='|<img src='|<p>|</p>|<svg>|<math>"
    tags += "|<style>|<!--|-->"
    return [*(each.encode("utf-8", "surrogatepass") for each in PAYLOADS.values()), *tags.encode().split(b"|")]


def _heads() -> list[bytes]:
    made = []
    for number, target in enumerate(_TARGETS):
        lines = "\r\n".join(["Host: localhost", *_LINES[number % len(_LINES) :][:2]])
        made.append(f"\xff{_METHODS[number % 3]} {target} HTTP/1.1\r\n{lines}\r\n\r\nhello")
    return [each.encode("latin-1") for each in made]


def _answers() -> list[bytes]:
    body = gzip.compress(document("rss", "x", 0, ADDRESSES[:1]))
    made = [
        f"HTTP/1.1 {status} X\r\n{_HEADERS[n % len(_HEADERS)]}\r\n\r\n".encode() for n, status in enumerate(_STATUSES)
    ]
    made += [b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body]
    made += [b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n"]
    return [*made, *(f"{line}\r\n\r\nabc".encode() for line in _HEADERS)]


def _feeds() -> list[bytes]:
    made = [b"\0" + document(kind, payload, 0, ADDRESSES[:2]) for kind in ("rss", "atom", "rdf", "json")
            for payload in PAYLOADS.values()]  # fmt: skip
    return [*made, *(b"\1" + path.read_bytes()[:20_000] for path in sorted(FIXTURES.rglob("*.xml")))]


def _pages() -> list[bytes]:
    pages = [_PAGE % (_PARAGRAPHS + payload) for payload in PAYLOADS.values()]
    return [_ROBOTS, *(page.encode("utf-8", "surrogatepass") for page in pages)]
