"""Comparisons as text and as JSON: the verdict, the aligned passages side by side, what agrees and what differs."""

from __future__ import annotations

from typing import Any

from msgspec import to_builtins
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from feedhub.match import Explanation
from feedhub.model import EntryKey, Verdict

_SHOWN = 12


def match_json(match: Verdict) -> dict[str, Any]:
    """Turn a verdict into JSON values."""
    return {
        "left": {"source": _source(match.left), "guid": match.left.guid},
        "right": {"source": _source(match.right), "guid": match.right.guid},
        "merged": match.merged,
        "relation": match.relation.value if match.relation else None,
        "method": match.method,
        "score": round(match.score, 4),
        "threshold": round(match.threshold, 4),
        "ground": match.ground,
        "vetoes": list(match.vetoes),
        "shared_words": match.shared_words,
    }


def pair_json(explanation: Explanation) -> dict[str, Any]:
    """Turn a comparison into JSON values."""
    return {**to_builtins(explanation), "match": match_json(explanation.match)}


def print_match(console: Console, match: Verdict) -> None:
    """Print a verdict in one line, its vetoes below."""
    verdict = "[green]merged[/]" if match.merged else "[red]apart [/]"
    line = f"{_name(match.left)} ~ {_name(match.right)}: {match.score:.2f} of {match.threshold:.2f}, {match.ground}"
    console.print(f"  {verdict} {escape(line)}")
    for veto in match.vetoes:
        console.print(escape(f"           {veto}"))


def print_pair(console: Console, explanation: Explanation) -> None:
    """Print two texts side by side."""
    print_match(console, explanation.match)
    for note in explanation.rules:
        if note.yielded_to:
            console.print(escape(f"           {note.name} yields to: {note.yielded_to}"))
    made = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    made.add_column("")
    made.add_column(escape(f"{_name(explanation.match.left)} ({explanation.words[0]} words)"), ratio=1, overflow="fold")
    made.add_column(
        escape(f"{_name(explanation.match.right)} ({explanation.words[1]} words)"), ratio=1, overflow="fold"
    )
    made.add_row("title", escape(explanation.titles[0]), escape(explanation.titles[1]))
    for passage in explanation.passages:
        style = "green" if passage.kind == "same" else "red"
        made.add_row(f"[{style}]{passage.kind}[/]", escape(passage.left), escape(passage.right))
    console.print(made)
    for what, (both, left, right) in (("numbers", explanation.numbers), ("names", explanation.names)):
        console.print(escape(f"{what} in both: {_list(both)}; only left: {_list(left)}; only right: {_list(right)}"))
    measures = ", ".join(f"{name} {value:g}" for name, value in explanation.measures.items())
    if measures:
        console.print(escape(f"measures: {measures}"))


def _source(key: EntryKey) -> str | None:
    """None for the outlet of its own that an item without `source` has."""
    return None if key.source.startswith("\0") else key.source


def _name(key: EntryKey) -> str:
    return str(key) if _source(key) else key.guid


def _list(words: tuple[str, ...]) -> str:
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return (", ".join(words[:_SHOWN]) or "none") + more
