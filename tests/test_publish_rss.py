"""The RSS documents: RSS 2.0 by the advisory board's profile."""

from __future__ import annotations

import io
from email.utils import parsedate_to_datetime

import feedparser
import pytest
from lxml import etree
from newsstand import copy, feed, publisher, rich_story, story
from test_publish_atom import FEEDS

from feedhub.model import Media, OutputFeed, Story
from feedhub.publish import HUB_NS, rss
from feedhub.publish.rss import whole
from feedhub.structs import replace

CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
LINK = "{http://www.w3.org/2005/Atom}link"

CHANNEL = {"title", "link", "description", "docs", "generator", "language", "lastBuildDate", LINK, "item"}


def channel_of(made: OutputFeed) -> etree._Element:
    return etree.fromstring(rss(made))[0]


def item_of(one: Story) -> etree._Element:
    found = channel_of(feed(one)).find("item")
    assert found is not None
    return found


@pytest.mark.parametrize("made", FEEDS.values(), ids=FEEDS)
def test_every_document_keeps_the_profile(made: OutputFeed) -> None:
    root = etree.fromstring(rss(made))
    channel = root[0]
    assert (root.tag, root.get("version"), len(root)) == ("rss", "2.0", 1)
    assert {child.tag for child in channel} <= CHANNEL
    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    assert [link.get("href") for link in channel.findall(LINK) if link.get("rel") == "self"] == [
        "http://hub.test/feeds/all.rss"
    ]
    for item in channel.findall("item"):
        tags = [child.tag for child in item]
        for once in ("title", "link", "description", "guid", "pubDate", "enclosure", "source", CONTENT):
            assert tags.count(once) <= 1
        assert item.findtext("title")
        assert item.findtext("description")
        assert item.find("author") is None, "RSS wants an e-mail address there"
        assert item.find("guid").get("isPermaLink") == "false"  # type: ignore[union-attr]
        assert len((item.findtext("pubDate") or "").split()[3]) == 4
        for enclosure in item.findall("enclosure"):
            assert enclosure.get("url")
            assert enclosure.get("type")
            assert int(enclosure.get("length", "-1")) >= 0


@pytest.mark.parametrize("made", FEEDS.values(), ids=FEEDS)
def test_the_document_joined_from_items_is_feedgens_whole_output(made: OutputFeed) -> None:
    assert etree.canonicalize(rss(made).decode()) == etree.canonicalize(whole(made).decode())


def test_an_item_says_what_the_story_says() -> None:
    item = item_of(rich_story())
    assert item.findtext("guid") == rich_story().id
    assert item.findtext("link") == "https://lantern.test/1"
    assert parsedate_to_datetime(item.findtext("pubDate") or "") == rich_story().published
    assert [creator.text for creator in item.findall(CREATOR)] == ["Ada Venn", "Bo Lindt"]
    assert [one.text for one in item.findall("category")] == ["World", "Shipping"]
    assert item.findtext("description") == "Rescuers brought every passenger ashore before dark."
    assert "Also published by: " in (item.findtext(CONTENT) or "")
    assert item.find("enclosure").attrib == {  # type: ignore[union-attr]
        "url": "https://lantern.test/ferry.mp3",
        "length": "99",
        "type": "audio/mpeg",
    }
    source = item.find("source")
    assert source is not None
    assert (source.get("url"), source.text) == ("https://lantern.test/feed", "The Lantern: front page")
    assert len(item.findall(f"{{{HUB_NS}}}copies/*")) == 4


def test_an_enclosure_needs_its_length_and_type() -> None:
    unfit = (Media(url="https://lantern.test/a.jpg", type="image/jpeg"), Media(url="https://lantern.test/b", length=5))
    assert item_of(story(media=unfit)).find("enclosure") is None


def test_a_private_source_is_not_linked() -> None:
    assert item_of(story(publisher=publisher(self_link=None))).find("source") is None


def test_the_description_is_html_written_as_text() -> None:
    assert item_of(story(summary="Fish & chips < 5 pounds")).findtext("description") == "Fish &amp; chips &lt; 5 pounds"


def test_a_summary_alone_is_the_description_with_the_other_outlets() -> None:
    one = story(html=None, summary="Rescuers came.", copies=(copy(), copy("quay.test", url=None)))
    item = item_of(one)
    assert item.find(CONTENT) is None
    assert item.findtext("description") == "<p>Rescuers came.</p>\n<p>Also published by: The Quay</p>"


def test_hubs_are_offered_beside_self() -> None:
    found = [(link.get("rel"), link.get("href")) for link in channel_of(FEEDS["tombstones and hubs"]).findall(LINK)]
    assert ("hub", "https://push.test/") in found


@pytest.mark.parametrize("made", FEEDS.values(), ids=FEEDS)
def test_a_reader_gets_the_same_ids_titles_and_links(made: OutputFeed) -> None:
    read = feedparser.parse(io.BytesIO(rss(made)))
    assert not read.bozo
    assert [entry.id for entry in read.entries] == [item.story.id for item in made.items]
    assert [entry.title for entry in read.entries] == [item.story.title or "Untitled" for item in made.items]
    assert [entry.get("link") for entry in read.entries] == [item.story.url for item in made.items]


def test_a_title_with_markup_characters_stays_the_title() -> None:
    one = replace(story(), title="Q&A: is 3 < 4?")
    assert item_of(one).findtext("title") == "Q&A: is 3 < 4?"
