"""Fetched bytes -> Feed of Entry..., or one line saying what they are instead; pure, and meant for `workers`.

parse
| JSON?             jsonfeed
| well-formed XML   fast (lxml and our own rules)
| HTML, empty       ParseFailed
| other XML         legacy (feedparser)
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from feedhub.charsets import decode
from feedhub.model import Entry, Feed, ParseFailed
from feedhub.parse.crooked_markup import crooked
from feedhub.parse.fast_reader import parse_fast
from feedhub.parse.transcoding import is_plainly_utf_8, transcode
from feedhub.structs import replace

#: libxml2's tree costs a microsecond or two an element: 266 KB take 2.5 ms, the worst of this size 60
_SMALL = 524_288
_FEW_TAGS = 20_000
_SMALL_IN_ANY_CHARSET = 65_536
#: as much of a page is looked through for what it offers
_HEAD_BYTES = 262_144
_SPACE = b" \t\r\n\x0b\x0c\x00"
_SPACE_OR_MARK = " \t\r\n\x0b\x0c\x00\ufeff"
_BOM = b"\xef\xbb\xbf"
#: what may stand before the root, and the root's name
_ROOT = re.compile(
    rb"(?:\s+|<\?.{0,500}?\?>|<!--.{0,2000}?-->)*(<!doctype\s+html[^>]{0,300}>)?"
    rb"(?:\s+|<!--.{0,2000}?-->)*(?:<(?:[\w.-]+:)?([a-z]+))?",
    re.IGNORECASE | re.DOTALL,
)
_FEED_ROOTS = (b"rss", b"feed", b"rdf", b"channel")
_PAGE_TITLE = re.compile(rb"<title[^>]{0,200}>([^<]{1,200})", re.IGNORECASE)


def parse(body: bytes, *, content_type: str | None = None, url: str = "") -> Feed | ParseFailed:
    """Read a document as a Feed; `url` is the base of its links. Never raises, but may take long: see `ParserPool`."""
    if not body[:64].strip(_SPACE) and not body.strip(_SPACE):
        return ParseFailed(reason="the body is empty")
    if is_json(body, content_type):
        from feedhub.parse.jsonfeed_reader import parse_json

        return parse_json(body, url)
    if feed := parse_fast(body, content_type=content_type, url=url):
        return feed
    document = transcode(body, content_type)
    if page := html_page(document.body if document else body, url):
        return page
    if why := crooked(body):
        return ParseFailed(reason=why)
    from feedhub.parse.feedparser_reader import parse_legacy

    return parse_legacy(body, content_type=content_type, url=url)


def is_json(body: bytes, content_type: str | None) -> bool:
    """Whether the bytes are to be read as JSON, whatever their label says."""
    first = decode(body[:64]).text.lstrip(_SPACE_OR_MARK)[:1]
    return first in ("{", "[") or ("json" in (content_type or "") and first != "<")


def is_small(body: bytes, content_type: str | None = None) -> bool:
    """Tell whether the fast reader may have the document in the process that polls: it takes milliseconds at worst.

    Half a megabyte of bytes that are none of a charset of one byte takes 0.3 s.
    """
    if len(body) > _SMALL or body.count(b"<") > _FEW_TAGS:
        return False
    return len(body) <= _SMALL_IN_ANY_CHARSET or is_plainly_utf_8(body, content_type)


def combine(parts: Sequence[tuple[str, Feed | ParseFailed]]) -> Feed | ParseFailed:
    """Combine the documents of a folder into one Feed, in order; a guid met in two of them is one entry seen twice.

    A reason that names its file already comes under the name "".
    """
    feeds = [(name, part) for name, part in parts if isinstance(part, Feed)]
    failed = [f"{name}: {part.reason}".removeprefix(": ") for name, part in parts if isinstance(part, ParseFailed)]
    if not feeds:
        return ParseFailed(reason=failed[0] if failed else "the folder holds no document")
    entries: list[Entry] = [entry for _, feed in feeds for entry in feed.entries]
    remarks = [f"{name}: {remark}" for name, feed in feeds for remark in feed.remarks]
    return replace(feeds[-1][1], entries=tuple(entries), remarks=tuple(failed + remarks))


def html_page(body: bytes, url: str) -> ParseFailed | None:
    """Return why a document is no feed where it is a page for people; None where it may be one."""
    head = body[:8192].removeprefix(_BOM)
    match = _ROOT.match(head)
    doctype, root = (match[1], (match[2] or b"").lower()) if match else (None, b"")
    if root == b"opml":
        return ParseFailed(reason="an OPML list, not a feed: save it, and `feedhub sources import` takes what it names")
    # a feed may carry an HTML doctype by mistake
    if root in _FEED_ROOTS or not (doctype or root == b"html"):
        return None
    title = _PAGE_TITLE.search(head)
    named = f' ("{" ".join(title[1].decode("utf-8", "replace").split())}")' if title else ""
    return ParseFailed(reason=f"an HTML page{named}, not a feed{_offers(body, url)}")


def _offers(body: bytes, url: str) -> str:
    """Say which feed a page names in its head."""
    from feedhub.parse.feed_links import feed_links

    named = [link.url for link in feed_links(body[:_HEAD_BYTES], url=url) if link.place == "head" and link.url != url]
    return f"; it offers {named[0][:300]}" if named else ""
