"""Many fixed texts are found in one pass: just those that stand in a text, in any script, also inside one another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from feedhub.clean.phrase_search import PhraseSet

PIECES = st.sampled_from(
    ["AP", "APTN", "TN", "dpa", "通讯", "通讯社", "é", "ß", "агент", " ", "x", "😀", "news agency"]
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)


@given(st.lists(TEXTS.filter(bool), max_size=8), TEXTS)
def test_what_is_found_is_just_what_stands_in_the_text(phrases: list[str], text: str) -> None:
    assert PhraseSet(phrases).present_in(text) == {phrase for phrase in phrases if phrase in text}
