"""A source -> its rows of text for `sources:`, as a person would write them."""

from __future__ import annotations

from collections.abc import Mapping

import yaml


def row_text(values: Mapping[str, str]) -> str:
    """Return a row of YAML that begins with `- ` at the left edge, a line for each key with a value."""
    lines = [f"{key}: {quoted(value)}" for key, value in values.items() if value]
    return "- " + "\n  ".join(lines) + "\n"


def quoted(text: str) -> str:
    """Return text as a YAML value; a stranger's `${HOME}` stays what it is and names no variable."""
    shown = text.replace("${", "$${")
    return yaml.safe_dump(shown, default_style='"', allow_unicode=True, width=10**9).removesuffix("\n")
