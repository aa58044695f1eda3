"""Ids of sources that have none written: made from what lasts, so that they outlast another order of the file."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection
from pathlib import PurePath
from typing import Any

from feedhub import opml

_LONGEST = 60


def slug(name: str) -> str:
    """Return a name as an id: its letters and digits in ASCII, parted by hyphens; "" where it has none of them."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].rstrip("-")


def made_id(name: str | None, url: str) -> str:
    """Return the id of a source that has none: from its name, else from its address or its file's name.

    A name without a Latin letter or digit says nothing here. The address gives the same id with http and https.
    """
    if name and (made := slug(name)):
        return made
    if re.match(r"https?://", url, re.IGNORECASE):
        return opml.outline_id(url)
    return slug(PurePath(url).stem) or f"source-{hashlib.sha256(url.encode()).hexdigest()[:6]}"


def id_of_row(row: Any) -> str | None:
    """Return the id of a row as the file has it: written, or made; None where it names no feed of its own."""
    if isinstance(row, str):
        return made_id(None, row)
    if not isinstance(row, dict) or "opml" in row:
        return None
    written, url, name = row.get("id"), row.get("url"), row.get("name")
    if written is not None:
        return written if isinstance(written, str) else None
    return made_id(name if isinstance(name, str) else None, url) if isinstance(url, str) else None


def free_id(wanted: str, taken: Collection[str]) -> str:
    """Return the id, numbered where another source has it."""
    number, free = 1, wanted
    while free in taken:
        number += 1
        free = f"{wanted}-{number}"
    return free
