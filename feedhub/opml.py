"""OPML both ways: a list of subscriptions -> outlines with lasting ids; sources -> OPML 2.0 without secrets.

A list comes from strangers: only http(s) addresses leave it, never a path, and what is left out is remarked.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote, urlsplit, urlunsplit

from msgspec import Struct

from feedhub.errors import UsageError
from feedhub.model import Source

#: feeds of a list
MOST_FEEDS = 100_000
#: what an export writes in place of a secret
MASK = "***"
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
#: feed (draft-obasanjo-feed-uri-scheme), and how podcast apps call the same
_READER_SCHEME = re.compile(
    r"(?:(?:feeds?|rss|pcast|itpc|podcast):)+(?=//|https?://|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/)", re.IGNORECASE
)
#: the host without a scheme of its own
_HOST_FIRST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/", re.IGNORECASE)
#: of our own attributes, and the one that holds a source's id
_NAMESPACE = "https://feedhub.example/ns/1"
_ID = f"{{{_NAMESPACE}}}id"
#: what opens a feed to one subscriber alone is called so
_SECRET_NAME = re.compile(
    r"key|token|auth|pass|pwd|secret|sig|hash|user|login|mail|sess|\bsid|uid|jwt|cred|nonce|code", re.IGNORECASE
)
#: what says which feed is meant is called so
_PLAIN_NAMES = frozenset(
    "ceid channel_id playlist_id list feed format output type version q query search cat category tag topic section "
    "lang language hl gl locale country limit count n page sort order edition".split()
)
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)""")


class Outline(Struct, frozen=True, kw_only=True):
    """A feed that a list names."""

    #: made from the address alone, so that it outlasts other names and another order
    id: str
    url: str
    name: str
    #: the last step of its first category or of the groups round it
    category: str | None = None
    language: str | None = None
    #: the address of its site (`htmlUrl`)
    site: str | None = None
    #: the id that it had in the hub that wrote the list
    written_id: str | None = None


class Subscriptions(Struct, frozen=True, kw_only=True):
    """A list read: its feeds in their order, and a line for each thing left out."""

    title: str | None = None
    outlines: tuple[Outline, ...] = ()
    remarks: tuple[str, ...] = ()


def read(body: bytes) -> Subscriptions:
    """Read OPML bytes; raise UsageError where the document is no OPML."""
    # Here: it brings a client for the web along, which every start of a command would wait for.
    import listparser

    # without its declaration and with a mark of order, or UTF-8 is read as Latin-1
    document = b"\xef\xbb\xbf" + _DECLARATION.sub("", _decoded(body), count=1).encode()
    attributes = _attributes(document)
    if len(attributes) > MOST_FEEDS:
        raise UsageError(f"names more than {MOST_FEEDS:,} feeds: split it")
    parsed = listparser.parse(document)
    if not parsed["version"].startswith("opml"):
        raise UsageError("no OPML: expected a document that begins with <opml>")
    more = {each["xmlUrl"]: each for each in attributes}
    outlines: list[Outline] = []
    remarks = [f"{item['url']}: a list inside the list is not followed" for item in parsed["lists"]]
    remarks += [f"{item['url']}: a page without a feed" for item in parsed["opportunities"]]
    taken: set[str] = set()
    for feed in parsed["feeds"]:
        url = web_address(feed["url"])
        if refused := _refusal(url):
            remarks.append(f"{feed['url']}: {refused}")
        elif url not in taken:
            taken.add(url)
            outlines.append(_outline({**feed, "url": url}, more.get(feed["url"], {})))
    remarks += _repeats(web_address(each["xmlUrl"]) for each in attributes)
    return Subscriptions(title=parsed["meta"].get("title"), outlines=tuple(outlines), remarks=tuple(remarks))


def write(sources: Iterable[Source], title: str, *, reveal: bool = False) -> bytes:
    """Write sources as OPML 2.0, those of a category in a folder; files and folders of files are left out.

    Secrets in addresses are masked, unless `reveal`: the document is a secret then.
    """
    from lxml import etree

    root = etree.Element("opml", version="2.0", nsmap={"hub": _NAMESPACE})
    etree.SubElement(etree.SubElement(root, "head"), "title").text = _printable(title)
    body = etree.SubElement(root, "body")
    folders: dict[str, etree._Element] = {}
    for source in sources:
        if source.is_path:
            continue
        category = _printable(source.category or "")
        if category and category not in folders:
            folders[category] = etree.SubElement(body, "outline", text=category, title=category)
        name = _printable(source.name)
        url = _printable(source.url) if reveal or source.public else exported_url(source.url)
        attributes = {"type": "rss", "text": name, "title": name, "xmlUrl": url, _ID: source.id}
        if source.site:
            attributes["htmlUrl"] = _printable(source.site)
        if source.language:
            attributes["language"] = source.language
        etree.SubElement(folders.get(category, body), "outline", attributes)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def web_address(url: str) -> str:
    """Return an address without the scheme by which it asks for a reader of feeds: `feed://`, `feed:https://`."""
    match = _READER_SCHEME.match(url)
    if match is None:
        return url
    rest = url[match.end() :]
    if rest.startswith("//"):
        return f"{'https' if match[0].lower().startswith('feeds') else 'http'}:{rest}"
    # feed:paper.example/rss
    return f"http://{rest}" if _HOST_FIRST.match(rest) else rest


def exported_url(url: str) -> str:
    """Return an address with its secrets masked: user info, and what in its query is not plainly none."""
    parts = urlsplit(_printable(url))
    user, at, host = parts.netloc.rpartition("@")
    pairs = [pair.partition("=") for pair in parts.query.split("&")] if parts.query else []
    query = "&".join(_exported(*pair) for pair in pairs)
    return urlunsplit(parts._replace(netloc=f"{MASK}@{host}" if at and user else host, query=query, fragment=""))


def _exported(name: str, equals: str, value: str) -> str:
    if not equals:
        return MASK if _may_be_secret(name, name) else name
    return f"{name}={MASK if _may_be_secret(name, value) else value}"


def _may_be_secret(name: str, value: str) -> bool:
    """Tell whether a query's value may be a key to the feed: by its name, or by looking like one."""
    if _SECRET_NAME.search(name):
        return True
    if name.lower() in _PLAIN_NAMES:
        return False
    words = re.split(r"[+._,~/:|-]|\s", unquote(value))
    return any(len(word) > 24 or not re.fullmatch(r"[^\W\d_]*|\d{1,10}", word) for word in words)


def outline_id(url: str) -> str:
    """Return an id for the feed at `url`: readable, the same for http and https, with and without `www.`."""
    key = address_key(url)
    readable = re.sub(r"[^a-z0-9.]+", "-", key.partition("?")[0].lower()).strip("-.")
    # a hash joins where the readable part no longer tells two addresses apart
    if len(readable) > 60 or readable != re.sub(r"[/_]", "-", key):
        readable = f"{readable[:60].rstrip('-.')}-{hashlib.sha256(key.encode()).hexdigest()[:6]}"
    return readable


def address_key(url: str) -> str:
    """Return what two spellings of one feed's address have in common."""
    try:
        parts = urlsplit(url)
    except ValueError:
        # whoever takes the address tells what is wrong with it
        return url
    host = (parts.netloc.rpartition("@")[2]).lower().removeprefix("www.")
    return host + parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")


def _decoded(body: bytes) -> str:
    # its tables are for lists alone: most configurations name their sources one by one
    from feedhub.charsets import decode

    declared = _ENCODING.match(body)
    return decode(body, declared[1].decode() if declared else None).text


def _attributes(document: bytes) -> list[dict[str, str]]:
    """Return every feed's address, language and site, repeats included: what listparser does not tell."""
    from lxml import etree

    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    root = etree.fromstring(document, parser)
    if root is None:
        return []
    return [
        {name: node.get(name, "").strip() for name in ("xmlUrl", "language", "htmlUrl", _ID)}
        for node in root.iter("outline")
        if node.get("xmlUrl")
    ]


def _outline(feed: dict[str, object], more: Mapping[str, str]) -> Outline:
    url, name, categories = str(feed["url"]), str(feed["title"]), feed["categories"]
    language, site, written = more.get("language", ""), more.get("htmlUrl", ""), more.get(_ID, "")
    first = categories[0] if isinstance(categories, list) and categories else []
    return Outline(
        id=outline_id(url),
        url=url,
        name=name or urlsplit(url).netloc,
        category=next((step for step in reversed(first) if step), None),
        language=language if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", language) else None,
        site=site if re.match(r"https?://[^/]", site, re.IGNORECASE) else None,
        written_id=written if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", written) else None,
    )


def _refusal(url: str) -> str | None:
    if not re.match(r"https?://[^/]", url, re.IGNORECASE):
        return "only http:// and https:// addresses are taken from a list"
    try:
        urlsplit(url)
    except ValueError:
        return "the address has no host, or one that cannot be"
    if MASK in url:
        return "its secret was masked by an export: write the source by hand"
    return None


def _repeats(urls: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for url in urls:
        if url in seen:
            yield f"{url}: listed more than once, taken once"
        seen.add(url)


def _printable(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)
