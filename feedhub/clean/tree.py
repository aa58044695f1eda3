"""Read markup as lines: one walk over the document tells text, inline tags and the containers round them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedhub.clean.attributes import (
    Attributes,
    cell_attributes,
    direction,
    inline_attributes,
    list_attributes,
)
from feedhub.clean.embeds import Embed, made_post
from feedhub.clean.formulas import formula
from feedhub.clean.line_writer import MAX_CONTAINERS, MAX_DEPTH, Leave
from feedhub.clean.lines import BARE, CELLS, Line, Step, Tag
from feedhub.clean.media_lines import MediaWriter
from feedhub.clean.tables import arranges_page
from feedhub.clean.text import word_set
from feedhub.clean.void_lines import without_blank_ends, without_empty_tables

DROPPED = word_set(
    """
    style frame frameset applet svg input button select textarea noembed noframes template title head link meta base
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
CONTAINERS = word_set("ul ol li blockquote figure figcaption table tr td th dl dt dd")
LEAVES = {
    "h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h5", "h6": "h6", "pre": "pre", "listing": "pre",
}  # fmt: skip
BLOCKS = word_set(
    """
    p div section article header footer aside main center address details summary fieldset legend
    hgroup nav body html tbody thead tfoot caption form menu dir amp-carousel
    """
)
#: an item needs its list; what stands elsewhere is a block
_PARENTS = {
    "tr": ("table",), "td": ("tr",), "th": ("tr",), "dt": ("dl",), "dd": ("dl",), "figcaption": ("figure",),
}  # fmt: skip
TABLE = word_set("table tr td th tbody thead tfoot caption colgroup col")
#: classes of blocks that are a picture with its caption, and of captions
_FIGURE = re.compile(r"(?:^|\s)(?:wp-caption|image-with-caption|captioned-image-container|media-with-caption)(?:\s|$)")
_CAPTION = re.compile(
    r"(?:^|\s)(?:wp-caption-text|wp-caption-dd|tr-caption|caption|(?:image|photo|picture|media|img|figure|gallery)[-_]?caption(?:[-_]text)?)"
    r"(?:\s|$)",
    re.IGNORECASE,
)
_WITHOUT_RULES = BARE | {"ul", "ol", "dl", "table", "tr", "figure"}
_SPANS = ("span", "font")
_GUTTER = re.compile(r"(?:^|[\s_-])(?:gutter|linenos?|line-numbers|lineno|rouge-gutter)(?:\s|$)", re.IGNORECASE)
# Twice what a body of the size that is read can hold in earnest.
MAX_EVENTS = 60_000
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


class LineCollector(MediaWriter):
    """Collect the lines of one document."""

    def run(self, root: LexborNode) -> list[Line]:
        """Walk the tree below `root` without recursion, for depth is the author's to choose; return its lines."""
        node, seen = root.child, 0
        open_elements: list[Leave | None] = []
        while node is not None:
            seen += 1
            if seen >= MAX_EVENTS or len(self.lines) > self.most:
                self.is_cut = True
                break
            tag = node.tag or ""
            if tag == "-text":
                self.raw.append(node.text_content or "")
            elif tag not in DROPPED:
                leave = self.enter(tag, node)
                if leave is not False:
                    open_elements.append(leave)
                    if node.child is not None:
                        node = node.child
                        continue
                    self.leave(open_elements)
            while node.next is None:
                node = node.parent
                if node is None or node.mem_id == root.mem_id:
                    break
                self.leave(open_elements)
            node = node.next if node is not None and node.mem_id != root.mem_id else None
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
        if attributes and (is_hidden(attributes) or _is_repeated_formula(node, attributes)):
            return False
        if tag in _SPANS and not self.is_marked(attributes):
            return None
        if self.links.targets and attributes:
            self.target(attributes)
        if tag == "nav" and not self.is_contents(node):
            return False
        if tag in INLINE:
            return self.open_inline(INLINE[tag], node, attributes)
        if tag in _SINGLE:
            return None if _SINGLE[tag](self, node, attributes) else False
        if tag in ("blockquote", "div") and attributes and (post := made_post(attributes, self.links)):
            return self.open_post(tag, node, attributes, post)
        if tag == "table":
            return self.open_table(node, attributes)
        if tag in TABLE and self.layout and self.layout[-1]:
            names = (attributes.get("class") or "") if tag in CELLS else ""
            if names and _GUTTER.search(names):
                return False
            if names and _CAPTION.search(names) and self.after_picture():
                return self.caption()
            self.end_block()
            return self.end_block
        if tag in CONTAINERS:
            return self.open_container(tag, node, attributes)
        if tag in LEAVES:
            return self.open_leaf(LEAVES[tag], attributes)
        return self.open_block(tag, attributes) if tag in BLOCKS else None

    def open_block(self, tag: str, attributes: Attributes) -> Leave:
        """Begin a block that stands for nothing but itself."""
        if is_called(_FIGURE, attributes) and not self.within("figure"):
            return self.push("figure", "")
        if is_called(_CAPTION, attributes) and not self.within("figcaption") and self.after_picture():
            return self.caption()
        written = direction(attributes, self.inherited()) if attributes else ""
        if written and tag == "p" and self.leaf == "p":
            return self.open_leaf("p", attributes)
        if written and self.leaf != "pre" and len(self.path) < MAX_CONTAINERS:
            return self.push("div", written)
        end = self.end_line if self.is_bare or self.leaf == "pre" else self.end_block
        end()
        return end

    def open_leaf(self, name: str, attributes: Attributes) -> Leave:
        """Begin a paragraph, heading or preformatted text."""
        self.end_block()
        if name == "pre" and self.leaf == "pre":
            return self.end_line
        written = direction(attributes, self.inherited()) if attributes else ""
        self.leaves.append((name, written, len(self.path)))

        def close() -> None:
            self.end_block()
            self.leaves.pop()

        return close

    def open_container(self, tag: str, node: LexborNode, attributes: Attributes) -> Leave:
        """Begin an element whose place in others is kept: a list, an item, a cell, a quotation, a figure."""
        needed = _PARENTS.get(tag)
        top = self.structure()
        if tag == "figcaption" and not self.within("figure"):
            return self.caption()
        if (needed and top not in needed and tag != "figcaption") or len(self.path) >= MAX_CONTAINERS:
            return self.plain_block()
        if tag == "li" and top not in ("ul", "ol"):
            return self.open_orphan(node, attributes)
        written = direction(attributes, self.inherited()) if attributes else ""
        if attributes and tag in CELLS:
            written = cell_attributes(attributes) + written
        elif attributes and tag in ("ol", "li"):
            written = list_attributes(tag, attributes) + written
        if tag not in CELLS:
            return self.push(tag, written)
        return self.cell(self.push("th" if _heads(node) else tag, written))

    def open_orphan(self, node: LexborNode, attributes: Attributes) -> Leave:
        """Begin an item outside of any list: those of one parent make a list."""
        if len(self.path) + 2 > MAX_CONTAINERS:
            return self.plain_block()
        self.end_block()
        parent = node.parent.mem_id if node.parent is not None else 0
        if parent not in self.implied:
            self.numbers += 1
            self.implied[parent] = Step("ul", self.numbers)
        self.add_step(self.implied[parent])
        close = self.push("li", list_attributes("li", attributes))

        def close_both() -> None:
            close()
            self.drop_step()

        return close_both

    def open_table(self, node: LexborNode, attributes: Attributes) -> Leave:
        """Begin a table; one that only arranges the page goes, what stands in it stays."""
        # each look goes through all that the table holds
        is_layout = len(self.layout) >= MAX_DEPTH or len(self.path) + 3 > MAX_CONTAINERS or arranges_page(node)
        self.layout.append(is_layout)
        if is_layout:
            self.end_block()
            close = self.end_block
        else:
            close = self.push("table", direction(attributes, self.inherited()) if attributes else "")

        def close_table() -> None:
            close()
            self.layout.pop()

        return close_table

    def open_post(self, tag: str, node: LexborNode, attributes: Attributes, post: Embed) -> Leave:
        """Begin an element that a script would make a post of: its own text stays, and a link where it has none."""
        leave = self.open_container(tag, node, attributes) if tag in CONTAINERS else self.open_block(tag, attributes)
        if node.css_first("a[href]") is None:
            self.embed(post)
        return leave

    def plain_block(self) -> Leave:
        """Begin a block without a container."""
        end = self.end_line if self.is_bare else self.end_block
        end()
        return end

    def caption(self) -> Leave:
        """Begin a caption; with the picture before it, if that stands alone, it makes a figure."""
        if len(self.path) + 2 > MAX_CONTAINERS:
            return self.plain_block()
        self.end_block()
        while self.lines and self.lines[-1].tag == "pre" and self.lines[-1].is_void:
            self.lines.pop()
        picture = self.lines[-1] if self.lines else None
        is_alone = picture is not None and picture.path == tuple(self.path) and not picture.text and not picture.is_void
        if self.within("figure") or picture is None or not is_alone:
            return self.push("figcaption", "")
        outer = self.push("figure", "")
        picture.path, picture.tag, picture.attributes = tuple(self.path), "p", ""
        inner = self.push("figcaption", "")

        def close() -> None:
            inner()
            outer()

        return close

    def cell(self, close: Leave) -> Leave:
        """Keep the place of a cell in which nothing stands."""
        lines, path = len(self.lines), tuple(self.path)

        def close_cell() -> None:
            self.end_block()
            if len(self.lines) == lines:
                self.lines.append(Line("", self.group, path))
            close()

        return close_cell

    def is_marked(self, attributes: Attributes) -> bool:
        """Tell whether a <span> says more than its text: most only colour it."""
        if not attributes:
            return False
        if "dir" in attributes or "lang" in attributes or (self.links.targets and "id" in attributes):
            return True
        return is_called(_CAPTION, attributes)

    def is_contents(self, node: LexborNode) -> bool:
        """Tell whether a <nav> lists what the entry itself holds."""
        hrefs = [link.attributes.get("href") for link in node.css("a[href]")[:40]]
        return bool(hrefs) and 2 * sum(self.links.local(href) is not None for href in hrefs) > len(hrefs)

    def rule(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write a rule between paragraphs."""
        if self.leaf == "pre" or self.structure() in _WITHOUT_RULES:
            self.end_line()
            return False
        self.end_block()
        self.lines.append(Line("hr", self.group, tuple(self.path)))
        self.group += 1
        return False

    def math(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write a formula."""
        tokens = formula(node)
        if tokens:
            self.flush()
            self.tokens += tokens
            self.after_blank = False
            self.free += 1
        return False

    def line_break(self, node: LexborNode, attributes: Attributes) -> bool:
        """End the line; in code an empty line is one."""
        if self.leaf == "pre":
            self.raw.append("\n")
        else:
            self.end_line()
        return False

    def open_inline(self, name: str, node: LexborNode, attributes: Attributes) -> Leave:
        """Begin an inline element; one within its like, or without what makes it one, leaves its text alone."""
        is_caption = name == "span" and not self.inline and is_called(_CAPTION, attributes)
        if is_caption and not self.within("figcaption") and self.after_picture():
            return self.caption()
        nested = len(self.inline) >= MAX_DEPTH or any(n == name for n, _ in self.inline)
        turned = direction(attributes, "") if attributes and not nested else ""
        written = None if nested else inline_attributes(name, node, attributes, self.links)
        tag = Tag("")
        if written is not None or (turned and name in ("span", "bdo")):
            tag = Tag(f"<{name}{written or ''}{turned}>")
            self.mark(tag)
            if name == "a" and written:
                self.addresses.add(_address(written))
        self.inline.append((name, tag))

        def close() -> None:
            if self.inline[-1][1]:
                self.mark(f"</{name}>")
            self.inline.pop()

        return close


#: elements that are done with as a whole
_SINGLE: dict[str, Callable[[LineCollector, LexborNode, Attributes], bool]] = {
    "br": LineCollector.line_break,
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


def is_called(pattern: re.Pattern[str], attributes: Attributes) -> bool:
    """Tell whether an element's classes say that it is a picture's block or caption."""
    names = attributes.get("class") if attributes else None
    return bool(names) and "caption" in (names or "").lower() and bool(pattern.search(names or ""))


def is_hidden(attributes: Attributes) -> bool:
    """Tell whether an element says that it is not shown."""
    style = attributes.get("style")
    return "hidden" in attributes or (bool(style) and bool(_HIDDEN.search(style or "")))


def _heads(cell: LexborNode) -> bool:
    """Tell whether a cell stands in the head of its table."""
    row = cell.parent
    return row is not None and row.parent is not None and row.parent.tag == "thead"


def _is_repeated_formula(node: LexborNode, attributes: Attributes) -> bool:
    """Tell whether an element draws the formula that stands before it for machines."""
    if "katex-html" not in (attributes.get("class") or "") or node.prev is None:
        return False
    return node.prev.css_first("math") is not None


def _address(attributes: str) -> str:
    """Return the address in the attributes of a link as we write them."""
    return unescape(attributes.removeprefix(' href="').partition('"')[0])
