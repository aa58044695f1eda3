"""Let only markup through that is safe to publish: nh3 sanitises all but the commonest, which is known beforehand.

Paragraphs, headings and lists of text with emphasis, plain links and pictures are most of the news. Written by us, each
element ended where it must be and each text escaped, they are byte for byte what nh3 would write.
"""

from __future__ import annotations

import re
from html import escape

import nh3

from feedhub.clean.attributes import MARK
from feedhub.clean.formulas import ELEMENTS
from feedhub.clean.lines import Line, Step, Tag, between
from feedhub.clean.text import word_set
from feedhub.text_cache import remember_short

# The sanitiser is stricter about hosts than we are; a link or picture that lost its address there is none.
LOST = re.compile(r"<a (?!href=)|<(?:img|video|audio)(?! src=)")
SANITISER = nh3.Cleaner(
    tags=word_set(
        """
        p br hr h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre figure figcaption table tbody tr td th div span
        a strong em u s del ins sub sup code q cite small mark abbr bdi bdo ruby rt rp img video audio
        """
    )
    | ELEMENTS,
    clean_content_tags={"script", "style"},
    attributes={
        "*": {"dir", "lang"},
        "a": {"href", "title"},
        "img": {"src", "srcset", "alt", "width", "height"},
        "video": {"src", "poster", "controls"},
        "audio": {"src", "controls"},
        "abbr": {"title"},
        "ol": {"start", "type", "reversed"},
        "li": {"value"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan"},
        "span": {"id"},
        "math": {"display"},
    },
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer",
    id_prefix=MARK,
)

#: elements round and within texts of which a parser of HTML moves, ends and opens none where each is ended by us
_BLOCKS = word_set("p h2 h3 h4 h5 h6")
_BEGIN = {"": "", "hr": "<hr>"} | {name: f"<{name}>" for name in _BLOCKS}
_END = {"": "", "hr": ""} | {name: f"</{name}>" for name in _BLOCKS}
_CONTAINERS = word_set("ul ol li blockquote figure figcaption div dl dt dd")
_INLINE = word_set("a strong em u s del ins sub sup code q cite small mark abbr")
_NEEDED = {"li": ("ul", "ol"), "dt": ("dl",), "dd": ("dl",), "figcaption": ("figure",)}
_MOST_OPEN = 6

_SIGN = r"(?:[\w.~/%?=,+:@!*$-]|&amp;)"
#: hosts of letters without a number or punycode at their end, about which no two readers of addresses disagree
_ADDRESS = (
    rf"https?://(?:(?!xn--)[a-z0-9-]{{1,60}}\.){{1,5}}[a-z]{{2,20}}(?:[/?]{_SIGN}{{0,1500}}(?:#{_SIGN}{{0,200}})?)?"
)
_WORDS = r"[^&<>\"'`\x00-\x1f\x7f-\xa0\u2000-\u200f\u2028-\u202f\u2060-\u206f\ud800-\udfff\ufdd0-\uffff]{0,400}"
_TITLE = rf'(?: title="{_WORDS}")?'
_LINK = re.compile(rf'<a href="{_ADDRESS}"{_TITLE}>', re.ASCII)
_PICTURE = re.compile(
    rf'<img src="{_ADDRESS}"(?: alt="{_WORDS}")?(?: width="[0-9]{{1,5}}")?(?: height="[0-9]{{1,5}}")?>', re.ASCII
)
_REL = ' rel="noopener noreferrer">'
_BARE = {f"<{name}>": (f"<{name}>", name) for name in _INLINE - {"a"}}


def common_markup(lines: list[Line]) -> str | None:
    """Write lines as sanitised HTML where they hold only what the sanitiser would leave alone, None for all others."""
    parts: list[str] = []
    before: Line | None = None
    for line in lines:
        text = _text(line)
        if text is None:
            return None
        tag, path = line.tag, line.path
        if before is not None and tag == before.tag and path == before.path and (line.group == before.group or not tag):
            if tag == "hr":
                return None
            parts += ("<br>", text)
        else:
            if before is not None:
                parts.append(_END[before.tag])
            outer = before.path if before is not None else ()
            if path != outer:
                if not _is_common(path):
                    return None
                parts += between(outer, path)
            parts += (_BEGIN[tag], text)
        before = line
    if before is not None:
        parts += (_END[before.tag], *between(before.path, ()))
    return "".join(parts)


def _text(line: Line) -> str | None:
    """Return what stands in the block of a line as markup, None where it or the block is not common."""
    tokens = line.tokens
    if line.attributes or line.tag not in _BEGIN or (line.tag == "hr" and tokens):
        return None
    return _escaped(tokens[0]) if len(tokens) == 1 and not isinstance(tokens[0], Tag) else _inline(tokens)


def _is_common(path: tuple[Step, ...]) -> bool:
    """Tell whether containers stand where a parser leaves them, and say nothing by attributes."""
    above = ""
    for tag, _, attributes in path:
        if attributes or tag not in _CONTAINERS or above not in _NEEDED.get(tag, (above,)):
            return False
        above = tag
    return True


def _escaped(text: str) -> str | None:
    """Return a text as markup; None where it holds signs that parsers change, or that are none."""
    if not text.isprintable():
        return None
    return escape(text, quote=False) if "&" in text or "<" in text or ">" in text else text


def _inline(tokens: list[str]) -> str | None:
    """Return tags and texts as markup, None where not all of them are common and each ended where it must be."""
    parts: list[str] = []
    names: list[str] = []
    for token in tokens:
        if not isinstance(token, Tag):
            if (text := _escaped(token)) is None:
                return None
            parts.append(text)
        elif token[:2] == "</":
            if not names or names.pop() != token[2:-1]:
                return None
            parts.append(token)
        elif token == " ":
            parts.append(" ")
        else:
            written, name = _BARE.get(token) or sanitised_tag(token)
            if written is None or name in names or len(names) >= _MOST_OPEN:
                return None
            if name != "img":
                names.append(name)
            parts.append(written)
    return None if names else "".join(parts)


@remember_short(512, 2_000)
def sanitised_tag(tag: str) -> tuple[str | None, str]:
    """Return the begin tag of a link or a picture as the sanitiser writes it, and the element; None for all others."""
    if tag.startswith("<a href="):
        return f"{tag[:-1]}{_REL}" if _LINK.fullmatch(tag) else _sanitised_by_nh3(tag, "x</a>"), "a"
    if tag.startswith("<img src="):
        return tag if _PICTURE.fullmatch(tag) else _sanitised_by_nh3(tag, ""), "img"
    return None, ""


def _sanitised_by_nh3(tag: str, rest: str) -> str | None:
    """Return a tag as the sanitiser writes it; None where it loses its address."""
    written = SANITISER.clean(f"{tag}{rest}")
    behind = len(written) - len(rest)
    is_whole = written[behind:] == rest and written.count("<") == 1 + rest.count("<") and written[behind - 1] == ">"
    return written[:behind] if is_whole and not LOST.search(written) else None
