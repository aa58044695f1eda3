"""The Atom documents: RFC 4287 by its grammar and by the rules that no grammar can say."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree
from newsstand import IDENTITY, at, copy, feed, rich_story, story

from feedhub.model import EntryKey, EntryStyle, OutputFeed, Story, Tombstone
from feedhub.publish import HUB_NS, atom
from feedhub.publish.atom import whole

ATOM = "{http://www.w3.org/2005/Atom}"
HUB = f"{{{HUB_NS}}}"
AT = "{http://purl.org/atompub/tombstones/1.0}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

GRAMMAR = etree.RelaxNG(etree.parse(Path(__file__).parent / "data" / "atom.rng"))

HEADLINE = story(7, html=None, summary=None)
SUMMARY = story(8, html=None, summary="Rescuers & crews at sea.")
BARE = story(9, html=None, summary=None, url=None, language=None, title="")
FEEDS = {
    "nothing": feed(),
    "one plain story": feed(story()),
    "all that a story can have": feed(rich_story()),
    "many": feed(*(rich_story(n) for n in range(1, 12))),
    "a headline alone": feed(HEADLINE),
    "a summary alone": feed(SUMMARY),
    "nothing known": feed(BARE),
    "no other outlets named": feed(rich_story(), style=EntryStyle(also=False)),
    "tombstones and hubs": feed(
        rich_story(),
        tombstones=(
            Tombstone(id=f"{IDENTITY}:dead", when=at(4), reason="withdrawn by its agency"),
            Tombstone(id=f"{IDENTITY}:joined", when=at(5), reason="the same story", successor=story().id),
        ),
        hubs=("https://push.test/",),
    ),
}


def parsed(made: OutputFeed) -> etree._Element:
    return etree.fromstring(atom(made))


def entry_of(one: Story, **changed: Any) -> etree._Element:
    found = parsed(feed(one, **changed)).find(f"{ATOM}entry")
    assert found is not None
    return found


def content_of(one: Story, **changed: Any) -> str:
    return entry_of(one, **changed).findtext(f"{ATOM}content") or ""


def links(element: etree._Element, rel: str) -> list[str]:
    return [link.get("href", "") for link in element.findall(f"{ATOM}link") if link.get("rel", "alternate") == rel]


@pytest.mark.parametrize("made", FEEDS.values(), ids=FEEDS)
def test_every_document_follows_the_grammar_of_rfc_4287(made: OutputFeed) -> None:
    assert GRAMMAR.validate(parsed(made)), GRAMMAR.error_log


@pytest.mark.parametrize("broken", ["id", "updated", "title"])
def test_the_grammar_sees_what_is_missing(broken: str) -> None:
    root = parsed(feed(story()))
    missing = root.find(f"{ATOM}entry/{ATOM}{broken}")
    assert missing is not None
    missing.getparent().remove(missing)  # type: ignore[union-attr]
    assert not GRAMMAR.validate(root)


@pytest.mark.parametrize("made", FEEDS.values(), ids=FEEDS)
def test_every_document_keeps_the_rules_that_the_grammar_cannot_say(made: OutputFeed) -> None:
    root = parsed(made)
    ids = [entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)), "4.1.1: entries with one id are one entry"
    assert len(links(root, "self")) == 1
    assert len(links(root, "alternate")) == 1
    for entry in root.iter(f"{ATOM}entry"):
        children = [child.tag for child in entry]
        assert entry.findall(f"{ATOM}author"), "4.1.2: an author, always"
        assert len(links(entry, "alternate")) <= 1
        assert links(entry, "alternate") or entry.find(f"{ATOM}content") is not None
        assert not links(entry, "related"), "a well-known reader opens it instead of the article"
        assert children[-1] == f"{ATOM}source", "a reader once took the source for the entry"
        source = entry[-1]
        assert {child.tag for child in source} >= {f"{ATOM}{name}" for name in ("id", "title", "updated", "author")}
        assert all(link.get("href", "").startswith(("http://", "https://")) for link in entry.iter(f"{ATOM}link"))
        assert all(name.text for name in entry.iter(f"{ATOM}name"))


@pytest.mark.parametrize("made", FEEDS.values(), ids=FEEDS)
def test_the_document_joined_from_entries_is_feedgens_whole_output(made: OutputFeed) -> None:
    assert etree.canonicalize(atom(made).decode()) == etree.canonicalize(whole(made).decode())


def test_no_prefix_is_invented_and_each_namespace_is_declared_once() -> None:
    document = atom(FEEDS["tombstones and hubs"])
    assert b"ns0:" not in document
    assert document.count(b"xmlns:hub=") == document.count(b"xmlns=") == document.count(b"xmlns:at=") == 1


def test_the_head_says_who_the_feed_is_and_where() -> None:
    root = parsed(FEEDS["tombstones and hubs"])
    assert root.findtext(f"{ATOM}id") == f"{IDENTITY}:feed/all"
    assert root.findtext(f"{ATOM}title") == "All stories"
    assert root.findtext(f"{ATOM}updated") == "2026-06-02T15:00:00+00:00"
    assert root.findtext(f"{ATOM}generator") == "feedhub"
    assert links(root, "self") == ["http://hub.test/feeds/all.atom"]
    assert links(root, "alternate") == ["http://hub.test/"]
    assert links(root, "hub") == ["https://push.test/"]
    assert root.get(LANG) == "en"


def test_links_keep_all_their_attributes() -> None:
    found = [dict(link.attrib) for link in entry_of(rich_story()).findall(f"{ATOM}link")]
    assert found == [
        {"href": "https://lantern.test/1", "rel": "alternate", "type": "text/html", "hreflang": "en"},
        {"href": "https://wire.test/w", "rel": "via", "type": "text/html"},
        {"href": "https://lantern.test/ferry.jpg", "rel": "enclosure", "type": "image/jpeg", "length": "5120"},
        {"href": "https://lantern.test/ferry.mp3", "rel": "enclosure", "type": "audio/mpeg", "length": "99"},
    ]


def test_an_entry_says_what_the_story_says() -> None:
    entry = entry_of(rich_story())
    assert entry.findtext(f"{ATOM}id") == rich_story().id
    assert entry.find(f"{ATOM}title").get("type") == "text"  # type: ignore[union-attr]
    assert entry.findtext(f"{ATOM}published") == "2026-06-02T12:00:00+00:00"
    assert entry.findtext(f"{ATOM}updated") == "2026-06-02T15:00:00+00:00"
    assert [name.text for name in entry.findall(f"{ATOM}author/{ATOM}name")] == ["Ada Venn", "Bo Lindt"]
    assert [one.get("term") for one in entry.findall(f"{ATOM}category")] == ["World", "Shipping"]
    assert entry.findtext(f"{ATOM}rights") == "© SNB"
    assert entry.get(LANG) == "en"
    assert entry.find(f"{ATOM}content").get("type") == "html"  # type: ignore[union-attr]


def test_machines_find_every_copy_and_the_wires_marks() -> None:
    entry = entry_of(rich_story())
    said = {name: entry.findtext(f"{HUB}{name}") for name in ("agency", "place", "date", "revision", "cited")}
    assert said == {
        "agency": "SNB",
        "place": "SELM",
        "date": "2026-06-02",
        "revision": "update 2",
        "cited": "Coast Radio",
    }
    copies = [dict(one.attrib) for one in entry.findall(f"{HUB}copies/{HUB}copy")]
    assert [one["outlet"] for one in copies] == ["lantern.test", "quay.test", "harrow.test", "wire.test"]
    assert copies[1] == {
        "outlet": "quay.test",
        "source": "quay",
        "name": "The Quay",
        "title": "Ferry runs aground off Selm",
        "href": "https://quay.test/q",
        "published": "2026-06-02T13:00:00+00:00",
        "relation": "excerpt",
        "standing": "current",
    }


def test_a_tombstone_says_what_went_and_when() -> None:
    gone = parsed(FEEDS["tombstones and hubs"]).findall(f"{AT}deleted-entry")
    assert [dict(one.attrib) for one in gone] == [
        {"ref": f"{IDENTITY}:dead", "when": "2026-06-02T16:00:00+00:00"},
        {"ref": f"{IDENTITY}:joined", "when": "2026-06-02T17:00:00+00:00"},
    ]
    assert gone[0].findtext(f"{AT}comment") == "withdrawn by its agency"
    assert gone[1].findtext(f"{HUB}successor") == story().id


def test_a_story_that_lives_has_no_tombstone() -> None:
    made = feed(story(), tombstones=(Tombstone(id=story().id, when=at(), reason="split back"),))
    assert parsed(made).find(f"{AT}deleted-entry") is None


def test_a_story_given_twice_is_one_entry_at_its_first_place() -> None:
    root = parsed(feed(story(1), story(2), story(1, title="Later")))
    assert [entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")] == [story(1).id, story(2).id]
    assert root.findtext(f"{ATOM}entry/{ATOM}title") == story(1).title


@pytest.mark.parametrize("made", FEEDS.values(), ids=FEEDS)
def test_a_reader_gets_the_same_ids_titles_and_links(made: OutputFeed) -> None:
    read = feedparser.parse(io.BytesIO(atom(made)))
    assert not read.bozo
    assert [entry.id for entry in read.entries] == [item.story.id for item in made.items]
    assert [entry.title for entry in read.entries] == [item.story.title or "Untitled" for item in made.items]
    assert [entry.get("link") for entry in read.entries] == [item.story.url or item.story.id for item in made.items]


def test_order_is_kept_and_the_clock_is_never_asked() -> None:
    made = feed(*(story(n, updated=at(n)) for n in (3, 1, 2)))
    assert [entry.findtext(f"{ATOM}id") for entry in parsed(made).iter(f"{ATOM}entry")] == [
        item.story.id for item in made.items
    ]
    stamps = {element.text for element in parsed(made).iter(f"{ATOM}updated")}
    assert stamps <= {(at(n)).isoformat() for n in (-1, 1, 2, 3)}


def test_times_of_any_zone_are_told_in_utc_to_the_second() -> None:
    odd = at().astimezone(tz=None) + timedelta(microseconds=5)
    assert entry_of(story(published=odd)).findtext(f"{ATOM}published") == "2026-06-02T12:00:00+00:00"


def test_identity_is_the_source_and_the_guid_never_the_guid_alone() -> None:
    twins = tuple(
        story(n, canonical=EntryKey(source=name, guid="same"), copies=(copy(f"{name}.test", "same"),))
        for n, name in enumerate(("quay", "harrow"), 1)
    )
    assert len(parsed(feed(*twins)).findall(f"{ATOM}entry")) == 2
