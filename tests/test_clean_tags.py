"""No markup makes a parser work for ever: tags are written anew where there are many, or much stands in one."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode
from test_clean_html import PIECES, SHAPES, SPACED, cleaned

from feedhub.clean.html import read, render
from feedhub.clean.tags import bound_tags
from feedhub.model import Markup

#: so many tags that all are written anew
MANY = "<!---->" * 400
FONTS = "".join(f"<font color=c{n}>" for n in range(390))
#: what a parser makes many elements, great depth, or comparisons of each attribute with all others of
ABSURD = {
    "tags left open round each paragraph": FONTS + "</p>" + "<p>x</p>" * 4_000,
    "tags left open in each paragraph": FONTS.replace("<font", "<p><font") + "<p>x" * 4_000,
    "bold in many ways": "<p>" + "".join(f"<b a{n}>" for n in range(390)) + "</p>" + "<p>x</p>" * 4_000,
    "ends before there is a beginning": "</i>" * 5_000 + "<div>" * 5_000,
    "ends of what is not open": "<i></u>" * 5_000,
    "ends that a table keeps inside": "<div><table><td></div></table>" * 5_000,
    "ends in a comment": "<div><!--</div>-->" * 5_000,
    "ends in quotes": '<div title="</div>">' * 5_000,
    "ends in a value without quotes": "<u x=</u>" * 5_000,
    "ends in a script": "<div><script></div></script>" * 5_000,
    "ends in a drawing": "<div><svg></div></svg>" * 5_000,
    "many attributes": "<p " + " ".join(f"a{n}" for n in range(5_000)) + ">x",
    "many attributes between ends in quotes": "<p " + " ".join(f"a{n}='>' " for n in range(5_000)) + ">x",
    "attributes without blanks": "<p " + "".join(f'a{n}="1"' for n in range(5_000)) + ">x",
    "attributes parted by slashes": "<p/" + "/".join(f"a{n}" for n in range(5_000)) + ">x",
    "attributes that begin with a sign": "<p " + " ".join(f"={n}=x" for n in range(5_000)) + ">x",
    "attributes behind a comment that is none": '<p a="<!--">' + "<p " + " ".join(f"b{n}" for n in range(5_000)) + ">",
}


def nodes(markup: str) -> list[LexborNode]:
    body = LexborHTMLParser(markup).body
    return [] if body is None else list(body.traverse(include_text=False))


def depth(node: LexborNode) -> int:
    deep, parent = 0, node.parent
    while parent is not None:
        deep, parent = deep + 1, parent.parent
    return deep


@pytest.mark.parametrize("markup", ABSURD.values(), ids=ABSURD)
def test_absurd_markup_becomes_a_small_and_flat_tree(markup: str) -> None:
    found = nodes(bound_tags(markup)[0])
    assert len(found) < 130_000
    assert max(len(node.attributes) for node in found) <= 20
    # a table that keeps ends inside costs more than ten signs for each level
    assert max(depth(node) for node in found[:: max(1, len(found) // 200)]) < max(500, len(markup) / 10)


@pytest.mark.parametrize(("markup", "html", "texts"), SHAPES.values(), ids=SHAPES)
def test_markup_keeps_its_shape_among_many_tags(markup: str, html: str, texts: list[str]) -> None:
    if "<" in markup:
        assert cleaned(MANY + markup) == html


def test_what_is_written_anew_says_the_same() -> None:
    pieces = [piece for piece in [*PIECES.split(), *SPACED, "a", "b c"] if piece not in ("<svg>", "<math>")]
    chance = random.Random(5)
    for _ in range(300):
        markup = "".join(chance.choices(pieces, k=12))
        assert cleaned(MANY + markup) == cleaned("<!---->" + markup), markup


def test_markup_beyond_all_measure_is_told_to_be_cut() -> None:
    assert bound_tags("<b><i><u>" + "<p>x" * 100_000)[1]
    assert not bound_tags("<p>x" * 10_000)[1]
    # bold that is never ended is what careless editors send
    assert not bound_tags("<p><b>x" * 10_000)[1]


def test_a_text_goes_on_behind_a_drawing_without_an_end() -> None:
    assert cleaned("<p>One</p><svg><path>" + "<p>x</p>" * 400).count("<p>x</p>") == 400


#: markup, and what is left of it
LONG = {
    "blanks round a line end": (
        "<b>a</b>x" + " " * 200_000 + "y\nz" + " " * 190_000 + "x",
        "<p><strong>a</strong>x y z x</p>",
    ),
    "tags parted by blanks": ("<b></b> " * 50_000, ""),
    "many attributes": ("<p " + " ".join(f"a{n}" for n in range(50_000)) + ">x</p>", "<p>x</p>"),
    "deep after many ends": ("</i>" * 40_000 + "<div>" * 40_000, ""),
    "tables in captions": ("<table><caption>" * 190 + "<i></i>" * 50_000, ""),
}


@pytest.mark.timeout(10)
@pytest.mark.parametrize(("markup", "html"), LONG.values(), ids=LONG)
def test_many_absurd_texts_come_to_an_end_with_what_they_say(markup: str, html: str) -> None:
    for _ in range(4):
        assert render(read(Markup(value=markup), None)) == html


_WRITTEN = st.sampled_from(
    ["p", "/p", "b", "/b", "a href=x", "a href='x>y'", 'a href="x', '"', "a title=\"'\"", "/a", "script", "/script",
     "svg a=1", "/svg", "select", "td x=\"1\" y='2' lang=en", "!--", "--", "1", "", "title='", "li a=", "B CLASS=A",
     "amp-img src=a"]
)  # fmt: skip


@given(st.lists(_WRITTEN, min_size=1, max_size=6), st.sampled_from(["", "x", ">", "-->", '">', "'>"]))
def test_a_short_tag_is_written_as_one_so_long_that_it_is_not_remembered(tags: list[str], end: str) -> None:
    few = "<i>" * 2 + "</i>" * 2
    short, long = (f"{few * 100}{''.join(f'<{tag}{pad}>x' for tag in tags)}{end}" for pad in (" ", " " * 300))
    assert bound_tags(short)[0].replace(" ", "") == bound_tags(long)[0].replace(" ", "")
