"""What a feed validator finds wrong with a document: the rules of the specifications, as plain checks of our own.

Each check yields a line with the rule's place; a valid document yields none.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree
from lxml import html as lxml_html

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
AT = "{http://purl.org/atompub/tombstones/1.0}"
MEDIA = "{http://search.yahoo.com/mrss/}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"
CHAPTER = "{http://podlove.org/simple-chapters}chapter"
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
FH = "{http://purl.org/syndication/history/1.0}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
GRAMMAR = etree.RelaxNG(etree.parse(Path(__file__).parent / "data" / "atom.rng"))
KNOWN = {
    "http://www.w3.org/2005/Atom",
    "https://feedhub.example/ns/1",
    "http://purl.org/atompub/tombstones/1.0",
    "http://purl.org/syndication/history/1.0",
    "http://purl.org/dc/elements/1.1/",
    "http://purl.org/rss/1.0/modules/content/",
    "http://search.yahoo.com/mrss/",
    "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "https://podcastindex.org/namespace/1.0",
    "http://podlove.org/simple-chapters",
}
RELS = {
    "replies",
    "self",
    "alternate",
    "via",
    "enclosure",
    "hub",
    "next",
    "previous",
    "first",
    "last",
    "prev-archive",
    "current",
}
_DATE = re.compile(r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}$")
#: tags that a title may mean when it says so, not any word in angles
_HTML = re.compile(
    r"</?(?:a|abbr|b|big|br|cite|code|div|em|font|h[1-6]|i|img|p|s|small|span|strong|sub|sup|u)\b[^>]*>|<!--"
)
_TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_RISKY = ("script", "style", "iframe", "object", "embed", "form", "input", "meta", "link", "base", "applet", "frame")


def atom_faults(body: bytes) -> Iterator[str]:
    """Atom 1.0: the grammar, and what the grammar cannot say."""
    root = etree.fromstring(body)
    yield from _encoding(body)
    if not GRAMMAR.validate(root):
        yield f"grammar: {GRAMMAR.error_log.last_error}"
    yield from _namespaces(root)
    yield from _head(root)
    ids = Counter(entry.findtext(f"{ATOM}id") for entry in root.findall(f"{ATOM}entry"))
    yield from (f"4.1.1 one id twice: {one}" for one, times in ids.items() if times > 1)
    for entry in root.findall(f"{ATOM}entry"):
        yield from (f"{entry.findtext(ATOM + 'id')}: {fault}" for fault in _entry(entry))
    yield from _stones(root, set(ids))
    yield from _history(root)


def _stones(root: etree._Element, alive: set[str | None]) -> Iterator[str]:
    """RFC 6721."""
    for stone in root.findall(f"{AT}deleted-entry"):
        if not urlsplit(stone.get("ref") or "").scheme:
            yield f"6721 ref is no IRI: {stone.get('ref')}"
        if datetime.fromisoformat(stone.get("when") or "1970-01-01").tzinfo is None:
            yield "6721 when has no zone"
        if stone.get("ref") in alive:
            yield f"6721 {stone.get('ref')} is there and deleted"


def _history(root: etree._Element) -> Iterator[str]:
    """RFC 5005: pages and archives."""
    own = _links(root, "self")[0].get("href") if _links(root, "self") else None
    for rel in ("first", "next", "previous", "last", "prev-archive", "current"):
        if len(_links(root, rel)) > 1:
            yield f"5005 more than one rel={rel}"
    if any(link.get("href") == own for rel in ("next", "previous", "prev-archive") for link in _links(root, rel)):
        yield "5005 a document names itself as another"
    archived = root.find(f"{FH}archive") is not None
    if archived is not bool(_links(root, "current")):
        yield "5005 an archived document names the current one, no other does"
    if archived and _links(root, "next"):
        yield "5005 an archived document is no page"


def _encoding(body: bytes) -> Iterator[str]:
    """NotUTF8, and a declaration that says so."""
    if not re.match(rb"<\?xml version=['\"]1.0['\"] encoding=['\"]UTF-8['\"]\?>", body):
        yield "no XML declaration in UTF-8"
    body.decode("utf-8")


def _head(root: etree._Element) -> Iterator[str]:
    for name in ("id", "title", "updated"):
        if len(root.findall(f"{ATOM}{name}")) != 1:
            yield f"4.1.1 exactly one {name}"
    if len(_links(root, "self")) != 1:
        yield "4.1.1 one rel=self"
    newest = max((entry.findtext(f"{ATOM}updated") or "" for entry in root.findall(f"{ATOM}entry")), default="")
    if newest > (root.findtext(f"{ATOM}updated") or ""):
        yield "an entry was updated after its feed"
    yield from _common(root)


def _entry(entry: etree._Element) -> Iterator[str]:
    for name in ("id", "title", "updated", "published"):
        if len(entry.findall(f"{ATOM}{name}")) != 1:
            yield f"4.1.2 exactly one {name}"
    if not entry.findall(f"{ATOM}author"):
        yield "4.1.2 no author"
    if not _links(entry, "alternate") and entry.find(f"{ATOM}content") is None:
        yield "4.1.2 neither alternate nor content"
    if _links(entry, "related"):
        yield "4.8 related opens instead of the article"
    content, summary = entry.findtext(f"{ATOM}content") or "", entry.findtext(f"{ATOM}summary") or ""
    if summary and summary in content:
        yield "4.2.13 summary repeats the content"
    if entry[-1].tag != f"{ATOM}source":
        yield "4.9 source is not last"
    source = entry.find(f"{ATOM}source")
    for name in ("id", "title", "updated", "author"):
        if source is None or source.find(f"{ATOM}{name}") is None:
            yield f"MissingSourceElement {name}"
    for one in entry.findall(f"{ATOM}category"):
        if not (one.get("term") or "").strip():
            yield "4.2.2 category without term"
    files = [link.get("href") for link in _links(entry, "enclosure")]
    if len(set(files)) != len(files):
        yield "DuplicateEnclosure"
    for link in _links(entry, "enclosure"):
        if not re.fullmatch(r"[1-9][0-9]*", link.get("length", "1")) or "/" not in link.get("type", "a/b"):
            yield f"InvalidEnclosure {link.items()}"
    published, updated = (entry.findtext(f"{ATOM}{name}") or "" for name in ("published", "updated"))
    if datetime.fromisoformat(published) > datetime.fromisoformat(updated):
        yield "published after updated"
    yield from _media(entry)
    yield from _common(entry)
    yield from _markup(content)
    yield from _markup(summary)


def _media(entry: etree._Element) -> Iterator[str]:
    """Media RSS 1.5.1, and the podcast vocabulary by Apple's rules."""
    for file in (*entry.iter(f"{MEDIA}content"), *entry.findall(f"{MEDIA}thumbnail")):
        player = file.find(f"{MEDIA}player")
        if not _absolute(file.get("url") if player is None else player.get("url")):
            yield f"media without url: {file.items()}"
        for name in ("width", "height", "fileSize", "duration"):
            if not re.fullmatch(r"[1-9][0-9]*", file.get(name, "1")):
                yield f"InvalidInteger {name}: {file.get(name)}"
        if file.get("medium", "image") not in ("image", "audio", "video", "document", "executable"):
            yield f"InvalidMediaMedium {file.get('medium')}"
        if not re.fullmatch(r"[a-z-]+/[a-z0-9.+_-]+", file.get("type", "a/b")):
            yield f"InvalidMIMEType {file.get('type')}"
        yield from (f"empty {child.tag}" for child in file if child is not player and not (child.text or "").strip())
    rules = {"duration": r"[1-9]\d*", "season": r"[1-9]\d*", "episode": r"[1-9]\d*"}
    rules |= {"episodeType": "full|trailer|bonus", "explicit": "true|false"}
    for name, rule in rules.items():
        for child in entry.findall(f"{ITUNES}{name}"):
            if not re.fullmatch(rule, child.text or ""):
                yield f"itunes:{name} {child.text}"
    for child in entry.findall(f"{ITUNES}image"):
        if not _absolute(child.get("href")):
            yield "itunes:image without href"
    yield from _podcast(entry)


def _podcast(entry: etree._Element) -> Iterator[str]:
    """Podcasting 2.0 and Podlove Simple Chapters."""
    for name in ("transcript", "chapters"):
        for child in entry.findall(f"{PODCAST}{name}"):
            if not _absolute(child.get("url")) or not child.get("type"):
                yield f"podcast:{name} without url or type"
    for child in entry.findall(f"{PODCAST}person"):
        if not child.text or any(not _absolute(child.get(key, "http://a.test/")) for key in ("img", "href")):
            yield f"podcast:person {child.text} {child.items()}"
    for child in entry.iter(CHAPTER):
        if not re.fullmatch(r"[\d:.]+", child.get("start") or "") or not child.get("title"):
            yield f"psc:chapter {child.items()}"
        if any(not _absolute(child.get(key, "http://a.test/")) for key in ("image", "href")):
            yield f"psc:chapter {child.items()}"


def _common(element: etree._Element) -> Iterator[str]:
    same = Counter((link.get("type"), link.get("hreflang")) for link in _links(element, "alternate"))
    yield from (f"DuplicateAtomLink {kind}" for kind, times in same.items() if times > 1)
    for link in element.findall(f"{ATOM}link"):
        if link.get("rel") not in RELS:
            yield f"UnregisteredAtomLinkRel {link.get('rel')}"
        if not _absolute(link.get("href")):
            yield f"link {link.get('href')}"
        if link.get("hreflang") and not _TAG.fullmatch(link.get("hreflang") or ""):
            yield f"InvalidLanguage {link.get('hreflang')}"
    for name in ("id", "icon", "logo"):
        said = element.findtext(f"{ATOM}{name}")
        if said is not None and not urlsplit(said.strip()).scheme:
            yield f"{name} is no IRI: {said}"
    for name in ("updated", "published"):
        said = element.findtext(f"{ATOM}{name}")
        if said is not None and datetime.fromisoformat(said).tzinfo is None:
            yield f"{name} has no zone"
    spoken = element.get("{http://www.w3.org/XML/1998/namespace}lang")
    if spoken is not None and not _TAG.fullmatch(spoken):
        yield f"InvalidLanguage {spoken}"
    for name in ("title", "summary", "rights"):
        child = element.find(f"{ATOM}{name}")
        if child is not None and child.get("type", "text") == "text" and _HTML.search(child.text or ""):
            yield f"ContainsHTML {name}: {child.text}"
    yield from ("blank name" for name in element.iter(f"{ATOM}name") if not (name.text or "").strip())


def _markup(text: str) -> Iterator[str]:
    if not text.strip():
        return
    for element in lxml_html.fragment_fromstring(text, create_parent="div").iter():
        if element.tag in _RISKY:
            yield f"SecurityRisk {element.tag}"
        for name, value in element.attrib.items():
            if str(name).startswith("on") or name == "style":
                yield f"SecurityRiskAttr {name}"
            if name in ("href", "src") and not str(value).startswith(("http://", "https://", "mailto:", "tel:", "#")):
                yield f"ContainsRelRef {value}"


def rss_faults(body: bytes) -> Iterator[str]:
    """RSS 2.0 by the advisory board's profile."""
    root = etree.fromstring(body)
    channel = root.find("channel")
    if root.tag != "rss" or root.get("version") != "2.0" or channel is None:
        yield "no RSS 2.0"
        return
    yield from _namespaces(root)
    for name in ("title", "link", "description"):
        if not (channel.findtext(name) or "").strip():
            yield f"channel without {name}"
    yield from _encoding(body)
    if [link.get("rel") for link in channel.findall(f"{ATOM}link")].count("self") != 1:
        yield "MissingAtomSelfLink"
    if not _DATE.search(channel.findtext("lastBuildDate") or ""):
        yield "InvalidRFC2822Date lastBuildDate"
    if not _absolute(channel.findtext("link")) or not _TAG.fullmatch(channel.findtext("language") or "en"):
        yield "channel's link or language"
    guids = Counter(item.findtext("guid") for item in channel.findall("item"))
    yield from (f"one guid twice: {one}" for one, times in guids.items() if times > 1)
    for item in channel.findall("item"):
        yield from (f"{item.findtext('guid')}: {fault}" for fault in _item(item))


def _item(item: etree._Element) -> Iterator[str]:
    for name in ("title", "description", "guid", "pubDate"):
        if len(item.findall(name)) != 1:
            yield f"exactly one {name}"
    guid = item.find("guid")
    if guid is not None and guid.get("isPermaLink") != "false" and not _absolute(guid.text):
        yield "guid is no permalink"
    if any(not (one.text or "").strip() for one in item.findall("category")):
        yield "NotBlank category"
    if item.find(f"{DC}date") is not None or len(item.findall("link")) > 1:
        yield "DuplicateSemantics"
    if _HTML.search(item.findtext("title") or ""):
        yield f"ContainsHTML title: {item.findtext('title')}"
    if not _DATE.search(item.findtext("pubDate") or ""):
        yield f"InvalidRFC2822Date {item.findtext('pubDate')}"
    elif parsedate_to_datetime(item.findtext("pubDate") or "").tzinfo is None:
        yield "pubDate has no zone"
    if item.findtext("link") and not _absolute(item.findtext("link")):
        yield f"link {item.findtext('link')}"
    if item.findall("author"):
        yield "author wants an e-mail address: dc:creator"
    yield from _media(item)
    if item.findtext("comments") and not _absolute(item.findtext("comments")):
        yield f"comments {item.findtext('comments')}"
    if len(item.findall("enclosure")) > 1:
        yield "more than one enclosure"
    for enclosure in item.findall("enclosure"):
        if not (enclosure.get("type") and (enclosure.get("length") or "").isdecimal() and enclosure.get("url")):
            yield "enclosure without type, length or url"
    source = item.find("source")
    if source is not None and not _absolute(source.get("url")):
        yield "source without url"
    yield from _markup(item.findtext(CONTENT) or "")
    yield from _markup(item.findtext("description") or "")


def json_faults(body: bytes) -> Iterator[str]:
    """JSON Feed 1.1."""
    feed = json.loads(body)
    if feed.get("version") != "https://jsonfeed.org/version/1.1" or not feed.get("title"):
        yield "no JSON Feed 1.1 with a title"
    for name in ("home_page_url", "feed_url", "next_url"):
        if name in feed and not _absolute(feed[name]):
            yield f"{name} {feed[name]}"
    if "next_url" in feed and feed["next_url"] == feed["feed_url"]:
        yield "next_url names the feed itself"
    for hub in feed.get("hubs", []):
        if not hub.get("type") or not _absolute(hub.get("url")):
            yield f"hub {hub}"
    ids = Counter(item["id"] for item in feed["items"])
    yield from (f"one id twice: {one}" for one, times in ids.items() if times > 1)
    for item in feed["items"]:
        yield from (f"{item['id']}: {fault}" for fault in _json_item(item))


def _json_item(item: dict[str, object]) -> Iterator[str]:
    if not isinstance(item["id"], str) or not (item.get("content_html") or item.get("content_text")):
        yield "an id that is text, and content"
    if "external_url" in item:
        yield "external_url opens instead of the article"
    for name in ("date_published", "date_modified"):
        if datetime.fromisoformat(str(item[name])).tzinfo is None:
            yield f"{name} has no zone"
    for name in ("url", "image"):
        if name in item and not _absolute(str(item[name])):
            yield f"{name} {item[name]}"
    if not all(isinstance(author, dict) and author.get("name") for author in item.get("authors", [])):  # type: ignore
        yield f"authors {item.get('authors')}"
    if not all(isinstance(tag, str) and tag.strip() for tag in item.get("tags", [])):  # type: ignore[attr-defined]
        yield f"tags {item.get('tags')}"
    for file in item.get("attachments", []):  # type: ignore[attr-defined]
        if not _absolute(file.get("url")) or "/" not in file.get("mime_type", ""):
            yield f"attachment {file}"
    if not _TAG.fullmatch(str(item.get("language", "en"))):
        yield f"language {item.get('language')}"
    own = {name for name in item if name.startswith("_")}
    if own != {"_feedhub"}:
        yield f"extensions {own}"
    yield from _markup(str(item.get("content_html", "")))


def _namespaces(root: etree._Element) -> Iterator[str]:
    for element in root.iter():
        for prefix, uri in element.nsmap.items():
            if (prefix or "").startswith("ns"):
                yield f"invented prefix {prefix}"
            if uri not in KNOWN:
                yield f"unknown namespace {uri}"


def _links(element: etree._Element, rel: str) -> list[etree._Element]:
    return [link for link in element.findall(f"{ATOM}link") if link.get("rel", "alternate") == rel]


def _absolute(url: str | None) -> bool:
    parts = urlsplit(url or "")
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r'[\s<>"]', url or "")


FAULTS = {"atom": atom_faults, "rss": rss_faults, "json": json_faults}
