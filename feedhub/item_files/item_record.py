"""A record of a file of items, and what is said of one that is no text."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from feedhub.errors import ItemError


class Record(Struct, frozen=True, kw_only=True):
    """A record of a file: its place, `line 7` or `row 7` as a number, and the item, or why it is none."""

    place: int
    item: Mapping[str, Any] | None = None
    error: ItemError | None = None


def not_utf8(data: bytes) -> str:
    """Return what is wrong with data that are not UTF-8, and what to do about it."""
    # spreadsheets write "Unicode text" so
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return f"not UTF-8: convert the file first (iconv -f {'utf-16' if is_utf16 else 'latin1'} -t utf-8)"
