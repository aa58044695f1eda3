"""What the checks found wrong, in words for the person who wrote the file."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from feedhub.config.schema import LISTS, SECRET, SECTIONS, TOP
from feedhub.config.value_checks import Mistake, Section
from feedhub.config.yaml_document import Loc, Remark, YamlDocument
from feedhub.structs import replace

_KINDS = {bool: "a truth value", int: "a number", float: "a number", list: "a list", dict: "a list of keys"}


def explain(document: YamlDocument, base: Loc, mistakes: Iterable[Mistake]) -> Iterator[Remark]:
    """Yield a remark for each mistake, at its place in the document."""
    for mistake in mistakes:
        placed = replace(mistake, loc=(*base, *mistake.loc))
        if mistake.unknown_to is not None:
            yield document.remark(placed.loc, unknown_key(str(placed.loc[-1]), mistake.unknown_to), key=True)
        else:
            yield document.remark(placed.loc, _describe(document, placed))


def unknown_key(key: str, section: Section) -> str:
    """Say what to do about a key that nobody knows: another spelling, or the place where it belongs."""
    here = [*section.keys] + ([*SECTIONS, *LISTS] if section is TOP else [])
    if close := difflib.get_close_matches(key, here, n=1):
        return f"unknown key; did you mean `{close[0]}`?"
    homes = [name for name, other in SECTIONS.items() if other is not section and key in other.keys]
    if homes:
        return f"unknown key here; it belongs under `{homes[0]}:`"
    if section is not TOP and key in (*TOP.keys, *SECTIONS, *LISTS):
        return "unknown key here; it belongs to the top, without indentation"
    return f"unknown key; known are {', '.join(here)}"


def _describe(document: YamlDocument, mistake: Mistake) -> str:
    what = mistake.what
    if mistake.is_missing:
        return what
    if len(mistake.loc) == 2 and mistake.loc[0] == "sources":
        what = f"expected an address, or {what.removeprefix('expected ')}"
    return what + _got(document, mistake)


def _got(document: YamlDocument, mistake: Mistake) -> str:
    """Say what stands there instead; the words that YAML does not take for words are to be quoted."""
    written = document.written(mistake.loc)
    quote = mistake.wants_text and written is not None
    if any(step in SECRET for step in mistake.loc):
        return ": quote it" if quote else ""
    if written is None or mistake.value is None or _may_be_secret(mistake, written):
        return f", got {_kind(mistake.value)}"
    shown = f'"{written[:60]}"'
    return f", got {_kind(mistake.value)}: quote it ({shown})" if quote else f", got {shown}"


def _may_be_secret(mistake: Mistake, written: str) -> bool:
    """Whether a text may hold a password wherever it stands: an address, or what stands for a row or a section."""
    return "@" in written or (isinstance(mistake.value, str) and (mistake.wants_pairs or "://" in written))


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    if value == []:
        return "an empty list"
    return "nothing" if value is None else _KINDS.get(type(value), "a date")
