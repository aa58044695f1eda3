"""What an output or a source leaves out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The filters of an output by themselves; what passes one of them is left out where they are turned round."""

    categories: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    #: words and phrases
    words: tuple[str, ...] = ()
