"""`feedhub sources list`: how the sources do, and what they bring."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct

from feedhub import opml
from feedhub.cli.check import SourceHealth, ago, health
from feedhub.cli.configuration import read_config
from feedhub.cli.console import print_json, print_message, table
from feedhub.cli.console import stdout as stdout
from feedhub.cli.steady_clock import wall_clock
from feedhub.config import Config
from feedhub.model import Source
from feedhub.store import Database, conditions
from feedhub.store.conditions import SourceIntake

#: what a source brings is told of so long
_SPAN = timedelta(days=7)


class SourceActivity(Struct, frozen=True, kw_only=True):
    """A source, how it does, and what it brought of late."""

    source: Source
    health: SourceHealth
    #: new entries a day in the last week, or since it was first read
    a_day: float | None = None
    #: which part of them was in stories of others, too
    copies: float | None = None


def run(path: Path, *, failing: bool, as_json: bool) -> int:
    """Print the sources by id; 0 however they do (`check` is for monitors)."""
    config = read_config(path, quiet=as_json)
    rows = [each for each in _activities(config) if not failing or each.health.state in ("failing", "stopped")]
    if as_json:
        print_json([_json(each) for each in rows])
    elif not rows:
        print_message(
            "no source fails" if failing and config.sources else "no sources: `feedhub sources add URL` adds one"
        )
    else:
        _print(rows)
    return 0


def _activities(config: Config) -> list[SourceActivity]:
    now = wall_clock()
    known = {each.source: each for each in health(config)[0]}
    intakes: dict[str, SourceIntake] = {}
    if not Database.is_missing(config.database):
        store = Database.open(config.database)
        try:
            with store.read() as connection:
                intakes = conditions.intakes(connection, since=now - _SPAN)
        finally:
            store.close()
    return [_activity(each, known[each.id], intakes.get(each.id), now) for each in config.sources]


def _activity(source: Source, known: SourceHealth, intake: SourceIntake | None, now: datetime) -> SourceActivity:
    if intake is None:
        return SourceActivity(source=source, health=known)
    days = max(min(now - intake.oldest, _SPAN) / timedelta(days=1), 1)
    copies = intake.recent_copies / intake.recent if intake.recent else None
    return SourceActivity(source=source, health=known, a_day=intake.recent / days, copies=copies)


def _json(each: SourceActivity) -> dict[str, Any]:
    source, known = each.source, each.health
    return {
        "id": source.id,
        "name": source.name,
        "url": source.url if source.is_path or source.public else opml.exported_url(source.url),
        "category": source.category,
        "state": known.state,
        "last_success": known.last_success and known.last_success.isoformat(),
        "due_at": known.due_at and known.due_at.isoformat(),
        "failures": known.failures,
        "error": known.remark if known.state in ("failing", "stopped") else None,
        "entries_a_day": None if each.a_day is None else round(each.a_day, 2),
        "copies": None if each.copies is None else round(each.copies, 3),
    }


def _print(rows: list[SourceActivity]) -> None:
    now = wall_clock()
    lines = [
        (
            each.source.id,
            each.source.name,
            each.health.state,
            ago(each.health.last_success, now),
            "" if each.a_day is None else f"{each.a_day:.1f}" if each.a_day < 10 else f"{each.a_day:.0f}",
            "" if each.copies is None else f"{each.copies:.0%}",
            each.health.remark or "",
        )
        for each in rows
    ]
    columns = ("id", "name", "state", "last well", "a day", "copies", "remark")
    made = table("Sources", columns, lines, right=(4, 5))
    for row, each in zip(made.rows, rows, strict=True):
        row.style = {"failing": "red", "stopped": "red"}.get(each.health.state)
    stdout().print(made)
