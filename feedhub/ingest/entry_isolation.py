"""One entry at which the program fails -> left out with a record; the others of its document are taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from feedhub.ingest.identify import Arrival, Resolution
from feedhub.store import entry_failures
from feedhub.store.database_errors import is_refusal
from feedhub.store.entry_failures import EntryFailure

T = TypeVar("T")
#: where none of so many entries can be taken, it is the program that is at fault, and none of them is left out
ALL_AT_FAULT = 8


class EntryIsolation:
    """Does work on entries one by one, and collects those at which it failed."""

    def __init__(self, known: Mapping[str, bytes | None] | None = None) -> None:
        #: what is recorded of the source, as `entry_failures.digests` returns it
        self._known = known or {}
        self._again: set[str] = set()
        self._failures: dict[str, EntryFailure] = {}

    @property
    def failures(self) -> tuple[EntryFailure, ...]:
        """Return the entries at which it failed that are not recorded yet as they are now."""
        return tuple(self._failures.values())

    @property
    def guids(self) -> frozenset[str]:
        """Return the guids of all at which it failed."""
        return frozenset(self._again | self._failures.keys())

    def attempt(self, guid: str, digest: bytes, page: int | None, work: Callable[[], T]) -> T | None:
        """Return what the work makes of an entry; None where it fails, and where it has failed at that entry before.

        What the database or the machine refuses is not the entry's fault and is raised.
        """
        if guid in self._failures or guid in self._again:
            return None
        try:
            return work()
        except Exception as error:
            if is_refusal(error):
                raise
            if entry_failures.is_known(self._known, guid, digest):
                self._again.add(guid)
            else:
                self._failures[guid] = EntryFailure(guid=guid, digest=digest, page=page, error=error)
            return None

    def attempt_arrival(self, arrival: Arrival, work: Callable[[], T]) -> T | None:
        """Do the same for an entry whose digest is known."""
        return self.attempt(arrival.entry.guid, arrival.digest, arrival.page, work)

    def without_known(self, resolution: Resolution) -> Resolution:
        """Return the resolution without the entries at which this version has failed as they are now."""
        for arrival in (*resolution.new, *(arrival for _, arrival in resolution.changed)):
            if entry_failures.is_known(self._known, arrival.entry.guid, arrival.digest):
                self._again.add(arrival.entry.guid)
        if not self._again:
            return resolution
        return Resolution(
            new=tuple(arrival for arrival in resolution.new if arrival.entry.guid not in self._again),
            changed=tuple(pair for pair in resolution.changed if pair[1].entry.guid not in self._again),
            present=resolution.present,
            numbers=resolution.numbers,
            churned=resolution.churned,
        )

    def recovered(self, guids: set[str]) -> tuple[str, ...]:
        """Return which of the recorded entries are among these and fail no more, by their guids as recorded."""
        if not self._known:
            return ()
        well = {entry_failures.recorded_guid(guid) for guid in guids - self.guids}
        return tuple(sorted(well & self._known.keys()))

    def raise_if_all_failed(self, *, is_any_taken: bool) -> None:
        """Raise what broke the first entry where so many failed, and none was taken, that it is not their fault."""
        if len(self._failures) >= ALL_AT_FAULT and not is_any_taken:
            raise next(iter(self._failures.values())).error
