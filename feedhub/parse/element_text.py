"""What an element says: its text with feedparser's repairs, its kind, and the base and language that hold for it."""

from __future__ import annotations

import contextlib
import re
from functools import cache
from html.entities import entitydefs
from typing import Any, NamedTuple
from urllib.parse import urljoin
from xml.sax.saxutils import escape

from msgspec import Struct

from feedhub.parse.admission import Admitted, attributes
from feedhub.parse.xml_text import LONGEST_TEXT
from feedhub.structs import replace

HTML, XHTML, PLAIN = "text/html", "application/xhtml+xml", "text/plain"
_KINDS = {"html": HTML, "xhtml": XHTML, "text": PLAIN, "plain": PLAIN, HTML: HTML, XHTML: XHTML, PLAIN: PLAIN}
_BASE, _LANG = "{http://www.w3.org/XML/1998/namespace}base", "{http://www.w3.org/XML/1998/namespace}lang"
_CONTROL = re.compile("[\x80-\x9f]")
_CLOSE_OR_ENTITY = re.compile(r"</(\w+)>|&#?\w+;")
_TAG, _ENTITY = re.compile(r"</?(\w+)"), re.compile(r"&(\w+);")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
#: bytes of Windows-1252 where Unicode has controls
_WINDOWS = {
    chr(code): bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}


class NeedsFeedparser(Exception):
    """The document does something that only feedparser's state machine can tell the meaning of."""


class Scope(Struct, frozen=True):
    """What an element inherits from those round it."""

    document: Admitted
    base: str = ""
    lang: str | None = None
    #: Atom says what is HTML; elsewhere it must be guessed
    atom: bool = False
    #: Atom 1.0 prescribes a `div` round XHTML
    wrapped: bool = False

    def inside(self, node: Any) -> Scope:
        """Return the scope within that element."""
        if not node.keys():
            return self
        base, lang = scoped(self, node.attrib)
        return self if base == self.base and lang == self.lang else replace(self, base=base, lang=lang)


class Construct(NamedTuple):
    """A text of some kind, as feedparser's `..._detail` would hold it."""

    value: str
    kind: str
    base: str
    lang: str | None


def scoped(scope: Scope, attribute: Any) -> tuple[str, str | None]:
    """Return base and language under an element with these attributes."""
    get = attribute.get
    base, lang = get(_BASE) or get("xml:base") or get("base"), get(_LANG, get("xml:lang", get("lang")))
    joined = join(scope.base, base) if base else scope.base
    return joined, (scope.lang if lang is None else lang.replace("_", "-") or None)


def join(base: str, text: str) -> str:
    """Make a reference absolute where a base is known."""
    if ":///" in text:
        raise NeedsFeedparser
    if not base:
        return text
    try:
        return urljoin(base, text)
    except ValueError:
        return ""


def text_of(node: Any, scope: Scope) -> str:
    """Return the text of an element; raise NeedsFeedparser where it holds elements."""
    if len(node):
        raise NeedsFeedparser
    text = node.text
    if not text:
        return ""
    text = text.strip()
    return text if text.isascii() else repaired(text, scope.document)


def repaired(text: str, document: Admitted) -> str:
    """Repair as feedparser does: UTF-8 encoded twice, and Windows punctuation under Unicode's control codes."""
    if text.isascii():
        return text
    if document.twice:
        with contextlib.suppress(UnicodeEncodeError, UnicodeDecodeError):
            text = text.encode("iso-8859-1").decode()
    return _CONTROL.sub(lambda match: _WINDOWS.get(match[0], match[0]), text) if document.controls else text


def construct(node: Any, scope: Scope, kind: str, *, guess: bool = True) -> Construct | None:
    """Read a text element, `kind` being its type where it names none; None for what is no text."""
    base, lang = scope.base, scope.lang
    if node.keys():
        attrs = attributes(node)
        base, lang = scoped(scope, node.attrib)
        if attrs.get("mode") == "base64":
            raise NeedsFeedparser
        if "type" in attrs:
            kind = _KINDS.get(attrs["type"].strip(), "")
            if not kind:
                raise NeedsFeedparser
    if kind == XHTML:
        return Construct(_serialised(node, scope), kind, base, lang)
    value = text_of(node, scope)[:LONGEST_TEXT]
    if kind == PLAIN and guess and not scope.atom and looks_like_html(value):
        kind = HTML
    return Construct(value, kind, base, lang)


def looks_like_html(text: str) -> bool:
    """Whether a text that calls itself plain is HTML all the same: known tags and entities only, and one of them."""
    if ("<" not in text and "&" not in text) or not _CLOSE_OR_ENTITY.search(text):
        return False
    known = _html_tags()
    if any(tag.lower() not in known for tag in _TAG.findall(text)):
        return False
    return all(entity in entitydefs for entity in _ENTITY.findall(text))


@cache
def _html_tags() -> frozenset[str]:
    """feedparser's list, imported when first asked for: most documents do without."""
    from feedparser.sanitizer import _HTMLSanitizer

    return frozenset(_HTMLSanitizer.acceptable_elements)


def _serialised(node: Any, scope: Scope) -> str:
    """Serialise inline XHTML as HTML; the `div` that Atom prescribes round it (RFC 4287, 3.1.1.3) is not part of it."""
    if scope.wrapped and len(node) == 1 and _local(node[0]) == "div" and not _speaks(node.text, node[0].tail):
        node = node[0]
    pieces: list[str] = []
    _inner(node, pieces)
    return repaired("".join(pieces).strip(), scope.document)[:LONGEST_TEXT]


def _inner(node: Any, pieces: list[str]) -> None:
    """Append what stands between an element's tags; libxml2 lets nothing deeper than 256 levels through."""
    pieces.append(escape(node.text or ""))
    for child in node:
        name = _local(child)
        if name in ("svg", "math"):
            raise NeedsFeedparser
        text = "".join(
            f' {key.rpartition("}")[2].lower()}="{escape(value, {chr(34): "&quot;"})}"' for key, value in child.items()
        )
        pieces.append(f"<{name}{text}>")
        _inner(child, pieces)
        if name not in _VOID:
            pieces.append(f"</{name}>")
        pieces.append(escape(child.tail or ""))


def _speaks(*texts: str | None) -> bool:
    return any(text and text.strip() for text in texts)


def _local(node: Any) -> str:
    name: str = node.tag.rpartition("}")[2].lower()
    return name
