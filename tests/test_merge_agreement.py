"""Versions of a story's texts are compared pair by pair, at a cost that its source cannot choose."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from feedhub.merge import Former, Member, in_order
from feedhub.merge.text_agreement import TextAgreement
from feedhub.model import Copy, EntryKey, Publisher, Relation

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
DROWNED = "Three people drowned when the ferry ran aground on Monday, the coast guard said."


def edited(number: int, before: str, now: str) -> Member:
    """A copy of a revision of its own, that said something else an hour ago."""
    key = EntryKey(source="x", guid=str(number))
    former, copy = (
        Copy(key=key, outlet="X", title="Ferry", paragraphs=(text,), url=None, first_seen=NOON, published=published)
        for text, published in ((before, NOON + timedelta(minutes=number)), (now, NOON + timedelta(hours=1)))
    )
    return Member(
        copy=copy,
        publisher=Publisher(source="x", name="X", outlet="X"),
        relation=Relation.REVISION,
        revision=number,
        formers=(Former(copy=former, until=NOON + timedelta(hours=1)),),
    )


def seconds(members: list[Member]) -> float:
    began = time.thread_time()
    assert len(in_order(members)) == len(members)
    return time.thread_time() - began


@pytest.mark.parametrize("phrase", ["The ferry ran aground. ", "the ferry ran aground "])
def test_editing_many_texts_that_repeat_costs_each_what_editing_few_does(phrase: str) -> None:
    def edits(count: int) -> list[Member]:
        return [edited(n, phrase * 600 + f"Near pier {n}.", phrase * 590 + f"Near pier {n + 1}.") for n in range(count)]

    seconds(edits(3))
    # eight times as many: 64 times as long where each pair of texts was taken apart anew
    assert seconds(edits(24)) < 24 * seconds(edits(3))


def test_one_comparison_of_two_long_texts_ends_in_its_middle_where_it_is_told_to() -> None:
    checked = 0

    def check() -> None:
        nonlocal checked
        checked += 1
        if checked == 20:
            raise InterruptedError

    one, other = (
        " ".join(f"The ferry {n} ran aground near the old pier {when} in the day." for n in range(200))
        for when in ("early", "late")
    )
    with pytest.raises(InterruptedError):
        TextAgreement(check=check).says_same(one, other)


def test_what_the_budget_does_not_reach_counts_as_another_text() -> None:
    other = DROWNED.replace("ran aground", "ran on a bank")
    assert TextAgreement().says_same(DROWNED, other)
    spent = TextAgreement(most=60)
    assert not spent.says_same(DROWNED, other)
    assert spent.says_same(DROWNED, DROWNED)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (DROWNED.replace("Three", "Four"), False),
        (DROWNED.replace("Three", "3"), True),
        (DROWNED.replace("drowned", "did not drown"), False),
        (f"{DROWNED} 5 minutes ago", True),
    ],
)
def test_texts_agree_whose_numbers_names_and_negations_do(other: str, same: bool) -> None:
    agreement = TextAgreement()
    for one, two in ((DROWNED, other), (other, DROWNED)):
        assert agreement.says_same(one, two) is same
        assert agreement.says_same(f"{one} " * 30, f"{two} " * 30) is same
