"""Entries that could not be cleaned or recorded: they are left out, so that the others of their documents are taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from importlib.metadata import version

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, or_, select, update

from feedhub.model import EntryKey
from feedhub.store.dialect import among, upsert
from feedhub.store.placements import hash64
from feedhub.store.tables import entry_failure

#: characters of what was raised that are recorded
_REASON = 200


class EntryFailure(Struct, frozen=True, kw_only=True):
    """An entry at which cleaning or recording failed, and what was raised."""

    guid: str
    #: of the entry as it was then, empty where not even that could be told
    digest: bytes
    #: hash of its article's address
    page: int | None
    error: Exception

    @property
    def reason(self) -> str:
        """What was raised, as it is recorded: one clipped line that every database takes."""
        return _storable(" ".join(f"{type(self.error).__name__}: {self.error}".split())[:_REASON])

    @property
    def remark(self) -> str:
        """What the operator is told of it."""
        return f"entry {_storable(self.guid[:_REASON])} is left out, cleaning or recording failed at it: {self.reason}"


class FailedEntry(Struct, frozen=True, kw_only=True):
    """An entry that was left out, as it is recorded."""

    key: EntryKey
    reason: str


def digests(connection: Connection, source: str) -> dict[str, bytes | None]:
    """Return the entries of a source that are recorded: the digest at which this version failed, None: to be tried."""
    rows = connection.execute(_DIGESTS, {"source": source}).all()
    return {r.guid: r.digest if r.version == _program_version() else None for r in rows}


_DIGESTS = select(entry_failure.c.guid, entry_failure.c.digest, entry_failure.c.version).where(
    entry_failure.c.source == bindparam("source")
)


def add(connection: Connection, source: str, failures: Sequence[EntryFailure], now: datetime) -> None:
    """Record entries that are left out; an edit or another version of the program tries them again."""
    keys = [entry_failure.c.source, entry_failure.c.guid]
    for failure in failures:
        values = {
            "source": source,
            "guid": recorded_guid(failure.guid),
            "digest": failure.digest,
            "page_key": failure.page,
            "version": _program_version(),
            "failed_at": now,
            "reason": failure.reason,
        }
        connection.execute(upsert(connection, entry_failure, keys).values(**values))


def forget(connection: Connection, source: str, guids: Collection[str]) -> None:
    """Forget entries that were taken after all."""
    if guids:
        these = among(connection, entry_failure.c.guid, guids)
        connection.execute(delete(entry_failure).where(entry_failure.c.source == source, these))


def drop_before(connection: Connection, before: datetime) -> list[str]:
    """Let go of what failed before then; return the sources of those entries."""
    old = entry_failure.c.failed_at < before
    names = sorted(connection.execute(select(entry_failure.c.source).where(old).distinct()).scalars())
    if names:
        connection.execute(delete(entry_failure).where(old))
    return names


def release(connection: Connection) -> list[str]:
    """Have all entries tried again at which another version of the program failed; return their sources."""
    failing = select(entry_failure.c.source, entry_failure.c.version).where(entry_failure.c.version.is_not(None))
    rows = connection.execute(failing.distinct()).all()
    names = sorted({r.source for r in rows if r.version != _program_version()})
    if names:
        others = entry_failure.c.version != _program_version()
        connection.execute(update(entry_failure).where(others).values(version=None))
    return names


def by_source(connection: Connection) -> dict[str, tuple[int, str]]:
    """Return how many entries of each source are left out since this version failed, and why one of them is."""
    query = select(entry_failure.c.source, entry_failure.c.reason).where(entry_failure.c.version.is_not(None))
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    for source, reason in connection.execute(query):
        reasons[source].append(reason)
    return {source: (len(some), min(some)) for source, some in reasons.items()}


def find_by_name(connection: Connection, name: str, page: str | None) -> list[FailedEntry]:
    """Return entries called `SOURCE GUID` or just GUID, or whose article's url_key is `page`."""
    source, _, guid = name.partition(" ")
    wanted: list[ColumnElement[bool]] = [entry_failure.c.guid == name]
    if guid:
        wanted.append(and_(entry_failure.c.source == source, entry_failure.c.guid == guid))
    if page is not None:
        wanted.append(entry_failure.c.page_key == hash64(page))
    query = select(entry_failure).where(or_(*wanted)).order_by(entry_failure.c.source, entry_failure.c.guid)
    rows = connection.execute(query)
    return [FailedEntry(key=EntryKey(source=r.source, guid=r.guid), reason=r.reason) for r in rows]


def is_known(known: Mapping[str, bytes | None], guid: str, digest: bytes) -> bool:
    """Whether this version has failed at an entry as it is now; `known` as `digests` returns it."""
    return bool(known) and known.get(recorded_guid(guid)) == digest


def recorded_guid(guid: str) -> str:
    """Return a guid as it is recorded here: what no database takes may be why the entry failed."""
    return _storable(guid)


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "�")


@lru_cache
def _program_version() -> str:
    return version("feedhub")
