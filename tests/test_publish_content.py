"""What an entry's text and source say: corrections, summaries, other outlets, nothing private."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree
from newsstand import IDENTITY, at, copy, feed, publisher, rich_story, story
from test_publish_atom import ATOM, BARE, GRAMMAR, SUMMARY, content_of, entry_of, links

from feedhub.model import CopyStanding, Dispute, EntryKey, EntryStyle
from feedhub.publish import atom, json_feed
from feedhub.publish.safe_text import paragraphs, plain
from feedhub.structs import replace


def test_the_content_ends_with_the_other_outlets_by_name() -> None:
    assert content_of(rich_story()).endswith(
        '\n<p>Also published by: <a href="https://harrow.test/h">Harrow &amp; Vale</a>, '
        '<a href="https://quay.test/q">The Quay</a>, <a href="https://wire.test/w">The Wire</a></p>'
    )


ALSO = {
    "one outlet": ((copy(),), True, None),
    "one outlet in two of its sources": ((copy(), copy(guid="2")), True, None),
    "the switch is off": ((copy(), copy("quay.test")), False, None),
    "an outlet's copies count once, its earliest linked": (
        (copy(), copy("quay.test", "late", published=at(2)), copy("quay.test", "early", published=at(1))),
        True,
        '<a href="https://quay.test/early">The Quay</a>',
    ),
    "a copy without a page": ((copy(), copy("quay.test", url=None)), True, "The Quay"),
    "a copy with a script for a page": ((copy(), copy("quay.test", url="javascript:alert(1)")), True, "The Quay"),
    "a name that is markup": (
        (copy(), copy("quay.test", name="<script>", url=None)),
        True,
        "&lt;script&gt;",
    ),
}


@pytest.mark.parametrize(("copies", "also", "expected"), ALSO.values(), ids=ALSO)
def test_also_published_by_names_other_outlets_only(copies: Any, also: bool, expected: str | None) -> None:
    text = content_of(story(copies=copies), style=EntryStyle(also=also))
    assert text.partition("Also published by: ")[2].removesuffix("</p>") == (expected or "")


def test_copies_in_another_order_give_the_same_names() -> None:
    one = rich_story()
    shuffled = replace(one, copies=one.copies[::-1])
    assert content_of(one).partition("Also")[2] == content_of(shuffled).partition("Also")[2]


def test_a_correction_is_visible_above_the_text() -> None:
    assert content_of(rich_story()).startswith(
        "<p><strong>Corrected:</strong> the number aboard is 34, not 43</p>\n<p>A ferry"
    )


SUMMARIES = {
    "says something else": ("Rescuers came.", "Rescuers came."),
    "repeats the beginning": ("A ferry ran aground off Selm on Tuesday.", None),
    "repeats it cut off": ("A ferry ran aground off Selm …", None),
    "repeats it across a paragraph": ("off Selm on Tuesday. All 34 aboard", None),
    "none": (None, None),
}


@pytest.mark.parametrize(("given", "expected"), SUMMARIES.values(), ids=SUMMARIES)
def test_a_summary_never_repeats_the_content(given: str | None, expected: str | None) -> None:
    assert entry_of(story(summary=given)).findtext(f"{ATOM}summary") == expected


@pytest.mark.timeout(30)
def test_a_teaser_of_dots_costs_no_more_than_another() -> None:
    teaser = "." * 300_000 + "x"
    assert entry_of(story(summary=teaser)).findtext(f"{ATOM}summary") == teaser


def test_a_picture_without_a_word_is_content() -> None:
    picture = '<p><img src="https://lantern.test/ferry.jpg" alt=""></p>'
    assert content_of(story(html=picture, summary="Rescuers came.")) == picture


@pytest.mark.parametrize("empty", ["", "<p></p>", "<p> \n</p>"])
def test_markup_without_a_word_is_no_content(empty: str) -> None:
    assert entry_of(story(html=empty, summary="Rescuers came.")).find(f"{ATOM}content") is None


def test_a_summary_alone_stands_as_summary_with_the_other_outlets() -> None:
    entry = entry_of(replace(SUMMARY, copies=(*SUMMARY.copies, copy("quay.test", url=None))))
    assert entry.find(f"{ATOM}content") is None
    assert entry.findtext(f"{ATOM}summary") == (
        "<p>Rescuers &amp; crews at sea.</p>\n<p>Also published by: The Quay</p>"
    )


def test_a_story_without_page_and_text_still_has_content() -> None:
    entry = entry_of(replace(BARE, title="Port closed"))
    assert entry.findtext(f"{ATOM}content") == "<p>Port closed</p>"
    assert not links(entry, "alternate")


def test_the_author_is_the_outlet_where_no_byline_is_known() -> None:
    assert entry_of(story()).findtext(f"{ATOM}author/{ATOM}name") == "The Lantern"


def test_the_source_is_complete() -> None:
    source = entry_of(rich_story())[-1]
    assert source.findtext(f"{ATOM}id") == "https://lantern.test/feed"
    assert source.findtext(f"{ATOM}title") == "The Lantern: front page"
    assert source.findtext(f"{ATOM}updated") == "2026-06-02T11:00:00+00:00"
    assert links(source, "self") == ["https://lantern.test/feed"]
    assert links(source, "alternate") == ["https://lantern.test/"]


SECRETS = {
    "a query": publisher(id="https://lantern.test/feed?key=SECRET", self_link=None),
    "user info": publisher(id="https://me:SECRET@lantern.test/feed", self_link=None),
    "a site link with a query": publisher(link="https://lantern.test/?key=SECRET", id=None, self_link=None),
    "a site link with user info": publisher(link="https://me:SECRET@lantern.test/", self_link=None),
    "a self link with user info": publisher(self_link="https://me:SECRET@lantern.test/feed"),
}


@pytest.mark.parametrize("one", SECRETS.values(), ids=SECRETS)
def test_the_source_betrays_no_private_address(one: Any) -> None:
    document = atom(feed(story(publisher=one)))
    assert b"SECRET" not in document
    assert GRAMMAR.validate(etree.fromstring(document))


def test_a_source_without_id_gets_a_lasting_one() -> None:
    source = entry_of(story(publisher=publisher(id=None)))[-1]
    assert source.findtext(f"{ATOM}id") == f"{IDENTITY}:source/lantern"


def test_a_busy_source_does_not_change_the_bytes_of_its_old_entries() -> None:
    old, busy = (story(publisher=publisher(updated=at(hours))) for hours in (5, 50))
    assert atom(feed(old)) == atom(feed(busy))


def test_a_caption_is_no_excerpt_of_the_text() -> None:
    figure = '<figure><p><img src="https://quay.test/f.jpg"></p><figcaption>Monday.</figcaption></figure>'
    assert plain(f"{figure}<p>Seals came.</p><dl><dt>a</dt><dd>b</dd></dl>") == "Seals came. a b"
    assert plain(figure) == "Monday."
    assert plain("<ul><li>a<ul><li>b</li></ul></li></ul>") == "a b"
    assert paragraphs(f"{figure}<p>Seals came.</p>") == ["Seals came."]


def test_five_outlets_are_named_the_earliest_and_the_rest_is_counted_with_a_link_to_the_page() -> None:
    ran = tuple(copy(f"paper{n}.test", f"p{n}", name=f"Paper {n}", url=None, published=at(n)) for n in range(1, 9))
    made = story(copies=(copy("lantern.test", "1"), *ran))
    said = "Paper 1, Paper 2, Paper 3, Paper 4, Paper 5 and 3 more</p>"
    assert content_of(made).endswith(f"\n<p>Also published by: {said}")
    page = f"https://hub.test/story/{made.id.rpartition(':')[2]}"
    linked = content_of(made, style=EntryStyle(pages="https://hub.test/story/"))
    assert linked.endswith(f'\n<p><a href="{page}">Also published by</a>: {said}')


@pytest.mark.parametrize(
    ("authors", "expected"),
    [
        (("R. Patel",), ["R. Patel, The Lantern"]),
        (("R. Patel", "Bo Lindt"), ["R. Patel", "Bo Lindt, The Lantern"]),
        (("the lantern",), ["the lantern"]),
        ((), ["The Lantern"]),
    ],
)
def test_an_output_may_name_the_outlet_beside_the_author(authors: tuple[str, ...], expected: list[str]) -> None:
    made = story(authors=authors, publisher=publisher(name="The Lantern", authors=()))
    entry = entry_of(made, style=EntryStyle(author="outlet"))
    assert [one.text for one in entry.findall(f"{ATOM}author/{ATOM}name")] == expected


def test_machines_are_told_who_disputes_a_story_and_what() -> None:
    quay = EntryKey(source="quay", guid="q")
    disputed = copy("quay.test", "q", standing=CopyStanding.DISPUTED)
    made = story(copies=(copy("lantern.test", "1"), disputed))
    made = replace(made, disputes=(Dispute(key=quay, name="The Quay", facts=(("34", "43"),)),))
    (item,) = json.loads(json_feed(feed(made)))["items"]
    assert item["_feedhub"]["disputed_by"] == [{"source": "quay", "name": "The Quay", "facts": [["34", "43"]]}]
    assert [one["standing"] for one in item["_feedhub"]["copies"]] == ["current", "disputed"]
