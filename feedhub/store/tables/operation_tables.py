"""What a hub tells of its own work: counts of every day, and messages that wait to be delivered."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint

from feedhub.store.tables.column_types import Instant, Packed, RowId, metadata

#: how often something happened on a day, and in all (day 0, no source): see store/counts.py for the kinds
daily_count = Table(
    "daily_count",
    metadata,
    #: days since 1970-01-01 UTC
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    #: the source's id, or nothing where it is the hub's own
    Column("source", Text, primary_key=True),
    #: what of its kind: an outcome, a relation and a rule, the upper bound of a histogram's bucket
    Column("label", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
)

#: the same by the hour, for the whole hub and for a few kinds alone
hourly_count = Table(
    "hourly_count",
    metadata,
    #: hours since 1970-01-01 UTC
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
)

#: a message of a webhook or a notice that is to be sent, or was given up
delivery = Table(
    "delivery",
    metadata,
    Column("id", RowId, primary_key=True),
    #: digest of where it goes: the address is in the configuration, and may be a secret
    Column("target", Text, nullable=False),
    #: what it is about: a newer message about the same takes its place
    Column("subject", Text, nullable=False),
    #: new | changed | gone, or the topic of a notification
    Column("topic", Text, nullable=False),
    #: stands for this message; another one once it was replaced
    Column("message", Text, nullable=False),
    #: title and text of a notification as JSON; a story is read as it is sent
    Column("body", Packed),
    Column("queued_at", Instant, nullable=False),
    #: when to try (again); None: it was given up
    Column("due_at", Instant),
    Column("lease_until", Instant),
    Column("tries", Integer, nullable=False),
    #: why the last try failed
    Column("remark", Text),
    UniqueConstraint("target", "subject"),
)
Index(None, delivery.c.due_at)
