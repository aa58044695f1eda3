"""The one door to feedparser: bytes in, its result or one line of a reason out; nothing it raises gets through."""

from __future__ import annotations

import io
import re
from typing import Any
from urllib.parse import urljoin
from xml.sax import SAXParseException

import feedparser
from feedparser import api, mixin
from feedparser import urls as feedparser_urls
from feedparser.namespaces import itunes, mediarss
from msgspec import Struct

from feedhub.model import Feed, ParseFailed
from feedhub.parse.feedparser_values import feed_of
from feedhub.parse.media import with_player
from feedhub.parse.people import taken_apart
from feedhub.parse.podcast import MOST_PARTS, PODCAST_PARTS
from feedhub.parse.transcoding import transcode

# schemes are judged where links are used; here the list would blank guids such as `bbc:123`
feedparser_urls.ACCEPTABLE_URI_SCHEMES = ()
# it would look for another parser on the disk with every document, where the parser process can open nothing
api.PREFERRED_XML_PARSERS = []
#: characters
_LONGEST_BASE = 4_000


def _base_inside(base: str, declared: str) -> str:
    """Return the base inside an element.

    feedparser hands on the base around it as if the element declared it again: a relative one grew with each tag, to
    wrong links and in 20 kB of tags without an end to two gigabytes.
    """
    try:
        inner = base if declared == base else urljoin(base, declared)
    except ValueError:
        return base
    return inner if len(inner) <= _LONGEST_BASE else base


mixin.make_safe_absolute_uri = _base_inside

_CHARACTER = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_ROOT_END = re.compile(rb"</\s*(?:[\w.-]+:)?(?:rss|rdf|feed|channel)\s*>", re.IGNORECASE)
_ENTRY_START = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
#: an identity that is whole, and the tags of one that may be open
_NAMED = re.compile(rb"</(?:guid|id|link)\s*>|<link\b[^<>]*/>", re.IGNORECASE)
_GUID = re.compile(rb"</?(?:guid|id)\b", re.IGNORECASE)
_ENTRY_END = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)[\s/>]")


class _Cut(Struct, frozen=True, kw_only=True):
    """How a document that breaks off stands at its end."""

    off: bool = False
    #: the last entry lacks its end
    inside_entry: bool = False
    #: ... but not its identity, by which the whole one will replace it in place
    named: bool = False


def parse_legacy(body: bytes, *, content_type: str | None, url: str) -> Feed | ParseFailed:
    """Read RSS, RDF, Atom or CDF, well formed or not, as a Feed."""
    document = transcode(body, content_type)
    if document is not None:
        # one charset for both readers: feedparser would guess by rules of its own
        body, content_type = document.body, "application/xml; charset=utf-8"
    headers = {"content-type": content_type} if content_type else {}
    try:
        # BytesIO: bare bytes that happen to be a path would be opened. No content-location: feedparser
        # would join it to guids, and the feed's next address would change every identity
        parsed = feedparser.parse(
            io.BytesIO(_legal_references(body)),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
        remarks = [document.remark] if document and document.remark else []
        return _judged(parsed, body, url, remarks)
    except MemoryError:
        raise
    except Exception as error:
        return ParseFailed(reason=f"cannot be read: {type(error).__name__} in the XML reader"[:300])


def _judged(parsed: Any, body: bytes, url: str, remarks: list[str]) -> Feed | ParseFailed:
    """Turn feedparser's `bozo` into two cases: unusable, or usable with a remark."""
    broken = parsed.get("bozo_exception") if parsed.get("bozo") else None
    malformed = isinstance(broken, SAXParseException)
    cut = _cut(body) if malformed else _Cut()
    entries = parsed["entries"]
    partial = cut.named and bool(entries)
    if cut.inside_entry and not partial:
        entries = entries[:-1]
    if not entries and cut.off and parsed.get("version"):
        return ParseFailed(reason="the document is cut off before its first complete entry")
    if not entries and not parsed.get("version") and not _is_cdf(body):
        return ParseFailed(reason=_what_it_is(body, broken))
    if cut.off:
        fate = "kept so far" if partial else "left out"
        tail = f", the entry it breaks off in is {fate}" if cut.inside_entry else ""
        remarks.append(f"the document is cut off{tail}")
    elif malformed:
        remarks.append(f"not well formed, read as far as possible: {_message(broken)}")
    elif isinstance(broken, feedparser.CharacterEncodingOverride | feedparser.CharacterEncodingUnknown):
        remarks.append(f"character encoding: {str(broken)[:150]}")
    return feed_of(parsed, entries, body, url, remarks)


def _legal_references(body: bytes) -> bytes:
    """Remove references to characters that no XML holds: lone surrogates and huge numbers raise inside feedparser."""
    return _CHARACTER.sub(lambda match: match[0] if _is_legal(match[1], match[2]) else b"", body)


def _is_legal(hexadecimal: bytes | None, decimal: bytes | None) -> bool:
    digits = (hexadecimal or decimal or b"0").lstrip(b"0") or b"0"
    if len(digits) > 7:
        return False
    code = int(digits, 16 if hexadecimal else 10)
    return code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code <= 0x10FFFF


def _cut(body: bytes) -> _Cut:
    """Whether the end of the root is missing, and whether an entry is open there."""
    if _ROOT_END.search(body[-4096:]):
        return _Cut()
    starts = [match.start() for match in _ENTRY_START.finditer(body)]
    ends = [match.start() for match in _ENTRY_END.finditer(body)]
    inside = bool(starts) and (not ends or starts[-1] > ends[-1])
    named = inside and _NAMED.search(body, starts[-1]) is not None and len(_GUID.findall(body, starts[-1])) % 2 == 0
    return _Cut(off=True, inside_entry=inside, named=named)


def _what_it_is(body: bytes, broken: object) -> str:
    root = _root(body)
    if root is None:
        return "no feed: neither XML nor JSON"
    flaw = f", and broken: {_message(broken)}" if isinstance(broken, SAXParseException) else ""
    return f"no feed: the document is <{root}>{flaw}"


def _is_cdf(body: bytes) -> bool:
    """Return whether it is a channel definition without items: feedparser names the format at the first item."""
    return (_root(body) or "").lower() == "channel"


def _root(body: bytes) -> str | None:
    match = _ROOT.search(re.sub(rb"<!--.*?-->", b"", body[:4096], flags=re.DOTALL))
    return match[1].decode() if match else None


def _message(broken: object) -> str:
    if isinstance(broken, SAXParseException):
        return f"{broken.getMessage()} at line {broken.getLineNumber()}"
    return str(broken)[:150]


# ---------------------------------------------------------------- people


def _sync_author_detail(parser: Any, key: str = "author") -> None:
    """Take a person's name and address apart by our rules: feedparser knows no top-level domain past four letters."""
    context = parser._get_context()
    detail = context.get(f"{key}s", [feedparser.FeedParserDict()])[-1]
    text = context.get(key)
    if detail or not text or "@" not in text:
        _plain_sync_author_detail(parser, key)
        return
    name, email = taken_apart(text)
    context.setdefault(f"{key}_detail", detail)
    detail.update({field: value for field, value in (("name", name), ("email", email)) if value})


_plain_sync_author_detail = mixin._FeedParserMixin._sync_author_detail
mixin._FeedParserMixin._sync_author_detail = _sync_author_detail

# ---------------------------------------------------------------- media

# feedparser reads media:title and media:description as the entry's own, so a caption becomes its text


def _start_group(parser: Any, attributes: Any) -> None:
    context = parser._get_context()
    context["media_groups"] = context.get("media_groups", 0) + 1
    context["media_group"] = context["media_groups"]


def _end_group(parser: Any) -> None:
    parser._get_context()["media_group"] = None


def _start_media_content(parser: Any, attributes: Any) -> None:
    context = parser._get_context()
    attributes["group"] = context.get("media_group")
    context.setdefault("media_content", []).append(attributes)
    context["in_media_content"] = True


def _end_media_content(parser: Any) -> None:
    parser._get_context()["in_media_content"] = False


def _start_thumbnail(parser: Any, attributes: Any) -> None:
    attributes["group"] = parser._get_context().get("media_group")
    _plain_start_thumbnail(parser, attributes)


def _start_player(parser: Any, attributes: Any) -> None:
    context = parser._get_context()
    context["media_content"] = list(with_player(tuple(context.get("media_content", ())), attributes))


def _start_caption(parser: Any, attributes: Any) -> None:
    parser.push("media_caption", 1)


def _end_caption(parser: Any) -> None:
    caption = parser.pop("media_caption")
    context = parser._get_context()
    files = context.get("media_content")
    if caption and files:
        files[-1].setdefault("caption", caption)
    if caption and not context.get("in_media_content"):
        context.setdefault("media_words", caption)


def _start_media_text(parser: Any, attributes: Any) -> None:
    parser.push("media_own_text", 1)


def _end_media_text(parser: Any) -> None:
    if text := parser.pop("media_own_text"):
        parser._get_context().setdefault("media_words", text)


def _end_credit(parser: Any) -> None:
    credit = parser.pop("credit")
    context = parser._get_context()
    if credit and credit.strip():
        context["media_credit"][-1]["content"] = credit
        if context.get("media_content"):
            context["media_content"][-1].setdefault("credit", credit)


def _ignore(parser: Any, *attributes: Any) -> None:
    parser.pop("media_title") if not attributes else parser.push("media_title", 1)


# ---------------------------------------------------------------- podcasts


def _start_part(name: str) -> Any:
    def start(parser: Any, attributes: Any) -> None:
        parts = parser._get_context().setdefault("podcast_parts", [])
        if len(parts) < MOST_PARTS:
            parts.append((name, dict(attributes)))
        parser.push(f"of_{name}", 1)

    return start


def _end_part(name: str) -> Any:
    def end(parser: Any) -> None:
        text = parser.pop(f"of_{name}")
        parts = parser._get_context().get("podcast_parts")
        if parts and parts[-1][0] == name:
            parts[-1][1].setdefault("text", text or "")

    return end


def _start_podcast_category(parser: Any, attributes: Any) -> None:
    context = parser._get_context()
    outer, name = context.get("podcast_category"), attributes.get("text")
    if name:
        context.setdefault("podcast_categories", []).append(f"{outer} > {name}" if outer else name)
    if not outer:
        context["podcast_category"] = name


def _end_podcast_category(parser: Any) -> None:
    parser._get_context()["podcast_category"] = None


# the podcast vocabulary repeats an item in other words: its summary would pass for the content that sums up the item
for _name in [name for name in vars(itunes.Namespace) if name.startswith(("_start_", "_end_"))]:
    delattr(itunes.Namespace, _name)

_plain_start_thumbnail = mediarss.Namespace._start_media_thumbnail
mediarss.Namespace._start_media_group = _start_group
mediarss.Namespace._end_media_group = _end_group
mediarss.Namespace._start_media_content = _start_media_content
mediarss.Namespace._end_media_content = _end_media_content
mediarss.Namespace._start_media_thumbnail = _start_thumbnail
mediarss.Namespace._start_media_description = _start_caption
mediarss.Namespace._end_media_description = _end_caption
mediarss.Namespace._start_media_text = _start_media_text
mediarss.Namespace._end_media_text = _end_media_text
mediarss.Namespace._start_media_player = _start_player
mediarss.Namespace._end_media_player = lambda parser: None
itunes.Namespace._start_itunes_category = _start_podcast_category
itunes.Namespace._end_itunes_category = _end_podcast_category
for _name in PODCAST_PARTS:
    setattr(itunes.Namespace, f"_start_{_name.replace(':', '_')}", _start_part(_name))
    setattr(itunes.Namespace, f"_end_{_name.replace(':', '_')}", _end_part(_name))
mediarss.Namespace._end_media_credit = _end_credit
mediarss.Namespace._start_media_title = _ignore
mediarss.Namespace._end_media_title = _ignore
