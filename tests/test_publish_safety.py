"""No story, however hostile, breaks a document; the same stories give the same bytes; entries are rendered once."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from newsstand import copy, feed, publisher, rich_story, story
from test_publish_atom import GRAMMAR

from feedhub.model import EntryStyle, Media, OutputFeed, OutputItem
from feedhub.publish import FORMATS, Fragments, StyledItems, atom, json_feed, rss
from feedhub.publish.safe_text import language, legal, link
from feedhub.structs import replace

RENDER: dict[str, Callable[[OutputFeed, Fragments | None], bytes]] = {"atom": atom, "rss": rss, "json": json_feed}

NASTY = {
    "control characters": "a\x00b\x07c\x1fd\x0b",
    "not characters": "a\ufffeb\uffffc",
    "a lone surrogate": "a\ud800b",
    "the end of CDATA": "a]]>b<![CDATA[c",
    "markup": "<script>alert(1)</script>&amp;&nbsp;\"'",
    "the end of an entry": "</title></entry></feed><item></channel></rss>",
    "a line break": "a\r\nb\u2028c",
    "other scripts": "нафта 石油 نفط 🛢️",
    "blank": " \t\n ",
    "empty": "",
}


def hostile(text: str) -> OutputFeed:
    """A feed in which every field says the same nasty thing."""
    other = copy("quay.test", "n", title=text, name=text, url=f"javascript:{text}")
    return feed(
        replace(
            rich_story(),
            title=text,
            html=text,
            summary=text,
            url=f"javascript:{text}",
            via=text,
            authors=(text,),
            categories=(text,),
            language=text,
            rights=text,
            agency=text,
            place=text,
            date=text,
            cited=(text,),
            revision=text,
            correction=text,
            media=(Media(url=text, type=text, length=-1), Media(url=f"data:{text}")),
            publisher=publisher(name=text, title=text, id=text, link=text, self_link=text, authors=(text,)),
            copies=(*rich_story().copies, other),
        ),
        story(2),
        title=text,
        hubs=(text, "javascript:alert(1)"),
    )


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_a_poisoned_story_takes_no_feed_down(text: str) -> None:
    made = hostile(text)
    root = etree.fromstring(atom(made))
    assert GRAMMAR.validate(root), GRAMMAR.error_log
    for body in (atom(made), rss(made)):
        read = feedparser.parse(io.BytesIO(body))
        assert not read.bozo
        assert len(read.entries) == 2
        assert read.entries[1].title == story(2).title
    items = json.loads(json_feed(made))["items"]
    assert [item["id"] for item in items] == [rich_story().id, story(2).id]


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
@pytest.mark.parametrize("suffix", RENDER)
def test_no_script_address_gets_out(suffix: str, text: str) -> None:
    assert b"javascript:" not in RENDER[suffix](hostile(text), None)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec=None, min_codepoint=0, max_codepoint=0x10FFFF), max_size=40))
def test_any_text_at_all_gives_well_formed_documents(text: str) -> None:
    made = hostile(text)
    etree.fromstring(atom(made))
    etree.fromstring(rss(made))
    json.loads(json_feed(made))


LINKS: dict[str, tuple[str | None, str | None]] = {
    "a page": ("https://quay.test/a?b=c&d#e", "https://quay.test/a?b=c&d#e"),
    "a valueless query": ("https://quay.test/?12345", "https://quay.test/?12345"),
    "capitals in the path": ("HTTPS://Quay.test/A", "https://quay.test/A"),
    "other letters": ("https://kaió.test/ä?ö=ü#é", "https://xn--kai-ina.test/%C3%A4?%C3%B6=%C3%BC#%C3%A9"),
    "a host that is none": ("https://a..b/", None),
    "blanks": ("https://quay.test/a b", "https://quay.test/a%20b"),
    "quotes": ("https://quay.test/\"'<>", "https://quay.test/%22%27%3C%3E"),
    "a lone per cent sign": ("https://quay.test/5%", "https://quay.test/5%25"),
    "an escape stays": ("https://quay.test/%20", "https://quay.test/%20"),
    "user info": ("https://me:pw@quay.test:8443/", "https://quay.test:8443/"),
    "IPv6": ("http://[::1]:80/x", "http://[::1]:80/x"),
    "a script": ("javascript:alert(1)", None),
    "a script with a host": ("javascript://quay.test/%0aalert(1)", None),
    "another protocol": ("ftp://quay.test/x", None),
    "data": ("data:text/html,x", None),
    "no host": ("https:///x", None),
    "relative": ("/x", None),
    "a bad port": ("https://quay.test:port/", None),
    "a broken IPv6": ("https://[::1/", None),
    "nothing": (None, None),
}


@pytest.mark.parametrize(("given", "expected"), LINKS.values(), ids=LINKS)
def test_a_link_is_a_web_address_or_nothing(given: str | None, expected: str | None) -> None:
    assert link(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [("en", "en"), ("pt_BR", "pt-BR"), ("zh-Hant-TW", "zh-Hant-TW"), ("", None), (None, None), ("not a tag", None)],
)
def test_a_language_is_a_tag_or_nothing(given: str | None, expected: str | None) -> None:
    assert language(given) == expected


@given(st.text(st.characters(codec=None, min_codepoint=0, max_codepoint=0x10FFFF)))
def test_stripping_twice_is_stripping_once(text: str) -> None:
    assert legal(legal(text)) == legal(text)


@pytest.mark.parametrize("suffix", RENDER)
def test_the_same_stories_give_the_same_bytes(suffix: str) -> None:
    first, second = (feed(*(rich_story(n) for n in range(5))) for _ in range(2))
    kept = Fragments()
    assert RENDER[suffix](first, None) == RENDER[suffix](second, kept) == RENDER[suffix](second, kept)


@pytest.mark.parametrize("suffix", RENDER)
def test_a_changed_story_alone_is_rendered_again(suffix: str) -> None:
    kept = Fragments()
    stories = [rich_story(n) for n in range(10)]
    RENDER[suffix](feed(*stories), kept)
    assert kept.rendered == 10
    stories[4] = replace(stories[4], title="Ferry afloat again")
    fresh = RENDER[suffix](feed(*stories), kept)
    assert kept.rendered == 11
    assert fresh == RENDER[suffix](feed(*stories), None)


def test_what_all_formats_say_of_a_story_is_worked_out_once_for_each_style() -> None:
    styled = StyledItems(OutputItem(story=rich_story(), entered=rich_story().updated))
    plain, named = EntryStyle(also=False), EntryStyle(author="outlet")
    assert styled.item(plain) is styled.item(EntryStyle(also=False))
    assert styled.item(named) is not styled.item(plain)
    assert "Also published by" in (styled.item(named).content or "")
    assert "Also published by" not in (styled.item(plain).content or "")


SHOWN: dict[str, dict[str, Any]] = {
    "title": {"title": "Other"},
    "text": {"html": "<p>Other</p>"},
    "correction": {"correction": "other"},
    "a copy more": {"copies": (*rich_story().copies, copy("fourth.test", "4"))},
    "the canonical copy": {"canonical": rich_story().copies[1].key},
    "updated": {"updated": rich_story().updated.replace(hour=23)},
    "the source's name": {"publisher": publisher(title="Other")},
}


@pytest.mark.parametrize("changed", SHOWN.values(), ids=SHOWN)
def test_whatever_an_entry_shows_gives_it_a_new_version(changed: dict[str, Any]) -> None:
    kept = Fragments()
    old, new = feed(rich_story()), feed(replace(rich_story(), **changed))
    atom(old, kept)
    assert atom(new, kept) == atom(new)
    assert kept.rendered == 2


def test_the_switch_for_other_outlets_makes_another_version() -> None:
    kept = Fragments()
    atom(feed(rich_story()), kept)
    assert b"Also published" not in atom(feed(rich_story(), style=EntryStyle(also=False)), kept)


def test_the_memory_of_entries_is_bounded() -> None:
    kept = Fragments(limit=20_000)
    made = feed(*(rich_story(n) for n in range(50)))
    assert atom(made, kept) == atom(made)
    assert 10_000 < kept.size <= 20_000


def test_every_format_names_its_type() -> None:
    assert {suffix: form.media_type.partition(";")[0] for suffix, form in FORMATS.items()} == {
        "atom": "application/atom+xml",
        "rss": "application/rss+xml",
        "json": "application/feed+json",
    }
