"""JSON Feed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from test_parse_documents import read

from feedhub.model import Markup, Media

VERSION = "https://jsonfeed.org/version/1.1"


def document(*items: object, **head: Any) -> bytes:
    return json.dumps({"version": VERSION, "title": "Paper", "items": items, **head}).encode()


def test_a_feed_is_read_whole() -> None:
    item = {
        "id": "1",
        "url": "/1",
        "title": "A & B",
        "content_html": "<p>Long</p>",
        "content_text": "Long",
        "summary": "Short",
        "date_published": "2026-06-02T10:00:00+05:30",
        "date_modified": "2026-06-02T11:00:00Z",
        "authors": [{"name": "Ann Example"}, {"name": "Ann Example"}, {"url": "http://x.test/"}],
        "tags": ["world", 3],
        "language": "de",
        "image": "http://paper.test/a.jpg",
        "attachments": [
            {
                "url": "http://paper.test/a.mp3",
                "mime_type": "audio/mpeg",
                "size_in_bytes": 9,
                "duration_in_seconds": 90.0,
            }
        ],
    }
    feed = read(
        document(
            item,
            home_page_url="http://paper.test/",
            feed_url="http://paper.test/feed.json",
            language="en",
            hubs=[{"type": "WebSub", "url": "http://hub.test/"}, 5],
        )
    )
    (entry,) = feed.entries
    assert (feed.title, feed.link, feed.self_link) == ("Paper", "http://paper.test/", "http://paper.test/feed.json")
    assert (feed.language, feed.hubs, feed.expired, feed.remarks) == ("en", ("http://hub.test/",), False, ())
    assert (entry.guid, entry.raw_guid, entry.link) == ("1", "1", "http://paper.test/1")
    assert (entry.title, entry.summary) == (Markup(value="A & B", html=False), Markup(value="Short", html=False))
    assert entry.content == Markup(value="<p>Long</p>", html=True)
    assert entry.published == datetime(2026, 6, 2, 4, 30, tzinfo=UTC)
    assert entry.updated == datetime(2026, 6, 2, 11, tzinfo=UTC)
    assert (entry.authors, entry.categories, entry.language) == (("Ann Example",), ("world",), "de")
    assert entry.media == (
        Media(url="http://paper.test/a.jpg", type="image/jpeg", medium="image"),
        Media(
            url="http://paper.test/a.mp3", type="audio/mpeg", medium="audio", length=9, duration=90, role="enclosure"
        ),
    )


@pytest.mark.parametrize(("given", "guid"), [(7, "7"), (7.0, "7"), (7.5, "7.5"), (-1, "-1"), (" a ", "a")])
def test_ids_are_coerced_to_text(given: object, guid: str) -> None:
    assert read(document({"id": given})).entries[0].guid == guid


@pytest.mark.parametrize("given", [None, "", True, [], {}], ids=repr)
def test_an_item_without_an_id_is_left_out_with_a_remark(given: object) -> None:
    feed = read(document({"id": "1"}, {"id": given, "title": "x"}, "text"))
    assert [entry.guid for entry in feed.entries] == ["1"]
    assert feed.remarks == ("item 2: no id, left out as JSON Feed demands", "item 3: no object, left out")


def test_version_1_has_one_author() -> None:
    assert read(document({"id": 1, "author": {"name": "Ann"}})).entries[0].authors == ("Ann",)


def test_plain_text_is_no_html() -> None:
    assert read(document({"id": 1, "content_text": "a < b"})).entries[0].content == Markup(value="a < b", html=False)


def test_expired_is_told() -> None:
    assert read(document(expired=True)).expired
    assert not read(document(expired="yes")).expired


def test_a_version_that_is_missing_is_remarked() -> None:
    assert read(b'{"items": []}').remarks == ("no JSON Feed version given",)


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_in_every_width(charset: str) -> None:
    text = json.dumps({"version": VERSION, "items": [{"id": 1, "title": "Žilina"}]}, ensure_ascii=False)
    assert read(text.encode(charset), "application/feed+json").entries[0].title == Markup(value="Žilina", html=False)


def test_bytes_that_are_no_utf_8_are_replaced_with_a_remark() -> None:
    feed = read(document({"id": 1, "title": "X"}).replace(b"X", b"\xff"))
    assert feed.entries[0].title == Markup(value="\ufffd", html=False)
    assert feed.remarks == ("bytes that are no UTF-8 were replaced",)


def test_two_items_with_one_id_are_two_entries() -> None:
    assert [e.guid for e in read(document({"id": 1}, {"id": 1})).entries] == ["1", "1 2"]


def test_a_bad_date_is_told() -> None:
    entry = read(document({"id": 1, "date_published": "soon"})).entries[0]
    assert (entry.published, entry.bad_date) == (None, "soon")


@pytest.mark.parametrize(
    ("url", "told", "base"),
    [
        ("http://feed.test/deep/feed.json", {"home_page_url": "http://home.test/"}, "http://feed.test/deep/"),
        ("/srv/feeds/a.json", {"feed_url": "http://own.test/x/feed.json"}, "http://own.test/x/"),
        ("/srv/feeds/a.json", {"home_page_url": "http://home.test/"}, "http://home.test/"),
    ],
    ids=["polled", "a file that names itself", "a file that names its site"],
)
def test_relative_addresses_are_the_feeds_never_the_linked_pages(url: str, told: dict[str, str], base: str) -> None:
    item = {"id": "1", "external_url": "http://other.test/2", "content_html": "x", "image": "mine.png"}
    (entry,) = read(document(item, **told), url=url).entries
    assert entry.link == "http://other.test/2"
    assert (entry.media[0].url, entry.base is not None and entry.base.startswith(base)) == (f"{base}mine.png", True)
