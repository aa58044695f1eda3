"""An entry that comes in place of another: a new guid and address for the headline and date of one that went.

Aggregators give an item another guid and address whenever they like. Listed together, two entries are two items; where
one comes in the very poll in which the other goes, with its headline and date, it is that item again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime

from feedhub.ingest.identify import Arrival, Resolution
from feedhub.model import Copy, Entry
from feedhub.store import Connection, placements
from feedhub.store.copies import KnownEntry
from feedhub.structs import replace

#: texts of so many words and more must have this share of the shorter one's words in common
WORDS, SHARED = 20, 0.3
#: more entries that went at once are another feed under the same address
MOST = 500

_WORD = re.compile(r"\w+")


def in_place(
    connection: Connection, resolution: Resolution, known: Sequence[KnownEntry], clean: Callable[[Arrival], Copy | None]
) -> Resolution:
    """Take new entries for known ones where they come in place of them; `clean` makes the copy of an entry,
    None where it cannot.

    Only where headline and date name one entry on either side.
    """
    gone = [row for row in known if row.listed and row.id not in resolution.present and not row.purged]
    if not resolution.new or not 0 < len(gone) <= MOST:
        return resolution
    stored = placements.by_ids(connection, [row.id for row in gone])
    former = {row.id: row.copy for row in stored if not row.withdrawn}
    dates = {copy.published for copy in former.values()} - {None}
    dated = {n: clean(a) for n, a in enumerate(resolution.new) if _date(a.entry) in dates}
    came = {n: copy for n, copy in dated.items() if copy is not None}
    here, there = Counter(map(_name, came.values())), Counter(map(_name, former.values()))
    rows = {_name(former[row.id]): row for row in gone if row.id in former}
    matched: dict[int, KnownEntry] = {}
    for number, copy in came.items():
        name = _name(copy)
        if name is not None and here[name] == there[name] == 1 and _may_be_one(former[rows[name].id], copy):
            matched[number] = rows[name]
    if not matched:
        return resolution
    pairs = [(row, resolution.new[number]) for number, row in matched.items()]
    return replace(
        resolution,
        new=tuple(arrival for number, arrival in enumerate(resolution.new) if number not in matched),
        changed=(*resolution.changed, *pairs),
        present=resolution.present | {row.id for row, _ in pairs},
        numbers={**resolution.numbers, **{arrival.entry.guid: row.id for row, arrival in pairs}},
    )


def _date(entry: Entry) -> datetime | None:
    return entry.published or entry.updated


def _name(copy: Copy) -> Hashable | None:
    """Headline and date of a copy; None where one of them is missing."""
    words = " ".join(_WORD.findall(copy.title.casefold()))
    return (words, copy.published) if words and copy.published is not None and not copy.date_doubtful else None


def _may_be_one(before: Copy, after: Copy) -> bool:
    """Whether two texts do not speak against it: a bulletin of the same minute may be another bulletin."""
    one, other = (set(_WORD.findall(copy.text.casefold())) for copy in (before, after))
    fewer = min(len(one), len(other))
    return fewer < WORDS or len(one & other) >= SHARED * fewer
