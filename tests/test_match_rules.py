"""The table of the judge's rules: every rule speaks for one example and is silent on another, from both sides."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from comparing import WINDOWS, compare
from match_examples import EXAMPLES, FULL, FURNITURE, UPDATE, Pair

from feedhub.match import NO_FURNITURE, explain_pair
from feedhub.match.verdict.judge import weigh
from feedhub.match.verdict.rule import RULES, SAMENESSES, Effect
from feedhub.match.verdict.rule_table import table

MATCHING = Path(__file__).parent.parent / "docs" / "matching.md"


def spoke(name: str, pair: Pair) -> list[set[str]]:
    """The rules that speak of a pair, from either side."""
    furniture = FURNITURE.get(name, NO_FURNITURE)
    found = []
    for a, b in (pair, pair[::-1]):
        made = weigh(a, b, furniture, WINDOWS)
        found.append({rule.name for rule in (*made.vetoes, *made.raised)})
    return found


def test_every_rule_has_examples() -> None:
    assert set(EXAMPLES) == set(RULES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_rule_speaks_for_its_example(name: str) -> None:
    pair = EXAMPLES[name][0]
    for said in spoke(name, pair):
        assert name in said
    if RULES[name].effect is Effect.FORBIDS:
        assert not compare(*pair, FURNITURE.get(name, NO_FURNITURE)).merged


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_rule_is_silent_where_it_should_be(name: str) -> None:
    for said in spoke(name, EXAMPLES[name][1]):
        assert name not in said


def test_a_rule_says_all_that_the_table_shows() -> None:
    for rule in RULES.values():
        assert all((rule.says, rule.case, rule.fires, rule.silent)), rule.name
        assert set(rule.overruled_by) <= set(SAMENESSES), rule.name


def test_an_explanation_names_the_rules_that_spoke_and_those_that_yielded() -> None:
    shown = explain_pair(*EXAMPLES["denial"][0], NO_FURNITURE, WINDOWS)
    assert "denial" in [note.name for note in shown.rules if not note.yielded_to]
    late = explain_pair(FULL, UPDATE, NO_FURNITURE, WINDOWS)
    assert ("late-conflict", "revision mark") in {(note.name, note.yielded_to) for note in late.rules}
    assert late.match.merged


def test_the_document_prints_the_table() -> None:
    text = MATCHING.read_text(encoding="utf-8")
    shown = re.search(r"<!-- rules -->\n(.*?)<!-- end of rules -->", text, re.DOTALL)
    assert shown is not None
    assert shown[1] == table(), "run python -m feedhub.match.verdict.rule_table"
