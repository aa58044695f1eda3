"""The JSON documents: JSON Feed 1.1 with `_feedhub`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from newsstand import IDENTITY, feed, rich_story, story
from test_publish_atom import FEEDS

from feedhub.model import OutputFeed
from feedhub.publish import HUB_NS, json_feed


def read(made: OutputFeed) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json_feed(made))
    return found


@pytest.mark.parametrize("made", FEEDS.values(), ids=FEEDS)
def test_every_document_keeps_json_feed_1_1(made: OutputFeed) -> None:
    document = read(made)
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert document["title"] == "All stories"
    assert document["feed_url"] == "http://hub.test/feeds/all.json"
    assert [item["id"] for item in document["items"]] == [one.story.id for one in made.items]
    for item in document["items"]:
        assert item["content_html"]
        assert item["authors"]
        assert all(attachment["url"] and attachment["mime_type"] for attachment in item.get("attachments", []))
        assert "external_url" not in item, "a reader may open it instead of the article"


def test_an_item_says_what_the_story_says() -> None:
    item = read(feed(rich_story()))["items"][0]
    ours = item.pop("_feedhub")
    assert item.pop("content_html").startswith("<p><strong>Corrected:</strong>")
    assert item == {
        "id": rich_story().id,
        "url": "https://lantern.test/1",
        "title": "Ferry runs aground off Selm",
        "summary": "Rescuers brought every passenger ashore before dark.",
        "image": "https://lantern.test/ferry.jpg",
        "date_published": "2026-06-02T12:00:00+00:00",
        "date_modified": "2026-06-02T15:00:00+00:00",
        "authors": [{"name": "Ada Venn"}, {"name": "Bo Lindt"}],
        "tags": ["World", "Shipping"],
        "language": "en",
        "attachments": [
            {"url": "https://lantern.test/ferry.jpg", "mime_type": "image/jpeg", "size_in_bytes": 5120},
            {"url": "https://lantern.test/ferry.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 99},
        ],
    }
    assert [one["outlet"] for one in ours.pop("copies")] == ["lantern.test", "quay.test", "harrow.test", "wire.test"]
    assert ours == {
        "about": HUB_NS,
        "agency": "SNB",
        "place": "SELM",
        "date": "2026-06-02",
        "cited": ["Coast Radio"],
        "revision": "update 2",
        "correction": "the number aboard is 34, not 43",
        "via": "https://wire.test/w",
        "rights": "© SNB",
        "disputed_by": [],
        "related": [{"id": f"{IDENTITY}:aa", "title": "Port closed", "shared_words": 44}],
        "event": None,
    }


def test_our_object_has_every_key_even_where_nothing_is_known() -> None:
    rich, plain = (read(feed(one))["items"][0]["_feedhub"] for one in (rich_story(), story()))
    assert rich.keys() == plain.keys()
    assert plain["agency"] is None
