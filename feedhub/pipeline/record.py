"""One document of one source -> rows: what is new, what was edited, what is gone from the feed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from feedhub.codec import dump
from feedhub.model import Copy, Entry, Feed, RevisionKind, Source
from feedhub.pipeline.identify import Arrival, Resolution, fold, identify
from feedhub.store import Connection, copies, placing
from feedhub.store.copies import Known, NewCopy

#: entry, the moment it was first seen, and its number where it is known -> the cleaned copy
Clean = Callable[[Entry, datetime, int | None], Copy]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A known entry that now says something else."""

    known: Known
    new: NewCopy


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a document means for the store, ready to be written in one short transaction."""

    source: str
    new: tuple[NewCopy, ...] = ()
    edited: tuple[Edit, ...] = ()
    #: (number, guid as served, digest) of entries whose bytes changed but not what they say
    touched: tuple[tuple[int, str, bytes], ...] = ()
    #: entries whose guid was given to an unrelated story: (number, name under which the former life stays)
    reused: tuple[tuple[int, str], ...] = ()
    present: frozenset[int] = frozenset()
    #: known entries whose guid is another now
    churned: int = 0
    #: what of the document was repaired or left out
    remarks: tuple[str, ...] = ()


def read(
    connection: Connection,
    source: Source,
    feed: Feed,
    *,
    clean: Clean,
    url_key: Callable[[str], str],
    unrelated: Callable[[Copy, Copy], bool],
    now: datetime,
) -> Reading:
    """Compare a document with what is known, and clean what is new or changed; nothing is written."""
    # A folder may hold one entry in several of its files: the last file speaks.
    entries = {entry.guid: entry for entry in feed.entries}
    arrivals = [_arrival(entry, url_key) for entry in entries.values()]
    known = copies.known(
        connection,
        source.id,
        guids={a.entry.guid for a in arrivals} | {a.served for a in arrivals},
        identities={a.identity for a in arrivals},
        url_keys={a.url_key for a in arrivals if a.url_key},
    )
    resolution = identify(arrivals, known)
    return replace(_cleaned(connection, source, resolution, clean, unrelated, now), remarks=feed.remarks)


def _arrival(entry: Entry, url_key: Callable[[str], str]) -> Arrival:
    digest = hashlib.blake2b(dump(entry).encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return Arrival(entry=entry, digest=digest, url_key=url_key(entry.link) if entry.link else None)


def _cleaned(
    connection: Connection,
    source: Source,
    resolution: Resolution,
    clean: Clean,
    unrelated: Callable[[Copy, Copy], bool],
    now: datetime,
) -> Reading:
    new = [_new(clean(arrival.entry, now, None), arrival, source) for arrival in resolution.new]
    former = {stored.id: stored for stored in placing.by_ids(connection, [row.id for row, _ in resolution.changed])}
    edited: list[Edit] = []
    touched: list[tuple[int, str, bytes]] = []
    reused: list[tuple[int, str]] = []
    for row, arrival in resolution.changed:
        stored = former.get(row.id)
        if stored is None:
            touched.append((row.id, arrival.served, arrival.digest))
            continue
        before = stored.copy
        made = _new(clean(arrival.entry, row.first_seen, row.id), arrival, source)
        after = replace(made.copy, key=before.key)
        if made.withdrawn == stored.withdrawn and (made.withdrawn or after == before):
            touched.append((row.id, arrival.served, arrival.digest))
        elif not made.withdrawn and unrelated(before, after):
            reused.append((row.id, f"{row.guid}#was-{row.digest.hex()[:12]}"))
            new.append(_new(clean(arrival.entry, now, None), arrival, source))
        else:
            edited.append(Edit(known=row, new=replace(made, copy=after, identity=row.identity)))
    return Reading(
        source=source.id,
        new=tuple(new),
        edited=tuple(edited),
        touched=tuple(touched),
        reused=tuple(reused),
        present=resolution.present,
        churned=resolution.churned,
    )


def _new(copy: Copy, arrival: Arrival, source: Source) -> NewCopy:
    killed = copy.wire.revision is not None and copy.wire.revision.kind is RevisionKind.KILL
    return NewCopy(
        copy=copy,
        entry=arrival.entry,
        identity=fold(copy.key.guid),
        served=arrival.served,
        digest=arrival.digest,
        withdrawn=killed,
    )


def write(connection: Connection, reading: Reading, now: datetime) -> None:
    """Write a reading; run in the transaction that also stores the validators vouching for it."""
    for number, guid in reading.reused:
        copies.rename(connection, number, guid)
    copies.list_only(connection, reading.source, reading.present - {number for number, _ in reading.reused})
    copies.add(connection, reading.new)
    copies.edit(connection, [(edit.known.id, edit.new) for edit in reading.edited], now)
    copies.touch(connection, reading.touched)
    copies.note(connection, reading.source, reading.remarks, now)
