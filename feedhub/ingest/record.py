"""One document of one source -> rows: what is new, what was edited, what is gone from the feed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from feedhub import outputs
from feedhub.codec import dump
from feedhub.ingest.entry_isolation import EntryIsolation
from feedhub.ingest.identify import Arrival, Resolution, identify, strangers
from feedhub.ingest.quota import backlog_remark, within_quota
from feedhub.ingest.replaced import in_place
from feedhub.languages import NO_SPACE_SCRIPTS
from feedhub.model import Copy, Entry, Feed, Filters, RevisionKind, Source
from feedhub.store import Connection, copies, entry_failures, placements, remarks
from feedhub.store.copies import KnownEntry, NewCopy
from feedhub.store.entry_failures import EntryFailure
from feedhub.store.placements import StoredCopy, hash64

#: an entry of so many words is an article, whatever stands in front of its headline
ARTICLE_WORDS = 60
_NO_SPACE = re.compile(f"[{NO_SPACE_SCRIPTS}]")
#: entry, the moment it was first seen, and its number where it is known -> the cleaned copy
Clean = Callable[[Entry, datetime, int | None], Copy]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A known entry that now says something else."""

    known: KnownEntry
    new: NewCopy


@dataclass(frozen=True, slots=True, kw_only=True)
class Changeset:
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
    #: what of the document was repaired or left out
    remarks: tuple[str, ...] = ()
    #: entries at which the program failed: each is left out, or stays as it was
    failures: tuple[EntryFailure, ...] = ()
    #: guids of entries that were left out so far and fail no more
    recovered: tuple[str, ...] = ()


def compare(
    connection: Connection,
    source: Source,
    feed: Feed,
    *,
    clean: Clean,
    url_key: Callable[[str], str],
    unrelated: Callable[[Copy, Copy], bool],
    now: datetime,
    unread: frozenset[int] = frozenset(),
) -> Changeset | None:
    """Compare a document with what is known, and clean what is new or changed; nothing is written.

    `unread`: entries that it lists too, unchanged. None where one that was read could be one of them.
    """
    # A folder may hold one entry in several of its files: the last file speaks.
    entries = {entry.guid: entry for entry in feed.entries}
    isolation = EntryIsolation(entry_failures.digests(connection, source.id))
    made = (isolation.attempt(e.guid, b"", None, partial(_arrival, e, url_key)) for e in entries.values())
    arrivals = [arrival for arrival in made if arrival is not None]
    known = _known(connection, source.id, arrivals, unread)
    if any(row.id in unread for row in known):
        return None

    def cleaned(arrival: Arrival) -> Copy | None:
        return isolation.attempt_arrival(arrival, lambda: clean(arrival.entry, now, None))

    resolution = in_place(connection, _identified(arrivals, known, isolation), known, cleaned)
    resolution, backlog = within_quota(resolution, source)
    reading = _cleaned(connection, source, resolution, clean, unrelated, now, isolation)
    isolation.raise_if_all_failed(is_any_taken=bool(reading.new or reading.edited or reading.touched))
    listed = frozenset(row.id for row in known if row.listed) | unread
    remarks = (*feed.remarks, backlog_remark(backlog, source)) if backlog else feed.remarks
    return replace(
        reading,
        remarks=(*remarks, *(failure.remark for failure in isolation.failures)),
        backlog=backlog,
        listed=listed,
        present=reading.present | unread,
        failures=isolation.failures,
        recovered=isolation.recovered(set(entries)),
    )


def _identified(arrivals: Sequence[Arrival], known: Sequence[KnownEntry], isolation: EntryIsolation) -> Resolution:
    """Match entries to known ones, without those at which the program fails; what they were so far stays listed."""
    failed = isolation.guids
    resolution = isolation.without_known(identify(arrivals, known))
    present = resolution.present | {row.id for row in known if row.guid in failed}
    return replace(resolution, present=present) if failed else resolution


def _known(
    connection: Connection, source: str, arrivals: Sequence[Arrival], unread: frozenset[int]
) -> list[KnownEntry]:
    """Find what the last document listed, and what else the entries could be that it did not."""
    listed = copies.listed(connection, source, without=unread)
    strange = strangers(arrivals, listed)
    if not strange:
        return listed
    others = copies.candidates_for(
        connection,
        source,
        guids={a.entry.guid for a in strange} | {a.served for a in strange},
        identities={a.identity for a in strange},
        pages={a.page for a in strange if a.page is not None},
    )
    return list({row.id: row for row in (*listed, *others)}.values())


def _arrival(entry: Entry, url_key: Callable[[str], str]) -> Arrival:
    digest = hashlib.blake2b(dump(entry).encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return Arrival(entry=entry, digest=digest, page=hash64(url_key(entry.link)) if entry.link else None)


def _cleaned(
    connection: Connection,
    source: Source,
    resolution: Resolution,
    clean: Clean,
    unrelated: Callable[[Copy, Copy], bool],
    now: datetime,
    isolation: EntryIsolation,
) -> Changeset:
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

    attempted = (isolation.attempt_arrival(arrival, partial(added, arrival)) for arrival in resolution.new)
    new = [each for each in attempted if each is not None]
    former = {stored.id: stored for stored in placements.by_ids(connection, [row.id for row, _ in resolution.changed])}
    edited: list[Edit] = []
    touched: list[tuple[int, str | None, bytes]] = []
    reused: list[tuple[int, str]] = []
    for row, arrival in resolution.changed:
        stored = former.get(row.id)
        change = None if stored is None else isolation.attempt_arrival(arrival, partial(changed, row, arrival, stored))
        if arrival.entry.guid in isolation.guids:
            continue
        if change is None:
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


def write(connection: Connection, reading: Changeset, now: datetime, *, one_by_one: bool = False) -> Changeset:
    """Write a reading; run in the transaction that also stores the validators vouching for it. Return what was written.

    `one_by_one`: an entry that cannot be written is left out with a record; the others are written.
    """
    for number, guid in reading.reused:
        copies.set_aside(connection, number, guid)
    present = reading.present - {number for number, _ in reading.reused}
    copies.mark_listed(connection, present - reading.listed, reading.listed - present, now)
    if one_by_one:
        reading = _write_one_by_one(connection, reading, now)
    else:
        copies.add(connection, reading.new)
        copies.edit(connection, [(edit.known.id, edit.new) for edit in reading.edited], now)
    copies.update_served(connection, reading.touched)
    remarks.add(connection, reading.source, reading.remarks, now)
    entry_failures.forget(connection, reading.source, reading.recovered)
    entry_failures.add(connection, reading.source, reading.failures, now)
    return reading


def _write_one_by_one(connection: Connection, reading: Changeset, now: datetime) -> Changeset:
    """Write new and edited entries, each in a savepoint; return the reading without those that cannot be written."""
    isolation = EntryIsolation()

    def attempt(new: NewCopy, work: Callable[[], None]) -> bool:
        def within_savepoint() -> bool:
            with connection.begin_nested():
                work()
            return True

        guid = new.copy.key.guid if new.entry is None else new.entry.guid
        page = None if new.copy.url_key is None else hash64(new.copy.url_key)
        return isolation.attempt(guid, new.digest, page, within_savepoint) is True

    added = [new for new in reading.new if attempt(new, partial(copies.add, connection, [new]))]
    edits = [
        edit
        for edit in reading.edited
        if attempt(edit.new, partial(copies.edit, connection, [(edit.known.id, edit.new)], now))
    ]
    isolation.raise_if_all_failed(is_any_taken=bool(added or edits))
    return replace(
        reading,
        new=tuple(added),
        edited=tuple(edits),
        remarks=(*reading.remarks, *(failure.remark for failure in isolation.failures)),
        failures=(*reading.failures, *isolation.failures),
        recovered=tuple(guid for guid in reading.recovered if guid not in isolation.guids),
    )
