"""One cache of compiled statements for all engines of a process: tests open many, and each would compile all anew."""

from __future__ import annotations

from functools import wraps
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.util import LRUCache


class _Compiled(LRUCache[Any, Any]):
    """Compiled statements by what they say and the kind of dialect, not by the one engine's own dialect."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_of_a_kind(key), default)

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(_of_a_kind(key))

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_of_a_kind(key), value)


def _of_a_kind(key: Any) -> Any:
    dialect, *rest = key
    return (type(dialect), *rest)


def share() -> None:
    """Have all engines that this process makes from now on share what they compile."""
    compiled = _Compiled(4_000)
    make = Engine.__init__

    def make_sharing(engine: Engine, *arguments: Any, **options: Any) -> None:
        make(engine, *arguments, **options)
        engine._compiled_cache = compiled

    Engine.__init__ = wraps(make)(make_sharing)  # type: ignore[method-assign, assignment]
