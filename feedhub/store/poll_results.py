"""What a poll taught, written back under the fence of its claim."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from msgspec import Struct
from sqlalchemy import Connection, Select, Update, and_, bindparam, select, update

from feedhub.codec import dump
from feedhub.model import Publisher, SourceState
from feedhub.store import hosts
from feedhub.store.claims import Claim, LeaseLost
from feedhub.store.dialect import many, one_of
from feedhub.store.executemany import executemany
from feedhub.store.tables import source


def finish(
    connection: Connection,
    claimed: Claim,
    *,
    state: SourceState,
    due_at: datetime,
    publisher: Publisher | None,
    remark: str | None,
    host: str | None = None,
) -> None:
    """Write back what a poll taught and let the claim go; raises LeaseLost if it is no longer ours.

    `host`: where the source is polled from now on, if that is another one than so far.
    """
    given = {
        "b_state": dump(state),
        "b_due": due_at,
        "b_remark": remark,
        "b_host": host,
        "b_publisher": None if publisher is None else dump(publisher),
    }
    # what is not given stays
    also = tuple(name for name in ("host", "publisher") if given[f"b_{name}"] is not None)
    kept = {name: value for name, value in given.items() if value is not None or name == "b_remark"}
    ours = {"b_id": claimed.source, "b_fence": claimed.fence}
    if connection.execute(_finish(also), kept | ours).rowcount != 1:
        raise LeaseLost(claimed.source)
    if host is not None:
        hosts.ensure(connection, [host])


@lru_cache
def _finish(also: tuple[str, ...]) -> Update:
    """Make the update of a source under its fence; `also`: columns to write beside those that always are."""
    ours = and_(source.c.id == bindparam("b_id"), source.c.fence == bindparam("b_fence"))
    return update(source).where(ours).values(_TAUGHT | {name: bindparam(f"b_{name}") for name in also})


_TAUGHT: dict[str, object] = {
    "state": bindparam("b_state"),
    "due_at": bindparam("b_due"),
    "lease_until": None,
    "remark": bindparam("b_remark"),
}


class UnchangedPoll(Struct, frozen=True, kw_only=True):
    """What a poll taught that brought no document: the source's state, when it is due again, and a remark."""

    claim: Claim
    state: SourceState
    due_at: datetime
    remark: str | None


def finish_all(connection: Connection, done: Sequence[UnchangedPoll]) -> set[str]:
    """Write back many polls that brought no document; returns the sources that are no longer ours."""
    dialect = connection.dialect.name
    given = {"names": many(dialect, [each.claim.source for each in done])}
    fences = {row.id: row.fence for row in connection.execute(_fences(dialect), given)}
    kept = [each for each in done if fences.get(each.claim.source) == each.claim.fence]
    if kept:
        executemany(
            connection,
            _FINISH,
            [
                {"b_id": each.claim.source, "b_state": dump(each.state), "b_due": each.due_at, "b_remark": each.remark}
                for each in kept
            ],
        )
    return {each.claim.source for each in done} - {each.claim.source for each in kept}


@lru_cache
def _fences(dialect: str) -> Select[tuple[str, int]]:
    named = one_of(dialect, source.c.id, "names")
    return select(source.c.id, source.c.fence).where(named).order_by(source.c.id).with_for_update()


_FINISH = update(source).where(source.c.id == bindparam("b_id")).values(_TAUGHT)
