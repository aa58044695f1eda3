"""The rights gate: text that a source does not permit is nowhere in what the hub gives away, whoever came first."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from feedrules import FAULTS
from hubs import BRIDGE, Newsroom, item
from outlets import Stand, plain_item

from feedhub.cli.explain_story import run as explain
from feedhub.directory import output_directory
from feedhub.feeds import StoreBackend
from feedhub.hub import Hub
from feedhub.model import OutputRule, Rights
from feedhub.publish import FORMATS
from feedhub.serve import story_key

AGENCY, PAPER = "wire", "courier"
#: the agency's text: its dateline, its first words, and what a summary of sixty words does not reach
DATELINE, FIRST, LATE = "QUIBBLETOWN, March 10 (Quill Agency) - ", "Engineers closed", "lessons online until Thursday"
OWN_OF_AGENCY = "A quizzical heron watched the divers from the eastern pylon all afternoon and would not be moved."
OWN_OF_PAPER = "A gibbous moon stood over the boatyard when the first of the passengers came across in the evening."
WIRE = item(
    "w1", "Bridge at Marrow Ferry shut", DATELINE + BRIDGE[0], *BRIDGE[1:], OWN_OF_AGENCY, image="https://x.test/w.jpg"
)
COURIER = item("c1", "Marrow Ferry cut off", *BRIDGE, OWN_OF_PAPER)
OUTPUTS = (
    OutputRule(name="all", limit=2),
    OutputRule(name="heron", words=("quizzical heron",)),
    OutputRule(name="secret", token="open-sesame-open-sesame"),
)


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    made = Newsroom(tmp_path, settings={"feeds": OUTPUTS})
    made.source(AGENCY, agency="Quill Agency")
    made.source(PAPER)
    # enough others that the story moves on into further pages and archives
    made.source("others")
    for name in (AGENCY, PAPER, "others"):
        made.serve(name)
    return made


def given_away(stand: Stand) -> Iterator[tuple[str, str]]:
    """Everything that the hub serves or writes, by where: as this very machine and its admin see it."""
    room = stand.room
    with stand.served() as hub:
        for rule in OUTPUTS:
            at = f"/feeds/{rule.token}/{rule.name}" if rule.token else f"/feeds/{rule.name}"
            for suffix in (*FORMATS, "html"):
                yield from _got(hub, f"{at}.{suffix}")
            for number in range(1, 5):
                yield from _got(hub, f"{at}.atom?page={number}")
                yield from _got(hub, f"{at}.atom?archive={number}")
        for path in ("/", "/health", "/metrics", "/feeds/health.atom"):
            yield from _got(hub, path)
        for story in room.stories():
            yield from _got(hub, f"/story/{story_key(story.id)}")
    for name, body in asyncio.run(_files(stand)).items():
        yield name, body.decode()


def _got(hub: httpx.Client, path: str) -> Iterator[tuple[str, str]]:
    got = hub.get(path)
    assert got.status_code in (200, 404), path
    yield path, got.text


async def _files(stand: Stand) -> dict[str, bytes]:
    async with Hub.open(stand.room.config, stand.now) as hub:
        backend = StoreBackend(hub.store, output_directory(stand.room.config, hub.identity), stand.clock)
        return {name: body.joined() for name, body in backend.files(stand.now)}


def assert_nowhere(stand: Stand, *texts: str) -> None:
    for where, body in given_away(stand):
        for text in texts:
            assert text not in body, f"{text!r} in {where}"


def serve_in_order(stand: Stand, order: str) -> None:
    first, second = {"agency first": (AGENCY, PAPER), "paper first": (PAPER, AGENCY)}.get(order, (AGENCY, PAPER))
    items = {AGENCY: WIRE, PAPER: COURIER}
    stand.room.serve(first, items[first])
    if order != "together":
        stand.round()
    stand.room.serve(second, items[second])
    stand.round(1)
    (story,) = [one for one in stand.room.stories() if len(one.copies) == 2]
    assert {copy.key.source for copy in story.copies} == {AGENCY, PAPER}


ORDERS = pytest.mark.parametrize("order", ["agency first", "paper first", "together"])


@ORDERS
@pytest.mark.parametrize(("rights", "shown"), [(Rights.HEADLINE, False), (Rights.SUMMARY, True)])
def test_a_restricted_agency_and_a_free_paper(room: Newsroom, order: str, rights: Rights, shown: bool) -> None:
    room.reconfigure(AGENCY, rights=rights)
    stand = Stand(room)
    serve_in_order(stand, order)
    assert_nowhere(stand, OWN_OF_AGENCY, OWN_OF_AGENCY[:20], "w.jpg")
    found = dict(given_away(stand))
    for document in ("/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json", "/feeds/all.html", "all.atom"):
        # nor does the paper's text stand under the agency's name
        assert OWN_OF_PAPER not in found[document]
        assert LATE not in found[document]
        assert (FIRST in found[document]) is shown
    assert "Marrow Ferry cut off" in found["/feeds/all.atom"], "its headline is in the list of copies"
    place = json.loads(found["/feeds/all.json"])["items"][0]["_feedhub"]["place"]
    assert (place == "Quibbletown") is shown


@ORDERS
def test_a_free_agency_and_a_restricted_paper(room: Newsroom, order: str) -> None:
    room.reconfigure(PAPER, rights=Rights.HEADLINE)
    stand = Stand(room)
    serve_in_order(stand, order)
    assert_nowhere(stand, OWN_OF_PAPER, OWN_OF_PAPER[:20])
    assert OWN_OF_AGENCY in dict(given_away(stand))["/feeds/all.atom"]


@ORDERS
def test_two_restricted_ones_lend_each_other_nothing(room: Newsroom, order: str) -> None:
    room.reconfigure(AGENCY, rights=Rights.HEADLINE)
    room.reconfigure(PAPER, rights=Rights.SUMMARY)
    stand = Stand(room)
    serve_in_order(stand, order)
    assert_nowhere(stand, OWN_OF_PAPER, OWN_OF_AGENCY, LATE)
    # sixty words of the paper, where it was alone at first; none under the agency's headline
    assert FIRST not in dict(given_away(stand))["/feeds/all.atom"]


def test_what_was_free_goes_from_archives_pages_deltas_and_history_when_rights_are_lowered(room: Newsroom) -> None:
    stand = Stand(room)
    serve_in_order(stand, "agency first")
    room.serve(AGENCY, {**WIRE, "title": "UPDATE 1-Bridge at Marrow Ferry shut, 7,000 stranded"})
    room.serve("others", *(plain_item(n) for n in range(1, 5)))
    stand.round(2)
    with stand.served() as hub:
        held = {suffix: hub.get(f"/feeds/all.{suffix}").headers["etag"] for suffix in FORMATS}
        archived = hub.get("/feeds/all.atom?archive=1").text
    assert OWN_OF_AGENCY in archived
    room.reconfigure(AGENCY, rights=Rights.HEADLINE)
    room.serve("others", *(plain_item(n) for n in range(1, 8)))
    stand.round(3)
    assert_nowhere(stand, OWN_OF_AGENCY, OWN_OF_AGENCY[:20])
    with stand.served() as hub:
        for suffix, tag in held.items():
            delta = hub.get(f"/feeds/all.{suffix}", headers={"a-im": "feed", "if-none-match": tag})
            assert delta.status_code in (200, 226)
            assert OWN_OF_AGENCY not in delta.text
        assert list(FAULTS["atom"](hub.get("/feeds/all.atom?archive=1").content)) == []


def test_a_correction_quotes_nothing_that_may_not_be_shown(room: Newsroom) -> None:
    room.reconfigure(AGENCY, rights=Rights.HEADLINE)
    stand = Stand(room)
    serve_in_order(stand, "agency first")
    fixed = json.loads(json.dumps(WIRE).replace("6,000", "7,431"))
    room.serve(AGENCY, {**fixed, "title": "CORRECTED-Bridge at Marrow Ferry shut"})
    stand.round(2)
    assert "Wire has corrected this story." in dict(given_away(stand))["/feeds/all.atom"]
    assert_nowhere(stand, "7,431", OWN_OF_AGENCY)


def test_explain_tells_the_grounds_and_no_text_of_one_alone(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    room.reconfigure(AGENCY, rights=Rights.HEADLINE)
    stand = Stand(room)
    serve_in_order(stand, "together")
    (story,) = room.stories()
    database = room.config.database
    path = room.folder / "config.yaml"
    path.write_text(f"database: {database}\nidentity: {room.config.identity}\nsources: []\n")
    for names in ((story.id, None), (f"{AGENCY} w1", f"{PAPER} c1")):
        for as_json in (True, False):
            assert explain(path, *names, as_json=as_json) == 0
    told = capsys.readouterr().out
    assert "words in shared runs" in told
    # two entries side by side show what both have, to whoever sits at this machine
    assert OWN_OF_AGENCY[:20] not in told
