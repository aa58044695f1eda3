"""Which documents the fast reader may read: well-formed XML feeds without a DOCTYPE, in a charset that is no guess."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

#: nothing is expanded, fetched or guessed; 256 levels and 10 MB of one text are libxml2's own limits
_PARSER = etree.XMLParser(
    encoding="utf-8",
    resolve_entities=False,
    load_dtd=False,
    no_network=True,
    huge_tree=False,
    recover=False,
    remove_comments=True,
    remove_pis=True,
    collect_ids=False,
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,100}?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._-]+)""", re.IGNORECASE)
_UTF_8 = frozenset(("utf-8", "utf8", "us-ascii", "ascii"))
#: declared name -> codec; what is not here is left to feedparser's order of guesses
_CODECS = {
    **{name: name for name in ("iso-8859-1", "iso-8859-2", "iso-8859-15", "koi8-r", "gbk", "big5", "euc-kr", "euc-jp")},
    **{f"windows-125{n}": f"cp125{n}" for n in range(9)},
    "gb2312": "gb18030",
    "shift_jis": "shift_jis",
}
_RAW_CONTROL = re.compile(rb"\xc2[\x80-\x9f]")
_CONTROL_REFERENCE = re.compile(rb"&#(?:0*1(?:2[89]|[345]\d);|[xX]0*[89][0-9a-fA-F];)")
#: (and some that are legal) references to characters that XML forbids: markup in CDATA may hold them
_ILLEGAL_REFERENCE = re.compile(
    rb"&#(?!0*(?:9|10|13);)(?:0*(?:[12]?\d|3[01]|5[5-7]\d{3}|6553[45]|\d{7,})(?!\d)"
    rb"|[xX]0*(?:1?[\da-fA-F]|[dD][89a-fA-F][\da-fA-F]{2}|[fF]{3}[eEfF]|[1-9a-fA-F][\da-fA-F]{5,})(?![\da-fA-F]))"
)
_BOM = b"\xef\xbb\xbf"
#: a prologue longer than this is not looked through: the tree says the same afterwards
_HEAD = 4096
#: attributes of one element that the reader would ever look at
_MOST_ATTRIBUTES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A document's root, and which repairs its texts may need."""

    root: Any
    #: UTF-8, so a text may have been encoded twice
    twice: bool
    #: it may hold C1 control characters that stand for Windows punctuation
    controls: bool


def admit(body: bytes, content_type: str | None) -> Admitted | None:
    """Return the document's tree, or None where only a lenient reader will do."""
    if b"<!DOCTYPE" in body[:_HEAD] or (b"&#" in body and _ILLEGAL_REFERENCE.search(body)):
        return None
    charset = _charset(body, content_type)
    if charset is None:
        return None
    try:
        narrow = body if charset == "utf-8" else body.decode(charset).encode()
        root = etree.fromstring(narrow, _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root.getroottree().docinfo.internalDTD is not None or len(_PARSER.error_log.filter_from_errors()):
        return None
    return Admitted(root=root, twice=charset == "utf-8", controls=_has_controls(narrow))


def attributes(node: Any) -> dict[str, str]:
    """Return an element's attributes by lower-case name, as feedparser sees them; `rel` and `type` in lower case."""
    attrs = {name.lower(): value for name, value in node.items()[:_MOST_ATTRIBUTES]}
    for name in ("rel", "type"):
        if name in attrs:
            attrs[name] = attrs[name].lower()
    return attrs


def _has_controls(body: bytes) -> bool:
    """Whether a text may hold U+0080 to U+009F, as bytes or as references."""
    if b"&#" in body and _CONTROL_REFERENCE.search(body):
        return True
    return b"\xc2" in body and _RAW_CONTROL.search(body) is not None


def _charset(body: bytes, content_type: str | None) -> str | None:
    """Return the one charset that header and declaration leave open; None where they contradict each other."""
    declared = _DECLARED.match(body.removeprefix(_BOM) if body.startswith(_BOM) else body, 0, 300)
    inside = declared[1].decode().lower() if declared else "utf-8"
    charset_parameter = _CHARSET.search(content_type or "")
    outside = charset_parameter[1].lower() if charset_parameter else inside
    if outside in _UTF_8 and (inside in _UTF_8 or charset_parameter):
        return "utf-8"
    return _CODECS.get(inside) if outside == inside and not body.startswith(_BOM) else None
