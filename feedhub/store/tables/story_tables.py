"""Stories as subscribers know them, what they said before, and what a person decided of them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text

from feedhub.store.tables.column_types import Instant, Packed, RowId, metadata
from feedhub.store.tables.text_tables import text_column

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
    #: Story as JSON but for its text, None where nothing is left to show
    Column("body", Packed),
    text_column(),
)
Index(None, story.c.change)
Index(None, story.c.text)
Index(None, story.c.founder_guid)
Index(None, story.c.state, story.c.newest)
Index(None, story.c.state, story.c.released)

#: a story whose words the search index has not taken in yet; it has nothing of it until then
search_pending = Table(
    "search_pending",
    metadata,
    Column("story", RowId, ForeignKey("story.id"), primary_key=True, autoincrement=False),
)

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
    #: StoryVersion as JSON but for its text
    Column("body", Packed, nullable=False),
    text_column(),
)
Index(None, story_version.c.story)
Index(None, story_version.c.source)
Index(None, story_version.c.text)

#: a person's decisions, and the hub's own that a join was wrong; those taken back stay for the record
decision = Table(
    "decision",
    metadata,
    Column("id", RowId, primary_key=True),
    #: merge | split | never | pin | kill | notice | parted, and those without an effect: confirm | dismiss | seen
    Column("kind", Text, nullable=False),
    Column("decided_at", Instant, nullable=False),
    #: the person; None where the hub itself decided, and where nobody said who he is
    Column("decided_by", Text),
    #: when it was taken back, and who did so
    Column("revoked_at", Instant),
    Column("revoked_by", Text),
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
