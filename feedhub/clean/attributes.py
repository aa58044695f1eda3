"""Reduce a tag's attributes to checked addresses, sizes and alternative text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from selectolax.lexbor import LexborNode

from feedhub.clean.links import absolute, is_tracker, srcset
from feedhub.clean.text import tidy

Attributes = dict[str, str | None]
_WEB = ("http", "https")
# Where pages that load their pictures late keep the real address.
_LATE = ("data-src", "data-lazy-src", "data-original", "data-orig-file")
#: as browsers read a size: what follows the number is of no meaning, but for a percentage
_NUMBER = re.compile(r"\s*([0-9]{1,5})(?:\.[0-9]*)?(?![0-9.%])")
#: a size that nobody can see
_PIXEL = re.compile(
    r"(?:^|[;\s])(?:max-)?(?:width|height)\s*:\s*0*[0-2](?:\.[0-9]+)?(?:px)?\s*(?:!|;|$)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class LinkResolver:
    """Resolve the addresses of one document against its base."""

    base: str | None = None

    def image(self, attributes: Attributes) -> str | None:
        """Write a safe <img>; return None for pixels, trackers and pictures without an address."""
        sources = (attributes.get(name) for name in ("src", *_LATE))
        src = next((url for s in sources if s and (url := absolute(s, self.base, _WEB))), None)
        width, height = _number(attributes.get("width")), _number(attributes.get("height"))
        small = any(size is not None and size <= 2 for size in (width, height))
        if src is None or is_tracker(src) or small or _PIXEL.search(attributes.get("style") or ""):
            return None
        late = attributes.get("srcset") or attributes.get("data-srcset") or ""
        kept = {"src": src, "srcset": srcset(late, self.base), "alt": tidy(attributes.get("alt") or "")}
        return f"<img{_written(kept | _sizes(width, height))}>"


def attributes_of(name: str, node: LexborNode, links: LinkResolver) -> str | None:
    """Write the attributes of an inline tag; return None where the tag is worth nothing without them."""
    attributes = node.attributes
    if name == "a":
        href = absolute(attributes.get("href"), links.base)
        return _written({"href": href, "title": tidy(attributes.get("title") or "")}) if href else None
    if name in ("video", "audio"):
        inner = (child.attributes.get("src") for child in node.css("source")[:5])
        src = next((url for s in (attributes.get("src"), *inner) if (url := _file(s, links.base))), None)
        poster = _file(attributes.get("poster"), links.base) if name == "video" else None
        return _written({"src": src, "poster": poster}) + ' controls=""' if src else None
    if name == "abbr":
        return _written({"title": tidy(attributes.get("title") or "")})
    return ""


def _file(url: str | None, base: str | None) -> str | None:
    """Return the address of what a reader loads unasked, None for trackers."""
    address = absolute(url, base, _WEB)
    return None if address is None or is_tracker(address) else address


def _sizes(width: int | None, height: int | None) -> dict[str, str | None]:
    return {"width": str(width) if width else None, "height": str(height) if height else None}


def _number(value: str | None) -> int | None:
    match = _NUMBER.match(value or "")
    return int(match[1]) if match else None


def _written(attributes: dict[str, str | None]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in attributes.items() if value)
