"""The table of rules as it stands in docs/matching.md: `python -m feedhub.match.verdict.rule_table` writes it there."""

from __future__ import annotations

import re
from pathlib import Path

from feedhub.match.verdict.judge import TABLES
from feedhub.match.verdict.rule import RULES, SAMENESSES, Rule

_DOCUMENT = Path(__file__).parents[3] / "docs" / "matching.md"
_PLACE = re.compile(r"(<!-- rules -->\n).*?(<!-- end of rules -->)", re.DOTALL)


def table() -> str:
    """Return the rules and what overrules them as two tables in Markdown."""
    assert TABLES
    lines = [
        "| rule | what it does | overruled by | fixed by | speaks for | is silent on |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_row(rule) for rule in RULES.values()]
    lines += ["", "| what overrules | means |", "|---|---|"]
    lines += [f"| {each.name} | {each.says} |" for each in SAMENESSES]
    return "\n".join(lines) + "\n"


def _row(rule: Rule) -> str:
    effect = f"{rule.effect}: {rule.says}"
    overruled = ", ".join(each.name for each in rule.overruled_by) or "nothing"
    cells = (f"`{rule.name}`", effect, overruled, rule.case, rule.fires, rule.silent)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> None:
    """Write the table into the document."""
    text = _DOCUMENT.read_text(encoding="utf-8")
    _DOCUMENT.write_text(_PLACE.sub(lambda place: f"{place[1]}{table()}{place[2]}", text), encoding="utf-8")


if __name__ == "__main__":
    main()
