"""`feedhub check`: is the configuration right, and how does every source do."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from msgspec import Struct, to_builtins
from rich.markup import escape

from feedhub.admin.decision_lines import decision_line
from feedhub.cli.configuration import read_config
from feedhub.cli.console import print_json, print_message, table
from feedhub.cli.console import stdout as stdout
from feedhub.cli.steady_clock import wall_clock
from feedhub.config import Config
from feedhub.health.diagnosis import RECENT, find_conditions
from feedhub.health.health_report import NOTICES
from feedhub.parse.worker_sandbox import MEANS, available
from feedhub.private_files import is_exposed
from feedhub.store import Database, claims, conditions, decisions, entry_failures, page_texts, source_pauses
from feedhub.store.conditions import SourceIntake
from feedhub.store.source_pauses import SourcePause

#: kinds of conditions that a source's row does not tell
_ODD = frozenset({"site", "backlog", "costly", "volume", "copies", "joins", "moved", "lost", "unsettled", "uncleaned"})


class SourceHealth(Struct, frozen=True, kw_only=True):
    """How one source does."""

    source: str
    #: new | well | failing | stopped | paused | removed
    state: str
    last_success: datetime | None = None
    due_at: datetime | None = None
    failures: int = 0
    remark: str | None = None
    #: what is odd about it, as the health report has it, a line each
    conditions: tuple[str, ...] = ()


def run(path: Path, *, as_json: bool) -> int:
    """Report; 0 all well, 3 some sources fail or stopped, 4 all do. A wrong configuration raises ConfigError."""
    config = read_config(path, quiet=as_json)
    report, notices = health(config)
    read = _pages(config)
    warnings = [*config.warnings, *_exposed(config)]
    sandbox = available()
    if as_json:
        rows = [_json(each) for each in report]
        print_json({"warnings": warnings, "sources": rows, "notices": notices, "pages": read, "sandbox": sandbox})
    else:
        for warning in warnings:
            print_message(f"warning: {warning}")
        _print(config, report)
        _print_oddities(report, notices)
        _print_pages(read)
        missing = ", ".join(name for name in MEANS if name not in sandbox)
        without = f", without {missing}, which this system does not have" if missing else ""
        stdout().print(f"parsers are kept from files, network and processes by {', '.join(sandbox)}{without}")
    bad = [each for each in report if each.state in ("failing", "stopped")]
    return 0 if not bad else 4 if len(bad) == len([e for e in report if e.state != "removed"]) else 3


def _exposed(config: Config) -> list[str]:
    """Return a line for each file of the database that others than its owner may read."""
    return [
        f"{path}: others may read it, and it holds secrets; chmod 600 {path}"
        for path in Database.files(config.database)
        if is_exposed(path)
    ]


def health(config: Config) -> tuple[list[SourceHealth], list[str]]:
    """Return every configured source by id, then those that were removed and still have copies; and kill notices."""
    names = {source.id for source in config.sources}
    rows: dict[str, claims.SourceRow] = {}
    pauses: dict[str, SourcePause] = {}
    intakes: dict[str, SourceIntake] = {}
    failed: dict[str, tuple[int, str]] = {}
    notices: list[str] = []
    now = wall_clock()
    if not Database.is_missing(config.database):
        store = Database.open(config.database)
        try:
            with store.read() as connection:
                rows = {row.id: row for row in claims.sources(connection)}
                pauses = source_pauses.in_force(connection)
                intakes = conditions.intakes(connection, since=now - RECENT)
                failed = entry_failures.by_source(connection)
                notices = [decision_line(each) for each in decisions.notices(connection, since=now - NOTICES)]
        finally:
            store.close()
    configured = [
        _paused(rows.get(name), pauses[name])
        if name in pauses
        else _health(name, rows.get(name), intakes.get(name), now, failed.get(name, (0, "")))
        for name in sorted(names)
    ]
    polled = {source.url: source.id for source in config.sources}
    return configured + [_removed(rows[name], polled) for name in sorted(set(rows) - names)], notices


def _removed(row: claims.SourceRow, polled: dict[str, str]) -> SourceHealth:
    """Return a source that is configured no more; one that goes on under another id is told so."""
    other = polled.get(row.state.configured) if row.state else None
    remark = f"polled as `{other}` now: write `id: {row.id}` there if it is to go on as what it was" if other else None
    return SourceHealth(source=row.id, state="removed", remark=remark)


def _paused(row: claims.SourceRow | None, pause: SourcePause) -> SourceHealth:
    """Return a source that a person has not be polled: that is no trouble."""
    remark = f"paused {pause.paused_at:%Y-%m-%d} by {pause.paused_by or 'somebody'}"
    return SourceHealth(
        source=pause.source,
        state="paused",
        last_success=row.state.last_success if row and row.state else None,
        remark=f"{remark}: {pause.reason}" if pause.reason else remark,
    )


def _pages(config: Config) -> list[dict[str, object]]:
    """Return what became of the pages that were asked for in order to decide, host by host."""
    if Database.is_missing(config.database):
        return []
    store = Database.open(config.database)
    try:
        with store.read() as connection:
            return [to_builtins(each) for each in page_texts.by_host(connection)]
    finally:
        store.close()


def _print_pages(read: list[dict[str, object]]) -> None:
    if read:
        rows = [tuple(each.values()) for each in read]
        stdout().print(table("Pages read to decide", ("host", "awaited", "read", "refused"), rows, right=(1, 2, 3)))


def _health(
    name: str, row: claims.SourceRow | None, intake: SourceIntake | None, now: datetime, failed: tuple[int, str]
) -> SourceHealth:
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
        # the others stand in the table
        conditions=tuple(each.text for each in find_conditions(state, intake, now, failed) if each.kind in _ODD),
    )


def _json(each: SourceHealth) -> dict[str, object]:
    return {
        "source": each.source,
        "state": each.state,
        "last_success": each.last_success and each.last_success.isoformat(),
        "due_at": each.due_at and each.due_at.isoformat(),
        "failures": each.failures,
        "remark": each.remark,
        "conditions": list(each.conditions),
    }


def _print(config: Config, report: list[SourceHealth]) -> None:
    now = wall_clock()
    columns = ("source", "state", "last well", "due", "failures", "remark")
    rows = [
        (e.source, e.state, ago(e.last_success, now), _until(e.due_at, now), e.failures or "", e.remark or "")
        for e in report
    ]
    made = table("Sources", columns, rows, right=(4,))
    style = {"failing": "red", "stopped": "red", "paused": "yellow", "removed": "dim"}
    for row, each in zip(made.rows, report, strict=True):
        row.style = style.get(each.state)
    # No title: a narrow table would fold it.
    stdout().print(escape(f"{config.path}: the configuration is right"), soft_wrap=True)
    stdout().print(made)


def _print_oddities(report: list[SourceHealth], notices: list[str]) -> None:
    for each in report:
        for text in each.conditions:
            stdout().print(escape(f"{each.source} {text}"), soft_wrap=True)
    if notices:
        stdout().print("Kill notices of the last seven days (`feedhub forget NUMBER` takes one back):", soft_wrap=True)
    for notice in notices:
        stdout().print(escape(f"  {notice}"), soft_wrap=True)


def ago(then: datetime | None, now: datetime) -> str:
    """Return how long ago a moment was, for a person; "" for none."""
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
