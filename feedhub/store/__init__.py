"""What the hub knows, in one set of statements (SQLAlchemy Core) for SQLite and PostgreSQL.

tables          the schema, a module a topic; migrations/ brings an older database up to it
engine          how a database is opened; what it refuses becomes one clear line
claims          who polls which source, with lease and fence; poll_results writes back what a poll taught
poller_lock     which processes poll over one file: leases of the dead are void
copies          entries as each source serves them, cleaned; placements: where they stand, and what they said before
entry_failures  entries that could not be cleaned or recorded
article_texts   the texts that copies, stories and versions share, each once; packing compresses them
segments        shingles of many copies in one row: never changed, merged, dropped by time
teaser_segments telling words of the newest copies: a process that begins need not read their texts
stories         lasting ids, what subscribers see, tombstones; story_bodies reads what they say
output_entries  what outputs show of them, a page at a time
archives        entries closed into archived documents; archived_stories keeps what their stories said
retention       what is old enough to go; compaction gives the disk back what went
"""

from sqlalchemy import Connection

from feedhub.store.database import Database

#: an open transaction is a Connection; it travels through the pipeline, which knows nothing else of the library
__all__ = ["Connection", "Database"]
