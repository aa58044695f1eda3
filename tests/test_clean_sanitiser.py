"""Common markup is written as the sanitiser would write it, and nothing that it would change passes it by."""

from __future__ import annotations

import re
from itertools import chain

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from feedhub.clean.html import read, render
from feedhub.clean.lines import Line, Step, Tag, drop_dangling, markup_of
from feedhub.clean.sanitiser import LOST, SANITISER, common_markup, sanitised_tag
from feedhub.model import Markup

_ADDRESSES = (
    "https://site.example/a", "http://site.example", "https://site.example/a?b=1&amp;c=2#d", "https://site.example/?b",
    "https://xn--a.example/", "https://a.xn--b/", "http://1.2.3.4.5/", "http://a.1/", "http://0x1/", "//site.example/a",
    "javascript:alert(1)", "data:text/html,x", "https://site.example:99999/", "https://site.example/%zz", "#n-x", "",
    "https://a..example/", "https://-a-.example/a", "https://site.example/\u00e9", "https://site.example/\u202e",
    "https://\u0131.example/", "https://user@site.example/", "https://site.example/a,b;c", "HTTPS://SITE.EXAMPLE/",
    "https://site.example/a\nb", "https://site.example/&quot;&gt;", "mailto:jo@site.example", "http://[::1]/",
)  # fmt: skip
_WORDS = ("", "A view", "A &amp; B", "&lt;b&gt;", "it&#x27;s", "a\xa0b", "\u2019", "x\ny", "`", "\ufdd0", "\u3042")
_EXTRA = (' onclick="x"', ' style="a"', ' srcset="https://site.example/b 2x"', ' id="x"', ' rel="me"', " controls", "/")
_NAMES = ("a", "strong", "em", "code", "span", "sub", "q", "abbr", "ruby", "video", "svg", "script", "b", "p", "table")
_TEXTS = st.sampled_from(
    ["Rain fell.", "<b>", "a & b", "&amp;", "]]>", "a\xa0b", "\u202e", "\x00", "\r", " ", "\ufeff", "<!--"]
)


@st.composite
def _begin_tags(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(("img", *_NAMES)))
    written = f"<{name}"
    if name in ("a", "img") and draw(st.booleans()):
        written += f' {"href" if name == "a" else "src"}="{draw(st.sampled_from(_ADDRESSES))}"'
    for known in ("title", "alt", "width", "height"):
        if draw(st.integers(0, 3)) == 0:
            written += f' {known}="{draw(st.sampled_from((*_WORDS, "640")))}"'
    if draw(st.integers(0, 4)) == 0:
        written += draw(st.sampled_from(_EXTRA))
    return f"{written}>"


_TAGS = st.one_of(_begin_tags(), st.sampled_from([f"</{name}>" for name in _NAMES]), st.just(" "), st.just(""))
_ANY_TOKENS = st.lists(st.one_of(_TEXTS, _TAGS.map(Tag)), max_size=5)
_BEGIN = {"a": '<a href="https://site.example/a" title="A view">'} | {
    name: f"<{name}>" for name in ("strong", "em", "code", "sub", "q", "abbr", "mark")
}


def _within(inner: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    """Tokens one behind the other, some of them within an element."""
    element = st.builds(
        lambda name, some: [Tag(_BEGIN[name]), *some, Tag(f"</{name}>")], st.sampled_from([*_BEGIN]), inner
    )
    return st.builds(lambda some: list(chain.from_iterable(some)), st.lists(st.one_of(inner, element), max_size=3))


_PLAIN = st.sampled_from(["Rain fell.", "a & b", "<b>", "\u201cSun\u201d", " "]).map(lambda text: [text])
_PICTURES = st.sampled_from(['<img src="https://site.example/a.jpg">', '<img src="//a" alt="A">', '<img src="x">', " "])
_ENDED_TOKENS = st.recursive(
    st.one_of(*6 * [_PLAIN], _TEXTS.map(lambda text: [text]), _PICTURES.map(lambda tag: [Tag(tag)])),
    _within,
    max_leaves=8,
)
_TOKENS = st.one_of(*4 * [_ENDED_TOKENS], _ANY_TOKENS)
_STEPS = st.builds(
    Step,
    st.sampled_from("ul ol li blockquote figure figcaption div dl dt dd table tr td p".split()),
    st.integers(0, 2),
    st.sampled_from(["", "", "", ' dir="rtl"']),
)
_PATHS = st.builds(
    lambda names, numbers: tuple(map(Step, names, numbers, [""] * 4)),
    st.sampled_from(
        [(), ("ul", "li"), ("blockquote",), ("figure", "figcaption"), ("dl", "dd"), ("ol", "li", "ul", "li")]
    ),
    st.tuples(*[st.integers(0, 1)] * 4),
)
_LINES = st.lists(
    st.builds(
        Line,
        st.sampled_from([*8 * ["p"], "h2", "h2", "", "", "pre", "hr"]),
        st.integers(0, 1),
        st.one_of(*4 * [_PATHS], st.lists(_STEPS, max_size=3).map(tuple)),
        _TOKENS,
    ),
    max_size=4,
)


@settings(max_examples=150)
@given(_LINES)
def test_lines_that_pass_the_sanitiser_by_are_what_it_makes_of_them(lines: list[Line]) -> None:
    written = common_markup(lines)
    event("passes" if written is not None else "does not pass")
    if written is not None:
        assert written == SANITISER.clean(markup_of(lines))
        assert not LOST.search(written)


@settings(max_examples=150)
@given(_begin_tags())
def test_a_tag_that_passes_by_itself_is_what_the_sanitiser_makes_of_it_in_a_text(tag: str) -> None:
    written, name = sanitised_tag(tag)
    if written is not None:
        end = "" if name == "img" else f"</{name}>"
        assert SANITISER.clean(f"<p>a{tag}b{end}</p>") == f"<p>a{written}b{end}</p>"


@pytest.mark.parametrize("address", _ADDRESSES)
def test_an_address_in_markup_comes_out_as_from_the_sanitiser(address: str) -> None:
    markup = Markup(value=f'<p>a <a href="{address}" title="t">b</a> <img src="{address}" alt="c" width="9"> d</p>')
    lines = drop_dangling(read(markup, None))
    written = SANITISER.clean(markup_of(lines))
    assert render(lines) == written or LOST.search(written)


def test_common_news_never_meets_the_sanitiser() -> None:
    lines = read(
        Markup(
            value="<h3>Rain</h3><p>It <b>fell</b> on <a href='https://site.example/a?b=1&c=2'>Exampleton</a>.<br>Then "
            "sun</p><ul><li>one</li><li>two <i>and</i></li></ul><hr><blockquote><p>\u201cSun &amp; rain\u201d</p>"
            "</blockquote><figure><img src='https://site.example/a.jpg' alt='A view' width=640><figcaption>Sea"
            "</figcaption></figure>"
        ),
        None,
    )
    written = common_markup(lines)
    assert written is not None
    assert re.findall("<(?!/)[^>]*>", written) == re.findall("<(?!/)[^>]*>", SANITISER.clean(markup_of(lines)))
    assert written == SANITISER.clean(markup_of(lines))
