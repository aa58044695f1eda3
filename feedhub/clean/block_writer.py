"""Write blocks and containers: paragraphs, headings, lists, tables, figures with their captions."""

from __future__ import annotations

import re
from typing import Literal

from selectolax.lexbor import LexborNode

from feedhub.clean.attributes import Attributes, cell_attributes, direction, list_attributes
from feedhub.clean.embeds import Embed
from feedhub.clean.line_writer import MAX_CONTAINERS, MAX_DEPTH, Leave, running_text
from feedhub.clean.lines import BARE, CELLS, Line, Step
from feedhub.clean.media_lines import MediaWriter
from feedhub.clean.tables import arranges_page, listing
from feedhub.clean.text import repair_code, word_set

CONTAINERS = word_set("ul ol li blockquote figure figcaption table tr td th dl dt dd")
#: an item needs its list; what stands elsewhere is a block
_PARENTS = {
    "tr": ("table",), "td": ("tr",), "th": ("tr",), "dt": ("dl",), "dd": ("dl",), "figcaption": ("figure",),
}  # fmt: skip
#: classes of blocks that are a picture with its caption, and of captions
_FIGURE = re.compile(r"(?:^|\s)(?:wp-caption|image-with-caption|captioned-image-container|media-with-caption)(?:\s|$)")
_CAPTION = re.compile(
    r"(?:^|\s)(?!(?:no|has|with|without)[-_]|wp-caption(?:\s|$))(?:[\w-]{0,40}?[-_])?"
    r"(?:image|photo|picture|media|img|figure|gallery)?caption(?:ed)?(?:[-_]{1,2}(?:text|dd|inner|content))?(?:\s|$)"
    r"|(?:^|\s)[\w-]{0,40}?(?:image|photo|picture|img)[-_]{0,2}credits?(?:\s|$)",
    re.IGNORECASE,
)
_PREFORMATTED = re.compile(r"white-space\s*:\s*(?:pre|pre-wrap|break-spaces)\s*(?:;|!|$)", re.IGNORECASE)
_BLOCKS_INSIDE = "p,div,ul,ol,table,blockquote,h1,h2,h3,h4,pre,figure"
_SET_IN = re.compile(r"\S\n(?: {2}|\t)")
_WITHOUT_RULES = BARE | {"ul", "ol", "dl", "table", "tr", "figure"}


class BlockWriter(MediaWriter):
    """Write what parts a document into blocks; each method returns how the element ends."""

    def open_block(self, tag: str, node: LexborNode, attributes: Attributes) -> Leave:
        """Begin a block that stands for nothing but itself."""
        if names_figure(attributes) and not self.within("figure"):
            return self.push("figure", "")
        if names_caption(attributes) and not self.within("figcaption") and self.after_picture():
            return self.caption()
        if attributes and keeps_blanks(node, attributes):
            return self.open_leaf("pre", attributes)
        written = direction(attributes, self.inherited()) if attributes else ""
        if written and tag == "p" and self.leaf == "p":
            return self.open_leaf("p", attributes)
        if written and self.leaf != "pre" and len(self.path) < MAX_CONTAINERS:
            return self.push("div", written)
        end = self.end_line if self.is_bare or self.leaf == "pre" else self.end_block
        end()
        return end

    def paragraph(self, text: str) -> None:
        """Write a block that holds nothing but text."""
        if self.leaf == "p" and not (self.raw or self.tokens or self.inline):
            # as below, of an empty line, a block's end and a line of text alone
            self.after_blank = True
            text = running_text(text, ()).strip()
            self.group += 2
            if text:
                self.write_line(text)
            self.group += 1 if text else 2
            return
        end = self.end_line if self.leaf in ("", "pre") else self.end_block
        end()
        self.raw.append(text)
        end()

    def open_leaf(self, name: str, attributes: Attributes) -> Leave:
        """Begin a paragraph, heading or preformatted text."""
        self.end_block()
        if name == "pre" and self.leaf == "pre":
            return self.end_line
        written = direction(attributes, self.inherited()) if attributes else ""
        self.begin_leaf(name, written)

        def close() -> None:
            self.end_block()
            self.end_leaf()

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

    def open_table(self, node: LexborNode, attributes: Attributes) -> Leave | Literal[False]:
        """Begin a table; one that only arranges the page goes, what stands in it stays; False for a listing of code."""
        if (code := listing(node)) is not None:
            self.open_leaf("pre", attributes)
            self.flush_verbatim(repair_code(code))
            self.end_block()
            self.end_leaf()
            return False
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
        leave = (
            self.open_container(tag, node, attributes) if tag in CONTAINERS else self.open_block(tag, node, attributes)
        )
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

    def rule(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write a rule between paragraphs."""
        if self.leaf == "pre" or self.structure() in _WITHOUT_RULES:
            self.end_line()
            return False
        self.end_block()
        self.lines.append(Line("hr", self.group, tuple(self.path)))
        self.group += 1
        return False

    def line_break(self, node: LexborNode, attributes: Attributes) -> bool:
        """End the line; in code an empty line is one."""
        if self.leaf == "pre":
            self.raw.append("\n")
        else:
            self.end_line()
        return False


def names_figure(attributes: Attributes) -> bool:
    """Tell whether an element's classes say that it is a picture with its caption."""
    return _is_called(_FIGURE, attributes)


def names_caption(attributes: Attributes) -> bool:
    """Tell whether an element's classes say that it is a picture's caption."""
    return _is_called(_CAPTION, attributes)


def _is_called(pattern: re.Pattern[str], attributes: Attributes) -> bool:
    names = attributes.get("class") if attributes else None
    lower = (names or "").lower()
    return ("caption" in lower or "credit" in lower) and bool(pattern.search(lower))


def keeps_blanks(node: LexborNode, attributes: Attributes) -> bool:
    """Tell whether an element's style keeps its blanks, and its text has lines that are set in."""
    if "white-space" not in (attributes.get("style") or "") or not _PREFORMATTED.search(attributes.get("style") or ""):
        return False
    if any(inner.mem_id != node.mem_id for inner in node.css(_BLOCKS_INSIDE)[:2]):
        return False
    return bool(_SET_IN.search(node.text(deep=True) or ""))


def _heads(cell: LexborNode) -> bool:
    """Tell whether a cell stands in the head of its table."""
    row = cell.parent
    return row is not None and row.parent is not None and row.parent.tag == "thead"
