"""What the hub knows, in one set of statements (SQLAlchemy Core) for SQLite and PostgreSQL.

tables      the schema; migrations/ brings an older database up to it
engine      how a database is opened; what it refuses becomes one clear line
claims      who polls which source, with lease and fence
presence    which processes poll over one file: leases of the dead are void
copies      entries as each source serves them, cleaned, and what they said before
segments    shingles of many copies in one row: never changed, merged, dropped by time
index       learned furniture, decisions, copies of one page
stories     lasting ids, what subscribers see, tombstones
shown       what outputs show of them, a page at a time
archive     entries closed into archived documents
retention   what is old enough to go
"""

from sqlalchemy import Connection

from feedhub.store.database import Database

#: an open transaction is a Connection; it travels through the pipeline, which knows nothing else of the library
__all__ = ["Connection", "Database"]
