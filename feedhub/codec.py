"""The model's values as JSON and back, for the store."""

from __future__ import annotations

from collections.abc import Set
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    found = _adapters.get(kind)
    if found is None:
        found = _adapters[kind] = TypeAdapter(kind)
    return found


def dump(value: object, *, without: Set[str] | None = None) -> str:
    """Write a frozen value as JSON text; fields that have their default are left out, and those named in `without`."""
    kind: type[Any] = type(value)
    exclude: Any = without
    return _adapter(kind).dump_json(value, exclude_defaults=True, exclude=exclude).decode()


def load(kind: type[T], text: str | bytes) -> T:
    """Read the value that `dump` wrote; raises pydantic's ValidationError if the text is none of its kind."""
    whole: type[Any] = kind
    value: T = _adapter(whole).validate_json(text)
    return value
