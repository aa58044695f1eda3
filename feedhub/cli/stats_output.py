"""`feedhub stats`: the last days in numbers, with small plots for people and as JSON for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import to_builtins
from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table

from feedhub.admin.statistics import KINDS, SourceNumbers, Statistics, statistics
from feedhub.cli.console import print_json, stdout
from feedhub.cli.steady_clock import clock_of
from feedhub.cli.story_output import open_hub

#: sources, agencies and rules that are shown to a person
_MOST, _RULES = 20, 8
_BLOCKS = " ▁▂▃▄▅▆▇█"
_BAR = "█▉▊▋▌▍▎▏"
_NAMES = {
    "poll": "polls",
    "entry": "new entries",
    "merge": "merged",
    "near_miss": "near misses",
    "veto": "merges forbidden",
    "held": "held back",
    "page": "pages",
    "page_decision": "merged by pages",
    "revision": "revised",
    "dispute": "disputed",
    "join": "stories joined",
    "part": "entries parted",
    "kill": "stories killed",
}
#: kinds whose labels are worth a line each
_SPLIT = ("poll", "page")


def run(path: Path, *, days: int, as_json: bool, now: str | None) -> int:
    """Print the counts of the last days."""
    instant = clock_of(now)()
    _, store = open_hub(path)
    try:
        with store.read() as connection:
            numbers = statistics(connection, days=days, now=instant)
    finally:
        store.close()
    if as_json:
        print_json(stats_json(numbers))
    else:
        print_stats(stdout(), numbers)
    return 0


def stats_json(numbers: Statistics) -> dict[str, Any]:
    """Turn the counts into one JSON object."""
    return {
        "days": [day.isoformat() for day in numbers.days],
        "by_day": {kind: list(numbers.by_day.get(kind, [0] * len(numbers.days))) for kind in KINDS},
        "polls": dict(numbers.by_label.get("poll", {})),
        "pages": dict(numbers.by_label.get("page", {})),
        "held": dict(numbers.by_label.get("held", {})),
        "merges_by_relation": numbers.merges_by(0),
        "merges_by_rule": numbers.merges_by(1),
        "near_misses_by_rule": dict(numbers.by_label.get("near_miss", {})),
        "vetoes_by_rule": dict(numbers.by_label.get("veto", {})),
        "sources": [to_builtins(each) for each in numbers.sources],
        "agencies": [{"name": each.name, "entries": each.entries, "merges": each.merges} for each in numbers.agencies],
    }


def print_stats(console: Console, numbers: Statistics) -> None:
    """Print the counts as tables with a line of blocks for the days."""
    console.print(_summary(numbers))
    if any(each.entries or each.polls for each in numbers.sources):
        console.print()
        console.print(_sources(numbers.sources))
    if numbers.agencies:
        console.print()
        console.print(_agencies(numbers.agencies))
    for title, rules in (
        ("Merged by rule", numbers.merges_by(1)),
        ("Merges forbidden by rule", numbers.by_label.get("veto", {})),
    ):
        if rules:
            console.print()
            console.print(_rules(title, rules))


def _table(title: str, *columns: str) -> Table:
    made = Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False)
    for number, name in enumerate(columns):
        justify: JustifyMethod = "left" if number == 0 or not name else "right"
        made.add_column(name, justify=justify, overflow="ellipsis", no_wrap=True, min_width=None if number else 16)
    return made


def _summary(numbers: Statistics) -> Table:
    first, last = numbers.days[0], numbers.days[-1]
    span = f"{first:%-d %b} to {last:%-d %b %Y}" if first != last else f"{last:%-d %b %Y}"
    made = _table(span, "", "in all", "today", "")
    for kind in KINDS:
        days = numbers.by_day.get(kind, (0,) * len(numbers.days))
        dim = "" if sum(days) else "dim"
        made.add_row(_NAMES[kind], f"{sum(days):,}", f"{days[-1]:,}", f"[cyan]{spark(days)}[/]", style=dim)
        parts = numbers.by_label.get(kind, {}) if kind in _SPLIT else {}
        for label, number in (numbers.merges_by(0) if kind == "merge" else parts).items():
            style = "red" if label in ("failed", "stopped") else "dim"
            made.add_row(escape(f"  {label}"), f"{number:,}", "", "", style=style)
    return made


def _sources(rows: Sequence[SourceNumbers]) -> Table:
    has_pages = any(each.pages or each.page_decisions for each in rows)
    names = ("", "polls", "failed", "entries", "merged", "share", "", "near")
    made = _table("Sources", *names, *(("pages", "by pages") if has_pages else ()))
    for each in rows[:_MOST]:
        made.add_row(
            escape(each.name),
            *map(_number, (each.polls, each.failed, each.entries, each.merges)),
            f"{each.share:.0%}" if each.entries else "",
            f"[green]{bar(each.share)}[/]",
            _number(each.near_misses),
            *(map(_number, (each.pages, each.page_decisions)) if has_pages else ()),
            style="red" if each.polls and each.failed == each.polls else "",
        )
    if len(rows) > _MOST:
        made.add_row(f"and {len(rows) - _MOST:,} more", style="dim")
    return made


def _agencies(rows: Sequence[SourceNumbers]) -> Table:
    made = _table("Agencies, by credit", "", "entries", "merged", "share", "")
    for each in rows[:_MOST]:
        share = f"{each.share:.0%}"
        made.add_row(
            escape(each.name), _number(each.entries), _number(each.merges), share, f"[green]{bar(each.share)}[/]"
        )
    return made


def _rules(title: str, numbers: Mapping[str, int]) -> Table:
    made = _table(title, "", "", "")
    most = max(numbers.values())
    for name, number in sorted(numbers.items(), key=lambda each: (-each[1], each[0]))[:_RULES]:
        made.add_row(escape(name), f"{number:,}", f"[green]{bar(number / most)}[/]")
    return made


def _number(value: int) -> str:
    return f"{value:,}" if value else "·"


def spark(numbers: Sequence[int]) -> str:
    """Return a line of blocks, one a day; a day with anything is never blank."""
    most = max(numbers, default=0)
    if not most:
        return ""
    return "".join(_BLOCKS[0 if not number else max(1, round(number / most * 8))] for number in numbers)


def bar(share: float, width: int = 8) -> str:
    """Return a bar of blocks for a share of 1, `width` characters at most, in eighths of a character."""
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_BAR[8 - rest] if rest else "")
