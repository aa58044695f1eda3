"""A cut character comes and goes: no version of a story is newer for it."""

from __future__ import annotations

import pytest
from newsstand import story

from feedhub.merge.change import changed
from feedhub.merge.damaged_text import mended

SOUND = "Портовая комиссия открыла причал в Мурманске после трёх лет работ."


def cut(text: str, word: str, at: int) -> str:
    return text.replace(word, f"{word[:at]}\ufffd{word[at + 1 :]}")


@pytest.mark.parametrize(("word", "at"), [("Мурманске", 0), ("Мурманске", 4), ("Портовая", 0), ("трёх", 3)])
def test_a_cut_character_is_no_news_when_it_comes_and_when_it_goes(word: str, at: int) -> None:
    sound = story(html=f"<p>{SOUND}</p>", title=SOUND)
    damaged = story(html=f"<p>{cut(SOUND, word, at)}</p>", title=cut(SOUND, word, at))
    assert damaged.title != sound.title
    for before, after in ((sound, damaged), (damaged, sound)):
        assert not changed(before, after).material


def test_another_word_is_news_beside_a_cut_one() -> None:
    other = cut(SOUND, "комиссия", 2).replace("Мурманске", "Архангельске")
    assert changed(story(html=f"<p>{SOUND}</p>"), story(html=f"<p>{other}</p>")).material


def test_a_damaged_word_is_mended_only_where_one_word_fits() -> None:
    assert mended("the p\ufffdt", "the port") == ("the port", "the port")
    assert mended("the p\ufffdt", "a pit or a port") == ("the p\ufffdt", "a pit or a port")
    assert mended("the p\ufffdt", "the p\ufffdt") == ("the p\ufffdt", "the p\ufffdt")
    assert mended("a", "b") == ("a", "b")
