"""Reduce a tag's attributes to checked addresses, sizes and alternative text."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import unquote

from msgspec import Struct, field
from selectolax.lexbor import LexborNode

from feedhub.clean.catalogue import picture_rules
from feedhub.clean.late_pictures import late_picture
from feedhub.clean.links import absolute, is_tracker, largest, srcset
from feedhub.clean.text import tidy

Attributes = dict[str, str | None]
_WEB = ("http", "https")
#: as browsers read a size: what follows the number is of no meaning, but for a percentage
_NUMBER = re.compile(r"\s*([0-9]{1,5})(?:\.[0-9]*)?(?![0-9.%])")
#: a size that nobody can see
_PIXEL = re.compile(
    r"(?:^|[;\s])(?:max-)?(?:width|height)\s*:\s*0*[0-2](?:\.[0-9]+)?(?:px)?\s*(?:!|;|$)", re.IGNORECASE
)
#: BCP 47, as far as it is in use
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
#: attributes by which an element may say in which language or direction it runs
_SPEAKING = frozenset(("dir", "lang", "xml:lang", "style"))
_DIRECTION = re.compile(r"(?:^|[;\s])direction\s*:\s*(rtl|ltr)\b", re.IGNORECASE)
_SPAN = re.compile(r"\s*0*([1-9][0-9]{0,2})\s*")
_START = re.compile(r"\s*(-?[0-9]{1,6})\s*")
#: what an element may be called by a link of the same entry; the prefix keeps it apart from the reader's own page
MARK = "n-"
_MARKED = re.compile(r"[\w.:%()\[\]-]{1,100}")
#: sources of one <picture> that are looked at
_MOST_SOURCES = 8


class LinkResolver(Struct, frozen=True):
    """Resolve the addresses of one document against its base."""

    base: str | None = None
    #: the article's own address
    page: str | None = None
    #: fragments that links of the document lead to within it
    targets: frozenset[str] = field(default_factory=frozenset)

    def image(self, attributes: Attributes, sources: tuple[str, ...] = ()) -> tuple[str, str] | None:
        """Write a safe <img> and return it with its address; None for pixels, trackers and those without an address.

        `sources` are the srcsets of the <source>s beside it. Where a page loads its pictures late, `src` is a
        placeholder and so are the sizes.
        """
        rules = picture_rules()
        get = attributes.get
        is_late = not attributes.keys().isdisjoint(rules.names)
        names = ("srcset", *rules.late_sets) if is_late else ("srcset",)
        sets = [value for name in names if (value := get(name))]
        late = None
        if is_late:
            late = next((url for name in rules.late if (value := get(name)) and (url := self._picture(value))), None)
        src = self._picture(get("src"), is_late=False)
        is_placeholder = src is None or _names_placeholder(src)
        best = None
        if late is None and is_placeholder:
            spare = (url for name in rules.spare if (url := self._picture(get(name))))
            best = next((url for value in (*sets, *sources) if (url := largest(value, self.base))), None)
            best = best or next(spare, None) or self._late_picture(attributes)
        address = late or best or src
        if address is None or is_tracker(address) or (is_placeholder and address == src):
            return None
        width, height = size(get("width")), size(get("height"))
        if any(size is not None and size <= 2 for size in (width, height)) or _PIXEL.search(get("style") or ""):
            if address == src:
                return None
            width = height = None
        # browsers take a set before the address, so a set of placeholders must not stand
        written = srcset(sets[-1] if late or best else sets[0], self.base) if sets else None
        fields = {"src": address, "srcset": written, "alt": tidy(get("alt") or get("title") or "")}
        return f"<img{written_attributes(fields | _sizes(width, height))}>", address

    def is_late(self, attributes: Attributes) -> bool:
        """Tell whether an image shows nothing before a script has run."""
        src = self._picture(attributes.get("src"), is_late=False)
        return src is None or _names_placeholder(src)

    def file(self, url: str | None) -> str | None:
        """Return the address of what a reader loads unasked, None for trackers."""
        address = absolute(url, self.base, _WEB)
        return None if address is None or is_tracker(address) else address

    def local(self, href: str | None) -> str | None:
        """Return the link to a place in the same entry, None for all others."""
        if not href or not self.targets:
            return None
        page, sign, fragment = href.strip().partition("#")
        if not sign:
            return None
        name = fragment if fragment in self.targets else unquote(fragment)
        return f"#{marked(name)}" if name in self.targets and (not page or self._is_here(page)) else None

    def _is_here(self, page: str) -> bool:
        """Tell whether an address is that of the article itself."""
        return page in (self.page, self.base) or absolute(page, self.base, _WEB) in (self.page, self.base)

    def _late_picture(self, attributes: Attributes) -> str | None:
        address = late_picture(attributes, self.base)
        return None if address is None or _names_placeholder(address) else address

    def _picture(self, written: str | None, *, is_late: bool = True) -> str | None:
        """Return a picture's address; what else stands in an attribute of a late one (true, lazy, {width}) is none."""
        if not written or (is_late and ("{" in written or not ("/" in written or "." in written))):
            return None
        return absolute(written, self.base, _WEB)


def _names_placeholder(address: str) -> bool:
    """Tell whether the file that an http(s) address ends with is called as placeholders are."""
    path = address.partition("?")[0]
    return picture_rules().placeholders.search(path, max(0, path.rfind("/"))) is not None


def marked(fragment: str) -> str:
    """Return the name that a target of links is known by in the entry."""
    return fragment if fragment.startswith(MARK) else f"{MARK}{fragment}"


def targets_in(markup: str) -> frozenset[str]:
    """Return the fragments that links of a markup lead to and that are names of its elements."""
    if "#" not in markup:
        return frozenset()
    linked = set(_LINKED.findall(markup))
    named = set(_NAMED.findall(markup)) if linked else set()
    linked |= {unquote(name) for name in linked if "%" in name}
    return frozenset(name for name in linked & named if _MARKED.fullmatch(name))


_LINKED = re.compile(r"""\shref\s*=\s*["']?[^"'\s>#]{0,500}#([^"'\s>]{1,100})""", re.IGNORECASE)
_NAMED = re.compile(r"""\s(?:id|name)\s*=\s*["']?([^"'\s>]{1,100})""", re.IGNORECASE)


#: inline elements that say something by their attributes
_WITH_ATTRIBUTES = frozenset(("a", "video", "audio", "span", "bdo", "abbr"))


def inline_attributes(name: str, node: LexborNode, attributes: Attributes, links: LinkResolver) -> str | None:
    """Write the attributes of an inline tag; return None where the tag is worth nothing without them."""
    if name not in _WITH_ATTRIBUTES:
        return ""
    if name == "a":
        href = links.local(attributes.get("href")) or absolute(attributes.get("href"), links.base)
        title = attributes.get("title")
        return written_attributes({"href": href, "title": tidy(title) if title else None}) if href else None
    if name in ("video", "audio"):
        inner = (child.attributes.get("src") or child.attributes.get("data-src") for child in node.css("source")[:5])
        late = (attributes.get("data-src"),)
        src = next((url for s in (attributes.get("src"), *late, *inner) if (url := links.file(s))), None)
        poster = links.file(attributes.get("poster")) if name == "video" else None
        return written_attributes({"src": src, "poster": poster}) + ' controls=""' if src else None
    if name in ("span", "bdo"):
        return None
    return written_attributes({"title": tidy(attributes.get("title") or "")})


def cell_attributes(attributes: Attributes) -> str:
    """Write how many columns and rows a table cell spans."""
    spans = {name: _SPAN.fullmatch(attributes.get(name) or "") for name in ("colspan", "rowspan")}
    return written_attributes({name: span[1] for name, span in spans.items() if span and span[1] != "1"})


def list_attributes(tag: str, attributes: Attributes) -> str:
    """Write how a list is numbered."""
    if tag == "li":
        value = _START.fullmatch(attributes.get("value") or "")
        return written_attributes({"value": str(int(value[1]))}) if value else ""
    if tag != "ol":
        return ""
    start, kind = _START.fullmatch(attributes.get("start") or ""), attributes.get("type") or ""
    fields = {
        "start": str(int(start[1])) if start and int(start[1]) != 1 else None,
        "type": kind if kind in ("a", "A", "i", "I") else None,
    }
    return written_attributes(fields) + (' reversed=""' if "reversed" in attributes else "")


def direction(attributes: Attributes, inherited: str) -> str:
    """Write direction and language of an element where they are not those of what stands round it."""
    if attributes.keys().isdisjoint(_SPEAKING):
        return ""
    get = attributes.get
    if not (get("dir") or get("lang") or get("xml:lang") or "direction" in (get("style") or "")):
        return ""
    side, language = (get("dir") or "").strip().lower(), (get("lang") or get("xml:lang") or "").strip()
    if not side and (styled := _DIRECTION.search(get("style") or "")):
        side = styled[1].lower()
    fields = {
        "dir": side if side in ("rtl", "ltr", "auto") else None,
        "lang": language if _LANGUAGE.fullmatch(language) else None,
    }
    return "".join(
        written
        for name, value in fields.items()
        if value and (written := f' {name}="{value}"') != _last(name, inherited)
    )


def _last(name: str, inherited: str) -> str | None:
    place = inherited.rfind(f' {name}="')
    return None if place < 0 else inherited[place : inherited.find('"', place + len(name) + 3) + 1]


def written_attributes(attributes: dict[str, str | None]) -> str:
    """Write attributes as markup, those without a value left out."""
    return "".join([f' {name}="{escape(value)}"' for name, value in attributes.items() if value])


def _sizes(width: int | None, height: int | None) -> dict[str, str | None]:
    return {"width": str(width) if width else None, "height": str(height) if height else None}


def size(value: str | None) -> int | None:
    """Return a size in pixels as a browser reads it; None for percentages and what is none."""
    match = _NUMBER.match(value or "")
    return int(match[1]) if match else None
