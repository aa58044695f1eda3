"""The health report: how the hub and its sources do, as JSON values."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from feedhub.directory import OutputDirectory
from feedhub.model import SourceState
from feedhub.store import (
    Connection,
    claims,
    conditions,
    database,
    decisions,
    excluded_entries,
    output_entries,
    page_texts,
    source_pauses,
    stories,
)
from feedhub.store.claims import SourceRow
from feedhub.store.decisions import Decision

#: kill notices are reported for so long
NOTICES = timedelta(days=7)


def report(connection: Connection, directory: OutputDirectory, now: datetime) -> dict[str, Any]:
    """Return the health report as JSON values."""
    kept, pending = conditions.copy_counts(connection)
    lasting = [one for one in conditions.current_and_ended_since(connection, since=now) if one.until is None]
    left_out, excluded = output_entries.left_out(connection), excluded_entries.counts(connection)
    never = output_entries.never_shown(connection, now=now)
    paused = source_pauses.in_force(connection)
    return {
        "change": database.change_number(connection),
        "changed_at": database.changed_at(connection),
        "stories": stories.live_count(connection),
        "held": stories.waiting_for_release(connection, now),
        "copies": kept,
        "pending": pending,
        "outputs": [
            {
                "name": rule.name,
                "stories": output_entries.count(connection, rule.name, now=now),
                "never_shown": never.get(rule.name, 0),
                "left_out": left_out.get(rule.name, 0),
            }
            for rule in directory.rules
        ],
        "sources": [
            _source(row, now, is_paused=row.id in paused) | {"left_out": excluded.get(row.id, 0)}
            for row in claims.sources(connection)
        ],
        "decided_by_pages": page_texts.decided_copies(connection),
        "pages": [
            {"host": each.host, "awaited": each.awaited, "read": each.read, "refused": each.refused}
            for each in page_texts.by_host(connection)
        ],
        "notices": [_notice(each) for each in decisions.notices(connection, since=now - NOTICES)],
        "conditions": [{"source": t.source, "kind": t.kind, "since": t.since, "text": t.text} for t in lasting],
    }


def _notice(decision: Decision) -> dict[str, Any]:
    (notice,) = decision.left
    return {
        "decision": decision.id,
        "at": decision.decided_at,
        "source": notice.source,
        "guid": notice.guid,
        "effect": decision.reason,
    }


def _source(row: SourceRow, now: datetime, *, is_paused: bool) -> dict[str, Any]:
    state = row.state
    is_polled = row.configured and not is_paused
    return {
        "source": row.id,
        "state": "paused" if row.configured and is_paused else _standing(row, state),
        "last_success": state and state.last_success,
        "due_at": row.due_at,
        "late": max(0.0, (now - row.due_at).total_seconds()) if is_polled else 0.0,
        "failures": state.failures if state else 0,
        "remark": (state and (state.stopped or state.last_error)) or row.remark,
    }


def _standing(row: SourceRow, state: SourceState | None) -> str:
    if not row.configured:
        return "removed"
    if state is None:
        return "new"
    return "stopped" if state.stopped else "failing" if state.failures else "well"
