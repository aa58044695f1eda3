"""The tables, the same on SQLite and PostgreSQL. Changes to them are migrations, from the first release on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from isal import isal_zlib
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
        """Return the microseconds since 1970; raises ValueError for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the instant, in UTC."""
        return None if value is None else _EPOCH + value * _MICROSECOND


class Packed(TypeDecorator[str]):
    """Text kept compressed: a quarter of its bytes, for 12 microseconds on the way in and 8 on the way out."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Compress a text."""
        return None if value is None else isal_zlib.compress(value.encode("utf-8", "surrogatepass"), 1)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """Decompress a text."""
        return None if value is None else isal_zlib.decompress(value).decode("utf-8", "surrogatepass")


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
    #: whose manners its polls fall under; None for a path
    Column("host", Text),
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

#: a host that sources are polled from; the row says which process may ask it
host = Table(
    "host",
    metadata,
    Column("name", Text, primary_key=True),
    #: the process that has it to itself until its lease ends
    Column("owner", Text),
    Column("lease_until", Instant),
    #: the next request may not start sooner: the last one was another process's
    Column("rests_until", Instant),
    #: Retry-After, whichever source or process it was said to
    Column("paused_until", Instant),
    #: no article's page is asked of it sooner: a wall, or too many requests; its feeds go on
    Column("pages_paused_until", Instant),
)

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
    #: who killed it (agency | person): later copies of its text are not published; None for an outlet's own withdrawal
    Column("killed_by", Text),
    Column("successor", RowId, ForeignKey("story.id")),
    #: the source whose copy showed it to be another story
    Column("joined_by", Text),
    Column("released", Instant, nullable=False),
    #: the date of its earliest copy; None where no copy has a credible one
    Column("published", Instant),
    Column("updated", Instant, nullable=False),
    #: first seen of its newest copy; retention counts from here
    Column("newest", Instant, nullable=False),
    #: the hub's change number when it last changed
    Column("change", BigInteger, nullable=False),
    #: Story as JSON, None where nothing is left to show
    Column("body", Packed),
)
Index(None, story.c.change)
Index(None, story.c.founder_guid)
Index(None, story.c.state, story.c.newest)
Index(None, story.c.state, story.c.released)

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
    #: Copy as JSON, None once purged
    Column("body", Packed),
    UniqueConstraint("source", "guid"),
)
Index(None, copy.c.identity)
Index(None, copy.c.page_key)
Index(None, copy.c.story)
# Of the others few rows are ever asked for, and only those stand in the index.
for _column, _rows in (
    (copy.c.served_guid, copy.c.served_guid.is_not(None)),
    (copy.c.source, copy.c.listed),
    (copy.c.first_seen, copy.c.pending),
    (copy.c.listed, copy.c.body.is_(None)),
):
    Index(None, _column, sqlite_where=_rows, postgresql_where=_rows)

#: which entries a source's last document listed, by their bytes: those need not be read again
listing = Table(
    "listing",
    metadata,
    Column("source", Text, primary_key=True),
    #: a hash of what gave the bytes their meaning
    Column("context", LargeBinary, nullable=False),
    #: eight bytes of hash and eight of the copy's number for each entry
    Column("entries", LargeBinary, nullable=False),
    #: the newest dates among them, as eight bytes of microseconds since 1970 each
    Column("dates", LargeBinary, nullable=False),
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
    #: what the feed said, as PageRequest in JSON
    Column("wanted", Text, nullable=False),
    #: when it was asked for last
    Column("read_at", Instant),
    #: why it was given up, None where it was not
    Column("refusal", Text),
    #: ArticlePage as JSON, None until it was read in order to publish
    Column("body", Packed),
    #: the article's paragraphs, a line each, read in order to decide: never published
    Column("text", Packed),
    #: digest of the headline and teaser for which the text was read
    Column("teaser", BigInteger),
)
Index(None, page.c.host, page.c.read_at)
Index(None, page.c.due_at)

#: what an entry said before it was edited
copy_version = Table(
    "copy_version",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("copy", RowId, ForeignKey("copy.id"), nullable=False),
    Column("valid_until", Instant, nullable=False),
    Column("body", Packed, nullable=False),
)
Index(None, copy_version.c.copy)

#: what a story said before it said something else, or an older revision that came with a newer one
story_version = Table(
    "story_version",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("story", RowId, ForeignKey("story.id"), nullable=False),
    Column("valid_from", Instant, nullable=False),
    #: None for a revision that was never the newest here
    Column("valid_until", Instant),
    #: the source that its text comes from, whose rights it stands under; beside it the one that spoke
    Column("text_source", Text, nullable=False),
    Column("source", Text, nullable=False),
    #: Version as JSON
    Column("body", Packed, nullable=False),
)
Index(None, story_version.c.story)
Index(None, story_version.c.source)

#: a person's decisions, and the hub's own that a join was wrong; those taken back stay for the record
decision = Table(
    "decision",
    metadata,
    Column("id", RowId, primary_key=True),
    #: merge | split | never | pin | kill | notice | parted
    Column("kind", Text, nullable=False),
    Column("decided_at", Instant, nullable=False),
    #: when it was taken back
    Column("revoked_at", Instant),
    Column("reason", Text),
)

#: the entries that a decision names, by their lasting identity
decision_entry = Table(
    "decision_entry",
    metadata,
    Column("decision", RowId, ForeignKey("decision.id"), primary_key=True),
    #: left | right
    Column("side", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("guid", Text, primary_key=True),
    #: digests of the texts for which it holds, parted by spaces; None: whatever the entry says
    Column("texts", Text),
)
Index(None, decision_entry.c.source, decision_entry.c.guid)

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

#: when a story entered an output
output_entry = Table(
    "output_entry",
    metadata,
    Column("output", Text, primary_key=True),
    Column("story", RowId, ForeignKey("story.id"), primary_key=True),
    Column("entered_at", Instant, nullable=False),
    #: when it was first among those that the output shows; None: so far its limits kept it out
    Column("shown_at", Instant),
)
Index(None, output_entry.c.story)

#: stories that an output leaves out, though its filters take them
output_exclusion = Table(
    "output_exclusion",
    metadata,
    Column("output", Text, primary_key=True),
    Column("story", RowId, ForeignKey("story.id"), primary_key=True),
    Column("ground", Text, nullable=False),
)
Index(None, output_exclusion.c.story)

#: what of a source's documents had to be repaired or left out, so that nothing is dropped without a record
remark = Table(
    "remark",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("source", Text, nullable=False),
    #: when it was noted first
    Column("noted_at", Instant, nullable=False),
    Column("text", Text, nullable=False),
)
Index(None, remark.c.source)

#: an archived document of an output (RFC 5005): closed once, the same for every process that serves it
archive = Table(
    "archive",
    metadata,
    Column("output", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("closed_at", Instant, nullable=False),
)

#: an entry of an archived document, kept as it was made
archive_entry = Table(
    "archive_entry",
    metadata,
    Column("output", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("story", RowId, ForeignKey("story.id"), nullable=False),
    #: when the story had entered the output: entering again, it is archived again
    Column("entered_at", Instant, nullable=False),
    #: whose text it holds, an id a line, with a line's end on both sides
    Column("sources", Text, nullable=False),
    #: Atom, compressed; None once a tombstone took its place
    Column("entry", LargeBinary),
    Column("removed_at", Instant),
    Column("reason", Text),
)
Index(None, archive_entry.c.story, archive_entry.c.output)

#: a trouble of a source while it lasts, and when it ended
condition = Table(
    "condition",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("text", Text, nullable=False),
)
Index(None, condition.c.source, condition.c.kind)

#: a source that a WebSub hub tells us about, or is asked to
subscription = Table(
    "subscription",
    metadata,
    Column("source", Text, primary_key=True),
    #: what stands for it in the address of the callback; nobody else can guess it
    Column("key", Text, nullable=False, unique=True),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    #: signs what the hub sends
    Column("secret", Text, nullable=False),
    #: offered | asked | active | denied
    Column("state", Text, nullable=False),
    #: when to ask the hub (again)
    Column("due_at", Instant, nullable=False),
    Column("lease_until", Instant),
    #: when the hub last told us something, signed
    Column("last_message_at", Instant),
    Column("failures", Integer, nullable=False),
    Column("remark", Text),
)

#: what versions of the served documents held (RFC 3229): a mark an entry
manifest = Table(
    "manifest",
    metadata,
    Column("document", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("marks", LargeBinary, nullable=False),
)
Index(None, manifest.c.document, manifest.c.at)
