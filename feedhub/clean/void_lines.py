"""Take away lines in which nothing is to be seen, where they keep no place."""

from __future__ import annotations

from itertools import groupby

from feedhub.clean.lines import Line


def without_blank_ends(lines: list[Line]) -> list[Line]:
    """Take the empty lines off both ends of all code."""
    if not any(line.tag == "pre" and line.is_void for line in lines):
        return lines
    remaining: list[Line] = []
    for (tag, _, _), group in groupby(lines, key=lambda line: (line.tag, line.group, line.path)):
        block = list(group)
        if tag == "pre":
            seen = [i for i, line in enumerate(block) if not line.is_void]
            block = block[seen[0] : seen[-1] + 1] if seen else []
        remaining += block
    return remaining


def without_empty_tables(lines: list[Line]) -> list[Line]:
    """Take away tables in no cell of which anything stands."""
    void = [number for line in lines if not line.text and line.is_void and (number := _table(line)) is not None]
    if not void:
        return lines
    empty = set(void) - {step.number for line in lines if not line.is_void for step in line.path}
    return [line for line in lines if _table(line) not in empty]


def _table(line: Line) -> int | None:
    return next((step.number for step in line.path if step.tag == "table"), None)
