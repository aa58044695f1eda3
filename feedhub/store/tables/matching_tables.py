"""What matching keeps: segments of the index, furniture that was learned, verdicts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, Text

from feedhub.store.tables.column_types import Instant, RowId, metadata

#: sampled shingles of many copies: how a copy is found by what it shares with another. A row is never changed: rows
#: of a few copies are replaced by one of many, and dropped as a whole when no newcomer's window reaches them
segment = Table(
    "segment",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    #: rises with every segment made
    Column("sequence", BigInteger, nullable=False),
    #: first seen of its oldest and of its newest copy
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("copies", Integer, nullable=False),
    #: postings as `match.segments` packs them
    Column("body", LargeBinary, nullable=False),
)

#: text that a source repeats across its unrelated entries
source_furniture = Table(
    "source_furniture",
    metadata,
    Column("source", Text, primary_key=True),
    #: rises each time that something is learned, over all sources
    Column("learned", BigInteger, nullable=False),
    #: the shingles of that text, 8 bytes each
    Column("shingles", LargeBinary, nullable=False),
)

#: every comparison that merged or nearly did; left < right
verdict = Table(
    "verdict",
    metadata,
    Column("left", RowId, primary_key=True),
    Column("right", RowId, primary_key=True),
    Column("merged", Boolean, nullable=False),
    Column("decided_at", Instant, nullable=False),
    #: Match as JSON
    Column("body", Text, nullable=False),
    sqlite_with_rowid=False,
)
Index(None, verdict.c.right)
