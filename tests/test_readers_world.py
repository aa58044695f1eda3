"""The invented newsroom, two rounds and a bad night: every document is valid, real readers end with its stories.

feedparser and lemon24/reader are in the ordinary line; newsboat and fastfeedparser when asked for: `pytest -m readers`.
Asked for and missing, they fail.
"""

from __future__ import annotations

import pytest
from feedrules import FAULTS
from subscribers import FastFeedparser, Feedparser, Lemon, Look, Newsboat
from world import Rounds, play

pytestmark = [pytest.mark.xdist_group("world"), pytest.mark.timeout(300)]

READERS = [
    "feedparser",
    "reader",
    *(pytest.param(name, marks=pytest.mark.readers) for name in ("newsboat", "fastfeedparser")),
]


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Rounds:
    folder = tmp_path_factory.mktemp("world")
    return play(folder, lambda url: {"feedparser": Feedparser(url), "reader": Lemon(url)})


@pytest.fixture(scope="module")
def more(tmp_path_factory: pytest.TempPathFactory) -> Rounds:
    folder, home = tmp_path_factory.mktemp("world"), tmp_path_factory.mktemp("newsboat")
    return play(folder, lambda url: {"newsboat": Newsboat(url, home), "fastfeedparser": FastFeedparser(url)})


@pytest.fixture(params=READERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def played(request: pytest.FixtureRequest, name: str) -> Rounds:
    """The rounds in which this reader took part."""
    made: Rounds = request.getfixturevalue("rounds" if name in ("feedparser", "reader") else "more")
    return made


@pytest.fixture
def looks(played: Rounds, name: str) -> list[Look]:
    return [seen.looks[name] for seen in played]


def keeps(name: str) -> bool:
    reader: type[Lemon | Newsboat | Feedparser] = {"reader": Lemon, "newsboat": Newsboat}.get(name, Feedparser)
    return reader.keeps


def test_every_document_is_valid_in_every_round(rounds: Rounds) -> None:
    for seen in rounds:
        for path, body in seen.documents.items():
            suffix = path.partition("?")[0].rpartition(".")[2]
            assert list(FAULTS[suffix](body)) == [], path


def test_the_world_has_every_state_of_a_storys_life(rounds: Rounds) -> None:
    after = rounds[1]
    assert {stone.successor is None for stone in rounds[2].gone.values()} == {True, False}
    assert all(story.html is None for story in rounds[2].stories.values())
    assert any(story.correction for story in after.stories.values())
    assert any(story.revision for story in after.stories.values())
    assert any(len(story.copies) > 3 for story in after.stories.values())
    assert any(story.html is None for story in after.stories.values())


def test_a_reader_ends_with_exactly_the_stories_of_the_truth(played: Rounds, looks: list[Look], name: str) -> None:
    before: set[str] = set()
    for seen, look in zip(played[:2], looks, strict=False):
        assert all(len(ids) == 1 for ids in seen.true.values()), "one story, one id"
        told = {tag for ids in seen.true.values() for tag in ids}
        assert len(told) == len(seen.true), "one id, one story"
        # what is listed no more stays a story
        assert set(seen.stories) - told <= before
        assert told <= set(look.entries)
        # a reader that keeps all keeps the dead too, once
        assert set(look.entries) - set(seen.stories) <= (set(seen.gone) if keeps(name) else set())
        assert look.twice == ()
        before |= told
    night = looks[2]
    assert set(night.entries) - set(played[2].stories) == (set(played[2].gone) if keeps(name) else set())


def test_a_reader_is_notified_of_new_stories_and_of_nothing_else(played: Rounds, looks: list[Look]) -> None:
    morning, evening, _ = played
    assert looks[0].fresh == set(morning.stories)
    assert looks[1].fresh == set(evening.stories) - set(morning.stories)
    assert looks[1].fresh
    assert looks[2].fresh == set()


def test_one_more_outlet_is_shown_without_a_new_date(played: Rounds, looks: list[Look]) -> None:
    morning, evening, _ = played
    grown = {
        tag: {c.name for c in now.copies if c.outlet not in {old.outlet for old in before.copies}}
        for tag, now in evening.stories.items()
        if (before := morning.stories.get(tag)) is not None
        and len({c.outlet for c in now.copies}) > len({c.outlet for c in before.copies})
        and (now.title, now.html, now.summary) == (before.title, before.html, before.summary)
    }
    assert grown
    for tag, names in grown.items():
        was, now = looks[0].entries[tag], looks[1].entries[tag]
        assert (now.title, now.date) == (was.title, was.date)
        assert any(name.replace("&", "&amp;") in now.content for name in names)
        assert tag not in looks[1].fresh


def test_a_correction_is_seen(played: Rounds, looks: list[Look]) -> None:
    corrected = [tag for tag, story in played[1].stories.items() if story.correction]
    assert corrected
    for tag in corrected:
        assert "Corrected:" in looks[1].entries[tag].content or "has corrected" in looks[1].entries[tag].content


def test_a_story_that_was_withdrawn_is_gone_where_the_reader_lets_go(
    played: Rounds, looks: list[Look], name: str
) -> None:
    night = played[2]
    assert len(night.gone) == 2
    for tag in night.gone:
        assert tag in looks[1].entries
        assert f'ref="{tag}"'.encode() in night.documents["/feeds/all.atom"]
        assert (tag in looks[2].entries) is keeps(name)
        assert tag not in looks[2].fresh


def test_what_rights_took_back_is_nowhere_any_more(rounds: Rounds) -> None:
    _, evening, night = rounds
    assert b"<content" in evening.documents["/feeds/all.atom"]
    long_texts = {story.html[:200] for story in evening.stories.values() if story.html and len(story.html) > 400}
    for path, body in night.documents.items():
        assert not [text for text in long_texts if text.encode() in body], path
    archived = night.documents["/feeds/paged.atom?archive=1"]
    assert archived.count(b"deleted-entry") >= 10
    assert b"<entry" not in archived


def test_the_words_of_an_output_are_in_what_it_shows(rounds: Rounds) -> None:
    shown = [story for story in rounds[1].stories.values() if "ferr" in repr(story).casefold()]
    found = rounds[1].documents["/feeds/ferries.atom"]
    assert 0 < found.count(b"<entry") < len(rounds[1].stories)
    assert any(story.id.encode() in found for story in shown)
