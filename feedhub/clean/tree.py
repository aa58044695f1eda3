"""Read markup as lines: one walk over the document tells text, inline tags and the containers round them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedhub.clean.attributes import Attributes, direction, inline_attributes
from feedhub.clean.block_writer import CONTAINERS, BlockWriter, names_caption
from feedhub.clean.embeds import PLAIN_NAMES, made_post
from feedhub.clean.formulas import formula
from feedhub.clean.late_pictures import BACKGROUND_NAMES, background
from feedhub.clean.line_writer import MAX_DEPTH, Leave
from feedhub.clean.lines import CELLS, Line, Tag
from feedhub.clean.text import word_set
from feedhub.clean.void_lines import without_blank_ends, without_empty_tables

DROPPED = word_set(
    """
    style frame frameset applet svg button select textarea noembed noframes template title head link meta base
    dialog canvas map marquee portal plaintext xmp param source track -comment _comment !doctype
    """
)
INLINE = {
    "a": "a", "b": "strong", "strong": "strong", "i": "em", "em": "em", "u": "u", "s": "s", "del": "del", "ins": "ins",
    "strike": "s", "sub": "sub", "sup": "sup", "code": "code", "kbd": "code", "samp": "code", "tt": "code", "q": "q",
    "cite": "cite", "small": "small", "mark": "mark", "abbr": "abbr", "video": "video", "audio": "audio",
    "ruby": "ruby", "rt": "rt", "rp": "rp", "span": "span", "bdi": "bdi", "bdo": "bdo", "font": "span",
    "acronym": "abbr", "dfn": "em", "var": "em", "amp-video": "video", "amp-audio": "audio",
}  # fmt: skip
_NO_TAG = Tag("")
_BEGINS = {name: Tag(f"<{name}>") for name in INLINE.values()}
_ENDS = {name: Tag(f"</{name}>") for name in INLINE.values()}
LEAVES = {
    "h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h5", "h6": "h6", "pre": "pre", "listing": "pre",
}  # fmt: skip
BLOCKS = word_set(
    """
    p div section article header footer aside main center address details summary fieldset legend
    hgroup nav body html tbody thead tfoot caption form menu dir amp-carousel
    """
)
TABLE = word_set("table tr td th tbody thead tfoot caption colgroup col")
#: elements that scripts make posts and players of
_POSTS = frozenset(("blockquote", "div", "figure", "p", "section", "oembed", "twitter-widget"))
#: elements that pages give a picture for a background
_BACKED = frozenset(("div", "span", "a", "figure", "section", "i"))
#: attributes by which an element says in which language or direction it runs
_SPEAKING = frozenset(("dir", "lang", "xml:lang"))
_SPANS = ("span", "font")
_GUTTER = re.compile(r"(?:^|[\s_-])(?:gutter|linenos?|line-numbers|lineno|rouge-gutter)(?:\s|$)", re.IGNORECASE)
# Twice what a body of the size that is read can hold in earnest.
MAX_EVENTS = 60_000
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


class LineCollector(BlockWriter):
    """Collect the lines of one document."""

    def run(self, root: LexborNode) -> list[Line]:
        """Walk the tree below `root` without recursion, for depth is the author's to choose; return its lines."""
        node, seen, top = root.child, 0, root.mem_id
        open_elements: list[Leave | None] = []
        while node is not None:
            seen += 1
            if seen >= MAX_EVENTS or len(self.lines) > self.most:
                self.is_cut = True
                break
            tag = node.tag or ""
            if tag == "-text":
                self.raw.append(node.text_content or "")
            elif tag == "p" and (text := _only_text(node)) is not None:
                seen += 1
                self.paragraph(text)
            elif tag not in DROPPED:
                leave = self.enter(tag, node)
                if leave is not False:
                    open_elements.append(leave)
                    # each look makes an object anew
                    if (child := node.child) is not None:
                        node = child
                        continue
                    self.leave(open_elements)
            while (following := node.next) is None:
                node = node.parent
                if node is None or node.mem_id == top:
                    break
                self.leave(open_elements)
            node = following
        while open_elements:
            self.leave(open_elements)
        self.end_block()
        return without_blank_ends(without_empty_tables(self.lines))

    def leave(self, open_elements: list[Leave | None]) -> None:
        """Undo what the innermost open element began."""
        if undo := open_elements.pop():
            undo()

    def enter(self, tag: str, node: LexborNode) -> Leave | Literal[False] | None:
        """Begin an element; return what ends it, None for nothing, False where all of it is read."""
        attributes = node.attributes
        if attributes:
            if is_hidden(attributes) or _is_repeated_formula(node, attributes):
                return False
            if tag in _BACKED and not attributes.keys().isdisjoint(BACKGROUND_NAMES):
                self.background(node, background(attributes))
            if self.links.targets:
                self.target(attributes)
        if (inline := INLINE.get(tag)) is not None:
            if tag in _SPANS and not self.is_marked(attributes):
                return None
            if tag == "a" and "data-pin-do" in attributes and (pin := made_post(tag, attributes, self.links)):
                self.embed(pin)
                return False
            return self.open_inline(inline, node, attributes)
        if tag == "nav" and not self.is_contents(node):
            return False
        if tag in _SINGLE:
            return None if _SINGLE[tag](self, node, attributes) else False
        is_made = attributes and tag in _POSTS and not attributes.keys() <= PLAIN_NAMES
        if is_made and (post := made_post(tag, attributes, self.links)):
            return self.open_post(tag, node, attributes, post)
        if tag == "table":
            return self.open_table(node, attributes)
        if tag in TABLE and self.layout and self.layout[-1]:
            return self.open_layout(tag, attributes)
        if tag in CONTAINERS:
            return self.open_container(tag, node, attributes)
        if tag in LEAVES:
            return self.open_leaf(LEAVES[tag], attributes)
        return self.open_block(tag, node, attributes) if tag in BLOCKS else None

    def open_layout(self, tag: str, attributes: Attributes) -> Leave | Literal[False]:
        """Begin a part of a table that only arranges the page; False where it numbers lines of code."""
        if tag in CELLS and attributes:
            if _GUTTER.search(attributes.get("class") or ""):
                return False
            if names_caption(attributes) and self.after_picture():
                return self.caption()
        self.end_block()
        return self.end_block

    def is_marked(self, attributes: Attributes) -> bool:
        """Tell whether a <span> says more than its text: most only colour it."""
        if not attributes:
            return False
        if (
            not attributes.keys().isdisjoint(_SPEAKING)
            or "direction" in (attributes.get("style") or "")
            or (self.links.targets and "id" in attributes)
        ):
            return True
        return names_caption(attributes)

    def is_contents(self, node: LexborNode) -> bool:
        """Tell whether a <nav> lists what the entry itself holds."""
        hrefs = [link.attributes.get("href") for link in node.css("a[href]")[:40]]
        return bool(hrefs) and 2 * sum(self.links.local(href) is not None for href in hrefs) > len(hrefs)

    def math(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write a formula."""
        tokens = formula(node)
        if tokens:
            self.flush()
            self.tokens += tokens
            self.after_blank = False
            self.free += 1
        return False

    def check_box(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write the box of an item of a list of tasks."""
        if (attributes.get("type") or "").lower() == "checkbox" and self.structure() == "li":
            self.raw.append("\u2611 " if "checked" in attributes else "\u2610 ")
        return False

    def open_inline(self, name: str, node: LexborNode, attributes: Attributes) -> Leave:
        """Begin an inline element; one within its like, or without what makes it one, leaves its text alone."""
        is_caption = name == "span" and not self.inline and names_caption(attributes)
        if is_caption and not self.within("figcaption") and self.after_picture():
            return self.caption()
        is_nested = len(self.inline) >= MAX_DEPTH or (bool(self.inline) and any(n == name for n, _ in self.inline))
        turned = direction(attributes, "") if attributes and not is_nested else ""
        written = None if is_nested else inline_attributes(name, node, attributes, self.links)
        tag = _NO_TAG
        if written is not None or (turned and name in ("span", "bdo")):
            tag = Tag(f"<{name}{written or ''}{turned}>") if written or turned else _BEGINS[name]
            self.mark(tag)
            if name == "a" and written:
                self.addresses.add(_address(written))
        self.inline.append((name, tag))

        def close() -> None:
            if self.inline[-1][1]:
                self.mark(_ENDS[name])
            self.inline.pop()

        return close


#: elements that are done with as a whole
_SINGLE: dict[str, Callable[[LineCollector, LexborNode, Attributes], bool]] = {
    "br": LineCollector.line_break,
    "input": LineCollector.check_box,
    "hr": LineCollector.rule,
    "img": LineCollector.picture,
    "image": LineCollector.picture,
    "amp-img": LineCollector.picture,
    "amp-anim": LineCollector.picture,
    "picture": LineCollector.picture,
    "noscript": LineCollector.noscript,
    "script": LineCollector.script,
    "math": LineCollector.math,
    "object": LineCollector.object,
    "iframe": LineCollector.framed,
    "embed": LineCollector.framed,
    "amp-iframe": LineCollector.framed,
    **dict.fromkeys(
        ("amp-youtube", "amp-twitter", "amp-instagram", "amp-vimeo", "lite-youtube", "lite-vimeo"),
        LineCollector.component,
    ),
}


def parse(markup: str) -> LexborNode | None:
    """Parse markup; return the body of its document."""
    # a script or style in front would begin a head, and be looked at by nobody
    return LexborHTMLParser(f"<body>{markup}").body


def _only_text(node: LexborNode) -> str | None:
    """Return the text of an element without attributes that holds nothing else, None for all others."""
    child = node.child
    if child is None or child.tag != "-text" or child.next is not None or node.attributes:
        return None
    return child.text_content


def is_hidden(attributes: Attributes) -> bool:
    """Tell whether an element says that it is not shown."""
    style = attributes.get("style")
    return "hidden" in attributes or (bool(style) and bool(_HIDDEN.search(style or "")))


def _is_repeated_formula(node: LexborNode, attributes: Attributes) -> bool:
    """Tell whether an element draws the formula that stands before it for machines."""
    names = attributes.get("class")
    if not names:
        return False
    if "MathJax_Preview" in names:
        return True
    if "katex-html" not in names or node.prev is None:
        return False
    return node.prev.css_first("math") is not None


def _address(attributes: str) -> str:
    """Return the address in the attributes of a link as we write them."""
    return unescape(attributes.removeprefix(' href="').partition('"')[0])
