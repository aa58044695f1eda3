"""A newsroom through every state of a story's life: whatever happens, every document of every output is valid."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import feedparser
import httpx
import pytest
from feedrules import FAULTS
from hubs import BRIDGE, ORCHESTRA, Newsroom, item
from lxml import etree
from outlets import Stand, plain_item

from feedhub.admin import decide
from feedhub.model import OutputRule, Rights, Story

ATOM = "{http://www.w3.org/2005/Atom}"
OUTPUTS = (
    OutputRule(name="all"),
    OutputRule(name="few", limit=2),
    OutputRule(name="agency", agencies=("Quill Agency",), also=False),
    OutputRule(name="covered", min_copies=2, within=timedelta(hours=12), per_outlet=1, order="copies"),
    OutputRule(name="bridges", words=("bridge",), languages=("en",)),
    OutputRule(name="secret", token="open-sesame-open-sesame"),
)
#: state -> path -> answer; what lives then
State = tuple[dict[str, httpx.Response], list[Story]]
PICTURE: dict[str, Any] = {
    "image": "https://paper.example/p.jpg",
    "attachments": [{"url": "https://paper.example/a.mp3"}],
}


class Life:
    """The newsroom, moved on from state to state."""

    def __init__(self, folder: Path) -> None:
        self.room = Newsroom(folder, settings={"feeds": OUTPUTS})
        for name, more in {"wire": {"agency": "Quill Agency"}, "courier": {"language": "en"}, "herald": {}}.items():
            self.room.source(name, **more)
            self.room.serve(name)
        self.room.source("late", credit="Quill Agency", rights=Rights.HEADLINE)
        self.room.serve("late")
        self.stand = Stand(self.room)
        self.hour = 0.0
        self.held: dict[str, str] = {}

    def serve(self, name: str, *items: dict[str, Any]) -> None:
        self.room.serve(name, *items)

    def say(self, word: Any, *names: Any) -> None:
        self.room.decide(word, *names, hours=self.hour)

    def story(self, source: str, guid: str) -> str:
        return str(self.room.story_of(source, guid))

    def look(self, hub: httpx.Client) -> State:
        self.stand.round(self.hour)
        self.hour += 1
        got: dict[str, httpx.Response] = {}
        for rule in OUTPUTS:
            for suffix in FAULTS:
                path = f"/feeds/{rule.token}/{rule.name}.{suffix}" if rule.token else f"/feeds/{rule.name}.{suffix}"
                got[path] = hub.get(path)
                delta = {"a-im": "feed", "if-none-match": self.held.get(path, '"none"')}
                got[f"{path} since"] = hub.get(path, headers=delta)
                self.held[path] = got[path].headers["etag"]
            for query in ("?page=2", "?page=3", "?archive=1", "?archive=2"):
                if (found := hub.get(f"/feeds/{rule.name}.atom{query}")).status_code == 200:
                    got[f"/feeds/{rule.name}.atom{query}"] = found
        return got, self.room.stories()


STATES = (
    "nothing yet",
    "new, some as an excerpt or a headline",
    "one more outlet",
    "the newest revision is an excerpt",
    "corrected",
    "restricted",
    "merged by a person",
    "split by a person",
    "pinned",
    "killed by the agency",
    "taken back by the agency",
    "killed by a person",
    "withdrawn by its only outlet",
    "held back",
    "gone by retention",
)


def live(life: Life) -> Iterator[None]:
    """One state a step; what each serves is looked at after it."""
    yield
    wire = item("w1", "Bridge at Marrow Ferry shut", *BRIDGE)
    other = item("w2", "UPDATE 1-A cellist leads", ORCHESTRA[0])
    life.serve("wire", wire, other)
    life.serve("courier", item("c1", "A weekend & <more>", ORCHESTRA[1], **PICTURE), plain_item(3, title=""))
    life.serve("late", item("l1", "Gardens open", plain_item(4)["content_html"]), plain_item(5))
    yield
    life.serve("herald", item("h1", "Marrow Ferry cut off", *BRIDGE[:3]), plain_item(6), plain_item(7))
    yield
    newer = item("w3", "UPDATE 2-Bridge at Marrow Ferry shut", BRIDGE[0].replace("6,000", "7,000"))
    life.serve("wire", wire, other, newer)
    yield
    fixed = [text.replace("eleven weeks", "nine weeks").replace("6,000", "7,000") for text in BRIDGE]
    corrected = item("w4", "CORRECTED-Bridge at Marrow Ferry shut", *fixed)
    life.serve("wire", wire, other, newer, corrected)
    yield
    life.room.reconfigure("wire", rights=Rights.SUMMARY)
    yield
    life.say(decide.merge, life.story("herald", "item-6"), life.story("herald", "item-7"))
    yield
    life.say(decide.split, life.story("herald", "item-6"), ["herald item-7"])
    yield
    life.say(decide.pin, life.story("herald", "h1"), "herald h1")
    yield
    life.serve("wire", wire, {**other, "title": "KILL: A cellist leads"}, newer, corrected)
    yield
    life.serve("wire", wire, other, newer, corrected)
    yield
    life.say(decide.kill, life.story("herald", "item-6"))
    yield
    life.serve("courier", item("c1", "WITHDRAWN: A weekend", "Gone."), plain_item(3, title=""))
    yield
    life.room.settings["hold"] = timedelta(hours=9)
    life.serve("late", plain_item(5), item("l9", "Held", "HALDEN, March 10 (Quill Agency) - " + plain_item(9)["title"]))
    yield
    for name in ("wire", "courier", "herald", "late"):
        life.serve(name)
    life.hour += 24 * 60
    yield


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> dict[str, State]:
    life = Life(tmp_path_factory.mktemp("life"))
    life.stand.round(-1)
    with life.stand.served() as hub:
        return {name: life.look(hub) for name, _ in zip(STATES, live(life), strict=True)}


@pytest.mark.parametrize("state", STATES)
def test_every_document_is_valid_and_says_where_it_is(states: dict[str, State], state: str) -> None:
    documents, _ = states[state]
    for path, got in documents.items():
        suffix = path.partition(" ")[0].partition("?")[0].rpartition(".")[2]
        assert got.status_code in (200, 226, 304), path
        if got.status_code == 304:
            continue
        assert _faults(suffix, got.content) == [], path
        assert _own_address(suffix, got) == str(got.request.url), path


@cache
def _faults(suffix: str, content: bytes) -> list[str]:
    """What is wrong with a document: most are the same bytes in one state and the next."""
    odd = suffix != "json" and feedparser.parse(io.BytesIO(content)).bozo
    return [*FAULTS[suffix](content), *(["feedparser finds it odd"] if odd else [])]


def _own_address(suffix: str, got: httpx.Response) -> str | None:
    if suffix == "json":
        return str(got.json()["feed_url"])
    root = etree.fromstring(got.content)
    found = root.find(f".//{ATOM}link[@rel='self']")
    return None if found is None else found.get("href")


def test_the_life_had_what_its_states_say(states: dict[str, State]) -> None:
    def atom(state: str, name: str = "all") -> bytes:
        return states[state][0][f"/feeds/{name}.atom"].content

    def stories(state: str) -> list[Story]:
        return states[state][1]

    assert b"<entry" not in atom("nothing yet")
    assert any(s.html is None for s in stories("new, some as an excerpt or a headline"))
    assert b"Also published by" in atom("one more outlet")
    assert [s.revision for s in stories("the newest revision is an excerpt") if "Bridge" in s.title] == ["update 2"]
    assert b"Wire has corrected this story." in atom("corrected")
    short = [(s.summary or "").removesuffix(" …") for s in stories("restricted") if "Bridge" in s.title]
    assert [len(text.split()) for text in short] == [60]
    assert atom("merged by a person").count(b"hub:successor>") == 2
    assert b"hub:successor>" not in atom("split by a person")
    assert b"Marrow Ferry cut off</title>" in atom("pinned")
    assert atom("killed by the agency").count(b"deleted-entry ") == 1
    assert b"deleted-entry " not in atom("taken back by the agency")
    assert b"killed by a person" in atom("killed by a person")
    assert b"withdrawn by its only outlet" in atom("withdrawn by its only outlet")
    assert "Held" in [s.title for s in stories("held back")]
    assert b">Held<" not in atom("held back")
    assert b"<entry" not in atom("gone by retention")
    assert b"deleted-entry " not in atom("gone by retention")
    assert any("archive" in path for path in states["gone by retention"][0]), "what was archived stays"
    assert any(got.status_code == 226 for got in states["corrected"][0].values())
