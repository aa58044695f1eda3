"""Strings out of hostile documents: without what XML forbids, and no longer than the caps."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

#: what no XML document may hold (control characters, lone surrogates, non-characters): feedgen would fall over it
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: an address that is absolute as it stands, and that joining and splitting would give back unchanged
_WHOLE = re.compile(r"https?://[A-Za-z0-9.:_-]+(?:/[!-\"$->@-~]*)?(?:\?[!-\"$-~]+)?(?:#[!-~]+)?")

MOST_ENTRIES = 10_000
LONGEST_LINE = 8_192
LONGEST_TEXT = 2_000_000
MOST_VALUES = 100


def legal(text: str) -> str:
    """Return the text without characters that XML forbids (XML 1.0, 2.2)."""
    return _ILLEGAL.sub("", text)


def line(value: object) -> str | None:
    """Return a value as one trimmed line, or None where there is nothing to read."""
    if not isinstance(value, str) or not value:
        return None
    # most are one already: printable means no control, no line break, no space but the plain one
    if value.isprintable() and "  " not in value and value[0] != " " != value[-1] and len(value) <= LONGEST_LINE:
        return value
    return " ".join(legal(value[: 2 * LONGEST_LINE]).split())[:LONGEST_LINE] or None


def text(value: object) -> str | None:
    """Return a text as it stands, trimmed, or None where there is nothing to read."""
    if not isinstance(value, str):
        return None
    return legal(value[:LONGEST_TEXT]).strip() or None


def address(value: object, base: str | None) -> str | None:
    """Return an absolute http(s) address, or None: all else (`javascript:`, `data:`, a path) leads nowhere."""
    written = line(value)
    if written is None:
        return None
    if _WHOLE.fullmatch(written):
        return written
    try:
        full = urljoin(base, written) if base else written
        parts = urlsplit(full)
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc:
        return None
    return full.replace(" ", "%20")


def base_of(url: str | None) -> str | None:
    """Return a document's own address as the base of its links; None for a path on our disk."""
    return url if url and url.startswith(("http://", "https://")) else None
