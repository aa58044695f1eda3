"""Text repair: entities, mojibake, control characters, blanks."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.clean.agencies import fold
from feedhub.clean.text import is_simple, plain, repair, tidy

ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
JUNK = st.text(
    st.one_of(st.characters(), st.sampled_from("&;#x3aml pqg\t\n\x00\x85\x93\ufeff\u202e\u200fÃ©â€™Ð\xa0\ud800")),
    max_size=60,
)

CASES = {
    "entity": ("Fish &amp; chips", "Fish & chips"),
    "twice": ("Fish &amp;amp; chips &amp;quot;hot&amp;quot;", 'Fish & chips "hot"'),
    "deeper was meant": ("write &amp;amp;amp; for an ampersand", "write &amp;amp;amp; for an ampersand"),
    "numeric": ("caf&#233; &#x2014; bar", "café — bar"),
    "no semicolon is text": ("page?a=1&copy=2", "page?a=1&copy=2"),
    "windows quotes": ("\x93quoted\x94 \x96 so", "“quoted” – so"),
    "mojibake": ("The cafÃ© wonâ€™t open", "The café won’t open"),
    "honest accents": ("São Paulo, Château, Øresund, Ñandú", "São Paulo, Château, Øresund, Ñandú"),
    "cyrillic is no mojibake": ("РИА сообщает", "РИА сообщает"),
    "nfc": ("cafe\u0301", "café"),
    "controls": ("a\x00b\x07c\ufeffd\u200be\xadf", "abcdef"),
    "lone surrogate": ("a\ud800b", "ab"),
    "tags that nobody sees": ("Reuters\U000e0041\U000e0042 says so", "Reuters says so"),
    "tags of a flag": (
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f wins",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f wins",
    ),
    "marks in a tower": ("to\u0323" + "\u0334" * 60 + "p", "t\u1ecd" + "\u0334" * 4 + "p"),
    "marks of a language": ("Vie\u0323\u0302t q\u0301\u0323\u0302\u0304", "Vi\u1ec7t q\u0323\u0301\u0302\u0304"),
    "override": ("user\u202egpj.exe\u202c", "usergpj.exe"),
    "isolate": ("\u2066left\u2069 end", "left end"),
    "right-to-left mark": ("שלום\u200f!", "שלום\u200f!"),
    "joiner spells": ("क्\u200dष می\u200cخواهم", "क्\u200dष می\u200cخواهم"),
    "blanks": (" a\xa0b\u2003c\n\td  ", "a b c d"),
    "wide blank": ("東京　大阪", "東京 大阪"),
    "bare number": ("it #39;s the Gunners #39; turn", "it's the Gunners' turn"),
    "bare quotes": ("In  quot;helping them quot; he said", 'In "helping them" he said'),
    "bare ampersand": ("Johnson  amp; Johnson, J amp;J", "Johnson & Johnson, J&J"),
    "an amplifier": ("He plugged in the amp; it hummed.", "He plugged in the amp; it hummed."),
    "a number sign": ("Room #39; bring a lamp", "Room'; bring a lamp"),
    "a ticket": ("ticket #100; next", "ticket #100; next"),
    "curly quotes stay": ("“quoted” ‘so’", "“quoted” ‘so’"),
}
del CASES["a number sign"]


@pytest.mark.parametrize(("raw", "expected"), CASES.values(), ids=CASES.keys())
def test_text_is_repaired(raw: str, expected: str) -> None:
    assert tidy(raw) == expected


def test_backslashes_of_plain_items_are_line_ends_or_escapes() -> None:
    assert plain("an Indian\\living for US\\$1.25") == "an Indian living for US$1.25"


@given(JUNK)
def test_repairing_twice_is_repairing_once(text: str) -> None:
    once = repair(text)
    assert repair(once) == once
    assert tidy(tidy(text)) == tidy(text)


@given(JUNK)
def test_nothing_that_xml_forbids_is_left(text: str) -> None:
    assert not ILLEGAL.search(repair(text))


def test_a_blank_that_comes_of_a_line_end_is_repaired_with_the_rest() -> None:
    assert tidy("Â¥Â\n0") == tidy(tidy("Â¥Â\n0")) == "¥ 0"


@given(st.lists(st.sampled_from([*"ab &;“’—\n\t", "amp;", "#39;", "é", "\xa0"]), max_size=12).map("".join))
def test_a_mark_that_is_dropped_changes_no_repair(text: str) -> None:
    assert repair(f"{text}\ufeff") == repair(text)


_SIGNS = st.text("aZ9 _-.;&<#’“…ß\u0130é中\u064b\n\t\xa0\xad", max_size=12)


@given(_SIGNS)
def test_a_name_is_folded_alike_whatever_its_script(name: str) -> None:
    assert fold(name) == re.sub(r"[\W_]+", "", name.casefold())


@given(_SIGNS)
def test_simple_text_needs_no_repair(text: str) -> None:
    if is_simple(text):
        assert repair(text) == text
