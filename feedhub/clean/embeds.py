"""Turn what a page embeds (frames, players, posts made by scripts) into a link to it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborNode

from feedhub.clean.attributes import Attributes, LinkResolver, size
from feedhub.clean.catalogue import embed_rules
from feedhub.clean.links import absolute, is_tracker
from feedhub.clean.text import tidy

_WEB = ("http", "https")
#: what a link is called by where its page says nothing
_LONGEST = 80
#: attributes of placeholders, posts and components that scripts make a player of: where they lead to
_MADE = {
    "data-telegram-post": "https://t.me/{}",
    "data-instgrm-permalink": "{}",
    "data-bluesky-uri": "{}",
    "videoid": "https://www.youtube.com/watch?v={}",
    "data-videoid": "https://www.youtube.com/watch?v={}",
    "data-youtube-id": "https://www.youtube.com/watch?v={}",
    "data-yt-id": "https://www.youtube.com/watch?v={}",
    "data-tweet-id": "https://x.com/i/status/{}",
    "data-tweetid": "https://x.com/i/status/{}",
    "data-vimeo-id": "https://vimeo.com/{}",
    "data-shortcode": "https://www.instagram.com/p/{}/",
}
_PARAMETERS = ("movie", "src", "url", "filename")


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed:
    """A link to what was embedded."""

    url: str
    label: str
    picture: str | None = None


def frame(attributes: Attributes, links: LinkResolver) -> Embed | None:
    """Return the link that stands for an <iframe> or <embed>; None for adverts, buttons and what cannot be seen."""
    if any((side := size(attributes.get(name))) is not None and side <= 2 for name in ("width", "height")):
        return None
    names = ("src", "data-src", "data-lazy-src", "data-litespeed-src", "data-cmp-src", "data-src-cmplz")
    return next((made for name in names if (made := _embed(attributes.get(name), attributes, links))), None)


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


def made_post(attributes: Attributes, links: LinkResolver) -> Embed | None:
    """Return the link that stands for a post or player that a script would make of an element."""
    for name, address in _MADE.items():
        if value := (attributes.get(name) or "").strip():
            if value.startswith("at://"):
                account, _, post = value.removeprefix("at://").partition("/app.bsky.feed.post/")
                value = f"https://bsky.app/profile/{account}/post/{post}"
            return _embed(address.format(value), attributes, links)
    return None


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


def _shown(url: str) -> str:
    place = unquote(url.partition("://")[2]).removeprefix("www.").rstrip("/")
    return tidy(place if len(place) <= _LONGEST else f"{place[:_LONGEST]}…")
