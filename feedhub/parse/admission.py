"""Which documents the fast reader may read: well-formed XML feeds without a DOCTYPE."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree
from msgspec import Struct

from feedhub.parse.transcoding import Transcoded, is_plainly_utf_8, is_utf_8, transcode

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
_RAW_CONTROL = re.compile(rb"\xc2[\x80-\x9f]")
_CONTROL_REFERENCE = re.compile(rb"&#(?:0*1(?:2[89]|[345]\d);|[xX]0*[89][0-9a-fA-F];)")
#: (and some that are legal) references to characters that XML forbids: markup in CDATA may hold them
_ILLEGAL_REFERENCE = re.compile(
    rb"&#(?!0*(?:9|10|13);)(?:0*(?:[12]?\d|3[01]|5[5-7]\d{3}|6553[45]|\d{7,})(?!\d)"
    rb"|[xX]0*(?:1?[\da-fA-F]|[dD][89a-fA-F][\da-fA-F]{2}|[fF]{3}[eEfF]|[1-9a-fA-F][\da-fA-F]{5,})(?![\da-fA-F]))"
)
#: a prologue longer than this is not looked through: the tree says the same afterwards
_HEAD = 4096
#: attributes of one element that the reader would ever look at
_MOST_ATTRIBUTES = 64


class Admitted(Struct, frozen=True, kw_only=True):
    """A document's root, and which repairs its texts may need."""

    root: Any
    #: UTF-8, so a text may have been encoded twice
    twice: bool
    #: it may hold C1 control characters that stand for Windows punctuation
    controls: bool
    #: for the operator, where its bytes had to be repaired
    remark: str | None = None


def admit(body: bytes, content_type: str | None) -> Admitted | None:
    """Return the document's tree, or None where only a lenient reader will do."""
    if is_plainly_utf_8(body, content_type):
        if admitted := _admit(Transcoded(body=body, codec="utf-8")):
            return admitted
        if is_utf_8(body):
            return None
    transcoded = transcode(body, content_type)
    return None if transcoded is None else _admit(transcoded)


def _admit(document: Transcoded) -> Admitted | None:
    body = document.body
    if b"<!DOCTYPE" in body[:_HEAD] or (b"&#" in body and _ILLEGAL_REFERENCE.search(body)):
        return None
    try:
        root = etree.fromstring(body, _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root.getroottree().docinfo.internalDTD is not None or len(_PARSER.error_log.filter_from_errors()):
        return None
    twice, controls = document.codec == "utf-8", _has_controls(body)
    return Admitted(root=root, twice=twice, controls=controls, remark=document.remark)


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
