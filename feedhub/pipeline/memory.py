"""Copies made ready to compare, kept between settlings."""

from __future__ import annotations

from collections import OrderedDict

from feedhub.match import Coded, Prepared, prepare, prepare_coded
from feedhub.store.placing import Stored

#: prepared copies kept between rounds: 15 kB each
REMEMBERED = 4_000


class Memory:
    """Prepared copies by number and digest, the most recently used ones."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._held: OrderedDict[tuple[int, bytes], Prepared] = OrderedDict()

    def prepared(self, stored: Stored, code: Coded | None) -> Prepared:
        """The copy made ready to compare, from memory where possible; `code`: its words as numbers, where known."""
        name = (stored.id, stored.digest)
        found = self._held.get(name)
        if found is None or found.key != stored.copy.key:
            made = prepare(stored.copy) if code is None else prepare_coded(stored.copy, code)
            found = self._held[name] = made
            if len(self._held) > self._size:
                self._held.popitem(last=False)
        else:
            self._held.move_to_end(name)
        return found
