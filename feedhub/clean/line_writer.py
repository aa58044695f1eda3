"""Write text and tags as lines, within the containers that are open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from feedhub.clean.attributes import Attributes, LinkResolver, marked
from feedhub.clean.lines import BARE, SEEN, Line, Step, Tag, trim
from feedhub.clean.text import is_simple, may_be_mojibake, repair, repair_code

MAX_DEPTH = 6
MAX_CONTAINERS = 18
_PLAYERS = ("video", "audio")
_SPACES = re.compile(r"\s+")
#: blanks that may stand between a text in one encoding and a text in another
_PARTING = re.compile("[\t\r\n\u2028\u2029]+")
#: what is undone where an element ends
Leave = Callable[[], None]


class LineWriter:
    """Write the lines of one document, piece by piece."""

    def __init__(self, links: LinkResolver, most: int) -> None:
        self.links = links
        self.most = most
        self.lines: list[Line] = []
        self.inline: list[tuple[str, Tag]] = []
        self.path: list[Step] = []
        #: for each of the path, the innermost container that is more than a direction
        self.holders: list[str] = []
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
        #: the element that text stands in here, empty where a container holds it itself; and its attributes
        self.leaf, self.leaf_attributes = "p", ""
        #: the containers of a line that ends here
        self.row_path: tuple[Step, ...] = ()
        #: lists made for items that have none, by their parent
        self.implied: dict[int, Step] = {}
        self.addresses: set[str] = set()
        #: the address of the picture that <noscript> showed instead of the next, or the next instead of it
        self.spare: str | None = None

    def push(self, tag: str, attributes: str) -> Leave:
        """Begin a container, and return how it ends."""
        self.end_block()
        self.numbers += 1
        self.add_step(Step(tag, self.numbers, attributes))

        def close() -> None:
            self.end_block()
            self.drop_step()

        return close

    def add_step(self, step: Step) -> None:
        """Go into a container."""
        self.path.append(step)
        self.holders.append(self.structure() if step.tag == "div" else step.tag)
        self.note_place()

    def drop_step(self) -> None:
        """Go out of the innermost container."""
        self.path.pop()
        self.holders.pop()
        self.note_place()

    def begin_leaf(self, name: str, attributes: str) -> None:
        """Go into an element that holds text."""
        self.leaves.append((name, attributes, len(self.path)))
        self.note_place()

    def end_leaf(self) -> None:
        """Go out of the innermost element that holds text."""
        self.leaves.pop()
        self.note_place()

    def note_place(self) -> None:
        """Note in which element and containers text stands from here on."""
        path = self.path
        if self.leaves and self.leaves[-1][2] == len(path):
            self.leaf, self.leaf_attributes, _ = self.leaves[-1]
        else:
            self.leaf, self.leaf_attributes = "" if self.structure() in BARE else "p", ""
        # Only rows may stand in a table; a browser would move anything else out of it.
        while path and path[-1][0] in ("table", "tr"):
            path = path[:-1]
        self.row_path = tuple(path)

    @property
    def is_bare(self) -> bool:
        """Tell whether text stands here in no paragraph of its own."""
        return not self.leaf

    def structure(self) -> str:
        """Return the innermost container that is more than a direction."""
        return self.holders[-1] if self.holders else ""

    def within(self, tag: str) -> bool:
        """Tell whether an element of that name is open."""
        return any(step[0] == tag for step in self.path)

    def inherited(self) -> str:
        """Return the attributes of all that is open, the innermost last."""
        return "".join([*(step[2] for step in self.path), *(leaf[1] for leaf in self.leaves)])

    def after_picture(self) -> bool:
        """Tell whether the last thing before was a picture without words."""
        if any(text.strip() for text in self.raw):
            return False
        if any(t.startswith(SEEN) for t in self.tokens if isinstance(t, Tag)):
            return not self.free and not self.linked
        return bool(self.lines) and not self.lines[-1].text and not self.lines[-1].is_void

    def target(self, attributes: Attributes) -> None:
        """Write the place that a link of the entry leads to."""
        for name in ("id", "name"):
            fragment = attributes.get(name)
            if fragment in self.links.targets and (written := marked(fragment)) not in self.addresses:
                self.addresses.add(written)
                self.mark(f'<span id="{written}">')
                self.tokens.append(Tag("</span>"))

    def mark(self, tag: str) -> None:
        """Write a tag behind the text read so far."""
        self.flush()
        self.tokens.append(tag if isinstance(tag, Tag) else Tag(tag))

    def flush(self) -> None:
        """Turn the text read since the last tag into one token, its blanks collapsed with its neighbours'."""
        if not self.raw:
            return
        if self.leaf == "pre":
            self.flush_verbatim(repair_code(self.read_raw()))
        else:
            self.append(running_text(self.read_raw(), self.inline))

    def read_raw(self) -> str:
        """Return the text read since the last tag, which is done with."""
        text = self.raw[0] if len(self.raw) == 1 else "".join(self.raw)
        self.raw.clear()
        return text

    def flush_verbatim(self, text: str) -> None:
        """Write preformatted text, its lines and their blanks as they are."""
        *whole, text = text.split("\n")
        for line in whole:
            self.count(line)
            self.add_line()
        if text:
            self.count(text)

    def append(self, text: str) -> None:
        """Write running text."""
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
        for name, tag in self.inline:
            if tag and name == "a":
                self.linked += len(text)
                return
        if not text.isspace():
            self.free += len(text)

    def end_line(self) -> None:
        """Close the line; two ends in a row end the block too."""
        if self.raw:
            if not self.tokens and not self.inline and self.leaf != "pre":
                text = running_text(self.read_raw(), ()).strip()
                if text:
                    self.write_line(text)
                    return
            self.flush()
        if not self.tokens:
            if self.leaf == "p":
                self.group += 1
            self.after_blank = True
            return
        for token in self.tokens:
            if not isinstance(token, Tag) or token.startswith(SEEN):
                break
        else:
            if self.leaf == "p":
                self.group += 1
            targets = [t for i, t in enumerate(self.tokens) if _is_target(self.tokens, i)]
            self.tokens = [*targets, *(tag for _, tag in self.inline if tag)]
            self.after_blank = True
            return
        self.add_line()

    def write_line(self, text: str) -> None:
        """Make a line of a text without tags."""
        self.lines.append(Line(self.leaf, self.group, self.row_path, [text], text, False, self.leaf_attributes))

    def add_line(self) -> None:
        """Make a line of what was read."""
        if self.inline:
            self.tokens += [Tag(f"</{name}>") for name, tag in reversed(self.inline) if tag]
            # a player does not begin again with the next line
            self.inline = [(name, Tag("") if name in _PLAYERS else tag) for name, tag in self.inline]
        reopen: list[str] = [tag for _, tag in self.inline if tag] if self.inline else []
        line = Line(self.leaf, self.group, self.row_path, self.tokens, "", False, self.leaf_attributes)
        trim(line)
        line.linked = self.linked > 0 and self.free == 0
        self.lines.append(line)
        self.tokens = reopen
        self.after_blank = True
        self.linked = self.free = 0

    def end_block(self) -> None:
        """Close the line and the block."""
        self.end_line()
        self.group += 1


def running_text(text: str, inline: Iterable[tuple[str, Tag]]) -> str:
    """Return a text as it stands outside <pre> within open inline elements: repaired, blanks collapsed."""
    # a line end or a tab is a blank, and what looks right before the one may be mojibake before the other
    blank = text.replace("\r", " ").replace("\n", " ").replace("\t", " ")
    if is_simple(blank):
        return _SPACES.sub(" ", blank) if "  " in blank else blank
    # what one of these parts says does not tell in which encoding another was read
    text = " ".join(map(repair_code, _PARTING.split(text))) if may_be_mojibake(blank) else blank
    is_code = "&" in text and any(name == "code" for name, _ in inline)
    text = repair_code(text) if is_code else repair(text)
    return _SPACES.sub(" ", text) if "  " in text or not text.isprintable() else text


def _is_target(tokens: list[str], index: int) -> bool:
    """Tell whether a token belongs to the place that a link leads to."""
    if tokens[index].startswith("<span id="):
        return True
    return index > 0 and tokens[index] == "</span>" and tokens[index - 1].startswith("<span id=")
