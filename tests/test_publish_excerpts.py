"""Excerpts and first paragraphs: bounded in letters and in work, and otherwise what the whole text would give."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.publish import excerpt, first_paragraphs, paragraphs

_WORDS = st.lists(st.sampled_from(["ferry", "harbour", "&amp;", "<em>pier</em>", "港", "<br>"]), max_size=400).map(
    " ".join
)
_BLOCKS = st.one_of(
    _WORDS.map(lambda words: f"<p>{words}</p>"),
    _WORDS.map(lambda words: f"<blockquote><p>{words}</p></blockquote>"),
    _WORDS.map(lambda words: f'<figure><img src="http://a.test/b.jpg"><figcaption>{words}</figcaption></figure>'),
    st.just('<p><img src="http://a.test/c.jpg" alt="x"></p>'),
)


@given(st.lists(_BLOCKS, max_size=30).map("".join), st.sampled_from([1, 3]))
def test_the_first_paragraphs_of_the_beginning_are_those_of_the_whole(markup: str, count: int) -> None:
    assert first_paragraphs(markup, count) == paragraphs(markup)[:count]


@pytest.mark.parametrize("text", ["海" * 300_000, "ferry " * 60_000, "a&amp;" * 60_000])
def test_a_paragraph_without_an_end_is_read_as_far_as_a_line_of_it_goes(text: str) -> None:
    assert len(excerpt(" ".join(first_paragraphs(f"<p>{text}</p>", 1)), 40)) <= 642


EXCERPTS = {
    "shorter": ("one two", 3, "one two"),
    "as long": ("one two  three ", 3, "one two three"),
    "longer": ("one two three four", 3, "one two three …"),
    "nothing": ("", 3, ""),
    "long words among short ones": (
        "Verkehrsinfrastrukturgesellschaft am 1. Mai",
        4,
        "Verkehrsinfrastrukturgesellschaft am 1. Mai",
    ),
    "no blanks, short": ("北京大学开设新课程", 12, "北京大学开设新课程"),
    "no blanks, long": ("北" * 100, 3, "北" * 48 + " …"),
    "one word for ever": ("a" * 100_000, 12, "a" * 192 + " …"),
}


@pytest.mark.parametrize(("text", "words", "wanted"), EXCERPTS.values(), ids=EXCERPTS)
def test_an_excerpt_has_so_many_words_and_sixteen_letters_for_each(text: str, words: int, wanted: str) -> None:
    assert excerpt(text, words) == wanted
