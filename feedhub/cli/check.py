"""`feedhub check`: is the configuration right, and how does every source do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.markup import escape

from feedhub.cli.console import print_json, print_message, table
from feedhub.cli.console import stdout as stdout
from feedhub.cli.steady_clock import wall_clock
from feedhub.config import Config, load
from feedhub.private_files import is_exposed
from feedhub.store import Database, claims


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How one source does."""

    source: str
    #: new | well | failing | stopped | removed
    state: str
    last_success: datetime | None = None
    due_at: datetime | None = None
    failures: int = 0
    remark: str | None = None


def run(path: Path, *, as_json: bool) -> int:
    """Report; 0 all well, 3 some sources fail or stopped, 4 all do. A wrong configuration raises ConfigError."""
    config = load(path)
    report = health(config)
    warnings = [*config.warnings, *_exposed(config)]
    if as_json:
        print_json({"warnings": warnings, "sources": [_json(each) for each in report]})
    else:
        for warning in warnings:
            print_message(f"warning: {warning}")
        _print(config, report)
    bad = [each for each in report if each.state in ("failing", "stopped")]
    return 0 if not bad else 4 if len(bad) == len([e for e in report if e.state != "removed"]) else 3


def _exposed(config: Config) -> list[str]:
    """Return a line for each file of the database that others than its owner may read."""
    return [
        f"{path}: others may read it, and it holds secrets; chmod 600 {path}"
        for path in Database.files(config.database)
        if is_exposed(path)
    ]


def health(config: Config) -> list[SourceHealth]:
    """Every configured source by id, then those that were removed and still have copies."""
    names = {source.id for source in config.sources}
    rows = {}
    if not Database.is_missing(config.database):
        store = Database.open(config.database)
        try:
            with store.read() as connection:
                rows = {row.id: row for row in claims.sources(connection)}
        finally:
            store.close()
    found = [_health(name, rows.get(name)) for name in sorted(names)]
    return found + [SourceHealth(source=name, state="removed") for name in sorted(set(rows) - names)]


def _health(name: str, row: claims.SourceRow | None) -> SourceHealth:
    if row is None or row.state is None:
        return SourceHealth(source=name, state="new")
    state = row.state
    if state.stopped:
        kind = "stopped"
    elif state.failures:
        kind = "failing"
    else:
        kind = "well"
    return SourceHealth(
        source=name,
        state=kind,
        last_success=state.last_success,
        due_at=row.due_at,
        failures=state.failures,
        remark=state.stopped or state.last_error or row.remark,
    )


def _json(each: SourceHealth) -> dict[str, object]:
    return {
        "source": each.source,
        "state": each.state,
        "last_success": each.last_success and each.last_success.isoformat(),
        "due_at": each.due_at and each.due_at.isoformat(),
        "failures": each.failures,
        "remark": each.remark,
    }


def _print(config: Config, report: list[SourceHealth]) -> None:
    now = wall_clock()
    columns = ("source", "state", "last well", "due", "failures", "remark")
    rows = [
        (e.source, e.state, _ago(e.last_success, now), _until(e.due_at, now), e.failures or "", e.remark or "")
        for e in report
    ]
    made = table("Sources", columns, rows, right=(4,))
    style = {"failing": "red", "stopped": "red", "removed": "dim"}
    for row, each in zip(made.rows, report, strict=True):
        row.style = style.get(each.state)
    # No title: a narrow table would fold it.
    stdout().print(escape(f"{config.path}: the configuration is right"), soft_wrap=True)
    stdout().print(made)


def _ago(then: datetime | None, now: datetime) -> str:
    return "" if then is None else f"{_span((now - then).total_seconds())} ago"


def _until(then: datetime | None, now: datetime) -> str:
    if then is None:
        return ""
    seconds = (then - now).total_seconds()
    return "now" if seconds <= 0 else f"in {_span(seconds)}"


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
