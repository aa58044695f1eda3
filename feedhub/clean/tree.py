"""Read markup as lines: one walk over the document tells text, inline tags and the containers round them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape
from itertools import groupby
from typing import Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedhub.clean.attributes import (
    Attributes,
    LinkResolver,
    cell_attributes,
    direction,
    inline_attributes,
    list_attributes,
    marked,
)
from feedhub.clean.embeds import Embed, frame, framed_object, made_post
from feedhub.clean.formulas import formula
from feedhub.clean.lines import BARE, CELLS, SEEN, Line, Step, Tag, trim
from feedhub.clean.tables import arranges_page
from feedhub.clean.text import repair, repair_code, word_set

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
_PLAYERS = ("video", "audio")
_GUTTER = re.compile(r"(?:^|[\s_-])(?:gutter|linenos?|line-numbers|lineno|rouge-gutter)(?:\s|$)", re.IGNORECASE)
MAX_DEPTH = 6
MAX_CONTAINERS = 18
# Twice what a body of the size that is read can hold in earnest.
MAX_EVENTS = 60_000
_SPACES = re.compile(r"\s+")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
#: what is undone where an element ends
_Leave = Callable[[], None]


class LineCollector:
    """Collect the lines of one document."""

    def __init__(self, links: LinkResolver, most: int) -> None:
        self.links = links
        self.most = most
        self.lines: list[Line] = []
        self.inline: list[tuple[str, Tag]] = []
        self.path: list[Step] = []
        #: blocks that hold text, each with its attributes and the depth of the path it stands at
        self.leaves: list[tuple[str, str, int]] = []
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
        self.numbers = 0
        #: lists made for items that have none, by their parent
        self.implied: dict[int, Step] = {}
        self.addresses: set[str] = set()
        #: the address of the picture that <noscript> showed instead of the next, or the next instead of it
        self.spare: str | None = None

    def run(self, root: LexborNode) -> list[Line]:
        """Walk the tree below `root` without recursion, for depth is the author's to choose; return its lines."""
        node, seen = root.child, 0
        open_elements: list[_Leave | None] = []
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

    def leave(self, open_elements: list[_Leave | None]) -> None:
        """Undo what the innermost open element began."""
        if undo := open_elements.pop():
            undo()

    def enter(self, tag: str, node: LexborNode) -> _Leave | Literal[False] | None:
        """Begin an element; return what ends it, None for nothing, False where all of it is read."""
        attributes = node.attributes
        if attributes and (is_hidden(attributes) or _is_repeated_formula(node, attributes)):
            return False
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

    # ------------------------------------------------------------ blocks

    def open_block(self, tag: str, attributes: Attributes) -> _Leave:
        """Begin a block that stands for nothing but itself."""
        names = attributes.get("class") if attributes else None
        if names and _FIGURE.search(names) and not self.within("figure"):
            return self.push("figure", "")
        if names and _CAPTION.search(names) and not self.within("figcaption") and self.after_picture():
            return self.caption()
        written = direction(attributes, self.inherited()) if attributes else ""
        if written and tag == "p" and self.leaf == "p":
            return self.open_leaf("p", attributes)
        if written and self.leaf != "pre" and len(self.path) < MAX_CONTAINERS:
            return self.push("div", written)
        end = self.end_line if self.is_bare or self.leaf == "pre" else self.end_block
        end()
        return end

    def open_leaf(self, name: str, attributes: Attributes) -> _Leave:
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

    def open_container(self, tag: str, node: LexborNode, attributes: Attributes) -> _Leave:
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

    def open_orphan(self, node: LexborNode, attributes: Attributes) -> _Leave:
        """Begin an item outside of any list: those of one parent make a list."""
        if len(self.path) + 2 > MAX_CONTAINERS:
            return self.plain_block()
        self.end_block()
        parent = node.parent.mem_id if node.parent is not None else 0
        if parent not in self.implied:
            self.numbers += 1
            self.implied[parent] = Step("ul", self.numbers)
        self.path.append(self.implied[parent])
        close = self.push("li", list_attributes("li", attributes))

        def close_both() -> None:
            close()
            self.path.pop()

        return close_both

    def open_table(self, node: LexborNode, attributes: Attributes) -> _Leave:
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

    def open_post(self, tag: str, node: LexborNode, attributes: Attributes, post: Embed) -> _Leave:
        """Begin an element that a script would make a post of: its own text stays, and a link where it has none."""
        leave = self.open_container(tag, node, attributes) if tag in CONTAINERS else self.open_block(tag, attributes)
        if node.css_first("a[href]") is None:
            self.embed(post)
        return leave

    def plain_block(self) -> _Leave:
        """Begin a block without a container."""
        end = self.end_line if self.is_bare else self.end_block
        end()
        return end

    def caption(self) -> _Leave:
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

    def cell(self, close: _Leave) -> _Leave:
        """Keep the place of a cell in which nothing stands."""
        lines, path = len(self.lines), tuple(self.path)

        def close_cell() -> None:
            self.end_block()
            if len(self.lines) == lines:
                self.lines.append(Line("", self.group, path))
            close()

        return close_cell

    def push(self, tag: str, attributes: str) -> _Leave:
        """Begin a container, and return how it ends."""
        self.end_block()
        self.numbers += 1
        self.path.append(Step(tag, self.numbers, attributes))

        def close() -> None:
            self.end_block()
            self.path.pop()

        return close

    # ------------------------------------------------------------ where we are

    @property
    def leaf(self) -> str:
        """The element that text stands in here; empty where a container holds it itself."""
        if self.leaves and self.leaves[-1][2] == len(self.path):
            return self.leaves[-1][0]
        return "" if self.structure() in BARE else "p"

    @property
    def is_bare(self) -> bool:
        """Tell whether text stands here in no paragraph of its own."""
        return not self.leaf

    def structure(self) -> str:
        """Return the innermost container that is more than a direction."""
        for step in reversed(self.path):
            if step[0] != "div":
                return step[0]
        return ""

    def within(self, tag: str) -> bool:
        """Tell whether an element of that name is open."""
        return any(step[0] == tag for step in self.path)

    def inherited(self) -> str:
        """Return the attributes of all that is open, the innermost last."""
        return "".join([*(step[2] for step in self.path), *(leaf[1] for leaf in self.leaves)])

    def is_contents(self, node: LexborNode) -> bool:
        """Tell whether a <nav> lists what the entry itself holds."""
        hrefs = [link.attributes.get("href") for link in node.css("a[href]")[:40]]
        return bool(hrefs) and 2 * sum(self.links.local(href) is not None for href in hrefs) > len(hrefs)

    def after_picture(self) -> bool:
        """Tell whether the last thing before was a picture without words."""
        if any(text.strip() for text in self.raw):
            return False
        if any(t.startswith(SEEN) for t in self.tokens if isinstance(t, Tag)):
            return not self.free and not self.linked
        return bool(self.lines) and not self.lines[-1].text and not self.lines[-1].is_void

    # ------------------------------------------------------------ what is seen

    def embed(self, embed: Embed | None) -> bool:
        """Write the link to what was embedded as a figure, unless the same link stands already; False: all is done."""
        if embed is None or embed.url in self.addresses:
            return False
        self.addresses.add(embed.url)
        close = self.push("figure", "") if not self.within("figure") and len(self.path) < MAX_CONTAINERS else None
        path, start = tuple(self.path), Tag(_anchor(embed.url))
        self.end_block()
        tag = "" if self.is_bare else "p"
        if embed.picture and (picture := self.links.image({"src": embed.picture, "alt": embed.label})):
            self.lines.append(Line(tag, self.group, path, [start, Tag(picture[0]), Tag("</a>")]))
            self.group += 1
        line = Line(tag, self.group, path, [start, embed.label, Tag("</a>")], linked=True)
        trim(line)
        self.lines.append(line)
        if close:
            close()
        self.group += 1
        return False

    def picture(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write an image, with the addresses that the <picture> round it offers."""
        sources: tuple[str, ...] = ()
        if node.tag == "picture":
            inner = node.css_first("img,amp-img")
            sources = tuple(
                value
                for source in node.css("source")[:8]
                for name in ("srcset", "data-srcset", "data-lazy-srcset")
                if (value := source.attributes.get(name))
            )
            attributes = inner.attributes if inner is not None else {}
        if image := self.links.image(attributes, sources):
            self.show(*image)
        return False

    def show(self, image: str, address: str) -> None:
        """Write an image, unless <noscript> showed it before its late twin."""
        if address != self.spare:
            self.mark(image)
            # a blank behind a picture is seen
            self.after_blank = False
        self.spare = None

    def noscript(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write the pictures and players that stand in for what a script would show; a text of its own is one."""
        if node.css_first("pre,table,blockquote") is not None:
            self.end_block()
            return True
        is_twin = _has_picture_before(node, self.links)
        for inner in node.css("img,iframe")[:20]:
            image = self.links.image(inner.attributes) if inner.tag == "img" and not is_twin else None
            if inner.tag == "iframe":
                self.embed(frame(inner.attributes, self.links))
            elif image:
                self.show(*image)
                self.spare = image[1]
        return False

    def script(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write the link to a post that a script would show in its own place."""
        source = attributes.get("src") or ""
        if attributes.get("data-telegram-post"):
            return self.embed(made_post(attributes, self.links))
        return self.embed(frame({"src": source}, self.links)) if "gist.github.com" in source else False

    def object(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write the link to an <object>, or else what stands in it."""
        made = framed_object(node, attributes, self.links)
        return True if made is None else self.embed(made)

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

    def target(self, attributes: Attributes) -> None:
        """Write the place that a link of the entry leads to."""
        for name in ("id", "name"):
            fragment = attributes.get(name)
            if fragment in self.links.targets and (written := marked(fragment)) not in self.addresses:
                self.addresses.add(written)
                self.mark(f'<span id="{written}">')
                self.tokens.append(Tag("</span>"))

    # ------------------------------------------------------------ text

    def open_inline(self, name: str, node: LexborNode, attributes: Attributes) -> _Leave:
        """Begin an inline element; one within its like, or without what makes it one, leaves its text alone."""
        names = attributes.get("class") if attributes and name == "span" and not self.inline else None
        if names and _CAPTION.search(names) and not self.within("figcaption") and self.after_picture():
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
            self.flush()
            if self.inline.pop()[1]:
                self.mark(f"</{name}>")

        return close

    def mark(self, tag: str) -> None:
        """Write a tag behind the text read so far."""
        self.flush()
        self.tokens.append(Tag(tag))

    def flush(self) -> None:
        """Turn the text read since the last tag into one token, its blanks collapsed with its neighbours'."""
        if not self.raw:
            return
        text = "".join(self.raw)
        self.raw.clear()
        if self.leaf == "pre":
            self.flush_verbatim(repair_code(text))
            return
        # outside <pre> a line end is a blank, and what looks right before the one may be mojibake before the other
        text = text.replace("\r", " ").replace("\n", " ")
        is_code = "&" in text and any(name == "code" for name, _ in self.inline)
        self.append(repair_code(text) if is_code else repair(text))

    def flush_verbatim(self, text: str) -> None:
        """Write preformatted text, its lines and their blanks as they are."""
        *whole, text = text.split("\n")
        for line in whole:
            self.count(line)
            self.add_line()
        if text:
            self.count(text)

    def append(self, text: str) -> None:
        """Write running text, blanks collapsed."""
        if "  " in text or not text.replace(" ", "").isprintable():
            text = _SPACES.sub(" ", text)
        if self.after_blank:
            text = text.lstrip()
        elif text.startswith(" ") and not self.free and not self.linked:
            # behind a picture that the line begins with: seen, but no part of the text
            self.tokens.append(Tag(" "))
            text = text.lstrip()
            self.after_blank = True
        if text:
            self.count(text)
            self.after_blank = text.endswith(" ")

    def count(self, text: str) -> None:
        """Write text, and note whether it is a link's."""
        if not text:
            return
        self.tokens.append(text)
        if any(name == "a" for name, tag in self.inline if tag):
            self.linked += len(text)
        elif not text.isspace():
            self.free += len(text)

    def end_line(self) -> None:
        """Close the line; two ends in a row end the block too."""
        self.flush()
        if not any(not isinstance(t, Tag) or t.startswith(SEEN) for t in self.tokens):
            if self.leaf == "p":
                self.group += 1
            targets = [t for i, t in enumerate(self.tokens) if _is_target(self.tokens, i)]
            self.tokens = [*targets, *(tag for _, tag in self.inline if tag)]
            self.after_blank = True
            return
        self.add_line()

    def add_line(self) -> None:
        """Make a line of what was read."""
        self.tokens += [Tag(f"</{name}>") for name, tag in reversed(self.inline) if tag]
        # a player does not begin again with the next line
        self.inline = [(name, Tag("") if name in _PLAYERS else tag) for name, tag in self.inline]
        reopen = [tag for _, tag in self.inline if tag]
        path, leaf = list(self.path), self.leaf
        # Only rows may stand in a table; a browser would move anything else out of it.
        while path and path[-1][0] in ("table", "tr"):
            path.pop()
        attributes = self.leaves[-1][1] if self.leaves and self.leaves[-1][2] == len(self.path) else ""
        line = Line(leaf, self.group, tuple(path), self.tokens, attributes=attributes)
        trim(line)
        line.linked = self.linked > 0 and self.free == 0
        self.lines.append(line)
        self.tokens = list(reopen)
        self.after_blank = True
        self.linked = self.free = 0

    def end_block(self) -> None:
        """Close the line and the block."""
        self.end_line()
        self.group += 1


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
    "iframe": lambda self, node, attributes: self.embed(frame(attributes, self.links)),
    "embed": lambda self, node, attributes: self.embed(frame(attributes, self.links)),
    "amp-iframe": lambda self, node, attributes: self.embed(frame(attributes, self.links)),
    **{
        name: lambda self, node, attributes: self.embed(made_post(attributes, self.links))
        for name in ("amp-youtube", "amp-twitter", "amp-instagram", "amp-vimeo", "lite-youtube", "lite-vimeo")
    },
}


def without_blank_ends(lines: list[Line]) -> list[Line]:
    """Take the empty lines off both ends of all code."""
    if not any(line.tag == "pre" and line.is_void for line in lines):
        return lines
    remaining: list[Line] = []
    for (tag, _, _), group in groupby(lines, key=lambda line: (line.tag, line.group, line.path)):
        block = list(group)
        if tag == "pre":
            seen = [i for i, line in enumerate(block) if not line.is_void]
            block = block[seen[0] : seen[-1] + 1] if seen else []
        remaining += block
    return remaining


def without_empty_tables(lines: list[Line]) -> list[Line]:
    """Take away tables in no cell of which anything stands."""
    void = [number for line in lines if line.is_void and (number := _table(line)) is not None]
    if not void:
        return lines
    empty = set(void) - {step.number for line in lines if not line.is_void for step in line.path}
    return [line for line in lines if _table(line) not in empty]


def _table(line: Line) -> int | None:
    return next((step.number for step in line.path if step.tag == "table"), None)


def parse(markup: str) -> LexborNode | None:
    """Parse markup; return the body of its document."""
    # a script or style in front would begin a head, and be looked at by nobody
    return LexborHTMLParser(f"<body>{markup}").body


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


def _has_picture_before(node: LexborNode, links: LinkResolver) -> bool:
    """Tell whether a <noscript> stands behind the picture that it replaces."""
    before = node.prev
    while before is not None and before.tag == "-text" and not (before.text_content or "").strip():
        before = before.prev
    if before is None or before.tag == "-text":
        return False
    images = [before] if before.tag == "img" else before.css("img")[-1:]
    return any(links.image(image.attributes) for image in images)


def _is_target(tokens: list[str], index: int) -> bool:
    """Tell whether a token belongs to the place that a link leads to."""
    if tokens[index].startswith("<span id="):
        return True
    return index > 0 and tokens[index] == "</span>" and tokens[index - 1].startswith("<span id=")


def _anchor(url: str) -> str:
    return f'<a href="{escape(url)}">'


def _address(attributes: str) -> str:
    """Return the address in the attributes of a link as we write them."""
    return unescape(attributes.removeprefix(' href="').partition('"')[0])
