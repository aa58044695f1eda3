"""Sources, and what polling knows of them: hosts, listings, remarks, conditions, subscriptions."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, Text

from feedhub.store.tables.column_types import Instant, Packed, RowId, metadata

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

#: that a person had a source not be polled, and when it went on; no configuration says so
source_pause = Table(
    "source_pause",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("source", Text, nullable=False),
    Column("paused_at", Instant, nullable=False),
    Column("paused_by", Text),
    Column("reason", Text),
    #: None while it lasts
    Column("resumed_at", Instant),
    Column("resumed_by", Text),
)
Index(None, source_pause.c.source)

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

#: the robots.txt of a site whose articles' pages are read
robots_rules = Table(
    "robots_rules",
    metadata,
    #: scheme, host and port
    Column("site", Text, primary_key=True),
    #: when it is asked for again
    Column("valid_until", Instant, nullable=False),
    #: the file; None where everything is allowed, or nothing is
    Column("rules", Packed),
    #: why nothing is allowed: it could not be read
    Column("closed", Text),
)

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
