"""The health report as numbers for a collector."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from feedhub.model import Gauge


def numbers(report: Mapping[str, Any]) -> Iterator[Gauge]:
    """Turn a report into numbers; sources and outputs by their names, never an address."""
    for name, what in (
        ("stories", "Stories that live."),
        ("held", "Stories that wait for their agency's own copy, or for a page."),
        ("copies", "Entries that are kept."),
        ("pending", "Entries that wait for a story."),
        ("decided_by_pages", "Entries that stand in their stories because articles' pages were read."),
        ("change", "The number of the last change that subscribers could see."),
    ):
        yield Gauge(name=f"feedhub_{name}", help=what, value=float(report[name]))
    yield from _by("source", "feedhub_source_failures", "Failed polls in a row.", report["sources"], "failures")
    yield from _by("source", "feedhub_source_late_seconds", "How long a source is overdue.", report["sources"], "late")
    for row in report["sources"]:
        state = {"source": row["source"], "state": row["state"]}
        yield Gauge(name="feedhub_source_state", help="1 for the state that it is in.", labels=state, value=1.0)
        if row["last_success"]:
            label = {"source": row["source"]}
            when = row["last_success"].timestamp()
            yield Gauge(
                name="feedhub_source_last_success_timestamp_seconds",
                help="When it last answered well, in seconds since 1970.",
                labels=label,
                value=when,
            )
    for row in report["pages"]:
        for outcome in ("awaited", "read", "refused"):
            yield Gauge(
                name="feedhub_pages",
                help="Articles' pages that were asked for in order to decide, and what became of them.",
                labels={"host": row["host"], "outcome": outcome},
                value=float(row[outcome]),
            )
    yield from _by("output", "feedhub_output_stories", "Stories in an output.", report["outputs"], "stories")
    what = "Stories that an output's limits have kept out since they entered."
    yield from _by("output", "feedhub_output_never_shown", what, report["outputs"], "never_shown")
    for condition in report["conditions"]:
        label = {"source": condition["source"], "kind": condition["kind"]}
        yield Gauge(name="feedhub_source_condition", help="1 while a condition lasts.", labels=label, value=1.0)


def _by(label: str, name: str, what: str, rows: Sequence[Mapping[str, Any]], key: str) -> Iterator[Gauge]:
    own = "source" if label == "source" else "name"
    return (Gauge(name=name, help=what, labels={label: row[own]}, value=float(row[key])) for row in rows)
