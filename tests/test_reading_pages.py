"""Reading to decide: six outlets serve teasers over three agencies' texts, and their pages tell which are one story."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hubs import NOON, Newsroom
from origin import Origin, Play, Reply, hang
from sqlalchemy import select

from feedhub.config import Fetch, Pages, Polling
from feedhub.directory import output_directory
from feedhub.health import numbers, report
from feedhub.hub import Hub
from feedhub.model import Fulltext
from feedhub.settle.teaser_memory import TeaserMemory
from feedhub.store import Connection, page_texts, placements, teaser_segments
from feedhub.store.tables import page, remark

pytestmark = pytest.mark.usefixtures("engine")

RAMP = (
    "The harbour of Tarn will close to car ferries for nine weeks from Monday, the port authority said on Thursday.",
    "Divers found cracks in four of the eleven piers that carry the loading ramp, and engineers want to replace them "
    "before the autumn storms. Foot passengers will board from the fish quay instead, an hour later than usual.",
    "The island's council asked the government to pay for two extra boats, for farmers cannot bring their sheep to "
    "market without the car deck. Harbour master Ilse Brandt said the work could not wait any longer.",
    "It is the third closure since the ramp was built in 1988. The last one cost the island's shops a fifth of a year.",
)
GLASS = (
    "Glassworkers in Norwald ended a strike of six weeks on Wednesday after owners agreed to shorten the night shift.",
    "The furnaces, which may not go cold, had been kept burning by foremen and by pensioners who once worked there. "
    "Union secretary Peter Holm called the agreement a beginning and no more than that.",
    "Wages rise by three per cent in January, and nobody over sixty has to work at night against his will. "
    "The owners had first offered half of it, and a canteen.",
    "Norwald makes every second bottle in which the country's mineral water is sold. Two breweries had run short.",
)
LYNX = (
    "A lynx that had crossed the frozen sound was caught on Tuesday in a hen house at Upper Sele, rangers reported.",
    "The animal, a female of about three years, wore the collar of a research station on the far shore. "
    "It had eaten seven hens and slept on the straw when the farmer opened the door in the morning.",
    "Biologist Ada Krone wants to bring it back by boat once the ice has broken. Nobody had thought that the cats "
    "would leave their forest, she said, which reaches for forty kilometres along the coast.",
    "The farmer is to be paid for the hens by the county, and asked that the collar be checked more often.",
)
#: outlet, entry -> headline, teaser, the text of its page
ENTRIES: dict[tuple[str, str], tuple[str, str, tuple[str, ...]]] = {
    ("alba", "ramp"): ("Tarn harbour closes its ramp to car ferries for nine weeks", "Divers found cracks.", RAMP),
    ("brig", "ramp"): ("Cracked piers: Tarn ramp closes to car ferries", "The council wants two extra boats.", RAMP),
    ("cove", "ramp"): ("Nine weeks without car ferries for Tarn", "Ramp at the harbour must be mended.", RAMP),
    ("dune", "glass"): ("Norwald glassworkers end their strike", "Six weeks, and a shorter night shift.", GLASS),
    ("elms", "glass"): ("Strike over: glassworkers of Norwald win night shift", "Owners gave in.", GLASS),
    ("fern", "lynx"): ("Lynx crosses frozen sound, caught in hen house", "Seven hens are gone.", LYNX),
    ("alba", "lynx"): ("Caught asleep: a lynx in the hen house at Sele", "It had crossed the sound.", LYNX),
    ("brig", "choir"): ("Choir of Lower Bray sings in the quarry", "Tickets are free.", ("A choir sang.",) * 3),
    ("elms", "opera"): ("Opera house sells its old chandeliers", "Buyers queue since dawn.", ("They were sold.",) * 3),
}
OUTLETS = ("alba", "brig", "cove", "dune", "elms", "fern")


def html(title: str, paragraphs: tuple[str, ...]) -> Reply:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    text = (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title></head><body><nav><a href=/>Home"
        f"</a></nav><article><h1>{title}</h1>{body}</article><footer><p>Subscribe now</p></footer></body></html>"
    )
    return Reply(200, {"Content-Type": "text/html; charset=utf-8"}, text.encode())


@dataclass
class World:
    """Six papers behind a proxy that plays their hosts, so that their pages lie on public names."""

    origin: Origin
    folder: Path
    #: whether entries carry a date
    published: bool = True
    room: Newsroom = field(init=False)
    entries: dict[tuple[str, str], tuple[str, str, tuple[str, ...]]] = field(default_factory=lambda: ENTRIES)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.room = Newsroom(
            self.folder,
            settings={"fetch": Fetch(proxy=self.origin.url("")), "polling": Polling(host_delay=timedelta(0))},
        )
        for outlet in OUTLETS:
            self.room.source(outlet, fulltext=Fulltext.DECIDE)
            self.room.reconfigure(outlet, url=f"http://{outlet}.test/feed")
            self.feed(outlet)
        for (outlet, name), (title, _, text) in ENTRIES.items():
            self.serve(outlet, name, html(title, text))

    def settings(self, **changed: Any) -> None:
        self.room.settings |= changed

    def feed(self, outlet: str) -> None:
        date = "<pubDate>Tue, 10 Mar 2026 10:00:00 GMT</pubDate>" if self.published else ""
        items = "".join(
            f"<item><guid>{name}</guid><title>{title}</title><link>http://{outlet}.test/{name}</link>"
            f"<description>{teaser}</description>{date}</item>"
            for (where, name), (title, teaser, _) in self.entries.items()
            if where == outlet
        )
        text = f"<rss version='2.0'><channel><title>{outlet}</title><link>http://{outlet}.test/</link>{items}</channel></rss>"
        self.serve(outlet, "feed", Reply(200, {"Content-Type": "application/rss+xml"}, text.encode()))

    def rewrite(self, outlet: str, name: str, title: str, teaser: str) -> None:
        """Have an outlet list one of its entries with another headline and teaser."""
        self.entries = {**self.entries, (outlet, name): (title, teaser, RAMP)}
        self.feed(outlet)

    def serve(self, outlet: str, name: str, play: Play) -> None:
        self.origin.serve(f"http://{outlet}.test/{name}", play)

    def slow(self, outlet: str, name: str) -> None:
        """Have a page begin and never end."""
        self.serve(outlet, name, hang)

    def asked(self, outlet: str, name: str) -> int:
        return len(self.origin.seen(f"http://{outlet}.test/{name}"))

    def together(self) -> set[frozenset[str]]:
        """The stories by their copies' outlets and entries."""
        return {
            frozenset(f"{copy.key.source} {copy.key.guid}" for copy in story.copies) for story in self.room.stories()
        }

    def remarks(self) -> list[str]:
        return self.room.read(lambda connection: list(connection.execute(remark.select()).scalars("text")))


APART = {frozenset({f"{outlet} {name}"}) for outlet, name in ENTRIES}
RAMPS = frozenset({"alba ramp", "brig ramp", "cove ramp"})
GLASSES = frozenset({"dune glass", "elms glass"})
LYNXES = frozenset({"alba lynx", "fern lynx"})
ALONE = {frozenset({"brig choir"}), frozenset({"elms opera"})}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Origin() as origin:
        yield World(origin, tmp_path)


def test_every_story_is_one_within_its_round_and_no_page_is_asked_for_in_vain_or_twice(world: World) -> None:
    world.room.round()
    assert world.together() == {RAMPS, GLASSES, LYNXES, *ALONE}
    counts = {entry: world.asked(*entry) for entry in ENTRIES}
    assert counts == {entry: int(entry[1] in ("ramp", "glass", "lynx")) for entry in ENTRIES}
    world.room.round(1)
    assert {entry: world.asked(*entry) for entry in ENTRIES} == counts


def test_nothing_of_a_page_is_in_what_subscribers_see(world: World) -> None:
    world.room.round()
    told = msgspec.json.encode(world.room.stories()).decode()
    for paragraph in (*RAMP, *GLASS, *LYNX):
        assert paragraph[:40] not in told
    assert any(
        "decided on the pages, read at" in copy.ground for story in world.room.stories() for copy in story.copies
    )


def test_no_story_is_published_and_then_joined(world: World) -> None:
    world.room.round()
    rows = world.room.read(
        lambda c: c.exec_driver_sql("SELECT count(*) FROM story WHERE state = 'joined'").scalar_one()
    )
    released = [story.released for story in world.room.stories()]
    assert all(when <= NOON for when in released)
    assert rows == 0 or all(story.released == NOON for story in world.room.stories())


def test_the_spacing_of_a_host_is_kept_between_its_feed_and_its_pages(world: World) -> None:
    world.settings(polling=Polling(host_delay=timedelta(seconds=0.3)))
    world.room.round()
    for outlet in OUTLETS:
        moments = [r.at for r in world.origin.requests if r.target.startswith(f"http://{outlet}.test/")]
        assert len(moments) > 1
        assert min(later - sooner for sooner, later in pairwise(moments)) >= 0.295


def test_nothing_is_asked_for_where_a_source_says_never(world: World) -> None:
    for outlet in OUTLETS:
        world.room.reconfigure(outlet, fulltext=Fulltext.NEVER)
    world.room.round()
    assert world.together() == APART
    assert not any(world.asked(*entry) for entry in ENTRIES)


def test_robots_txt_is_obeyed(world: World) -> None:
    for outlet in ("dune", "elms"):
        world.serve(outlet, "robots.txt", Reply(200, {}, b"User-agent: *\nDisallow: /glass\n"))
    world.room.round()
    assert world.asked("dune", "glass") + world.asked("elms", "glass") == 0
    assert world.together() == {RAMPS, LYNXES, frozenset({"dune glass"}), frozenset({"elms glass"}), *ALONE}
    assert any("robots.txt asks" in text for text in world.remarks())


@pytest.mark.parametrize(("glass", "lynx"), [(401, 402), (403, 451)])
def test_a_wall_decides_nothing_and_its_host_rests(world: World, glass: int, lynx: int) -> None:
    for outlet, name in ENTRIES:
        if name in ("glass", "lynx"):
            world.serve(outlet, name, Reply(glass if name == "glass" else lynx, {}, b"no"))
    world.room.round()
    assert not {GLASSES, LYNXES} & world.together()
    for status in (glass, lynx):
        rests = re.compile(rf"HTTP {status} .*none is asked for until 2026-03-11 12:00 UTC")
        assert any(rests.search(text) for text in world.remarks())


def test_one_error_page_for_all_is_nobodys_text(world: World) -> None:
    sorry = html("Sorry", ("This page could not be found. Perhaps it has moved. Try our search instead.",) * 6)
    for entry in ENTRIES:
        world.serve(*entry, sorry)
    world.room.round()
    assert world.together() == APART


def test_too_many_requests_for_pages_leave_the_feed_alone(world: World) -> None:
    for outlet in ("dune", "elms"):
        world.serve(outlet, "glass", Reply(429, {"Retry-After": "7200"}, b"slow down"))
    world.room.round()
    before = world.asked("dune", "feed") + world.asked("elms", "feed")
    world.room.round(1)
    assert world.asked("dune", "feed") + world.asked("elms", "feed") == before + 2


def test_the_budget_of_a_host_is_kept(world: World) -> None:
    world.settings(pages=Pages(per_host_hour=1))
    world.room.round()
    assert sum(world.asked("alba", name) for name in ("ramp", "lynx")) <= 1
    found = world.room.read(page_texts.by_host)
    assert all(each.read + each.refused <= 1 for each in found)


def test_what_is_over_the_budget_is_read_when_some_of_it_is_free(world: World) -> None:
    world.settings(pages=Pages(per_host_hour=1))
    world.room.round()
    assert not {RAMPS, LYNXES} <= world.together()
    for hours in (0.5, 1.1, 2.2):
        world.room.round(hours)
    assert {RAMPS, GLASSES, LYNXES} <= world.together()


def test_the_most_promising_page_is_claimed_first(world: World) -> None:
    async def run() -> tuple[int, list[tuple[int, float]]]:
        async with Hub.open(world.room.config, NOON) as hub:
            for claim in await hub.claim(NOON, limit=9):
                await hub.poll(claim, NOON)
            await hub.settle(NOON, wait=True)
            (first,) = await hub.claim_pages(NOON, limit=1)
            promises = await hub.write(lambda c: c.execute(select(page.c.copy, page.c.promise)).all())
            return first.copy, [(row.copy, row.promise) for row in promises]

    first, promises = asyncio.run(run())
    assert dict(promises)[first] == max(promise for _, promise in promises)
    assert len({promise for _, promise in promises}) > 1


def test_the_health_report_tells_what_became_of_pages(world: World) -> None:
    world.serve("elms", "glass", Reply(403, {}, b"no"))
    world.room.round()
    directory = output_directory(world.room.config, "test.example,2026")
    told = world.room.read(lambda connection: report(connection, directory, NOON))
    read = {each["host"]: (each["read"], each["refused"]) for each in told["pages"]}
    assert read["cove.test"] == (1, 0)
    assert told["decided_by_pages"] >= 3
    gauges = {(g.labels.get("host"), g.labels.get("outcome")): g.value for g in numbers(told)}
    assert gauges["cove.test", "read"] == 1.0


def test_an_edited_entry_is_not_judged_by_the_page_of_another_headline(world: World) -> None:
    world.room.round()
    world.rewrite("cove", "ramp", "Vineyards of Cove suffer from hail", "Growers count the broken vines.")
    world.room.round(1)
    assert frozenset({"cove ramp"}) in world.together()


def test_stored_teasers_are_those_of_the_copies_as_they_say_by_now(world: World) -> None:
    def teasers(stored: bool) -> list[object]:
        def note(connection: Connection) -> list[object]:
            memory = TeaserMemory(OUTLETS[:3], most=100)
            if stored:
                memory.load(connection, 0)
            segments = len(teaser_segments.after(connection, 0))
            with connection.begin_nested() as undone:
                made = memory.note(connection, {}, placements.newer(connection, 0, seen_since=NOON, limit=100))
                assert (len(teaser_segments.after(connection, 0)) == segments) is stored
                undone.rollback()
            return [(each.number, each.has_page, each.digest, *each.words, *each.counts) for each in made]

        return world.room.store.transact(note)

    world.room.round()
    before = teasers(stored=True)
    assert len(before) == len(ENTRIES)
    assert before == teasers(stored=False)
    world.rewrite("cove", "ramp", "Vineyards of Cove suffer from hail", "Growers count the broken vines.")
    world.room.round(1)
    assert before != teasers(stored=True)
    assert teasers(stored=True) == teasers(stored=False)


def test_a_story_waits_for_a_page_no_longer_than_it_may(world: World) -> None:
    world.settings(pages=Pages(per_host_hour=1, wait=timedelta(minutes=2)))
    world.room.round()
    assert all(story.released <= NOON + timedelta(minutes=2) for story in world.room.stories())


def test_entries_that_come_with_their_text_make_no_teasers_until_one_comes_without(world: World) -> None:
    def segments() -> int:
        return world.room.read(lambda connection: len(teaser_segments.after(connection, 0)))

    teasers = world.entries
    whole = " ".join(" ".join(text) for text in (RAMP, GLASS, LYNX))
    world.entries = {("alba", "ramp"): (ENTRIES["alba", "ramp"][0], f"{' '.join(RAMP)} {whole}", RAMP)}
    for outlet in OUTLETS:
        world.feed(outlet)
    world.room.round()
    assert segments() == 0
    # what came before is found all the same
    world.entries = {**world.entries, ("brig", "ramp"): teasers["brig", "ramp"]}
    world.feed("brig")
    world.room.round(1)
    assert segments() > 0
    assert world.asked("brig", "ramp") == 1
