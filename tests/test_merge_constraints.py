"""A person's decisions against a partition, as pure functions over numbers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.merge import Constraint, constrain, pairs_of


def together(left: str, right: str) -> Constraint:
    return Constraint(together=True, pairs=pairs_of(map(int, left), map(int, right)))


def apart(left: str, right: str) -> Constraint:
    return Constraint(together=False, pairs=pairs_of(map(int, left), map(int, right)))


def run(parts: str, *decided: Constraint, near: str = "") -> str:
    """Parts written as `012 34`; `near` lists pairs that are alike where a part has to be divided."""
    alike = {frozenset(map(int, pair)) for pair in near.split()}
    groups = constrain(
        [[int(number) for number in part] for part in parts.split()],
        decided,
        form=lambda numbers: [list(numbers)],
        likeness=lambda a, b: float(frozenset((a, b)) in alike),
    )
    return " ".join("".join(map(str, group)) for group in groups)


@pytest.mark.parametrize(
    ("parts", "decided", "near", "expected"),
    [
        pytest.param("01 23", [], "", "01 23", id="nothing decided"),
        pytest.param("01 23", [together("0", "2")], "", "0123", id="merge takes both stories whole"),
        pytest.param("012", [apart("0", "1")], "12", "0 12", id="the rest stays with what it is likest to"),
        pytest.param("012", [apart("0", "1")], "02", "02 1", id="or with the other"),
        pytest.param("0123", [apart("01", "23")], "01 23", "01 23", id="two sides of a split"),
        pytest.param("01 2", [together("0", "2"), apart("0", "2")], "", "01 2", id="the newer of two words counts"),
        pytest.param("01", [apart("0", "1"), together("0", "1")], "", "01", id="also the other way"),
        pytest.param("0 1 2", [together("0", "1"), together("1", "2"), apart("0", "2")], "", "0 12", id="no bridge"),
        pytest.param(
            "01 2", [together("1", "2"), apart("0", "2")], "01", "0 12", id="a merge across a bar moves who may"
        ),
        pytest.param("01 2", [together("3", "4")], "", "01 2", id="about copies that are not here"),
    ],
)
def test_what_a_decision_makes_of_a_partition(
    parts: str, decided: Sequence[Constraint], near: str, expected: str
) -> None:
    assert run(parts, *decided, near=near) == expected


numbers = st.integers(0, 7)
words = st.lists(
    st.builds(
        lambda kind, left, right: Constraint(together=kind, pairs=pairs_of(left, right - left)),
        st.booleans(),
        st.sets(numbers, min_size=1, max_size=3),
        st.sets(numbers, min_size=1, max_size=3),
    ),
    max_size=6,
)
labels = st.lists(st.integers(0, 3), min_size=8, max_size=8)


def partition(labels: Sequence[int]) -> list[list[int]]:
    return [[n for n in range(8) if labels[n] == label] for label in sorted(set(labels))]


def settled(parts: Sequence[Sequence[int]], decided: Sequence[Constraint]) -> list[list[int]]:
    return constrain(parts, decided, form=lambda group: [list(group)], likeness=lambda a, b: 1.0 / (1 + abs(a - b)))


@given(labels, words)
def test_every_copy_stays_in_exactly_one_story(labels: list[int], decided: list[Constraint]) -> None:
    assert sorted(n for group in settled(partition(labels), decided) for n in group) == list(range(8))


@given(labels, words)
def test_what_is_barred_last_is_never_together(labels: list[int], decided: list[Constraint]) -> None:
    last = {pair: each.together for each in decided for pair in each.pairs}
    groups = settled(partition(labels), decided)
    assert not [pair for pair, joined in last.items() if not joined for group in groups if set(pair) <= set(group)]


@given(labels, words, st.permutations(range(8)))
def test_the_order_of_parts_and_copies_changes_nothing(
    labels: list[int], decided: list[Constraint], order: list[int]
) -> None:
    parts = partition(labels)
    shuffled = [sorted(part, key=order.index) for part in sorted(parts, key=lambda part: order.index(part[0]))]
    assert settled(parts, decided) == settled(shuffled, decided)
