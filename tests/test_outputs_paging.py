"""RFC 5005: further pages for readers, archived documents for whoever wants all, over real HTTP and a real store."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hubs import Newsroom
from lxml import etree
from outlets import Stand, plain_item

from feedhub.model import OutputRule, Rights

ATOM = "{http://www.w3.org/2005/Atom}"
DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
ARCHIVE = "{http://purl.org/syndication/history/1.0}archive"
GRAMMAR = etree.RelaxNG(etree.parse(Path(__file__).parent / "data" / "atom.rng"))


def stand(tmp_path: Path, count: int, **rule: Any) -> Stand:
    """A hub that has seen so many stories, one a round of its own where `limit` is small."""
    room = Newsroom(tmp_path, settings={"feeds": (OutputRule(**{"name": "all", "limit": 4, **rule}),)})
    room.source("paper")
    room.source("wire", agency="WIRE")
    room.serve("wire")
    made = Stand(room)
    for upto in range(2, count + 1, 2):
        room.serve("paper", *(plain_item(n) for n in range(max(1, upto - 5), upto + 1)))
        made.round(upto / 10)
    return made


def links(root: etree._Element) -> dict[str, str]:
    return {one.get("rel", ""): one.get("href", "") for one in root.findall(f"{ATOM}link")}


def ids(root: etree._Element) -> list[str]:
    return [entry.findtext(f"{ATOM}id") or "" for entry in root.findall(f"{ATOM}entry")]


def atom(hub: httpx.Client, url: str = "/feeds/all.atom") -> etree._Element:
    got = hub.get(url)
    assert got.status_code == 200, url
    root = etree.fromstring(got.content)
    assert GRAMMAR.validate(root), GRAMMAR.error_log
    assert links(root)["self"].endswith(url.removeprefix(str(hub.base_url).rstrip("/")))
    return root


def walk(hub: httpx.Client, rel: str) -> list[etree._Element]:
    """The document and those that it leads to."""
    found = [atom(hub)]
    while onward := links(found[-1]).get(rel):
        found.append(atom(hub, onward))
    return found


def test_the_pages_together_hold_every_story_once_newest_first(tmp_path: Path) -> None:
    made = stand(tmp_path, 10)
    with made.served() as hub:
        pages = walk(hub, "next")
        seen = [one for page in pages for one in ids(page)]
        assert [len(ids(page)) for page in pages] == [4, 4, 2]
        assert len(set(seen)) == len(seen) == len(made.room.stories()) == 10
        base = links(pages[0])["self"]
        assert links(pages[2]) | {"alternate": ""} == {
            "self": f"{base}?page=3",
            "alternate": "",
            "first": base,
            "previous": f"{base}?page=2",
            "last": f"{base}?page=3",
        }
        assert links(pages[1])["previous"] == base
        assert not {"first", "previous", "last"} & links(pages[0]).keys()


def test_rss_and_json_name_their_next_page_too(tmp_path: Path) -> None:
    with stand(tmp_path, 10).served() as hub:
        channel = etree.fromstring(hub.get("/feeds/all.rss").content)[0]
        onward = {one.get("rel"): one.get("href") for one in channel.findall(f"{ATOM}link")}
        assert onward["next"] == f"{hub.base_url}/feeds/all.rss?page=2".replace("//feeds", "/feeds")
        assert "prev-archive" not in onward
        url, titles = "/feeds/all.json", []
        while url:
            document = json.loads(hub.get(url).content)
            titles += [item["title"] for item in document["items"]]
            url = document.get("next_url")
        assert len(titles) == len(set(titles)) == 10


def test_there_is_no_such_page(tmp_path: Path) -> None:
    wrong = ("page=0", "page=01", "page=4", "page=x", "page=", "archive=0", "archive=99", "archive=1&page=1", "page=-1")
    with stand(tmp_path, 10).served() as hub:
        assert {query: hub.get(f"/feeds/all.atom?{query}").status_code for query in wrong} == dict.fromkeys(wrong, 404)


def test_pages_and_archives_of_a_secret_output_need_its_token(tmp_path: Path) -> None:
    made = stand(tmp_path, 10, name="secret", token="open-sesame-open-sesame")
    with made.served() as hub:
        for query in ("page=2", "archive=1"):
            assert hub.get(f"/feeds/secret.atom?{query}").status_code == 404
            assert hub.get(f"/feeds/open-sesame-open-sesame/secret.atom?{query}").status_code == 200
        whole = atom(hub, "/feeds/open-sesame-open-sesame/secret.atom")
        assert links(whole)["next"].endswith("/feeds/open-sesame-open-sesame/secret.atom?page=2")


@pytest.mark.parametrize("rule", [{"per_outlet": 1}, {"order": "published"}, {"order": "copies"}], ids=str)
def test_rationed_and_reordered_outputs_page_through_every_story_too(tmp_path: Path, rule: dict[str, Any]) -> None:
    with stand(tmp_path, 10, **rule).served() as hub:
        seen = [one for page in walk(hub, "next") for one in ids(page)]
        assert len(seen) == len(set(seen)) == 10


def test_the_document_and_its_archives_hold_every_story_there_ever_was(tmp_path: Path) -> None:
    made = stand(tmp_path, 10)
    with made.served() as hub:
        documents = walk(hub, "prev-archive")
        assert {one for document in documents for one in ids(document)} == {one.id for one in made.room.stories()}
        assert all(document.find(ARCHIVE) is not None for document in documents[1:])
        assert documents[0].find(ARCHIVE) is None
        for document in documents[1:]:
            assert links(document)["current"] == links(documents[0])["self"]
            assert document.findtext(f"{ATOM}id") == documents[0].findtext(f"{ATOM}id")
            assert not {"next", "first", "last", "next-archive", "hub"} & links(document).keys()


def test_archives_do_not_change_while_stories_come_change_and_go_by_retention(tmp_path: Path) -> None:
    made = stand(tmp_path, 10)
    with made.served() as hub:
        urls = [links(document)["self"] for document in walk(hub, "prev-archive")[1:]]
        before = {url: hub.get(url).content for url in urls}
        assert len(urls) == 5
        made.room.serve("paper", plain_item(1, title="Another headline altogether for this"), plain_item(20))
        made.round(2)
        made.round(24 * 60)
        assert made.room.stories() == []
        assert {url: hub.get(url).content for url in urls} == before
        made.room.serve("paper", *(plain_item(n) for n in range(30, 40)))
        made.round(24 * 60 + 1)
        assert {url: hub.get(url).content for url in urls} == before
        assert len(walk(hub, "prev-archive")) > 6


def test_two_replicas_serve_the_same_bytes_and_tags(tmp_path: Path) -> None:
    made = stand(tmp_path, 10)
    made.room.settings["server"] = made.room.config.server
    with made.served() as one, made.served() as other:
        for url in ("/feeds/all.atom?archive=1", "/feeds/all.atom?archive=3"):
            here, there = (hub.get(url) for hub in (one, other))
            at_home = [got.content.replace(str(got.url.port).encode(), b"PORT") for got in (here, there)]
            assert at_home[0] == at_home[1]
            assert here.headers["last-modified"] == there.headers["last-modified"]


def _kill(made: Stand) -> None:
    notice = {"title": "KILL: " + plain_item(50)["title"], "content_html": "<p>Kindly kill this story.</p>"}
    made.room.serve("wire", {**plain_item(50), **notice})
    made.round(5)


def _lower(made: Stand) -> None:
    made.room.reconfigure("wire", rights=Rights.HEADLINE)
    made.round(5)


@pytest.mark.parametrize("change", [_kill, _lower])
def test_a_kill_and_a_lowered_right_put_a_tombstone_in_its_place(
    tmp_path: Path, change: Callable[[Stand], None]
) -> None:
    made = stand(tmp_path, 10)
    made.room.serve("wire", plain_item(50), plain_item(51))
    made.round(4)
    tag = made.room.story_of("wire", "item-50")
    with made.served() as hub:
        held = [document for document in walk(hub, "prev-archive")[1:] if tag in ids(document)]
        assert len(held) == 1
        url = links(held[0])["self"]
        before, others = hub.get(url), [d for d in walk(hub, "prev-archive")[1:] if tag not in ids(d)]
        change(made)
        after = hub.get(url)
        root = etree.fromstring(after.content)
        assert tag not in ids(root)
        assert tag in [stone.get("ref") for stone in root.findall(DELETED)]
        assert GRAMMAR.validate(root)
        assert b"item-50" not in after.content.replace((tag or "").encode(), b"")
        assert plain_item(50)["content_html"][10:60].encode() not in after.content
        assert after.headers["etag"] != before.headers["etag"]
        for document in others:
            assert etree.tostring(atom(hub, links(document)["self"])) == etree.tostring(document)


def test_a_story_that_enters_again_is_archived_again(tmp_path: Path) -> None:
    made = stand(tmp_path, 10)
    tag = made.room.story_of("paper", "item-10")
    body = plain_item(10)["content_html"]
    made.room.serve("paper", {**plain_item(10), "content_html": body + "<p>The toll rose to 77 on Friday.</p>" * 3})
    made.round(3)
    made.room.serve("paper", *(plain_item(n) for n in range(60, 66)))
    made.round(4)
    with made.served() as hub:
        held = [ids(document).count(tag or "") for document in walk(hub, "prev-archive")[1:]]
        assert sum(held) == 2


def test_further_pages_bear_no_hub_and_one_archive_has_one_address(tmp_path: Path) -> None:
    with stand(tmp_path, 10).served() as hub:
        assert hub.get("/feeds/all.rss?archive=1").status_code == 404
        assert hub.get("/feeds/all.json?archive=1").status_code == 404
        got = hub.get("/feeds/all.atom?archive=1")
        again = hub.get("/feeds/all.atom?archive=1", headers={"if-none-match": got.headers["etag"]})
        assert again.status_code == 304
        assert "max-age=3600" in got.headers["cache-control"]
