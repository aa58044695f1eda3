"""Traps in which other programs that read or republish feeds were caught, each told as it happened there."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import feedparser
import httpx
import pytest
from hubs import BRIDGE, NOON, ORCHESTRA, Newsroom, item
from lxml import etree
from origin import FEED, Origin, Reply
from outlets import Stand, plain_item
from test_manners import Reader

from feedhub.model import Source

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    return Newsroom(tmp_path)


@pytest.fixture
def stand(room: Newsroom) -> Stand:
    return Stand(room)


def written(room: Newsroom, name: str, text: str, **fields: Any) -> None:
    """A source that serves XML."""
    path = room.folder / f"{name}.xml"
    path.write_text(text, encoding="utf-8")
    if all(source.id != name for source in room.sources):
        room.sources.append(Source(id=name, url=str(path), **({"name": name, "outlet": name} | fields)))


def atom_entry(guid: str, title: str, body: str, updated: str, **more: str) -> str:
    link = more.get("link", f"https://paper.example/{guid}")
    return (
        f"<entry><id>{guid}</id><title>{title}</title><updated>{updated}</updated><link href='{link}'/>"
        f"<published>2026-03-10T09:00:00Z</published><content type='html'>{body}</content>"
        f"{more.get('extra', '')}</entry>"
    )


def atom_feed(*entries: str) -> str:
    head = "<id>tag:paper.example,2026:f</id><title>Paper</title><updated>2026-03-10T10:00:00Z</updated>"
    return f"<feed xmlns='http://www.w3.org/2005/Atom'>{head}{''.join(entries)}</feed>"


def got(stand: Stand, path: str = "/feeds/all.atom") -> httpx.Response:
    with stand.served(base="http://hub.test") as hub:
        return hub.get(path)


def read(stand: Stand) -> list[Any]:
    return list(feedparser.parse(io.BytesIO(got(stand).content)).entries)


def test_an_atom_entry_that_is_edited_is_no_new_item(room: Newsroom, stand: Stand) -> None:
    """yarr makes `id::updated` the guid."""
    before = atom_entry("tag:p:1", "Bridge shut", BRIDGE[0], "2026-03-10T09:00:00Z")
    written(room, "paper", atom_feed(before))
    stand.round()
    (one,) = read(stand)
    written(room, "paper", atom_feed(before.replace("T09:00:00Z</upd", "T11:00:00Z</upd").replace("6,000", "9,000")))
    stand.round(1)
    (other,) = read(stand)
    assert (one.id, one.published) == (other.id, other.published)
    assert "9,000" in other.content[0].value


def test_of_two_entries_with_one_address_neither_overwrites_the_other(room: Newsroom, stand: Stand) -> None:
    """RSS-Bridge keeps the oldest of those that share a URL."""
    room.source("paper")
    page = {"url": "https://paper.example/live"}
    room.serve("paper", item("a", "Bridge shut", *BRIDGE, **page), item("b", "A cellist leads", *ORCHESTRA, **page))
    stand.round()
    assert {entry.title for entry in read(stand)} == {"Bridge shut", "A cellist leads"}


def test_sources_of_every_format_are_merged_into_one_feed(room: Newsroom, stand: Stand) -> None:
    """rss-funnel refuses to merge Atom with RSS."""
    written(room, "atom", atom_feed(atom_entry("tag:p:1", "Bridge shut", " ".join(BRIDGE), "2026-03-10T09:00:00Z")))
    rss = "".join(f"<p>{text}</p>" for text in BRIDGE)
    written(
        room,
        "rss",
        "<rss version='2.0'><channel><title>R</title><link>https://r.example/</link><description>d</description>"
        "<item><guid>7</guid><title>Ferry town cut off</title><link>https://r.example/7</link>"
        f"<pubDate>Tue, 10 Mar 2026 10:00:00 GMT</pubDate><description><![CDATA[{rss}]]></description></item>"
        "</channel></rss>",
    )
    room.source("json")
    room.serve("json", item("c", "No way across", *BRIDGE))
    stand.round()
    (story,) = room.stories()
    assert {copy.key.source for copy in story.copies} == {"atom", "rss", "json"}


def test_a_source_that_fails_is_no_post_among_the_news(room: Newsroom, stand: Stand) -> None:
    """rss-funnel and RSS-Bridge tell the error in the feed, with a date that changes."""
    room.source("paper")
    room.source("broken")
    room.serve("paper", item("a", "Bridge shut", *BRIDGE))
    room.serve("broken", item("b", "A cellist leads", *ORCHESTRA))
    stand.round()
    before = got(stand)
    (room.folder / "broken.json").write_text("no feed at all")
    for hour in (1, 2, 3, 4):
        stand.round(hour)
    assert got(stand).headers["etag"] == before.headers["etag"]


def test_a_query_without_value_and_a_route_behind_the_hash_tell_articles_apart(room: Newsroom, stand: Stand) -> None:
    """RSSbrew cleans addresses with parse_qs, which drops `?12345`."""
    room.source("paper")
    places = ("https://paper.example/read?12345", "https://paper.example/read?12346", "https://paper.example/#!/7")
    served = [
        {**plain_item(n), "id": place, "url": place} for n, place in enumerate((*places, "https://paper.example/#!/8"))
    ]
    room.serve("paper", *served)
    stand.round()
    assert {entry.link for entry in read(stand)} == {row["url"] for row in served}


def test_one_guid_in_two_sources_is_two_entries(room: Newsroom, stand: Stand) -> None:
    """tt-rss keys entries by guid alone, Venus names files by it: the second takes the first's place."""
    room.source("one")
    room.source("other")
    room.serve("one", item("1", "Bridge shut", *BRIDGE))
    room.serve("other", item("1", "A cellist leads", *ORCHESTRA))
    stand.round()
    stand.round(1)
    assert {entry.title for entry in read(stand)} == {"Bridge shut", "A cellist leads"}


def test_an_update_is_no_duplicate_of_itself(room: Newsroom, stand: Stand) -> None:
    """FreshRSS found an updated article equal to its own former title, and marked it as read."""
    room.source("paper")
    room.serve("paper", item("a", "Bridge shut", *BRIDGE))
    stand.round()
    room.serve("paper", item("a", "Bridge shut", BRIDGE[0].replace("6,000", "9,000"), *BRIDGE[1:]))
    stand.round(1)
    (story,) = room.stories()
    assert "9,000" in str(story.html)
    assert len(story.copies) == 1
    assert story.updated == NOON + timedelta(hours=1)


def test_two_duplicates_in_one_document_do_not_take_turns(room: Newsroom, stand: Stand) -> None:
    """lemon24/reader kept another one of the two after each run (reader#340)."""
    room.source("paper")
    twins = [item(guid, f"Bridge shut{more}", *BRIDGE) for guid, more in (("a", ""), ("b", " for weeks"))]
    seen = set()
    for hour in range(4):
        room.serve("paper", *(twins if hour % 2 else reversed(twins)))
        stand.round(hour)
        seen.add(got(stand).headers["etag"])
    assert len(room.stories()) == 1
    assert len(seen) == 1


def test_a_zone_is_kept_and_no_date_is_the_clocks(room: Newsroom, stand: Stand) -> None:
    """feedmixer loses zones; feedgen writes the present moment where no date is set."""
    room.source("paper")
    room.serve("paper", item("a", "Bridge shut", *BRIDGE, at="2026-03-10T14:30:00+05:30"))
    stand.round()
    (entry,) = read(stand)
    assert entry.published == "2026-03-10T09:00:00+00:00"
    first = got(stand).content
    stand.now += timedelta(hours=5)
    assert got(stand).content == first


@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
def test_documents_have_validators_that_do_not_move_with_the_clock(room: Newsroom, stand: Stand, suffix: str) -> None:
    """KTN, CommaFeed and feedmixer send none; RSS-Bridge's Last-Modified is when it was asked."""
    room.source("paper")
    room.serve("paper", item("a", "Bridge shut", *BRIDGE))
    stand.round()
    path = f"/feeds/all.{suffix}"
    first = got(stand, path)
    stand.now += timedelta(hours=5)
    second = got(stand, path)
    assert first.headers["etag"] == second.headers["etag"]
    assert first.headers["last-modified"] == second.headers["last-modified"]
    assert parsedate_to_datetime(first.headers["last-modified"]) == NOON
    with stand.served(base="http://hub.test") as hub:
        assert hub.get(path, headers={"if-none-match": first.headers["etag"]}).status_code == 304
        assert hub.get(path, headers={"if-modified-since": first.headers["last-modified"]}).status_code == 304


def test_a_sources_etag_and_its_wish_for_a_pause_are_obeyed(tmp_path: Path) -> None:
    """tt-rss sends no If-None-Match and waits a random time after a 429."""
    with Origin() as origin:
        reader = Reader(origin, tmp_path)
        origin.serve("/feed", Reply(200, {"ETag": '"one"'}, FEED))
        reader.round(0)
        origin.serve("/feed", Reply(429, {"Retry-After": "86400"}))
        reader.round(2)
        assert origin.requests[1].header("If-None-Match") == '"one"'
        for hour in (3, 9, 25):
            reader.round(hour, everything=True)
        assert len(origin.requests) == 2
        reader.round(27, everything=True)
        assert len(origin.requests) == 3


def test_links_keep_what_they_are(room: Newsroom, stand: Stand) -> None:
    """feedgen drops rel, type and length of an entry's links, and then has two alternates."""
    room.source("wire", agency="Quill Agency")
    room.source("paper", priority=9)
    sound = [{"url": "https://paper.example/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 7}]
    room.serve("wire", item("w", "Bridge shut", *BRIDGE, attachments=sound))
    room.serve("paper", item("p", "Ferry town cut off", *BRIDGE))
    stand.round()
    root = etree.fromstring(got(stand).content)
    links = [dict(link.attrib) for link in root.findall(f"{ATOM}entry/{ATOM}link")]
    assert [link["rel"] for link in links] == ["alternate", "enclosure"]
    assert links[1] == {"href": sound[0]["url"], "rel": "enclosure", "type": "audio/mpeg", "length": "7"}


def test_a_control_character_takes_no_feed_down(room: Newsroom, stand: Stand) -> None:
    """feedgen raises ValueError, and with it goes every other entry."""
    room.source("paper")
    room.serve("paper", item("a", "Bridge\x0b shut\x00", "\x1b[1m" + BRIDGE[0], *BRIDGE[1:]), plain_item(1))
    stand.round()
    assert len(read(stand)) == 2
    for suffix in ("rss", "json"):
        body = got(stand, f"/feeds/all.{suffix}").content
        assert etree.fromstring(body) is not None if suffix == "rss" else json.loads(body)


def test_the_source_inside_an_entry_is_not_read_as_the_entry(room: Newsroom, stand: Stand) -> None:
    """Feedbin took id, title and links of atom:source for the entry's own; so ours comes after all of them."""
    written(room, "paper", atom_feed(atom_entry("tag:p:1", "Bridge shut", " ".join(BRIDGE), "2026-03-10T09:00:00Z")))
    stand.round()
    entry = etree.fromstring(got(stand).content).find(f"{ATOM}entry")
    assert entry is not None
    places = [child.tag for child in entry]
    assert places.index(f"{ATOM}source") == len(places) - 1
    # whoever reads elements at any depth, the first winning, gets the entry's
    first = {name: next(entry.iter(f"{ATOM}{name}")).text for name in ("id", "title", "updated")}
    assert first["title"] == "Bridge shut"
    assert first["id"] == room.stories()[0].id
    # nor do we take an aggregator's source for the entry
    inner = "<source><id>tag:other:f</id><title>Other</title><updated>2020-01-01T00:00:00Z</updated></source>"
    written(
        room,
        "aggregator",
        atom_feed(atom_entry("tag:p:2", "Seats gone", ORCHESTRA[0], "2026-03-10T09:00:00Z", extra=inner)),
    )
    stand.round(1)
    assert {one.title for one in read(stand)} == {"Bridge shut", "Seats gone"}


def test_the_click_goes_to_the_article(room: Newsroom, stand: Stand) -> None:
    """NetNewsWire opens the first rel=related, JSON readers external_url, instead of the article."""
    room.source("paper", priority=1)
    room.source("herald")
    room.serve("paper", item("p", "Bridge shut", *BRIDGE, external_url="https://elsewhere.example/"))
    # shares two paragraphs and is another story: it is beside this one
    room.serve("herald", item("h", "A weekend of music", ORCHESTRA[0], *BRIDGE[1:3], *ORCHESTRA[1:]))
    stand.round()
    assert [len(story.related) for story in room.stories()] == [1, 1]
    root = etree.fromstring(got(stand).content)
    assert {link.get("rel") for link in root.iter(f"{ATOM}link")} <= {"self", "alternate", "via"}
    found = json.loads(got(stand, "/feeds/all.json").content)["items"]
    assert not [one for one in found if "external_url" in one]
    assert {one["url"] for one in found} == {"https://paper.example/p", "https://paper.example/h"}
    assert all(one["_feedhub"]["related"] for one in found)
