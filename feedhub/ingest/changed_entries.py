"""New and changed entries of one document -> cleaned copies: which are added, edited or say what they said."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from msgspec import Struct, field

from feedhub import outputs
from feedhub.ingest.cleaning_limit import CleaningLimit, newest_first
from feedhub.ingest.entry_isolation import EntryIsolation
from feedhub.ingest.identify import Arrival, Resolution
from feedhub.languages import NO_SPACE_SCRIPTS
from feedhub.model import Copy, Entry, Filters, RevisionKind, Source
from feedhub.store import Connection, placements
from feedhub.store.copies import KnownEntry, NewCopy
from feedhub.store.entry_failures import EntryFailure
from feedhub.store.placements import StoredCopy
from feedhub.structs import replace

#: an entry of so many words is an article, whatever stands in front of its headline
ARTICLE_WORDS = 60
#: former versions that are in memory while what became of them is cleaned
_READ_AT_ONCE = 50
_NO_SPACE = re.compile(f"[{NO_SPACE_SCRIPTS}]")
#: entry, the moment it was first seen, and its number where it is known -> the cleaned copy
Clean = Callable[[Entry, datetime, int | None], Copy]


class Edit(Struct, frozen=True, kw_only=True):
    """A known entry that now says something else."""

    known: KnownEntry
    new: NewCopy


class Changeset(Struct, frozen=True, kw_only=True):
    """What a document means for the store, ready to be written in one short transaction."""

    source: str
    new: tuple[NewCopy, ...] = ()
    edited: tuple[Edit, ...] = ()
    #: (number, guid as served where it is another, digest) of entries whose bytes changed but not what they say
    touched: tuple[tuple[int, str | None, bytes], ...] = ()
    #: entries whose guid was given to an unrelated story: (number, name under which the former life stays)
    reused: tuple[tuple[int, str], ...] = ()
    present: frozenset[int] = frozenset()
    #: the numbers of known entries by the guids that they have now
    numbers: Mapping[str, int] = field(default_factory=dict)
    #: known entries whose guid is another now
    churned: int = 0
    #: what its last document listed
    listed: frozenset[int] = frozenset()
    #: new entries beyond the source's quota: nothing is known of them until the next round
    backlog: int = 0
    #: guids of new and edited entries that wait because cleaning the others took so long
    waiting: frozenset[str] = frozenset()
    #: what of the document was repaired or left out
    remarks: tuple[str, ...] = ()
    #: entries at which the program failed: each is left out, or stays as it was
    failures: tuple[EntryFailure, ...] = ()
    #: guids of entries that were left out so far and fail no more
    recovered: tuple[str, ...] = ()


def cleaned_changes(
    connection: Connection,
    source: Source,
    resolution: Resolution,
    clean: Clean,
    unrelated: Callable[[Copy, Copy], bool],
    now: datetime,
    isolation: EntryIsolation,
    limit: CleaningLimit,
) -> Changeset:
    """Clean new and changed entries, and tell what each of them is; nothing of the rest of the document is told."""

    def added(arrival: Arrival) -> NewCopy:
        return _new(clean(arrival.entry, now, None), arrival, source)

    def changed(row: KnownEntry, arrival: Arrival, stored: StoredCopy) -> Edit | NewCopy | None:
        before = stored.copy
        made = _new(clean(arrival.entry, row.first_seen, row.id), arrival, source, before)
        after = _with_first_date(replace(made.copy, key=before.key), before, arrival.entry)
        if made.withdrawn == stored.withdrawn and (made.withdrawn or after == before):
            return None
        if not made.withdrawn and unrelated(before, after):
            return added(arrival)
        return Edit(known=row, new=replace(made, copy=after, identity=row.identity))

    outcomes = _outcomes(connection, resolution, added, changed, isolation, limit)
    edited: list[Edit] = []
    touched: list[tuple[int, str | None, bytes]] = []
    reused: list[tuple[int, str]] = []
    new = [each for place in range(len(resolution.new)) if isinstance(each := outcomes.get(place), NewCopy)]
    for place, (row, arrival) in enumerate(resolution.changed, len(resolution.new)):
        if place not in outcomes:
            continue
        if (change := outcomes[place]) is None:
            touched.append(_touched(row, arrival))
        elif isinstance(change, Edit):
            edited.append(change)
        else:
            reused.append((row.id, f"{row.guid}#was-{row.digest.hex()[:12]}"))
            new.append(change)
    return Changeset(
        source=source.id,
        new=tuple(new),
        edited=tuple(edited),
        touched=tuple(touched),
        reused=tuple(reused),
        present=resolution.present,
        churned=resolution.churned,
        numbers=resolution.numbers,
    )


def _outcomes(
    connection: Connection,
    resolution: Resolution,
    added: Callable[[Arrival], NewCopy],
    changed: Callable[[KnownEntry, Arrival, StoredCopy], Edit | NewCopy | None],
    isolation: EntryIsolation,
    limit: CleaningLimit,
) -> dict[int, Edit | NewCopy | None]:
    """Clean new and changed entries, the newest first; return what they are by their places, the new in front.

    Those at which the program fails are missing, and those that wait once the limit is reached. One never waits.
    """
    entries = [*((None, arrival) for arrival in resolution.new), *resolution.changed]
    outcomes: dict[int, Edit | NewCopy | None] = {}
    order = newest_first(arrival for _, arrival in entries)
    for start in range(0, len(order), _READ_AT_ONCE):
        some = order[start : start + _READ_AT_ONCE]
        rows = [] if limit.is_reached() and start else [row.id for place in some if (row := entries[place][0])]
        former = {stored.id: stored for stored in placements.by_ids(connection, rows)}
        for place in some:
            row, arrival = entries[place]
            if limit.is_reached() and place != order[0]:
                limit.defer(arrival)
                continue
            stored = None if row is None else former.get(row.id)
            if row is None:
                work: Callable[[], Edit | NewCopy | None] = partial(added, arrival)
            else:
                work = partial(changed, row, arrival, stored) if stored else _unchanged
            outcome = isolation.attempt_arrival(arrival, partial(limit.measure, work))
            if arrival.entry.guid not in isolation.guids:
                outcomes[place] = outcome
    return outcomes


def _unchanged() -> None:
    """Stand for an entry whose text is gone: it says what it said."""


def _with_first_date(copy: Copy, before: Copy, entry: Entry) -> Copy:
    """Return the copy with the date of its first version where the entry tells only when it was last changed."""
    if entry.published is not None or before.published is None or before.date_doubtful:
        return copy
    return replace(copy, published=before.published, date_doubtful=False)


def _touched(row: KnownEntry, arrival: Arrival) -> tuple[int, str | None, bytes]:
    return row.id, None if arrival.served == row.guid else arrival.served, arrival.digest


def _new(copy: Copy, arrival: Arrival, source: Source, before: Copy | None = None) -> NewCopy:
    """Make the row of an entry; `before` is what it said until now."""
    killed = copy.wire.revision is not None and copy.wire.revision.kind is RevisionKind.KILL
    if killed and _is_article(copy) and not (source.agency and before is not None and before.text == copy.text):
        # "WITHDRAWN: Baby milk recalled": the headline's own word. Only an agency that sets it over the very text
        # that it sent before kills that.
        killed, copy = False, replace(copy, wire=replace(copy.wire, revision=None))
    ground = None if before is not None else _excluded(copy, source)
    return NewCopy(
        excluded=ground,
        copy=copy,
        entry=arrival.entry,
        identity=arrival.identity,
        served=arrival.served,
        digest=arrival.digest,
        withdrawn=killed,
    )


def _excluded(copy: Copy, source: Source) -> str | None:
    """Tell why a new entry is left out by its source, with its headline; None where it is taken."""
    if source.exclude == Filters():
        return None
    ground = outputs.leaves_out(
        source.exclude,
        categories=copy.categories,
        language=copy.language,
        agencies=[source.agency, source.credit, copy.wire.agency],
        outlet=copy.outlet,
        text=f"{copy.title}\n{copy.text}",
    )
    return None if ground is None else f"{ground}: {copy.title}"[:300]


def _is_article(copy: Copy) -> bool:
    """Tell whether a text is too long for a notice; in scripts without spaces five signs are two words."""
    return len(copy.text.split()) + 0.4 * len(_NO_SPACE.findall(copy.text)) >= ARTICLE_WORDS
