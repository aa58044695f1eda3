"""Who may speak, revise and lend: what one source can do to a story that others have, too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hubs import BRIDGE, Newsroom, item
from hypothesis import given
from hypothesis import strategies as st

from feedhub.match import shares
from feedhub.merge import Member, compose, in_order
from feedhub.model import (
    Copy,
    EntryKey,
    Media,
    OutputRule,
    Publisher,
    Relation,
    Revision,
    RevisionKind,
    Story,
    WireMarks,
)
from feedhub.outputs import admits, coverage
from feedhub.structs import replace

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
OLD = tuple(BRIDGE)
NEW = tuple(part.replace("6,000", "7,500") for part in BRIDGE)
SPAM = "Casino wins are certain for every reader of this honest paper who sends his savings to the address below today."


def copy(
    name: str,
    *paragraphs: str,
    hours: float = 0,
    revision: int = 0,
    mark: Revision | None = None,
    wire: WireMarks | None = None,
    categories: Sequence[str] = (),
    media: Sequence[Media] = (),
    **publisher: object,
) -> Member:
    """A copy of the bridge story in a cluster."""
    made = Copy(
        key=EntryKey(source=name, guid="1"),
        outlet=name,
        title="Bridge shut",
        paragraphs=paragraphs or OLD,
        html="".join(f"<p>{part}</p>" for part in paragraphs or OLD),
        published=NOON + timedelta(hours=hours),
        first_seen=NOON + timedelta(hours=hours),
        wire=replace(wire or WireMarks(), revision=mark),
        categories=tuple(categories),
        media=tuple(media),
    )
    whose = {"source": name, "name": name.title(), "outlet": name, **publisher}
    return Member(copy=made, publisher=Publisher(**whose), relation=Relation.COPY, revision=revision)  # type: ignore[arg-type]


def story(*members: Member) -> Story:
    return compose("tag:x", in_order(members), previous=None, now=NOON, released=NOON, shares=shares)


def standings(made: Story) -> dict[str, str]:
    return {each.key.source: str(each.standing) for each in made.copies}


WIRE = copy("wire", agency="Quill Agency")
PAPER = copy("paper", priority=5)
REVISIONS = {
    # case: (copies, who speaks)
    "one paper over the agency": ([WIRE, copy("evil", *NEW, hours=1, revision=1)], "wire"),
    "two papers over the agency": (
        [WIRE, copy("a", *NEW, hours=1, revision=1), copy("b", *NEW, hours=2, revision=1)],
        "a",
    ),
    "two sources of one outlet over the agency": (
        [WIRE, *(copy(name, *NEW, hours=1, revision=1, outlet="one") for name in "ab")],
        "wire",
    ),
    "a trusted paper over the agency": ([WIRE, copy("a", *NEW, hours=1, revision=1, trust="high")], "a"),
    "the agency over itself": ([WIRE, copy("wire2", *NEW, hours=1, revision=1, agency="Quill Agency")], "wire2"),
    "one paper over one of higher priority": ([PAPER, copy("evil", *NEW, hours=1, revision=1)], "paper"),
    "one paper over another": ([copy("a"), copy("b", *NEW, hours=1, revision=1)], "b"),
    "a paper of low trust": ([copy("a"), copy("low", *NEW, hours=1, revision=1, trust="low")], "a"),
    "one paper and one of low trust": (
        [WIRE, copy("a", *NEW, hours=1, revision=1), copy("low", *NEW, hours=1, revision=1, trust="low")],
        "wire",
    ),
    "a paper of low trust alone": ([copy("low", trust="low")], "low"),
    "what a person pinned": ([WIRE, replace(copy("evil", *NEW, hours=1, revision=1), pinned=True)], "evil"),
}


@pytest.mark.parametrize(("members", "speaks"), REVISIONS.values(), ids=REVISIONS)
def test_a_revision_outranks_others_only_where_it_is_believed(members: list[Member], speaks: str) -> None:
    assert story(*members).canonical.source == speaks
    assert story(*reversed(members)).canonical.source == speaks


def test_what_does_not_speak_is_kept_as_disputed_with_what_it_says() -> None:
    made = story(WIRE, copy("evil", *NEW, hours=1, revision=1), copy("low", *NEW, revision=1, trust="low"))
    assert standings(made) == {"wire": "current", "evil": "disputed", "low": "uncounted"}
    (dispute,) = made.disputes
    assert (dispute.name, dispute.facts) == ("Evil", (("6,000", "7,500"),))
    second = story(WIRE, copy("evil", *NEW, hours=1, revision=1), copy("b", *NEW, hours=1, revision=1))
    assert standings(second) == {"wire": "earlier", "evil": "current", "b": "current"}
    assert second.disputes == ()


@pytest.mark.parametrize("kind", [RevisionKind.UPDATE, RevisionKind.CORRECTION])
def test_a_mark_in_one_papers_title_is_not_the_agencys(kind: RevisionKind) -> None:
    marked = copy("evil", hours=1, mark=Revision(kind=kind, number=99))
    assert story(WIRE, marked).revision is None
    assert story(WIRE, marked, copy("b", hours=1, mark=Revision(kind=kind, number=99))).revision == f"{kind} 99"


def test_a_copy_that_dates_itself_back_makes_the_agencys_revision_no_older() -> None:
    newer = copy("wire2", *NEW, hours=2, revision=1, agency="Quill Agency")
    assert story(WIRE, newer, copy("evil", *NEW, hours=-9, revision=1)).canonical.source == "wire2"


COMPLETE = {
    # case: (texts in the order of their dates, who speaks)
    "a paragraph of spam": ([OLD, (*OLD, SPAM)], 0),
    "spam in the middle": ([OLD, (*OLD[:2], SPAM, *OLD[2:])], 0),
    "a paragraph that a second outlet has": ([OLD[:-1], OLD, OLD], 1),
    "the full text of an excerpt": ([OLD[:1], OLD], 1),
    "a long text that is not the same": ([OLD, (*OLD[:2], *[f"{SPAM} {n}" for n in range(30)])], 0),
    "two cuts, the first one cut less": ([OLD, OLD[:-1]], 0),
}


@pytest.mark.parametrize(("texts", "speaks"), COMPLETE.values(), ids=COMPLETE)
def test_who_is_more_complete(texts: list[tuple[str, ...]], speaks: int) -> None:
    members = [copy(f"p{n}", *text, hours=n) for n, text in enumerate(texts)]
    for order in (members, members[::-1]):
        made = story(*order)
        assert made.canonical.source == f"p{speaks}"
        assert "Casino" not in str(made.html)


def lender(name: str, **more: object) -> Member:
    marks = WireMarks(byline="J. Spammer", agency="Reuters", place="PARIS", date="2026-03-10")
    return copy(name, hours=1, wire=marks, categories=("CASINO", "business"), **more)  # type: ignore[arg-type]


def test_one_paper_lends_neither_byline_nor_credit_nor_category() -> None:
    made = story(copy("victim"), lender("evil"))
    assert (made.authors, made.agency, made.agencies, made.place, made.categories) == ((), None, (), None, ())


@pytest.mark.parametrize(
    "lenders",
    [
        pytest.param([lender("a"), lender("b")], id="two outlets"),
        pytest.param([lender("a", trust="high")], id="a trusted one"),
    ],
)
def test_two_outlets_or_a_trusted_one_lend(lenders: list[Member]) -> None:
    made = story(copy("victim"), *lenders)
    assert (made.authors, made.agency, made.place) == (("J. Spammer",), "Reuters", "PARIS")
    assert made.categories == ("CASINO", "business")


def test_any_copy_but_one_of_low_trust_lends_a_picture_under_its_outlets_name() -> None:
    picture = Media(url="https://x.example/1.jpg", credit="Nikon")
    assert story(copy("victim"), copy("a", hours=1, media=[picture])).media[0].credit == "Nikon / A"
    assert story(copy("victim"), copy("a", hours=1, media=[picture], trust="low")).media == ()
    own = Media(url="https://victim.example/1.jpg")
    assert story(copy("victim", media=[own]), copy("a", hours=1, media=[picture])).media[0].url == own.url


def test_filters_take_any_copy_but_of_low_trust_and_an_agency_needs_more_than_a_credit() -> None:
    made = story(copy("victim"), lender("evil"))
    assert admits(OutputRule(name="x", categories=("business",)), made)
    assert not admits(OutputRule(name="x", agencies=("Reuters",)), made)
    assert admits(OutputRule(name="x", agencies=("Reuters",)), story(copy("victim"), lender("a"), lender("b")))
    assert admits(OutputRule(name="x", agencies=("AP",)), story(copy("victim"), copy("a", credit="AP")))
    assert admits(OutputRule(name="x", agencies=("Reuters",)), story(lender("evil")))
    low = story(copy("victim"), lender("evil", trust="low"))
    assert not admits(OutputRule(name="x", categories=("business",)), low)
    assert coverage(low.copies) == 1


@given(st.permutations(range(5)), st.lists(st.sampled_from(["low", "normal", "high"]), min_size=5, max_size=5))
def test_a_story_is_the_same_in_every_order_whatever_the_trust(order: list[int], trust: list[str]) -> None:
    texts = [OLD, (*OLD, SPAM), OLD[:2], NEW, NEW]
    marks = [None, Revision(kind=RevisionKind.UPDATE, number=9), None, None, Revision(kind=RevisionKind.CORRECTION)]
    members = [
        copy(f"p{n}", *texts[n], hours=n, revision=int(n > 2), mark=marks[n], trust=trust[n], priority=n % 2)
        for n in range(5)
    ]
    assert story(*(members[n] for n in order)) == story(*members)


def test_an_operator_who_trusts_a_source_less_has_its_stories_composed_anew(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("courier")
    room.source("herald")
    room.serve("courier", item("c1", "Marrow Ferry cut off", *OLD))
    room.serve("herald", item("h1", "UPDATE 2-Marrow Ferry cut off", *NEW, at="2026-03-10T11:00:00Z"))
    room.round()
    assert [made.canonical.source for made in room.stories()] == ["herald"]
    room.reconfigure("herald", trust="low")
    room.round(1)
    assert [made.canonical.source for made in room.stories()] == ["courier"]
