"""What matching keeps: segments of the index, furniture that was learned, verdicts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, Text

from feedhub.store.tables.column_types import Instant, Packed, RowId, metadata

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

#: telling words of the headlines and teasers of the newest copies; what a later row says of a copy goes before
teaser_segment = Table(
    "teaser_segment",
    metadata,
    Column("id", RowId, primary_key=True),
    #: the highest number of a copy in it
    Column("last", BigInteger, nullable=False),
    #: teasers as `match.reading.teaser_pack` packs them
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

#: what a person says of a pair of entries; the names of the two in the order of their texts
label = Table(
    "label",
    metadata,
    Column("left", Text, primary_key=True),
    Column("right", Text, primary_key=True),
    Column("labelled_by", Text, primary_key=True),
    #: same | other | unclear
    Column("judgement", Text, nullable=False),
    #: what the matcher made of it, for reports
    Column("kind", Text, nullable=False),
    Column("labelled_at", Instant, nullable=False),
)

#: what an entry said when a pair with it was first labelled: a label outlives the retention of its entries
labelled_entry = Table(
    "labelled_entry",
    metadata,
    #: `SOURCE GUID`
    Column("name", Text, primary_key=True),
    #: an item of `feedhub dedupe` as JSON
    Column("body", Packed, nullable=False),
)
