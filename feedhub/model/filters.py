"""What an output or a source leaves out."""

from __future__ import annotations

from msgspec import Struct


class Filters(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The filters of an output by themselves; what passes one of them is left out where they are turned round."""

    categories: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    #: words and phrases
    words: tuple[str, ...] = ()
