"""Lines of labels: `{"a": id, "b": id, "label": 1 | 0 | null, "kind": ..., "basis": ...}`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from feedhub.errors import ItemError, UsageError
from feedhub.item_fields import id_text


class Label(Struct, frozen=True, kw_only=True):
    """What a person says of two items, known by the texts of their ids."""

    a: str
    b: str
    is_same: bool
    #: what sort of case it is, for the report
    kind: str = ""


def read_labels(lines: Iterable[bytes], name: str) -> list[Label]:
    """Read labels, those without a judgement (null) left out; raises UsageError that names the first bad line."""
    labels: list[Label] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            label = _label(line, f"{name}:{number}")
            if label is not None:
                labels.append(label)
    return labels


def _label(line: bytes, where: str) -> Label | None:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where}: not JSON: {error}") from None
    return label_of_row(row, where)


def label_of_row(row: Any, where: str) -> Label | None:
    """Return what stands in a line as a label; None where it judges nothing; raises UsageError."""
    if not isinstance(row, dict) or not {"a", "b", "label"} <= row.keys():
        raise UsageError(f"{where}: expected an object with a, b and label")
    value = row["label"]
    if value is None:
        return None
    if value not in (0, 1, True, False):
        raise UsageError(f"{where}: label: expected 1 (one story), 0 (two) or null, got {json.dumps(value)[:60]}")
    try:
        one, other = id_text(row["a"])[0], id_text(row["b"])[0]
    except ItemError as error:
        raise UsageError(f"{where}: {error}") from None
    return Label(a=one, b=other, is_same=bool(value), kind=str(row.get("kind") or ""))
