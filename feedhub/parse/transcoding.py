"""A feed's bytes as UTF-8, whatever charset its header and its XML declaration name."""

from __future__ import annotations

import re

from msgspec import Struct

from feedhub.charsets import codec_of, decode, label_of

_DECLARED = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]{0,100}?\sencoding\s*=\s*["']\s*([A-Za-z0-9._:-]{1,40})""")
_IN_DECLARATION = re.compile(r"""(<\?xml[^>]{0,100}?)\sencoding\s*=\s*["'][^"'>]{0,60}["']""")
_LANGUAGE = re.compile(rb"""(?:<(?:dc:)?language>\s*|\sxml:lang\s*=\s*["'])([A-Za-z]{2,3}(?:[-_][A-Za-z]{2,8})?)\b""")
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
#: the default of text/xml (RFC 3023), which says nothing of a document
_ASCII = frozenset(("us-ascii", "ascii"))
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Transcoded(Struct, frozen=True, kw_only=True):
    """A document in UTF-8."""

    body: bytes
    #: what it was written in, as Python names it
    codec: str
    #: for the operator, where it had to be repaired
    remark: str | None = None


def _label(codec: str) -> str:
    """Return the name by which documents call a codec."""
    return f"windows-{codec[2:]}" if codec.startswith("cp125") else codec


def labels_of(body: bytes, content_type: str | None) -> tuple[str, ...]:
    """Return what names the document's charset: the header, then the declaration."""
    declared = _DECLARED.match(body, 0, 400)
    labels = (label_of(content_type), declared[1].decode() if declared else None)
    return tuple(label for label in labels if label and label.lower() not in _ASCII)


def is_plainly_utf_8(body: bytes, content_type: str | None) -> bool:
    """Return whether nothing speaks against UTF-8, its bytes not yet looked at."""
    wide = b"\0" in body[:4] or body.startswith(_WIDE_MARKS)
    return not wide and all(codec_of(label) == "utf-8" for label in labels_of(body, content_type))


def is_utf_8(body: bytes) -> bool:
    """Return whether all of the bytes are UTF-8."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def transcode(body: bytes, content_type: str | None) -> Transcoded | None:
    """Return a document in UTF-8; None where its charset has a name that nobody knows."""
    labels = labels_of(body, content_type)
    if labels and not any(map(codec_of, labels)):
        return None
    spoken = _LANGUAGE.search(body, 0, 16_384)
    decoded = decode(body, *labels, language=spoken[1].decode() if spoken else None)
    remark = None
    if decoded.replaced:
        remark = f"characters that are no {_label(decoded.codec)} were replaced: {decoded.replaced}"
    elif decoded.codec not in ("utf-8", *_WIDE, *map(codec_of, labels)):
        remark = f"its bytes are no {labels[0] if labels else 'UTF-8'}: read as {_label(decoded.codec)}"
    text = _IN_DECLARATION.sub(r"\1", decoded.text[:400], count=1) + decoded.text[400:]
    return Transcoded(body=text.encode("utf-8", "replace"), codec=decoded.codec, remark=remark)
