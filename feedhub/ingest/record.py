"""One document of one source -> rows: what is new, what was edited, what is gone from the feed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from feedhub.codec import dump
from feedhub.ingest.changed_entries import Changeset, Clean, cleaned_changes
from feedhub.ingest.cleaning_limit import CleaningLimit
from feedhub.ingest.entry_isolation import EntryIsolation
from feedhub.ingest.identify import Arrival, Resolution, identify, strangers
from feedhub.ingest.quota import backlog_remark, within_quota
from feedhub.ingest.replaced import in_place
from feedhub.model import Copy, Entry, Feed, Source
from feedhub.store import Connection, copies, entry_failures, remarks
from feedhub.store.copies import KnownEntry, NewCopy
from feedhub.store.placements import hash64
from feedhub.structs import replace


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

    limit, made_here = CleaningLimit.of(source), dict[str, Copy]()

    def cleaned(arrival: Arrival) -> Copy | None:
        # half of it: what is found to come in place of another is cleaned again as an edit
        if limit.is_reached(share=0.5):
            limit.defer(arrival)
            return None
        copy = isolation.attempt_arrival(arrival, lambda: limit.measure(lambda: clean(arrival.entry, now, None)))
        if copy is not None:
            made_here[arrival.entry.guid] = copy
        return copy

    def clean_once(entry: Entry, first_seen: datetime, number: int | None) -> Copy:
        copy = made_here.pop(entry.guid, None) if number is None else None
        return copy or clean(entry, first_seen, number)

    resolution = in_place(connection, _identified(arrivals, known, isolation), known, cleaned)
    resolution = limit.without_waiting(resolution, known)
    resolution, backlog = within_quota(resolution, source)
    reading = cleaned_changes(connection, source, resolution, clean_once, unrelated, now, isolation, limit)
    isolation.raise_if_all_failed(is_any_taken=bool(reading.new or reading.edited or reading.touched))
    listed = frozenset(row.id for row in known if row.listed) | unread
    remarks = (*feed.remarks, backlog_remark(backlog, source)) if backlog else feed.remarks
    return replace(
        reading,
        remarks=(*remarks, *limit.remarks, *(failure.remark for failure in isolation.failures)),
        backlog=backlog,
        waiting=limit.waiting,
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
