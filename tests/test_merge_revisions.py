"""The order of a story's revisions, and when `updated` moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.merge import Former, Member, compose, in_order
from feedhub.merge.change import readable
from feedhub.model import Copy, EntryKey, Media, Publisher, Relation, Revision, RevisionKind, Rights, Story, WireMarks
from feedhub.structs import replace

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
FIRST = "A ferry with 34 people on board went down off Tarn on Monday, the coast guard said."
SECOND = FIRST.replace("34", "36")
MORE = (
    "Two boats and a helicopter searched the water until dusk and will go out again at first light, a spokesman said."
)
END = "The Sallow, built in 1971, had been due for scrapping this spring and carried rafts for all on board."


def said(
    name: str, *paragraphs: str, hours: float = 0, revision: int = 0, mark: str | None = None, **publisher: object
) -> Member:
    kind, _, number = (mark or "").partition(" ")
    wire = (
        WireMarks(revision=Revision(kind=RevisionKind(kind), number=int(number) if number else None))
        if mark
        else WireMarks()
    )
    copy = Copy(
        key=EntryKey(source=name, guid="1"),
        outlet=name.title(),
        title=f"Ferry lost, says {name}",
        paragraphs=paragraphs,
        html="".join(f"<p>{p}</p>" for p in paragraphs),
        published=NOON + timedelta(hours=hours),
        first_seen=NOON + timedelta(hours=hours),
        wire=wire,
    )
    fields = {"source": name, "name": name.title(), "outlet": name.title(), **publisher}
    return Member(copy=copy, publisher=Publisher(**fields), relation=Relation.COPY, revision=revision)  # type: ignore[arg-type]


def told(members: Sequence[Member], previous: Story | None = None, now: datetime = NOON) -> Story:
    return compose("tag:x", in_order(members), previous=previous, now=now, released=NOON, shares=share)


def share(part: str, whole: str) -> float:
    words = part.split()
    return sum(word in whole.split() for word in words) / len(words) if words else 0.0


def edited(member: Member, *, before: str, hours: float, marked: bool = True) -> Member:
    """A member whose entry said something else until it was edited; not `marked`: the edit brought the wire's mark."""
    wire = member.copy.wire if marked else WireMarks()
    former = Former(copy=replace(member.copy, paragraphs=(before,), wire=wire), until=NOON + timedelta(hours=hours))
    return replace(member, formers=(former,))


@pytest.mark.parametrize(
    ("members", "speaks"),
    [
        pytest.param([said("a", FIRST), said("b", SECOND, hours=1, revision=1)], "b", id="the newest by time"),
        pytest.param(
            [said("a", FIRST, hours=0), said("b", SECOND, hours=1, revision=1), said("c", FIRST, MORE, hours=2)],
            "b",
            id="a late copy of the old revision, though longer",
        ),
        pytest.param(
            [said("a", SECOND, mark="update 2"), said("b", FIRST, hours=1, revision=1, mark="update 1")],
            "a",
            id="numbers of one mark overrule time",
        ),
        pytest.param(
            [said("a", SECOND, mark="lead 2"), said("b", FIRST, hours=1, revision=1, mark="update 1")],
            "b",
            id="numbers of two marks do not",
        ),
        pytest.param(
            [
                edited(said("a", SECOND, mark="correction"), before=FIRST, hours=2),
                said("b", FIRST, hours=3, revision=1),
            ],
            "a",
            id="a late copy of what an entry said before its correction",
        ),
        pytest.param(
            [said("a", FIRST, MORE), said("b", SECOND, hours=1, revision=1)], "b", id="an excerpt of the newest speaks"
        ),
    ],
)
def test_the_newest_revision_speaks(members: list[Member], speaks: str) -> None:
    assert told(members).canonical.source == speaks
    assert told(members[::-1]).canonical.source == speaks


def test_an_edit_of_a_comma_makes_an_old_revision_no_newer() -> None:
    old = edited(said("a", FIRST), before=FIRST.replace("Monday,", "Monday"), hours=5)
    assert told([old, said("b", SECOND, hours=1, revision=1)]).canonical.source == "b"


def test_an_edit_that_brings_an_update_speaks_though_it_only_adds() -> None:
    update = edited(said("a", FIRST, MORE, revision=1, mark="update 1"), before=FIRST, hours=5, marked=False)
    assert told([update, said("b", FIRST, hours=1)]).canonical.source == "a"


def test_a_pinned_copy_speaks_whatever_is_newer_or_longer() -> None:
    pinned = replace(said("a", FIRST), pinned=True)
    members = [pinned, said("c", FIRST, MORE), said("b", SECOND, hours=1, revision=1)]
    assert told(members).canonical.source == "a"
    assert told(members).html == f"<p>{FIRST}</p>"


@given(st.permutations(range(4)), st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_the_order_of_revisions_is_the_same_however_the_copies_are_listed(order: list[int], hours: list[int]) -> None:
    members = [said("abcd"[n], FIRST.replace("34", str(n)), hours=hours[n], revision=n) for n in range(4)]
    ranks = {m.copy.key: m.revision for m in in_order(members)}
    assert {m.copy.key: m.revision for m in in_order([members[n] for n in order])} == ranks
    assert sorted(ranks.values()) == list(range(4))


LATER = NOON + timedelta(hours=3)
FULL = (FIRST, MORE, END)


@pytest.mark.parametrize(
    ("before", "after", "moves"),
    [
        pytest.param([said("a", *FULL)], [said("a", *FULL), said("b", *FULL)], False, id="one more outlet"),
        pytest.param(
            [said("a", *FULL)], [said("a", *FULL), said("b", *FULL, priority=1)], False, id="another copy of the text"
        ),
        pytest.param(
            [said("a", *FULL)],
            [said("a", *FULL), said("b", *(p.replace("Two", "2") for p in FULL), priority=1)],
            False,
            id="another outlet's house style",
        ),
        pytest.param(
            [said("a", *FULL)], [said("b", *FULL)], False, id="the copy that spoke left, another says the same"
        ),
        pytest.param(
            [said("a", *FULL)],
            [said("a", *FULL), said("b", SECOND, MORE, END, hours=1, revision=1)],
            True,
            id="a revision with another number",
        ),
        pytest.param([said("a", FIRST)], [said("a", FIRST), said("b", *FULL)], True, id="an excerpt became full text"),
        pytest.param(
            [said("a", *FULL)], [said("a", *FULL, mark="correction")], True, id="a correction, whatever it changes"
        ),
        pytest.param(
            [said("a", *FULL)],
            [said("a", *FULL), said("w", FIRST, agency="W", rights=Rights.HEADLINE)],
            False,
            id="less shown",
        ),
    ],
)
def test_updated_moves_for_news_and_for_nothing_else(before: list[Member], after: list[Member], moves: bool) -> None:
    first = told(before)
    assert (told(after, first, LATER).updated == LATER) is moves


def test_what_a_story_lacks_it_borrows_with_provenance_and_credit() -> None:
    wire = said("w", *FULL, agency="Quill Agency")
    picture = Media(url="https://b.example/ferry.jpg", medium="image")
    other = said("b", *FULL)
    other = replace(other, copy=replace(other.copy, media=(picture,), wire=WireMarks(byline="M. Orr", place="TARN")))
    assert told([wire, other]).authors == ()
    third = said("c", *FULL, hours=1)
    third = replace(third, copy=replace(third.copy, wire=WireMarks(byline="M. Orr", place="TARN")))
    story = told([wire, other, third])
    assert (story.authors, story.place, story.agency) == (("M. Orr",), "TARN", "Quill Agency")
    assert story.media == (replace(picture, credit="B"),)
    lent = {name: key.source for name, key in story.provenance.items()}
    assert lent == {"title": "w", "html": "w", "agency": "w", "authors": "b", "media": "b", "place": "b"}


def test_nothing_is_borrowed_for_a_restricted_copy_nor_from_one() -> None:
    picture = Media(url="https://x.example/ferry.jpg", medium="image")

    def rich(member: Member) -> Member:
        return replace(
            member, copy=replace(member.copy, media=(picture,), wire=WireMarks(byline="M. Orr", place="TARN"))
        )

    under = told([said("w", *FULL, agency="W", rights=Rights.HEADLINE), rich(said("b", *FULL))])
    assert (under.authors, under.place, under.media, under.html) == ((), None, (), None)
    beside = told([said("b", *FULL, priority=1), rich(said("w", *FULL, rights=Rights.HEADLINE))])
    assert (beside.authors, beside.place, beside.media) == ((), None, ())


def test_a_correction_of_what_may_be_shown_no_more_is_only_named() -> None:
    first = told([said("a", *FULL)])
    second = told([said("a", SECOND, MORE, END, mark="correction")], first, LATER)
    assert second.correction == "“34” is now “36” (A)."
    third = told([said("a", SECOND, MORE, END, mark="correction", rights=Rights.HEADLINE)], second, LATER)
    assert third.correction == "A has corrected this story."
    assert third.updated == second.updated


def test_a_story_that_lives_again_does_not_go_back_in_time() -> None:
    members = in_order([said("a", *FULL)])
    story = compose("tag:x", members, previous=None, now=LATER, released=LATER, shares=share, updated=LATER)
    assert story.updated == LATER


def test_a_story_gets_no_younger_while_all_its_copies_stay() -> None:
    first = told([said("a", *FULL), said("b", *FULL, hours=1)])
    moved = told([said("a", *FULL, hours=2), said("b", *FULL, hours=1)], first, LATER)
    assert moved.published == NOON
    assert told([said("b", *FULL, hours=1)], first, LATER).published == NOON + timedelta(hours=1)


def _shown(member: Member, html: str) -> Member:
    return replace(member, copy=replace(member.copy, html=html))


def test_a_story_without_a_picture_borrows_one_that_stands_in_another_text() -> None:
    text = "".join(f"<p>{p}</p>" for p in FULL)
    sign, photo = (
        '<img src="https://b.example/s.png" width="16">',
        '<img src="https://b.example/f.jpg?a=1&amp;b=2" alt="x">',
    )
    wire, other = _shown(said("w", *FULL, agency="Quill Agency"), text), _shown(said("b", *FULL), sign + photo + text)
    (picture,) = told([wire, other]).media
    assert (picture.url, picture.medium, picture.credit) == ("https://b.example/f.jpg?a=1&b=2", "image", "B")
    assert told([_shown(wire, photo + text), other]).media == ()
    assert told([wire, _shown(other, sign + text)]).media == ()


def test_a_caption_is_no_news() -> None:
    figure = '<figure><p><img src="https://w.example/f.jpg"></p><figcaption>{}</figcaption></figure><p>Seals came.</p>'
    before, after = (_shown(said("w", *FULL), figure.format(text)) for text in ("Monday, 12 seals", "Friday, 34 seals"))
    first = told([before])
    assert told([after], first, LATER).updated == first.updated


def test_cells_are_words_apart() -> None:
    table = "<table><tbody><tr><td>Selm</td><td>{}</td></tr></tbody></table>"
    assert readable(table.format(40)).split() == ["Selm", "40"]
    assert readable("<ul><li>a<ul><li>b</li></ul></li></ul><p>c<br>d</p>") == "a\nb\nc\nd"
