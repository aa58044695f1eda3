"""Turn what a page embeds (frames, players, posts made by scripts) into a link to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedhub.clean.attributes import Attributes, LinkResolver, size
from feedhub.clean.catalogue import embed_rules
from feedhub.clean.links import absolute, is_tracker
from feedhub.clean.text import tidy
from feedhub.text_cache import remember_short

_WEB = ("http", "https")
#: what a link is called by where its page says nothing
_LONGEST = 80
#: attributes of placeholders, posts and components that scripts make a player of: where they lead to
_MADE = {
    "data-telegram-post": "https://t.me/{}",
    "data-instgrm-permalink": "{}",
    "data-text-post-permalink": "{}",
    "data-bluesky-uri": "{}",
    "data-embed-url": "{}",
    "data-oembed-url": "{}",
    "data-oembed": "{}",
    "videoid": "https://www.youtube.com/watch?v={}",
    "data-videoid": "https://www.youtube.com/watch?v={}",
    "data-youtube-id": "https://www.youtube.com/watch?v={}",
    "data-youtube": "https://www.youtube.com/watch?v={}",
    "data-yt-id": "https://www.youtube.com/watch?v={}",
    "data-tweet-id": "https://x.com/i/status/{}",
    "data-tweetid": "https://x.com/i/status/{}",
    "data-vimeo-id": "https://vimeo.com/{}",
    "data-shortcode": "https://www.instagram.com/p/{}/",
}
#: classes of elements that a script makes a player of: the attribute that tells which, and where it leads to
_CLASSES = (
    (
        re.compile(r"\b(?:rll-)?youtube"),
        ("data-id", "data-video-id", "data-embed"),
        "https://www.youtube.com/watch?v={}",
    ),
    (re.compile(r"\bvimeo"), ("data-id", "data-video-id"), "https://vimeo.com/{}"),
    (re.compile(r"\btiktok-embed"), ("cite",), "{}"),
    (re.compile(r"\bfb-(?:post|video)\b"), ("data-href",), "{}"),
)
#: attributes of which no script makes anything
PLAIN_NAMES = frozenset(
    "class style id align title dir lang width height role name itemprop itemscope itemtype".split()
)
#: elements that are nothing but an address for a script
_ADDRESSES = {"oembed": ("url",), "a": ("href",)}
#: attributes that may hold the address of what a script shows
_TELLS = re.compile(r"^data-.*(?:src|url|embed|href|video|player)")
#: attributes of a frame that are no address of what it shows
_NO_ADDRESS = re.compile(r"^(?!data-)|thumb|poster|image|img|title|caption|href|page|share|srcdoc|id$")
_IN_DOCUMENT = re.compile(r"""(?:href|src)\s*=\s*["']?((?:https?:)?//[^"'\s>]{4,2000})""", re.IGNORECASE)
#: characters of a frame's own document that are looked at
_DOCUMENT = 4_000
_PARAMETERS = ("movie", "src", "url", "filename")


class Embed(Struct, frozen=True, kw_only=True):
    """A link to what was embedded."""

    url: str
    label: str
    picture: str | None = None


def frame(attributes: Attributes, links: LinkResolver) -> Embed | None:
    """Return the link that stands for an <iframe> or <embed>; None for adverts, buttons and what cannot be seen."""
    if any((side := size(attributes.get(name))) is not None and side <= 2 for name in ("width", "height")):
        return None
    return next((made for value in _addresses(attributes) if (made := _embed(value, attributes, links))), None)


def _addresses(attributes: Attributes) -> Iterator[str | None]:
    """Yield what may be the address of a frame: its own, those of late ones, what its own document leads to."""
    yield attributes.get("src")
    for name, value in attributes.items():
        if value and not _NO_ADDRESS.search(name) and value.lstrip()[:8].startswith(("http:", "https:", "//", "/")):
            yield value
    if document := attributes.get("srcdoc"):
        yield from (match[1] for match in _IN_DOCUMENT.finditer(document[:_DOCUMENT]))


def fallback(content: str, attributes: Attributes, links: LinkResolver) -> Embed | None:
    """Return the link that a frame shows where frames are not shown: its page, where no rule knows a better one."""
    if "<a" not in content or (src := absolute(attributes.get("src"), links.base, _WEB)) is None or is_known(src):
        return None
    inner = LexborHTMLParser(content[:_DOCUMENT]).css("a[href]")
    if len(inner) != 1:
        return None
    url, label = absolute(inner[0].attributes.get("href"), links.base, _WEB), tidy(inner[0].text())
    return Embed(url=url, label=label) if url and label and page_of(url) else None


def framed_object(node: LexborNode, attributes: Attributes, links: LinkResolver) -> Embed | None:
    """Return the link that stands for an <object>; None where what stands in it must do."""
    addresses = [attributes.get("data")]
    for child in node.css("param,embed")[:12]:
        inner = child.attributes
        if child.tag == "embed":
            addresses.append(inner.get("src"))
        elif (inner.get("name") or "").lower() in _PARAMETERS:
            addresses.append(inner.get("value"))
    label = tidy(node.text(deep=True, separator=" ")) or None
    for address in addresses:
        made = _embed(address, attributes, links, label)
        # nothing plays Flash any more, but its players name what they played
        if made and not urlsplit(made.url).path.lower().endswith(".swf"):
            return made
    return None


def made_post(tag: str, attributes: Attributes, links: LinkResolver) -> Embed | None:
    """Return the link that stands for a post or player that a script would make of an element."""
    for name, value in attributes.items():
        if name in PLAIN_NAMES or not value or not (value := value.strip()):
            continue
        if address := _MADE.get(name):
            return _embed(address.format(_web_address(value)), attributes, links)
        if _TELLS.search(name) and "/" in value and is_known(absolute(value, links.base, _WEB)):
            return _embed(value, attributes, links)
    if (tag in _ADDRESSES and tag != "a") or "data-pin-do" in attributes:
        return _embed(next((attributes.get(name) for name in _ADDRESSES.get(tag, ())), None), attributes, links)
    names = attributes.get("class") or ""
    for pattern, keys, address in _CLASSES if names else ():
        if pattern.search(names) and (value := next((v for key in keys if (v := attributes.get(key))), None)):
            return _embed(address.format(value), attributes, links)
    return None


def _web_address(value: str) -> str:
    """Return the page of a post that is named by its record (AT Protocol); all else as it is."""
    if not value.startswith("at://"):
        return value
    account, _, post = value.removeprefix("at://").partition("/app.bsky.feed.post/")
    return f"https://bsky.app/profile/{account}/post/{post}"


def _embed(written: str | None, attributes: Attributes, links: LinkResolver, label: str | None = None) -> Embed | None:
    address = absolute(written, links.base, _WEB)
    page = page_of(address) if address and not is_tracker(address) else None
    url = absolute(page, None, _WEB)
    if not url:
        return None
    own_label = tidy(attributes.get("title") or attributes.get("aria-label") or attributes.get("alt") or "")
    picture = next(
        (p for name in ("data-thumbnail", "poster", "thumb") if (p := links.file(attributes.get(name)))), None
    )
    return Embed(url=url, label=own_label or label or _shown(url), picture=picture)


def page_of(address: str) -> str | None:
    """Return the page on which a person sees what is embedded from an address; None where it is furniture."""
    place = address.partition("://")[2].removeprefix("www.")
    for pattern, page in embed_rules():
        if match := pattern.fullmatch(place):
            return page.format(*(unquote(group or "") for group in match.groups())) or None
    return address


@remember_short(1024, 500)
def is_known(address: str | None) -> bool:
    """Tell whether a rule knows the page of what is embedded from an address."""
    place = (address or "").partition("://")[2].removeprefix("www.")
    return bool(place) and any(page and pattern.fullmatch(place) for pattern, page in embed_rules())


def _shown(url: str) -> str:
    place = unquote(url.partition("://")[2]).removeprefix("www.").rstrip("/")
    return tidy(place if len(place) <= _LONGEST else f"{place[:_LONGEST]}…")
