"""Ids of items as they came, of whatever kind -> bytes of an index's file, and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import numpy as np

from feedhub.errors import ItemError
from feedhub.item_fields import id_text

#: what JSON keeps as it is
_PLAIN = {str, bool, int, float, type(None)}
#: tuples inside each other that an id may have
_DEEPEST = 40
_READERS: dict[str, Callable[[Any], Hashable]] = {
    "uuid": UUID,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "bytes": bytes.fromhex,
    "complex": lambda parts: complex(*parts),
}
_GROUPS: dict[str, Callable[[Any], Hashable]] = {"tuple": tuple, "frozenset": frozenset}


def packed_id(original: object) -> bytes:
    """Return an id as bytes; raises ValueError for one of a kind that only a process can have."""
    return json.dumps(_tagged(original, _DEEPEST), separators=(",", ":")).encode("ascii")


def unpacked_id(packed: bytes | memoryview) -> Any:
    """Return the id that `packed_id` packed.

    Raises ValueError, TypeError, LookupError, ArithmeticError or RecursionError for anything else.
    """
    result = _untagged(json.loads(str(packed, "ascii")))
    try:
        id_text(result)
    except ItemError as error:
        raise ValueError("an id that no item can have") from error
    return result


def _tagged(value: Any, levels: int) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, UUID):
        return ["uuid", value.hex]
    if isinstance(value, datetime):
        return ["datetime", value.isoformat()]
    if isinstance(value, date):
        return ["date", value.isoformat()]
    if kind is bytes:
        return ["bytes", value.hex()]
    if kind is complex:
        return ["complex", [value.real, value.imag]]
    if kind in (tuple, frozenset) and levels:
        return [kind.__name__, [_tagged(each, levels - 1) for each in value]]
    raise ValueError(f"a {kind.__name__}")


def _untagged(value: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    kind, content = value
    if kind in _GROUPS:
        return _GROUPS[kind](map(_untagged, content))
    return _READERS[kind](content)
