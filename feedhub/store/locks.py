"""Work that only one process at a time may do: whoever does it holds a row until its transaction ends.

Lock rows and no advisory locks: every engine that speaks PostgreSQL's SQL has them, and a pooler between does no harm.
On SQLite one transaction writes at a time anyway.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, text

from feedhub.store.dialect import upsert
from feedhub.store.tables import hub

#: whoever gives copies their stories, or takes stories away
SETTLE = "turn settle"


def prepare(connection: Connection) -> None:
    """Have the rows that stand for the turns, so that nobody waits for another to make one."""
    connection.execute(upsert(connection, hub, [hub.c.key], replace=False), {"key": SETTLE, "value": ""})


def take(connection: Connection, name: str, *, wait: bool = True) -> bool:
    """Take the turn, held until the transaction ends; without `wait`, False where another has it."""
    if connection.dialect.name == "postgresql":
        # An id that a subscriber has seen must outlive the machine; the polls before it are flushed along with it.
        connection.execute(text("SET LOCAL synchronous_commit TO on"))
    row = select(hub.c.value).where(hub.c.key == name)
    if connection.execute(row).first() is None:
        connection.execute(upsert(connection, hub, [hub.c.key], replace=False), {"key": name, "value": ""})
    return connection.execute(row.with_for_update(skip_locked=not wait)).first() is not None


def end_frozen(connection: Connection, name: str, seconds: float) -> bool:
    """End the session that holds a lock if the server has waited for its client within a statement for so many seconds.

    Its process is frozen (SIGSTOP, a paused container) and takes no rows, or has sent half of its own. What lies idle
    between two statements the server ends by itself, and over TCP, by `tcp_user_timeout`, who takes no rows; over a
    socket of Unix, and while it waits to read, it has no limit. A role may end its own sessions. False on SQLite,
    where the file's locks end with the process.
    """
    if connection.dialect.name != "postgresql":
        return False
    ended = connection.execute(_END_FROZEN, {"name": name, "seconds": seconds}).scalar_one()
    return bool(ended)


#: who locks a row stands in its `xmax`
_END_FROZEN = text(
    "SELECT count(pg_terminate_backend(session.pid)) FROM hub "
    "JOIN pg_locks AS held ON held.locktype = 'transactionid' AND held.granted AND held.transactionid = hub.xmax "
    "JOIN pg_stat_activity AS session ON session.pid = held.pid "
    "WHERE hub.key = :name AND session.wait_event IN ('ClientRead', 'ClientWrite') "
    "AND greatest(session.query_start, session.state_change) < clock_timestamp() - make_interval(secs => :seconds)"
)
