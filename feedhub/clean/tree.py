"""Markup -> lines: one walk over the document tells text, inline tags and the containers round them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedhub.clean.attributes import LinkResolver, attributes_of
from feedhub.clean.lines import Line, Tag, trim
from feedhub.clean.text import repair, word_set

DROPPED = word_set(
    """
    script style iframe frame frameset object embed applet svg math form input button select textarea label
    noscript noembed noframes template title head link meta base nav dialog canvas map marquee portal plaintext
    xmp
    """
) - {"form", "label"}
INLINE = {
    "a": "a", "b": "strong", "strong": "strong", "i": "em", "em": "em", "u": "u", "s": "s", "del": "del", "ins": "ins",
    "strike": "s", "sub": "sub", "sup": "sup", "code": "code", "kbd": "code", "samp": "code", "tt": "code", "q": "q",
    "cite": "cite", "small": "small", "mark": "mark", "abbr": "abbr", "video": "video", "audio": "audio",
}  # fmt: skip
CONTAINERS = frozenset({"ul", "ol", "blockquote", "figure", "table"})
LEAVES = {
    "h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h5", "h6": "h6", "li": "li", "pre": "pre", "tr": "tr",
    "figcaption": "figcaption",
}  # fmt: skip
BLOCKS = word_set(
    """
    p div section article header footer aside main center address details summary fieldset dl dt dd legend
    hgroup body html tbody thead tfoot caption td th form
    """
)
CELLS = frozenset({"td", "th"})
TABLE = frozenset({"table", "tr", "td", "th"})
MAX_DEPTH = 6
# Twice what a body of the size that is read can hold in earnest.
MAX_EVENTS = 60_000
_SPACES = re.compile(r"\s+")


class LineCollector:
    """Collects the lines of one document."""

    def __init__(self, links: LinkResolver, most: int) -> None:
        self.links = links
        self.most = most
        self.lines: list[Line] = []
        self.inline: list[tuple[str, Tag]] = []
        self.path: list[tuple[str, int]] = []
        self.leaves: list[str] = []
        #: for each open table, whether it only arranges the page
        self.layout: list[bool] = []
        self.raw: list[str] = []
        self.tokens: list[str] = []
        #: the line's text so far ends with a blank, or there is none yet
        self.after_blank = True
        self.group = 0
        self.linked = self.free = 0
        #: the document has more nodes or lines than are read
        self.is_cut = False

    def run(self, root: LexborNode) -> list[Line]:
        """Walk the tree below `root` without recursion: depth is the author's to choose."""
        for seen, (node, entering) in enumerate(_events(root)):
            if seen >= MAX_EVENTS or len(self.lines) > self.most:
                self.is_cut = True
                break
            tag = node.tag or ""
            if tag == "-text":
                self.raw.append(node.text_content or "")
            elif entering:
                self.enter(tag, node)
            else:
                self.leave(tag)
        self.end_block()
        return self.lines

    def enter(self, tag: str, node: LexborNode) -> None:
        if tag == "table":
            # each look goes through all that the table holds
            self.layout.append(len(self.layout) >= MAX_DEPTH or _is_layout(node))
        if tag in TABLE and self.layout and self.layout[-1]:
            self.end_block()
        elif tag == "br":
            self.end_line()
        elif tag == "img":
            self.mark(self.links.image(node.attributes))
        elif tag == "hr":
            self.end_block()
        elif tag in INLINE:
            self.open_inline(INLINE[tag], node)
        elif tag in CELLS and self.leaf == "tr":
            self.mark(Tag(f"<{tag}>"))
        elif tag in CONTAINERS:
            self.end_block()
            if len(self.path) < MAX_DEPTH:
                self.path.append((tag, self.group))
        elif tag in LEAVES:
            self.end_block()
            self.leaves.append(LEAVES[tag])
        elif tag in BLOCKS and not self.holds_lines:
            self.end_block()
        elif tag in BLOCKS:
            self.end_line()

    def leave(self, tag: str) -> None:
        if tag in TABLE and self.layout and self.layout[-1]:
            self.end_block()
        elif tag in INLINE:
            self.close_inline(INLINE[tag])
        elif tag in CELLS and self.leaf == "tr":
            self.raw.append(" ")
            self.mark(Tag(f"</{tag}>"))
        elif tag in CONTAINERS:
            self.end_block()
            if self.path and self.path[-1][0] == tag:
                self.path.pop()
        elif tag in LEAVES:
            self.end_block()
            if LEAVES[tag] in self.leaves:
                self.leaves.remove(LEAVES[tag])
        elif tag in BLOCKS and not self.holds_lines:
            self.end_block()
        elif tag in BLOCKS:
            self.end_line()
        if tag == "table" and self.layout:
            self.layout.pop()

    @property
    def leaf(self) -> str:
        return self.leaves[-1] if self.leaves else "p"

    @property
    def holds_lines(self) -> bool:
        return self.leaf in ("li", "figcaption", "tr")

    def open_inline(self, name: str, node: LexborNode) -> None:
        nested = len(self.inline) >= MAX_DEPTH or any(n == name for n, _ in self.inline)
        attributes = None if nested else attributes_of(name, node, self.links)
        if attributes is None:
            self.inline.append((name, Tag("")))
            return
        tag = Tag(f"<{name}{attributes}>")
        self.mark(tag)
        self.inline.append((name, tag))

    def close_inline(self, name: str) -> None:
        if self.inline and self.inline[-1][0] == name:
            self.flush()
            _, tag = self.inline.pop()
            if tag:
                self.mark(Tag(f"</{name}>"))

    def mark(self, tag: str | None) -> None:
        if tag:
            self.flush()
            self.tokens.append(Tag(tag))

    def flush(self) -> None:
        """Turn the text read since the last tag into one token, its blanks collapsed with its neighbours'."""
        if not self.raw:
            return
        text = "".join(self.raw)
        self.raw.clear()
        # outside <pre> a line end is a blank, and what looks right before the one may be mojibake before the other
        text = repair(text if self.leaf == "pre" else text.replace("\r", " ").replace("\n", " "))
        if self.leaf == "pre" and "\n" in text:
            *whole, text = text.split("\n")
            for line in whole:
                self.append(line)
                self.end_line()
        self.append(text)

    def append(self, text: str) -> None:
        if "  " in text or not text.replace(" ", "").isprintable():
            text = _SPACES.sub(" ", text)
        if self.after_blank:
            text = text.lstrip()
        if text:
            self.tokens.append(text)
            self.after_blank = text.endswith(" ")
            if any(name == "a" for name, tag in self.inline if tag):
                self.linked += len(text)
            elif not text.isspace():
                self.free += len(text)

    def end_line(self) -> None:
        """Close the line; two ends in a row end the block too."""
        self.flush()
        if not any(not isinstance(t, Tag) or t.startswith(("<img", "<video", "<audio")) for t in self.tokens):
            if self.leaf in ("p", "pre"):
                self.group += 1
            self.tokens = [tag for _, tag in self.inline if tag]
            self.after_blank = True
            return
        reopen = [tag for _, tag in self.inline if tag]
        self.tokens += [Tag(f"</{name}>") for name, tag in reversed(self.inline) if tag]
        # Only rows may stand in a table; a browser would move anything else out of it.
        path = tuple(step for step in self.path if step[0] != "table" or self.leaf == "tr")
        line = Line(self.leaf, self.group, path, self.tokens)
        trim(line)
        line.linked = self.linked > 0 and self.free == 0
        self.lines.append(line)
        self.tokens = list(reopen)
        self.after_blank = True
        self.linked = self.free = 0

    def end_block(self) -> None:
        self.end_line()
        self.group += 1


def parse(markup: str) -> LexborNode | None:
    """Markup -> the body of its document."""
    return LexborHTMLParser(markup).body


def _events(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """(node, True) on the way in, (node, False) on the way out; what is dropped with its content is skipped."""
    node = root.child
    while node is not None:
        if node.tag == "-text":
            yield node, True
        elif node.tag not in DROPPED and not node.is_comment_node and not _hidden(node):
            yield node, True
            if node.child is not None:
                node = node.child
                continue
            yield node, False
        while node is not None and node.next is None:
            node = node.parent
            if node is None or node.mem_id == root.mem_id:
                return
            yield node, False
        node = node.next if node is not None else None


def _is_layout(table: LexborNode) -> bool:
    """Whether a table arranges blocks of text instead of showing data."""
    return (
        table.css_first("td p, td div, td ul, td ol, td li, th li, td table, td br, td img, td h2, td h3, td pre")
        is not None
    )


def _hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if not attributes:
        return False
    style = attributes.get("style") or ""
    return "hidden" in attributes or (bool(style) and bool(_HIDDEN.search(style)))


_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
