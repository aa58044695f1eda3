"""How long the entries of a source are cleaned in a round: the newest first, the others wait for the next one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from feedhub.ingest.identify import Arrival, Resolution
from feedhub.model import Source
from feedhub.store.copies import KnownEntry
from feedhub.structs import replace

T = TypeVar("T")
#: seconds of CPU: two hundred articles of 20 kB take half of it, tables of as many bytes ten times as long
CLEANING_SECONDS = 2.0


class CleaningLimit:
    """Measures the CPU time for which the entries of one document are cleaned in this thread."""

    def __init__(self, seconds: float | None) -> None:
        """Allow so many seconds, None: any number of them."""
        self.seconds = seconds
        self._used = 0.0
        self._waiting: set[str] = set()

    @classmethod
    def of(cls, source: Source) -> CleaningLimit:
        """Return the limit of a source: none for an operator's own file without a `quota`."""
        return cls(None if source.entries_a_round is None else CLEANING_SECONDS)

    def measure(self, work: Callable[[], T]) -> T:
        """Return what the work returns; what it takes counts."""
        began = time.thread_time()
        try:
            return work()
        finally:
            self._used += time.thread_time() - began

    def is_reached(self, share: float = 1.0) -> bool:
        """Tell whether this share of the limit is used up."""
        return self.seconds is not None and self._used >= share * self.seconds

    def defer(self, arrival: Arrival) -> None:
        """Have an entry wait for the next round."""
        self._waiting.add(arrival.entry.guid)

    @property
    def waiting(self) -> frozenset[str]:
        """Return the guids of the entries that wait."""
        return frozenset(self._waiting)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return what the operator is told of them."""
        if not self._waiting:
            return ()
        return (f"{len(self._waiting)} entries wait for the next round: cleaning takes over {self.seconds:g} s",)

    def without_waiting(self, resolution: Resolution, known: Sequence[KnownEntry]) -> Resolution:
        """Return the resolution without the new entries that wait.

        What they may come in place of stays listed until they are looked at.
        """
        if not self._waiting:
            return resolution
        listed = {row.id for row in known if row.listed and not row.purged}
        new = tuple(arrival for arrival in resolution.new if arrival.entry.guid not in self._waiting)
        return replace(resolution, new=new, present=resolution.present | listed)


def newest_first(arrivals: Iterable[Arrival]) -> list[int]:
    """Return the places of entries in the order in which they are taken: the newest first, the undated last."""

    def age(place_and_arrival: tuple[int, Arrival]) -> tuple[bool, float, int]:
        place, arrival = place_and_arrival
        written = arrival.entry.published or arrival.entry.updated
        return written is None, -written.timestamp() if written else 0.0, place

    return [place for place, _ in sorted(enumerate(arrivals), key=age)]
