"""Copies: entries as their sources serve them, what they said before, the pages of their articles."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from feedhub.store.tables.column_types import Instant, Packed, RowId, metadata
from feedhub.store.tables.text_tables import text_column

#: an entry as one source serves it, cleaned
copy = Table(
    "copy",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("source", Text, nullable=False),
    Column("guid", Text, nullable=False),
    #: digest of the guid without what churns (scheme, `#3`): one item again is recognised by it
    Column("identity", BigInteger, nullable=False),
    #: the guid under which the feed serves it now, None where that is its guid
    Column("served_guid", Text),
    #: digest of the entry as served: equal bytes are not cleaned again
    Column("digest", LargeBinary, nullable=False),
    Column("first_seen", Instant, nullable=False),
    #: the last document of its source lists it
    Column("listed", Boolean, nullable=False),
    #: when a document of its source listed it no more; None while it is listed, and where that is not known
    Column("unlisted", Instant),
    #: waits to be settled into a story
    Column("pending", Boolean, nullable=False),
    #: it waits because its text changed
    Column("edited", Boolean, nullable=False),
    Column("outlet", Text, nullable=False),
    #: digest of what the addresses of one page have in common
    Column("page_key", BigInteger),
    #: the agency's kill, or the outlet's own: no longer part of its story
    Column("withdrawn", Boolean, nullable=False),
    Column("story", RowId, ForeignKey("story.id")),
    #: the story that it was published in before that one was joined to another: the id that it gets back
    Column("published_story", RowId, ForeignKey("story.id")),
    Column("relation", Text),
    #: the copy that it was matched to
    Column("matched", RowId),
    Column("score", Float),
    Column("ground", Text),
    #: why its source leaves it out (`exclude`); it has no text then
    Column("excluded", Text),
    #: Copy as JSON but for its text, None once purged
    Column("body", Packed),
    text_column(),
    UniqueConstraint("source", "guid"),
)
Index(None, copy.c.identity)
Index(None, copy.c.page_key)
Index(None, copy.c.story)
Index(None, copy.c.text)
# what every round asks of all copies (how each source's entries come in) is read off the index, not off the rows
Index(None, copy.c.source, copy.c.first_seen, copy.c.listed, copy.c.relation)
# Of the others few rows are ever asked for, and only those stand in the index, on both engines (`store/engine.py`).
for _column, _rows in (
    (copy.c.served_guid, copy.c.served_guid.is_not(None)),
    (copy.c.source, copy.c.listed),
    (copy.c.listed, copy.c.body.is_(None)),
):
    Index(None, _column, sqlite_where=_rows)
# What waits, by source in the order of founders: who waits and what is oldest of each is read without the others'
Index("ix_copy_waiting", copy.c.source, copy.c.first_seen, copy.c.guid, sqlite_where=copy.c.pending)

#: what an entry said before it was edited
copy_version = Table(
    "copy_version",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("copy", RowId, ForeignKey("copy.id"), nullable=False),
    Column("valid_until", Instant, nullable=False),
    Column("body", Packed, nullable=False),
    text_column(),
)
Index(None, copy_version.c.copy)
Index(None, copy_version.c.text)

#: a copy that settling could not read or judge: it waits, and the others settle without it
settle_failure = Table(
    "settle_failure",
    metadata,
    Column("copy", RowId, ForeignKey("copy.id"), primary_key=True, autoincrement=False),
    #: of the program: a later one tries it again
    Column("version", Text, nullable=False),
    #: of the entry as it was then: an edited one is tried again
    Column("digest", LargeBinary, nullable=False),
    Column("failed_at", Instant, nullable=False),
    #: what was raised
    Column("reason", Text, nullable=False),
)

#: an entry that could not be cleaned or recorded: it is left out, and the others of its document are taken
entry_failure = Table(
    "entry_failure",
    metadata,
    Column("source", Text, primary_key=True),
    Column("guid", Text, primary_key=True),
    #: of the entry as it was then: an edited one is tried again
    Column("digest", LargeBinary, nullable=False),
    #: digest of what the addresses of its page have in common
    Column("page_key", BigInteger),
    #: of the program; None where a later one is to try it again
    Column("version", Text),
    Column("failed_at", Instant, nullable=False),
    #: what was raised
    Column("reason", Text, nullable=False),
)

#: the article's page of an entry: to be fetched, or read
page = Table(
    "page",
    metadata,
    Column("copy", RowId, ForeignKey("copy.id"), primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False),
    #: what it is read for: decide | publish
    Column("purpose", Text, nullable=False),
    #: whose budget it falls under
    Column("host", Text),
    Column("requested_at", Instant, nullable=False),
    #: when to fetch it (again); None: it is read, or given up
    Column("due_at", Instant),
    Column("lease_until", Instant),
    #: rises with every claim and with every edit of the entry; a write-back with an older number is refused
    Column("fence", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    #: how often it was asked for: once, and once more for each edit of the entry
    Column("requests", Integer, nullable=False),
    #: what it promises to decide, up to 1: the greater is read first
    Column("promise", Float, nullable=False),
    #: what the feed said, as PageRequest in JSON
    Column("wanted", Text, nullable=False),
    #: when it was asked for last
    Column("read_at", Instant),
    #: why it was given up, None where it was not
    Column("refusal", Text),
    #: ArticlePage as JSON, None until it was read in order to publish
    Column("body", Packed),
    #: ReadArticle as JSON, read in order to decide: never published
    Column("text", Packed),
    #: digest of that text
    Column("digest", BigInteger),
    #: digest of the headline, teaser and address for which it was asked
    Column("teaser", BigInteger),
)
Index(None, page.c.host, page.c.read_at)
Index(None, page.c.due_at)
