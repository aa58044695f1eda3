"""The tables, the same on SQLite and PostgreSQL. Changes to them are migrations, from the first release on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware UTC time as whole microseconds since 1970: sorts and compares alike on both engines."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + value * _MICROSECOND


# SQLite gives out row numbers only for a column of its own INTEGER type.
RowId = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: what belongs to the hub as a whole: its identity, the number of its last change
hub = Table(
    "hub",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

#: a source's state between polls; the row is also the queue that workers claim from
source = Table(
    "source",
    metadata,
    Column("id", Text, primary_key=True),
    #: False once the configuration lists it no more
    Column("configured", Boolean, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("lease_until", Instant),
    #: rises with every claim; a write-back with an older number is refused
    Column("fence", BigInteger, nullable=False),
    #: SourceState as JSON
    Column("state", Text, nullable=False),
    #: Publisher as JSON, None until the feed was read once
    Column("publisher", Text),
    #: the last result in words, for `feedhub check`
    Column("remark", Text),
)
Index(None, source.c.configured, source.c.due_at)

#: a story as subscribers know it; rows of stories that are no more stay as tombstones
story = Table(
    "story",
    metadata,
    Column("id", RowId, primary_key=True),
    #: `tag:` URI
    Column("tag", Text, nullable=False, unique=True),
    Column("founder_source", Text, nullable=False),
    Column("founder_guid", Text, nullable=False),
    Column("founded", Instant, nullable=False),
    #: live | joined | killed | purged
    Column("state", Text, nullable=False),
    Column("ended", Instant),
    Column("reason", Text),
    Column("successor", RowId, ForeignKey("story.id")),
    Column("released", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    #: first seen of its newest copy; retention counts from here
    Column("newest", Instant, nullable=False),
    #: the hub's change number when it last changed
    Column("changed", BigInteger, nullable=False),
    #: Story as JSON, None where nothing is left to show
    Column("body", Text),
)
Index(None, story.c.changed)
Index(None, story.c.state, story.c.newest)

#: an entry as one source serves it, cleaned
copy = Table(
    "copy",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("source", Text, nullable=False),
    Column("guid", Text, nullable=False),
    #: the guid without what churns (scheme, `#3`): one item again is recognised by it
    Column("identity", Text, nullable=False),
    #: the guid under which the feed serves it now, where that was churned
    Column("served", Text, nullable=False),
    #: digest of the entry as served: equal bytes are not cleaned again
    Column("digest", LargeBinary, nullable=False),
    Column("first_seen", Instant, nullable=False),
    #: the last document of its source lists it
    Column("listed", Boolean, nullable=False),
    #: waits to be settled into a story
    Column("pending", Boolean, nullable=False),
    Column("outlet", Text, nullable=False),
    Column("url_key", Text),
    #: the agency's kill, or the outlet's own: no longer part of its story
    Column("withdrawn", Boolean, nullable=False),
    Column("story", RowId, ForeignKey("story.id")),
    Column("relation", Text),
    #: the copy that it was matched to
    Column("matched", RowId),
    Column("score", Float),
    Column("ground", Text),
    #: Copy as JSON, None once purged
    Column("body", Text),
    UniqueConstraint("source", "guid"),
)
Index(None, copy.c.source, copy.c.identity)
Index(None, copy.c.source, copy.c.served)
Index(None, copy.c.source, copy.c.listed)
Index(None, copy.c.pending)
Index(None, copy.c.story)
Index(None, copy.c.first_seen)
Index(None, copy.c.url_key)

#: what an entry said before it was edited
former = Table(
    "former",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("copy", RowId, ForeignKey("copy.id"), nullable=False),
    Column("until", Instant, nullable=False),
    Column("body", Text, nullable=False),
)
Index(None, former.c.copy)

#: sampled shingles: how a copy is found by what it shares with another
shingle = Table(
    "shingle",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("copy", RowId, primary_key=True),
    sqlite_with_rowid=False,
)
Index(None, shingle.c.copy)

#: text that a source repeats across its unrelated entries, as hashes of its word runs
furniture = Table(
    "furniture",
    metadata,
    Column("source", Text, primary_key=True),
    Column("gram", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

#: every comparison that merged or nearly did; left < right
decision = Table(
    "decision",
    metadata,
    Column("left", RowId, primary_key=True),
    Column("right", RowId, primary_key=True),
    Column("merged", Boolean, nullable=False),
    Column("decided", Instant, nullable=False),
    #: Match as JSON
    Column("body", Text, nullable=False),
    sqlite_with_rowid=False,
)
Index(None, decision.c.right)

#: when a story entered an output
entered = Table(
    "entered",
    metadata,
    Column("output", Text, primary_key=True),
    Column("story", RowId, ForeignKey("story.id"), primary_key=True),
    Column("at", Instant, nullable=False),
)

#: what of a source's documents had to be repaired or left out, so that nothing is dropped without a record
remark = Table(
    "remark",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("source", Text, nullable=False),
    #: when it was noted first
    Column("at", Instant, nullable=False),
    Column("text", Text, nullable=False),
)
Index(None, remark.c.source)
