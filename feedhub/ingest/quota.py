"""How many new entries of a source are taken in a round: the newest, the others wait."""

from __future__ import annotations

from feedhub.ingest.cleaning_limit import newest_first
from feedhub.ingest.identify import Resolution
from feedhub.model import Source
from feedhub.structs import replace


def backlog_remark(backlog: int, source: Source) -> str:
    """Return the remark on entries that wait because of the quota."""
    return f"{backlog} new entries wait for the next round: no more than {source.entries_a_round} are taken (`quota`)"


def within_quota(resolution: Resolution, source: Source) -> tuple[Resolution, int]:
    """Return the resolution with no more new entries than the source may bring, the newest, and how many wait."""
    most, new = source.entries_a_round, resolution.new
    if most is None or len(new) <= most:
        return resolution, 0
    taken = sorted(newest_first(new)[:most])
    return replace(resolution, new=tuple(new[place] for place in taken)), len(new) - most
