"""What a person decided about stories, and the hub's own decisions that a join was wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, field
from sqlalchemy import Connection, Row, and_, func, insert, select, update

from feedhub.model import EntryKey
from feedhub.store.placements import chunks
from feedhub.store.tables import copy, decision, decision_entry

#: `confirm`, `dismiss` and `seen` change nothing: they say what a person has looked at and let stand
DecisionKind = Literal["merge", "split", "never", "pin", "kill", "notice", "parted", "confirm", "dismiss", "seen"]


class Decision(Struct, frozen=True, kw_only=True):
    """A decision about entries: those on the left, and what it says of them and those on the right."""

    id: int
    kind: DecisionKind
    decided_at: datetime
    #: None where the hub itself decided, and where nobody said who he is
    decided_by: str | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    reason: str | None = None
    left: tuple[EntryKey, ...] = ()
    right: tuple[EntryKey, ...] = ()
    #: the number of the copy that an entry has now
    copies: Mapping[EntryKey, int] = field(default_factory=dict)
    #: the texts for which it holds, where it does not hold whatever an entry says
    texts: Mapping[EntryKey, frozenset[str]] = field(default_factory=dict)


def add(
    connection: Connection,
    kind: DecisionKind,
    left: Collection[EntryKey],
    right: Collection[EntryKey] = (),
    *,
    now: datetime,
    by: str | None = None,
    reason: str | None = None,
    texts: Mapping[EntryKey, Collection[str]] | None = None,
) -> int:
    """Keep a decision; returns its number."""
    made = connection.execute(
        insert(decision).values(kind=kind, decided_at=now, decided_by=by, reason=reason).returning(decision.c.id)
    )
    number = int(made.scalar_one())
    held = texts or {}
    rows = [
        {
            "decision": number,
            "side": side,
            "source": key.source,
            "guid": key.guid,
            "texts": " ".join(sorted(held[key])) if key in held else None,
        }
        for side, keys in (("left", left), ("right", right))
        for key in sorted(keys)
    ]
    connection.execute(insert(decision_entry), rows)
    return number


def revoke(connection: Connection, number: int, now: datetime, *, by: str | None = None) -> None:
    """Take a decision back; it stays for the record."""
    in_force = decision.c.id == number, decision.c.revoked_at.is_(None)
    connection.execute(update(decision).where(*in_force).values(revoked_at=now, revoked_by=by))


def by_id(connection: Connection, number: int) -> Decision | None:
    """Return a decision by its number, taken back or not."""
    return next(iter(_decisions(connection, [number])), None)


def all_decisions(connection: Connection) -> list[Decision]:
    """All decisions ever made, the oldest first."""
    return _decisions(connection, connection.execute(select(decision.c.id)).scalars().all())


def page_of(connection: Connection, *, before: int | None = None, limit: int) -> list[Decision]:
    """Return the newest decisions, those taken back too, newest first; `before` is the number where the last ended."""
    query = select(decision.c.id).order_by(decision.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(decision.c.id < before)
    rows = _decisions(connection, connection.execute(query).scalars().all())
    return sorted(rows, key=lambda each: -each.id)


def in_force_for(connection: Connection, copies: Collection[int]) -> list[Decision]:
    """Return the decisions in force that name any of these copies' entries, the oldest first."""
    if connection.execute(select(decision.c.id).limit(1)).first() is None:
        return []
    found: set[int] = set()
    for part in chunks(copies):
        query = select(decision_entry.c.decision).join(copy, _same).where(copy.c.id.in_(part)).distinct()
        found.update(connection.execute(query).scalars())
    return [each for each in _decisions(connection, found) if each.revoked_at is None]


_same = and_(copy.c.source == decision_entry.c.source, copy.c.guid == decision_entry.c.guid)


def revoked_notices(connection: Connection, keys: Collection[EntryKey]) -> set[EntryKey]:
    """Return those of the entries of which a person said that they are no kill notices."""
    if not keys:
        return set()
    query = (
        select(decision_entry.c.source, decision_entry.c.guid)
        .join(decision, decision.c.id == decision_entry.c.decision)
        .where(decision.c.kind == "notice", decision.c.revoked_at.is_not(None), decision_entry.c.side == "left")
        .where(decision_entry.c.guid.in_(sorted({key.guid for key in keys})))
    )
    return {EntryKey(source=r.source, guid=r.guid) for r in connection.execute(query)} & set(keys)


def seen(connection: Connection, keys: Collection[EntryKey]) -> dict[EntryKey, datetime]:
    """Return when a person last looked at what is about these entries, where one did."""
    if not keys:
        return {}
    query = (
        select(decision_entry.c.source, decision_entry.c.guid, func.max(decision.c.decided_at).label("at"))
        .join(decision, decision.c.id == decision_entry.c.decision)
        .where(decision.c.kind == "seen", decision.c.revoked_at.is_(None))
        .where(decision_entry.c.guid.in_(sorted({key.guid for key in keys})))
        .group_by(decision_entry.c.source, decision_entry.c.guid)
    )
    return {EntryKey(source=r.source, guid=r.guid): r.at for r in connection.execute(query)}


def notices(connection: Connection, *, since: datetime) -> list[Decision]:
    """Return the kill notices in force that came since then, the oldest first."""
    query = select(decision.c.id).where(decision.c.kind == "notice", decision.c.decided_at >= since)
    rows = _decisions(connection, connection.execute(query).scalars().all())
    return [each for each in rows if each.revoked_at is None]


def _decisions(connection: Connection, numbers: Collection[int]) -> list[Decision]:
    entries: dict[int, list[Row[Any]]] = {}
    for part in chunks(numbers):
        query = (
            select(decision_entry, copy.c.id.label("copy"))
            .outerjoin(copy, _same)
            .where(decision_entry.c.decision.in_(part))
        )
        for r in connection.execute(query.order_by(decision_entry.c.source, decision_entry.c.guid)):
            entries.setdefault(r.decision, []).append(r)
    rows: list[Row[Any]] = []
    for part in chunks(numbers):
        rows += connection.execute(select(decision).where(decision.c.id.in_(part)))
    return sorted((_decision(r, entries.get(r.id, ())) for r in rows), key=lambda each: (each.decided_at, each.id))


def _decision(r: Row[Any], entries: Sequence[Row[Any]]) -> Decision:
    return Decision(
        id=r.id,
        kind=r.kind,
        decided_at=r.decided_at,
        decided_by=r.decided_by,
        revoked_at=r.revoked_at,
        revoked_by=r.revoked_by,
        reason=r.reason,
        left=_side(entries, "left"),
        right=_side(entries, "right"),
        copies={_key(e): e.copy for e in entries if e.copy is not None},
        texts={_key(e): frozenset(e.texts.split()) for e in entries if e.texts is not None},
    )


def _side(entries: Iterable[Row[Any]], side: str) -> tuple[EntryKey, ...]:
    return tuple(_key(e) for e in entries if e.side == side)


def _key(entry: Row[Any]) -> EntryKey:
    return EntryKey(source=entry.source, guid=entry.guid)
