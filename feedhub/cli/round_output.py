"""Rounds and stories as tables for people and as JSON values for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from feedhub.cli.console import print_line, stdout, table
from feedhub.hub import ReportedStory, RoundReport
from feedhub.ingest import Outcome, SourceReport

if TYPE_CHECKING:
    from rich.console import Console

#: sources that a table lists one by one, those that failed not counted
_MOST_SOURCES = 60
_STYLE = {Outcome.FAILED: "red", Outcome.STOPPED: "red", Outcome.READ: "green"}


def round_json(report: RoundReport) -> dict[str, Any]:
    """Turn a round's report into one JSON object."""
    return {
        "sources": [
            {
                "source": each.source,
                "outcome": each.outcome.value,
                "entries": each.entries,
                "new": each.new,
                "edited": each.edited,
                "remark": each.remark,
            }
            for each in report.sources
        ],
        "copies": report.copies,
        "stories": [
            {"id": each.id, "title": each.title, "new": each.is_new, "copies": each.number} for each in report.changed
        ],
        "joined": [{"id": ended, "into": into} for ended, into in report.joined],
        "killed": list(report.killed),
        "held": report.held_back,
    }


def print_round(report: RoundReport, *, news_only: bool = False, console: Console | None = None) -> None:
    """Print a round as a table of sources and a line of sums, on stdout or another console.

    `news_only`: leave out the sources that brought nothing new even where there are few.
    """
    shown = _sources_to_show(report.sources, news_only=news_only)
    rows = [
        (each.source, each.outcome.value, each.entries or "", each.new or "", each.edited or "", each.remark or "")
        for each in shown
    ]
    if rows:
        made = table("Sources", ("source", "outcome", "entries", "new", "edited", "remark"), rows, right=(2, 3, 4))
        for row, each in zip(made.rows, shown, strict=True):
            row.style = _STYLE.get(each.outcome)
        (console or stdout()).print(made)
    with_news = sum(_has_news(each) for each in report.sources)
    if (more := with_news - sum(map(_has_news, shown))) > 0:
        _print(f"… and {more} more sources with news", console)
    _print(_sums(report), console)


def _sums(report: RoundReport) -> str:
    new = sum(each.is_new for each in report.changed)
    merged = sum(each.number - 1 for each in report.changed)
    changed = len(report.changed) - new
    line = f"entries settled: {report.copies}; stories new: {new}, changed: {changed}, with further copies: {merged}"
    if report.joined:
        line += f", {len(report.joined)} joined"
    if report.killed:
        line += f", {len(report.killed)} killed"
    if report.held_back:
        line += f"; {report.held_back} held back for their agency"
    if report.failed:
        line += f"; {len(report.failed)} of {len(report.sources)} sources failed"
    return line


def _print(line: str, console: Console | None) -> None:
    if console is None:
        print_line(line)
    else:
        console.print(line, markup=False)


def _sources_to_show(reports: Sequence[SourceReport], *, news_only: bool) -> list[SourceReport]:
    """Choose what the table lists: all where they are few, else those that failed and those that brought most."""
    if len(reports) <= _MOST_SOURCES and not news_only:
        return list(reports)
    fresh = sorted(filter(_has_news, reports), key=lambda each: -(each.new + each.edited))[:_MOST_SOURCES]
    chosen = {each.source for each in fresh}
    return [each for each in reports if each.outcome is Outcome.FAILED or each.source in chosen]


def _has_news(report: SourceReport) -> bool:
    return bool(report.new or report.edited)


def print_merges(stories: Sequence[ReportedStory], *, most: int = 12, console: Console | None = None) -> None:
    """Print the stories with most copies, and why each copy is there, on stdout or another console."""
    merged = sorted((s for s in stories if s.number > 1), key=lambda s: (-s.number, s.id))
    if not merged:
        return
    from rich.markup import escape

    console = console or stdout()
    for story in merged[:most]:
        console.print(f"[bold]{escape(story.title)}[/]")
        for copy in story.copies:
            mark = "=" if copy.key == story.canonical else "+"
            score = "" if copy.score is None else f"{copy.score:.2f}"
            console.print(escape(f"  {mark} {copy.name:<28.28} {copy.relation.value:<9} {score:>4}  {copy.ground}"))
    if len(merged) > most:
        console.print(f"… and {len(merged) - most} more merged stories")
