"""What outputs show: entries and exclusions, archived documents, what served documents held."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, not_

from feedhub.store.tables.column_types import Instant, Packed, RowId, metadata
from feedhub.store.tables.text_tables import text_column

#: when a story entered an output
output_entry = Table(
    "output_entry",
    metadata,
    Column("output", Text, primary_key=True),
    Column("story", RowId, ForeignKey("story.id"), primary_key=True),
    Column("entered_at", Instant, nullable=False),
    #: when it was first among those that the output shows; None: so far its limits kept it out
    Column("shown_at", Instant),
    #: an archived document holds it, as it entered last
    Column("archived", Boolean, nullable=False),
)
Index(None, output_entry.c.story)
#: the newest first, without a look at the others
Index(None, output_entry.c.output, output_entry.c.entered_at)
_open = not_(output_entry.c.archived)
Index(None, output_entry.c.output, output_entry.c.archived, sqlite_where=_open)

#: stories that an output leaves out, though its filters take them
output_exclusion = Table(
    "output_exclusion",
    metadata,
    Column("output", Text, primary_key=True),
    Column("story", RowId, ForeignKey("story.id"), primary_key=True),
    Column("ground", Text, nullable=False),
)
Index(None, output_exclusion.c.story)

#: an archived document of an output (RFC 5005): closed once, the same for every process that serves it
archive = Table(
    "archive",
    metadata,
    Column("output", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("closed_at", Instant, nullable=False),
)

#: an entry of an archived document: fixed when the document is closed, rendered when it is first asked for
archive_entry = Table(
    "archive_entry",
    metadata,
    Column("output", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("story", RowId, ForeignKey("story.id"), nullable=False),
    #: the change number that the story had: which version of it stands here
    Column("change", BigInteger, nullable=False),
    #: Atom, compressed, the same for ever; None until somebody asks for it, and once a tombstone took its place
    Column("entry", LargeBinary),
    #: whose text `entry` holds, an id a line, with a line's end on both sides
    Column("sources", Text),
    Column("removed_at", Instant),
    Column("reason", Text),
)
Index(None, archive_entry.c.story, archive_entry.c.output)

#: versions of stories that an archived document holds, nobody has asked for, and the story itself says no more
archived_story = Table(
    "archived_story",
    metadata,
    Column("story", RowId, ForeignKey("story.id"), primary_key=True, autoincrement=False),
    Column("change", BigInteger, primary_key=True, autoincrement=False),
    #: Story as JSON but for its text
    Column("body", Packed, nullable=False),
    text_column(),
)
Index(None, archived_story.c.text)

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
