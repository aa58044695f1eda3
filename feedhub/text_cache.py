"""What a function said of texts, remembered for short ones: of long ones few would fill the memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

S = TypeVar("S", bound="str | None")
T = TypeVar("T")


#: what clears each memory
_clear: list[Callable[[], None]] = []


def forget_short() -> None:
    """Forget every answer: the texts that come later are others."""
    for clear in _clear:
        clear()


def remember_short(most: int, longest: int) -> Callable[[Callable[[S], T]], Callable[[S], T]]:
    """Decorate a function of a text: remember its answers for the `most` last texts of at most `longest` characters."""

    def decorate(work: Callable[[S], T]) -> Callable[[S], T]:
        short = lru_cache(most)(work)
        _clear.append(short.cache_clear)

        @wraps(work)
        def call(text: S) -> T:
            return short(text) if text is None or len(text) <= longest else work(text)

        return call

    return decorate
