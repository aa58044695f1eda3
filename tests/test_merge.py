"""Ids, canonical copies and material change, as pure functions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.merge import Founder, Member, Standing, assign, compose, mint
from feedhub.merge.change import compare, correction
from feedhub.model import Copy, EntryKey, Publisher, Relation, Revision, RevisionKind, Rights, Story, WireMarks
from feedhub.structs import replace

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
IDENTITY = "test.example,2026"


def key(name: str) -> EntryKey:
    return EntryKey(source=name, guid="1")


def founder(name: str, minutes: int = 0) -> Founder:
    return Founder(first_seen=NOON + timedelta(minutes=minutes), key=key(name))


def standing(number: int, name: str, *, canonical: str | None = None, live: bool = True, minutes: int = 0) -> Standing:
    return Standing(
        id=number,
        tag=mint(IDENTITY, key(name)),
        founded=NOON + timedelta(minutes=minutes),
        founder=key(name),
        canonical=key(canonical or name),
        live=live,
        revivable=not live,
    )


def test_a_new_story_is_founded_by_the_first_seen_and_then_by_name() -> None:
    (made,) = assign([[founder("b"), founder("c", -5), founder("a")]], [], {}, identity=IDENTITY, taken=lambda t: False)
    assert (made.story, made.founder, made.tag) == (None, key("c"), mint(IDENTITY, key("c")))


def test_of_two_stories_found_to_be_one_the_older_stays() -> None:
    old, young = standing(7, "b", minutes=-60), standing(3, "a")
    current = {key("a"): 3, key("b"): 7}
    (made,) = assign(
        [[founder("a"), founder("b", -60)]], [young, old], current, identity=IDENTITY, taken=lambda t: True
    )
    assert (made.story, made.joined) == (7, (3,))


def test_in_a_split_the_canonical_copys_part_keeps_the_id_and_the_other_gets_a_new_one() -> None:
    story = standing(1, "a", canonical="b")
    current = {key(name): 1 for name in "abc"}
    groups = [[founder("a"), founder("c")], [founder("b")]]
    left, right = assign(groups, [story], current, identity=IDENTITY, taken=lambda t: t == story.tag)
    assert right.story == 1
    assert left.story is None
    # the founder's own tag is the story's that stayed with the other part
    assert left.tag == mint(IDENTITY, key("c"))


def test_an_edited_canonical_copy_that_leaves_does_not_take_the_id_along() -> None:
    story = standing(1, "a")
    current = {key(name): 1 for name in "abc"}
    alone, rest = assign(
        [[founder("a")], [founder("b"), founder("c")]],
        [story],
        current,
        edited={key("a")},
        identity=IDENTITY,
        taken=lambda t: t == story.tag,
    )
    assert rest.story == 1
    assert alone.story is None


def test_a_copy_that_had_an_id_before_a_wrong_join_gets_it_back() -> None:
    kept, ended = standing(1, "a"), standing(2, "b", live=False)
    current = {key("a"): 1, key("b"): 1}
    first, second = assign(
        [[founder("a")], [founder("b")]], [kept, ended], current, identity=IDENTITY, taken=lambda t: True
    )
    assert (first.story, second.story) == (1, 2)


@given(st.permutations(["a", "b", "c", "d"]), st.permutations([0, 1]))
def test_the_order_of_groups_and_members_changes_no_id(members: list[str], order: list[int]) -> None:
    groups = [[founder(name) for name in members if name in part] for part in ("ab", "cd")]
    made = assign([groups[i] for i in order], [], {}, identity=IDENTITY, taken=lambda t: False)
    assert {each.tag for each in made} == {mint(IDENTITY, key("a")), mint(IDENTITY, key("c"))}


# ---------------------------------------------------------------- compose

LEDE = "The council of Tarn voted on Monday to close its last coal plant three years early."
MIDDLE = "The plant employs 340 people and heats about half of the town from November to March."
END = "A retraining fund of 12 million crowns will open in May, the mayor said after the vote."


def member(name: str, *paragraphs: str, minutes: int = 0, revision: int = 0, **publisher: object) -> Member:
    copy = Copy(
        key=key(name),
        outlet=name.title(),
        title=f"Plant to close, says {name}",
        paragraphs=paragraphs,
        html="".join(f"<p>{p}</p>" for p in paragraphs),
        url=f"https://{name}.example/1",
        published=NOON + timedelta(minutes=minutes),
        first_seen=NOON,
    )
    fields = {"source": name, "name": name.title(), "outlet": name.title(), **publisher}
    return Member(copy=copy, publisher=Publisher(**fields), relation=Relation.COPY, revision=revision)  # type: ignore[arg-type]


def share(part: str, whole: str) -> float:
    words = part.split()
    return sum(word in whole.split() for word in words) / len(words) if words else 0.0


def told(*members: Member, previous: Story | None = None, now: datetime = NOON) -> Story:
    return compose("tag:x", members, previous=previous, now=now, released=NOON, shares=share)


@pytest.mark.parametrize(
    ("members", "speaks"),
    [
        pytest.param(
            [member("a", LEDE, MIDDLE), member("w", LEDE, agency="WW")], "w", id="the agency's own feed first"
        ),
        pytest.param([member("a", LEDE, MIDDLE), member("b", LEDE, priority=1)], "b", id="then priority"),
        pytest.param([member("a", LEDE), member("b", LEDE, MIDDLE)], "b", id="then the most complete text"),
        pytest.param([member("a", LEDE, minutes=9), member("b", LEDE)], "b", id="then the earliest"),
        pytest.param([member("a", LEDE, MIDDLE), member("b", LEDE, revision=1)], "b", id="newest revision"),
    ],
)
def test_who_speaks_for_a_story(members: list[Member], speaks: str) -> None:
    assert told(*members).canonical == key(speaks)
    assert told(*reversed(members)).canonical == key(speaks)


def test_a_longer_body_stands_in_only_when_a_second_outlet_confirms_what_is_extra() -> None:
    wire = member("w", LEDE, agency="WW")
    longer = member("a", LEDE, MIDDLE, END)
    assert told(wire, longer).html == f"<p>{LEDE}</p>"
    confirmed = told(wire, longer, member("b", LEDE, MIDDLE, END))
    assert confirmed.html == f"<p>{LEDE}</p><p>{MIDDLE}</p><p>{END}</p>"
    assert confirmed.provenance["html"] != confirmed.provenance["title"] == key("w")


def test_summary_rights_show_sixty_words_and_no_body() -> None:
    story = told(member("a", " ".join(f"word{n}" for n in range(90)), rights=Rights.SUMMARY))
    assert story.html is None
    assert story.summary is not None
    assert len(story.summary.removesuffix(" …").split()) == 60


LATER = NOON + timedelta(hours=3)


@pytest.mark.parametrize(
    ("before", "after", "moves"),
    [
        pytest.param((LEDE, MIDDLE), (LEDE, MIDDLE), False, id="nothing"),
        pytest.param((LEDE, MIDDLE), (LEDE.replace("Monday", "monday"), MIDDLE), False, id="case"),
        pytest.param((LEDE, MIDDLE), (LEDE.replace(" early.", ", early"), MIDDLE), False, id="punctuation"),
        pytest.param((LEDE, MIDDLE), (LEDE, MIDDLE.replace("340", "430")), True, id="a number"),
        pytest.param((LEDE, MIDDLE), (LEDE.replace("of Tarn", "of Sallow"), MIDDLE), True, id="a name"),
        pytest.param((LEDE, MIDDLE), (LEDE.replace("Monday", "Sunday"), MIDDLE), True, id="a day"),
        pytest.param((LEDE, MIDDLE), (LEDE.replace("voted", "did not vote"), MIDDLE), True, id="a negation"),
        pytest.param((LEDE, MIDDLE), (LEDE, MIDDLE, END), True, id="a fifth of the words"),
        pytest.param((LEDE,), (LEDE, MIDDLE, END), True, id="an excerpt became a full text"),
    ],
)
def test_updated_moves_only_for_material_change(before: tuple[str, ...], after: tuple[str, ...], moves: bool) -> None:
    first = told(member("a", *before))
    second = told(member("a", *after), previous=first, now=LATER)
    assert second.updated == (LATER if moves else first.updated)


def test_a_correction_names_what_it_changed() -> None:
    first = told(member("a", LEDE, MIDDLE))
    marked = member("a", LEDE, MIDDLE.replace("340", "430"))
    wire = WireMarks(revision=Revision(kind=RevisionKind.CORRECTION))
    second = told(replace(marked, copy=replace(marked.copy, wire=wire)), previous=first, now=LATER)
    assert second.correction == "“340” is now “430” (A)."
    assert second.updated == LATER


def test_a_correction_without_a_former_version_still_says_so() -> None:
    assert correction(None, "Herald") == "Herald has corrected this story."


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_no_text_differs_materially_from_itself(text: str) -> None:
    assert not compare(text, text).material
