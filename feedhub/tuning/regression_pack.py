"""Items and labels in one file, with what the matcher made of them: what every later version is held to.

A line each: `{"pack": 1, "feedhub": VERSION}`, then `{"item": {...}}`, then
`{"pair": {"a", "b", "label", "kind", "merged"}}`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from feedhub.errors import UsageError
from feedhub.item_fields import id_text
from feedhub.items import dedupe
from feedhub.tuning.labels import Label, label_of_row

#: the form of the file
FORM = 1


class PackResult(Struct, frozen=True, kw_only=True):
    """How a pack fares: pairs in all, those that were right and are not, those that were wrong and are right."""

    pairs: int
    lost: tuple[Label, ...]
    gained: tuple[Label, ...]
    #: the version that wrote it
    version: str


def pack_lines(items: Iterable[Mapping[str, Any]], labels: Sequence[Label], version: str) -> Iterator[str]:
    """Return the lines of a pack of the items that labels are of, and what a run over these alone makes of them."""
    wanted = {name for label in labels for name in (label.a, label.b)}
    some = [dict(item) for item in items if id_text(item["id"])[0] in wanted]
    same = _same(some)
    yield json.dumps({"pack": FORM, "feedhub": version})
    for item in some:
        yield json.dumps({"item": item}, ensure_ascii=False, default=str)
    for label in labels:
        pair = {"a": label.a, "b": label.b, "label": int(label.is_same), "kind": label.kind, "merged": same(label)}
        yield json.dumps({"pair": pair}, ensure_ascii=False)


def check_pack(lines: Iterable[bytes], name: str) -> PackResult:
    """Match the items of a pack anew and hold the result against what it was; raises UsageError for what is no pack."""
    items: list[dict[str, Any]] = []
    pairs: list[tuple[Label, bool]] = []
    version = ""
    for number, line in enumerate(lines, 1):
        row = _row(line, f"{name}:{number}")
        if number == 1:
            if row.get("pack") != FORM:
                raise UsageError(f"{name}: no regression pack of form {FORM}: `feedhub tune --pack` writes one")
            version = str(row.get("feedhub", ""))
        elif "item" in row:
            items.append(row["item"])
        elif "pair" in row:
            label = label_of_row(row["pair"], f"{name}:{number}")
            if label is not None:
                pairs.append((label, bool(row["pair"].get("merged"))))
    if not pairs:
        raise UsageError(f"{name}: holds no pair")
    same = _same(items)
    try:
        changed = [(label, was == label.is_same) for label, was in pairs if same(label) != was]
    except KeyError as error:
        raise UsageError(f"{name}: cut off, or edited: no item has the id {error}") from None
    return PackResult(
        pairs=len(pairs),
        lost=tuple(label for label, was_right in changed if was_right),
        gained=tuple(label for label, was_right in changed if not was_right),
        version=version,
    )


def _same(items: Sequence[Mapping[str, Any]]) -> Callable[[Label], bool]:
    story = {id_text(row.id)[0]: row.story for row in dedupe(items)}
    return lambda label: story[label.a] == story[label.b]


def _row(line: bytes, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where}: not JSON, or cut off: {error}") from None
    if not isinstance(row, dict):
        raise UsageError(f"{where}: expected an object")
    return row
