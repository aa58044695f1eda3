"""A source -> its rows of text for `sources:`, as a person would write them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import yaml

#: what turns the direction of text would show a person another row than the one that is read
_TURNING = re.compile("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def row_text(values: Mapping[str, str]) -> str:
    """Return a row of YAML that begins with `- ` at the left edge, a line for each key with a value."""
    lines = [f"{key}: {quoted(value)}" for key, value in values.items() if value]
    return "- " + "\n  ".join(lines) + "\n"


def quoted(text: str) -> str:
    """Return text as a YAML value; a stranger's `${HOME}` stays what it is and names no variable."""
    shown = text.replace("${", "$${")
    written = yaml.safe_dump(shown, default_style='"', allow_unicode=True, width=10**9).removesuffix("\n")
    return _TURNING.sub(lambda mark: f"\\u{ord(mark[0]):04X}", written)
