"""A batch that could not be settled -> its copies settled without the few that are at fault, each set aside by name."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial

from feedhub.errors import EnvironmentFailed
from feedhub.settle.interruption import SettleInterrupted
from feedhub.settle.settler import BATCH, Settler, SettleResult
from feedhub.store import Connection, Database, remarks, settle_failures, settle_queue
from feedhub.store.database_errors import is_damaged_row

log = logging.getLogger("feedhub.settle")

#: where none of so many copies settles, it is the program that is at fault, and none of them is set aside
ALL_AT_FAULT = 8
#: characters of what was raised that are recorded
_REASON = 200


def settle_isolated(settler: Settler, store: Database, now: datetime, bug: Exception) -> SettleResult:
    """Settle what waits by halves, down to the copies that cannot be settled: these wait aside, with a record.

    Raises `bug`, which broke the whole batch, where it is not the copies' fault; SettleInterrupted and
    EnvironmentFailed as a settling does.
    """
    with store.read() as connection:
        waiting = settle_queue.next_ids(connection, BATCH, version=settler.version)
    parts, faults, done = [waiting] if waiting else [], dict[int, Exception](), SettleResult()
    while parts:
        part = parts.pop()
        try:
            settled = store.transact(partial(settler.settle, now=now, only=part))
        except (MemoryError, SettleInterrupted):
            raise
        except Exception as error:
            if isinstance(error, EnvironmentFailed) and not is_damaged_row(error):
                raise
            if len(part) == 1:
                faults[part[0]] = error
            else:
                half = len(part) // 2
                parts += [part[half:], part[:half]]
        else:
            done = _both(done, settled)
            if settled.locked:
                break
    if not faults and not done.copies and not done.locked:
        raise bug
    if len(faults) >= ALL_AT_FAULT and not done.copies:
        raise bug
    store.transact(partial(_set_aside, faults=faults, version=settler.version, now=now))
    return done


def _set_aside(connection: Connection, faults: dict[int, Exception], version: str, now: datetime) -> None:
    reasons = {number: f"{type(error).__name__}: {error}"[:_REASON] for number, error in faults.items()}
    names = settle_failures.add(connection, reasons, version, now)
    for (source, guid), (number, error) in zip(names, faults.items(), strict=True):
        text = f"entry {guid[:_REASON]} waits aside, settling failed at it: {reasons[number]}"
        remarks.add(connection, source, [text], now)
        log.error("entry set aside", extra={"source": source, "entry": guid, "reason": reasons[number]}, exc_info=error)


def _both(one: SettleResult, other: SettleResult) -> SettleResult:
    return SettleResult(
        copies=one.copies + other.copies,
        changed=one.changed + other.changed,
        joined=one.joined + other.joined,
        killed=one.killed + other.killed,
        events=one.events + other.events,
        locked=one.locked or other.locked,
    )
