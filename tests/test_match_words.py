"""Words of long ASCII texts are read all at once, those of others one by one: both say the same; so do keys."""

from __future__ import annotations

import pytest
from comparing import FERRY, item
from hypothesis import given
from hypothesis import strategies as st

from feedhub.match import forget_numbers, forget_spellings, keys
from feedhub.match.index.keys import keys_of
from feedhub.match.text import tokens as tokens_module
from feedhub.match.text.prepare import coded
from feedhub.match.text.spelling import tokens
from feedhub.match.text.tokens import coded_tokens, codes, codes_of, decoded, spelling_of

LONG = "The ferry left the pier at dawn and did not come back to the shore of the lake. " * 8
PIECES = [
    "Ferry", "FERRY", "not", "Monday", "two", "Twelve", "million", "p.m.", "9.45", "1,180", "21:00", "900bn", "12th",
    "x1.5", "it's", "“so”", '"quoted"', "\n", "_", "a_b", "covid19", "...", "-", "1.", ".5", "3,5,7", "\x01", "I", "Ox",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.text(st.characters(max_codepoint=127), max_size=12), max_size=40))
def test_a_long_text_gives_the_codes_that_its_tokens_give_one_by_one(pieces: list[str]) -> None:
    text = LONG + " ".join(pieces)
    assert codes(text).tolist() == coded_tokens(tokens(text)).tolist()


@given(st.text(st.characters(max_codepoint=127), max_size=30))
def test_what_stands_before_a_text_does_not_change_its_words(text: str) -> None:
    alone = codes(LONG + text).tolist()
    assert codes("Nine boats\n" + LONG + text).tolist()[3:] == alone


@pytest.mark.parametrize("word", ["shore", "Shore", "SHORE", "not", "Tuesday", "nine", "1,180"])
def test_a_word_has_one_hash_in_short_long_and_foreign_texts(word: str) -> None:
    (short,) = decoded(codes(word)).hashes.tolist()
    assert decoded(codes(LONG + word)).hashes[-1] == short
    assert decoded(codes("déjà " + word)).hashes[-1] == short


def test_words_made_of_the_same_letters_have_other_hashes() -> None:
    found = decoded(codes("silent listen tinsel enlist inlets " + LONG)).hashes[:5].tolist()
    assert len(set(found)) == 5


def test_numbers_are_forgotten_once_they_are_many_and_known_again_as_soon_as_a_text_has_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def written(text: str) -> list[str]:
        return [spelling for value in decoded(codes(text)).hashes.tolist() if (spelling := spelling_of(value))]

    text = f"{LONG}Nine of 1,180 boats, 42.5 tons"
    assert written(text) == ["9", "1180", "42.5"]
    (rare,) = decoded(codes("77031")).hashes.tolist()
    assert not forget_numbers()
    monkeypatch.setattr(tokens_module, "_NUMBERS_BYTES", 0)
    assert forget_numbers()
    # what was coded just before, by whatever thread, still has its numbers
    assert spelling_of(rare) == "77031"
    written("5")
    assert forget_numbers()
    assert spelling_of(rare) == ""
    assert written(text) == written(f"déjà {text}") == ["9", "1180", "42.5"]


TEXTS = st.text(st.characters(max_codepoint=0x1FF), max_size=60) | st.sampled_from(
    [
        LONG,
        LONG * 40,
        FERRY[0],
        FERRY[2],
        "河上的桥星期二关闭了。" * 9,
        "Ünïted " * 30,
        "“He said 1,180”",
        "",
        "Two 9.45",
    ]
)


@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_texts_read_together_have_the_codes_that_each_has_alone(texts: list[str]) -> None:
    assert [found.tolist() for found in codes_of(texts)] == [codes(text).tolist() for text in texts]


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8))
def test_copies_read_together_have_the_keys_that_each_has_alone(texts: list[tuple[str, str]]) -> None:
    prepared = [item("lantern", title, text) for title, text in texts]
    together = keys_of(coded([each.copy for each in prepared]))
    assert [found.tolist() for found in together] == [keys(each).tolist() for each in prepared]


def test_a_few_numbers_are_known_however_often_spellings_are_forgotten() -> None:
    number = int(decoded(codes("417 dead")).hashes[0])
    for _ in range(3):
        forget_spellings()
    assert spelling_of(number) == "417"
