"""Shortcuts of cleaning give what the long way gives: bare paragraphs, texts without odd signs, remembered lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.clean.catalogue import marks
from feedhub.clean.draft import Piece
from feedhub.clean.html import read
from feedhub.clean.revision_marks import search_mark
from feedhub.clean.text import repair, tidy
from feedhub.model import Markup

_ROUND = st.sampled_from(
    ["{}", "a {} b", "<div>{}</div>", "<ul><li>{}</ul>", "<blockquote>{}</blockquote>", "<pre>{}</pre>", "<b>{}</b>",
     "<a href='https://site.example/x'>{}</a>", "<table><tr><td>{}</td><td>c</td></tr></table>", "<p dir=rtl>{}",
     "<figure><img src='https://site.example/a.jpg'><figcaption>{}</figcaption></figure>", "<div dir=rtl>{}</div>"]
)  # fmt: skip
_TEXTS = st.sampled_from(
    [
        "Rain fell.",
        " two  blanks ",
        "",
        " ",
        "\n",
        "line\r\nend",
        "&nbsp;",
        "caf\u00e9",
        "\u00c3\u00a9",
        "&amp;lt;",
        "\xad",
    ]
)


@given(_ROUND, st.lists(_TEXTS, min_size=1, max_size=3))
def test_a_paragraph_of_bare_text_is_read_as_one_with_an_attribute_that_says_nothing(
    around: str, texts: list[str]
) -> None:
    bare, marked = (
        read(Markup(value=around.format("".join(f"<p{name}>{text}</p>" for text in texts))), None)
        for name in ("", " class=x")
    )
    assert bare == marked


_ODD = ("\x85", "\x93", "\xad", "\u200b", "\ufeff", "\u202e", "\u2066", "\U000e0041", "\u2028", "\r", "\x07", "\ufdd0")


@pytest.mark.parametrize("odd", [*_ODD, "o" + 6 * "\u0301"])
def test_each_odd_sign_is_seen_in_a_text_that_is_not_ascii(odd: str) -> None:
    assert odd not in repair(f"caf\u00e9 {odd} au lait")


def test_a_line_that_was_shortened_is_looked_at_anew() -> None:
    piece = Piece("Advertisement prices fell.")
    assert piece.signs.rule is None
    piece.keep(0, len("Advertisement"))
    assert piece.signs.rule is not None


_MARKED = [example for mark in marks() for example in (*mark.goes, *mark.stays)]


@given(
    st.sampled_from(_MARKED), st.sampled_from(["", "Rain: ", "(UPDATE 2) "]), st.sampled_from(["", " x", " (UPDATE)"])
)
def test_a_mark_that_can_only_stand_in_front_is_looked_for_there_alone(title: str, before: str, behind: str) -> None:
    for mark in marks():
        found, searched = search_mark(mark, text := f"{before}{title}{behind}"), mark.pattern.search(text)
        assert (found and found.span()) == (searched and searched.span())


@given(
    st.lists(st.sampled_from(["Rain", " ", "\n", "\u201cfell\u201d", ";", "&amp;", "\u00e9", " #39;", "\xa0", "\t"]))
)
def test_an_even_text_is_tidied_as_any_other(parts: list[str]) -> None:
    text = "".join(parts)
    assert tidy(text) == " ".join(repair(" ".join(repair(text).split())).split())
