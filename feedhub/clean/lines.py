"""A line of a document: its text, its inline tags, and the containers it stands in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape


class Tag(str):
    """An inline tag, as markup."""

    __slots__ = ()


@dataclass(slots=True)
class Line:
    """A run of text between two line ends, with its inline tags and the containers it stands in."""

    tag: str
    #: lines of one group are one block, parted by <br>
    group: int
    path: tuple[tuple[str, int], ...]
    tokens: list[str] = field(default_factory=list)
    text: str = ""
    linked: bool = False

    @property
    def heading(self) -> bool:
        return self.tag.startswith("h")

    @property
    def caption(self) -> bool:
        return self.tag == "figcaption" or any(tag == "figure" for tag, _ in self.path)


def trim(line: Line) -> None:
    """Take the blanks off the end of a line, drop empty pairs of tags, and note its text."""
    for place in range(len(line.tokens) - 1, -1, -1):
        token = line.tokens[place]
        if not isinstance(token, Tag):
            line.tokens[place] = token.rstrip()
            if line.tokens[place]:
                break
    kept: list[str] = []
    for token in line.tokens:
        if kept and _is_pair(kept[-1], token):
            kept.pop()
        elif token:
            kept.append(token)
    line.tokens = kept
    line.text = "".join(t for t in kept if not isinstance(t, Tag))


def _is_pair(first: str, second: str) -> bool:
    """Whether two tokens open and close a tag round nothing; cells and players mean something even so."""
    if not (isinstance(first, Tag) and isinstance(second, Tag)) or not second.startswith("</"):
        return False
    name = second[2:-1]
    return name not in ("td", "th", "video", "audio") and re.match(rf"<{name}\b", first) is not None


def cut(line: Line, start: int, stop: int) -> None:
    """Keep only text[start:stop] of a line; its tags stay where they enclose what is kept."""
    place = 0
    for index, token in enumerate(line.tokens):
        if not isinstance(token, Tag):
            line.tokens[index] = token[max(0, start - place) : max(0, stop - place)]
            place += len(token)
    trim(line)


def line_markup(line: Line) -> str:
    """A line -> its inline markup."""
    return "".join(t if isinstance(t, Tag) else escape(t, quote=False) for t in line.tokens)
