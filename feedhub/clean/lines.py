"""Describe a line of a document: its text, its inline tags, and the containers it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

from msgspec import Struct, field

#: containers whose text stands in no paragraph of its own
BARE = frozenset({"li", "td", "th", "dt", "dd", "figcaption"})
CELLS = frozenset({"td", "th"})
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_STEP_NAME = itemgetter(0)
_PICTURED = frozenset({"figure", "figcaption"})
#: what a reader sees or hears without a word of text
SEEN = ("<img", "<video", "<audio")
#: inline markup that ends with a line of code and begins again with the next
_REOPENED = re.compile(r"</(code|strong|em|u|s|a)>(\n+)<\1>")
_MARKER = '<span id="'
_LOCAL = '<a href="#'


class Tag(str):
    """An inline tag, as markup."""

    __slots__ = ()


class Step(NamedTuple):
    """A container on the way from the document to a line; two with one number are the same element."""

    tag: str
    number: int
    #: as markup, with a blank in front
    attributes: str = ""


class Line(Struct):
    """A run of text between two line ends, with its inline tags and the containers it stands in."""

    #: p, h2 to h6, pre, hr; empty where a container holds the text itself
    tag: str
    #: lines of one group are one block, parted by <br>
    group: int
    path: tuple[Step, ...]
    tokens: list[str] = field(default_factory=list)
    text: str = ""
    linked: bool = False
    #: direction and language of the block, as markup
    attributes: str = ""

    @property
    def heading(self) -> bool:
        """Tell whether the line is a heading."""
        return self.tag in _HEADINGS

    @property
    def caption(self) -> bool:
        """Tell whether the line belongs to a picture."""
        return not _PICTURED.isdisjoint(map(_STEP_NAME, self.path))

    @property
    def quoted(self) -> bool:
        """Tell whether the line stands in a quotation."""
        return "blockquote" in map(_STEP_NAME, self.path)

    @property
    def row(self) -> int | None:
        """Return the number of the table row that the line stands in."""
        for step in reversed(self.path):
            if step[0] == "tr":
                return step[1]
        return None

    @property
    def items(self) -> int | None:
        """Return the number of the list that the line is an item of."""
        for outer, inner in pairwise(reversed(self.path)):
            if outer.tag == "li":
                return inner.number
        return None

    @property
    def picture(self) -> str:
        """Return the first picture of the line as markup, empty where there is none."""
        return next((t for t in self.tokens if isinstance(t, Tag) and t.startswith("<img")), "")

    @property
    def is_void(self) -> bool:
        """Tell whether there is nothing in the line to be seen."""
        return not self.text and not any(isinstance(t, Tag) and t.startswith(SEEN) for t in self.tokens)


def trim(line: Line) -> None:
    """Take the blanks off the end of a line, drop empty pairs of tags, and note its text."""
    if len(line.tokens) == 1 and not isinstance(line.tokens[0], Tag):
        line.text = line.tokens[0].rstrip()
        line.tokens = [line.text] if line.text else []
        return
    for place in range(len(line.tokens) - 1, -1, -1):
        token = line.tokens[place]
        if not isinstance(token, Tag):
            line.tokens[place] = token.rstrip()
            if line.tokens[place]:
                break
        elif token == " ":
            line.tokens[place] = ""
        elif token.startswith(SEEN):
            break
    tokens: list[str] = []
    for token in line.tokens:
        if token[:2] == "</" and tokens and _is_pair(tokens[-1], token):
            tokens.pop()
        elif token:
            tokens.append(token)
    line.tokens = tokens
    line.text = "".join(t for t in tokens if not isinstance(t, Tag))


def _is_pair(first: str, second: str) -> bool:
    """Tell whether two tokens open and close a tag round nothing; players and targets of links mean something so."""
    if not (isinstance(first, Tag) and isinstance(second, Tag)) or not second.startswith("</"):
        return False
    name = second[2:-1]
    if name in ("video", "audio") or first.startswith(_MARKER):
        return False
    return first.startswith(f"<{name}") and not (first[1 + len(name)].isalnum() or first[1 + len(name)] == "_")


def cut(line: Line, start: int, stop: int) -> None:
    """Shorten a line to text[start:stop]; its tags stay where they enclose what remains."""
    place = 0
    for index, token in enumerate(line.tokens):
        if not isinstance(token, Tag):
            line.tokens[index] = token[max(0, start - place) : max(0, stop - place)]
            place += len(token)
    trim(line)


def line_markup(line: Line) -> str:
    """Write a line as inline markup."""
    if len(line.tokens) == 1 and not isinstance(line.tokens[0], Tag):
        return escape(line.tokens[0], quote=False)
    return "".join(t if isinstance(t, Tag) else escape(t, quote=False) for t in line.tokens)


def markup_of(lines: Iterable[Line]) -> str:
    """Write lines as blocks within their containers; not yet sanitised."""
    parts: list[str] = []
    path: tuple[Step, ...] = ()
    for (_, tag, attributes, here), group in groupby(lines, key=_block):
        if here != path:
            parts += between(path, here)
            path = here
        texts = [line_markup(line) for line in group]
        if tag == "hr":
            parts.append("<hr>")
        elif tag == "pre":
            parts.append(f"<pre{attributes}>{_verbatim(texts)}</pre>")
        elif tag:
            parts.append(f"<{tag}{attributes}>{'<br>'.join(texts)}</{tag}>")
        else:
            parts.append("<br>".join(texts))
    parts += between(path, ())
    return "".join(parts)


def drop_dangling(lines: list[Line]) -> list[Line]:
    """Take away links within the entry whose goal is no longer there, and goals without a link; return the lines."""
    tags = [token for line in lines if len(line.tokens) > 1 for token in line.tokens if isinstance(token, Tag)]
    links = {_name(tag, _LOCAL) for tag in tags if tag.startswith(_LOCAL)}
    goals = {_name(tag, _MARKER) for tag in tags if tag.startswith(_MARKER)}
    if links == goals:
        return lines
    for line in lines:
        for index, token in enumerate(line.tokens):
            if isinstance(token, Tag) and token.startswith(_LOCAL) and _name(token, _LOCAL) not in goals:
                line.tokens[index] = Tag("<a>")
            elif isinstance(token, Tag) and token.startswith(_MARKER) and _name(token, _MARKER) not in links:
                line.tokens[index] = line.tokens[index + 1] = Tag("")
        trim(line)
    return lines


def _name(tag: str, start: str) -> str:
    return tag[len(start) :].partition('"')[0]


def _block(line: Line) -> tuple[int, str, str, tuple[Step, ...]]:
    # texts that no paragraph parts would run into each other
    return (line.group if line.tag else -1, line.tag, line.attributes, line.path)


def between(path: Sequence[Step], here: Sequence[Step]) -> list[str]:
    """Close the containers that end between two lines, and open those that begin."""
    shared = next((i for i, (a, b) in enumerate(zip(path, here, strict=False)) if a != b), min(len(path), len(here)))
    closed = [f"</{step.tag}>" for step in reversed(path[shared:])]
    return closed + [f"<{step.tag}{step.attributes}>" for step in here[shared:]]


def _verbatim(texts: list[str]) -> str:
    joined, before = "\n".join(texts), ""
    while joined != before:
        before, joined = joined, _REOPENED.sub(r"\2", joined)
    return joined
