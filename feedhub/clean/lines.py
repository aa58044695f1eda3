"""Describe a line of a document: its text, its inline tags, and the containers it stands in."""

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
        """Tell whether the line is a heading."""
        return self.tag.startswith("h")

    @property
    def caption(self) -> bool:
        """Tell whether the line belongs to a picture."""
        return self.tag == "figcaption" or any(tag == "figure" for tag, _ in self.path)


def trim(line: Line) -> None:
    """Take the blanks off the end of a line, drop empty pairs of tags, and note its text."""
    for place in range(len(line.tokens) - 1, -1, -1):
        token = line.tokens[place]
        if not isinstance(token, Tag):
            line.tokens[place] = token.rstrip()
            if line.tokens[place]:
                break
    tokens: list[str] = []
    for token in line.tokens:
        if tokens and _is_pair(tokens[-1], token):
            tokens.pop()
        elif token:
            tokens.append(token)
    line.tokens = tokens
    line.text = "".join(t for t in tokens if not isinstance(t, Tag))


def _is_pair(first: str, second: str) -> bool:
    """Whether two tokens open and close a tag round nothing; cells and players mean something even so."""
    if not (isinstance(first, Tag) and isinstance(second, Tag)) or not second.startswith("</"):
        return False
    name = second[2:-1]
    return name not in ("td", "th", "video", "audio") and re.match(rf"<{name}\b", first) is not None


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
    return "".join(t if isinstance(t, Tag) else escape(t, quote=False) for t in line.tokens)
