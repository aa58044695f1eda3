"""Pages that decide nothing, and those that say so only later: walls, front pages, robots.txt, giants, forgeries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hubs import NOON
from origin import Origin, Play, Reply, Request, Writer, redirect
from test_reading_pages import ALONE, APART, ENTRIES, GLASS, GLASSES, LYNX, LYNXES, RAMP, RAMPS, World, html

from feedhub.clean import Agencies, clean
from feedhub.ingest.deciding_pages import article
from feedhub.ingest.fulltext import filled
from feedhub.model import ArticlePage, Entry, Markup, Source
from feedhub.parse.page import extract

MINUTE = 1 / 60
DUNE, ELMS = frozenset({"dune glass"}), frozenset({"elms glass"})
WITHOUT_GLASS = {RAMPS, LYNXES, DUNE, ELMS, *ALONE}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Origin() as origin:
        yield World(origin, tmp_path)


def flood(start: bytes, filler: bytes, size: int | None) -> Play:
    """An answer that begins well and goes on for `size` bytes, or for ever."""

    async def play(request: Request, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" + start)
        sent = 0
        while size is None or sent < size:
            writer.write(filler)
            sent += len(filler)
            await writer.drain()

    return play


# ---------------------------------------------------------------- robots.txt


@pytest.mark.usefixtures("engine")
def test_robots_txt_is_asked_for_once_a_day_whoever_asks(world: World) -> None:
    world.room.round()
    asked = {outlet: world.asked(outlet, "robots.txt") for outlet in ("alba", "brig", "cove", "dune", "elms", "fern")}
    assert set(asked.values()) == {1}
    world.rewrite("cove", "ramp", "Tarn harbour closes ramp to car ferries, nine weeks", "Nine weeks of it.")
    world.room.round(1)
    assert world.asked("cove", "ramp") == 2
    assert world.asked("cove", "robots.txt") == 1
    world.rewrite("cove", "ramp", "Tarn harbour closes ramp to all car ferries for nine weeks", "Nine weeks.")
    world.room.round(25)
    assert world.asked("cove", "robots.txt") == 2


def test_a_robots_txt_that_cannot_be_read_closes_the_site_until_it_can(world: World) -> None:
    for outlet in ("dune", "elms"):
        world.serve(outlet, "robots.txt", Reply(503))
    world.room.round()
    assert world.together() == WITHOUT_GLASS
    assert world.asked("dune", "glass") + world.asked("elms", "glass") == 0
    for outlet in ("dune", "elms"):
        world.serve(outlet, "robots.txt", Reply(404))
    world.room.round(0.5)
    assert world.asked("dune", "robots.txt") + world.asked("elms", "robots.txt") == 1
    for hours in (1.2, 2.5):
        world.room.round(hours)
    assert GLASSES in world.together()


@pytest.mark.parametrize(
    "size", [pytest.param(10_000_000, marks=pytest.mark.soak), None], ids=["ten megabytes", "without end"]
)
def test_of_an_enormous_robots_txt_the_beginning_counts(world: World, size: int | None) -> None:
    for outlet in ("dune", "elms"):
        rules = b"User-agent: *\nDisallow: /glass\n"
        world.serve(outlet, "robots.txt", flood(rules, b"Disallow: /somewhere/else/altogether\n" * 1_000, size))
    world.room.round()
    assert world.together() == WITHOUT_GLASS
    assert world.asked("dune", "glass") + world.asked("elms", "glass") == 0


# ---------------------------------------------------------------- no article


def test_a_page_of_fifty_megabytes_decides_nothing_and_stops_nobody(world: World) -> None:
    begin = b"<html><body><article><p>" + " ".join(GLASS).encode() + b"</p>"
    for outlet in ("dune", "elms"):
        world.serve(outlet, "glass", flood(begin, b"<p>More and more of it.</p>" * 2_000, 50_000_000))
    world.room.round()
    assert world.together() == WITHOUT_GLASS
    assert any("too large" in text for text in world.remarks())


def test_a_page_at_which_the_program_fails_decides_nothing_and_the_others_decide(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No page is known that breaks reading: the fault is made."""

    def breaks(entry: Entry, page: ArticlePage) -> Entry | None:
        if entry.title and entry.title.value in {ENTRIES[outlet, "glass"][0] for outlet in ("dune", "elms")}:
            raise RecursionError("maximum depth exceeded")
        return filled(entry, page)

    monkeypatch.setattr("feedhub.ingest.article_pages.filled", breaks)
    for hours in (0, 1):
        assert world.room.round(hours).failed == ()
        assert world.together() == WITHOUT_GLASS
    assert max(world.asked(outlet, "glass") for outlet in ("dune", "elms")) == 1
    assert {each.getMessage() for each in caplog.records if each.exc_info} == {"page broke"}
    assert any("reading it failed (RecursionError: maximum depth exceeded)" in text for text in world.remarks())


def test_a_redirect_to_the_front_page_is_no_article(world: World) -> None:
    titles = tuple(f"{title}. {teaser}" for title, teaser, _ in ENTRIES.values())
    for outlet, name in ENTRIES:
        world.serve(outlet, name, redirect(f"http://{outlet}.test/"))
        world.serve(outlet, "", html("News of today", titles))
    world.room.round()
    assert world.together() == APART
    assert any("front page" in text for text in world.remarks())


def test_a_page_that_two_unlike_entries_share_is_nobodys_text(world: World) -> None:
    brief = html("News in brief", (*(f"{t}. {s}" for t, s, _ in ENTRIES.values()), *RAMP, *LYNX))
    for name in ("ramp", "lynx"):
        world.serve("alba", name, brief)
    world.room.round()
    assert frozenset({"alba ramp"}) in world.together()
    assert frozenset({"alba lynx"}) in world.together()
    assert frozenset({"brig ramp", "cove ramp"}) in world.together()


def test_a_page_in_another_language_is_not_the_article(world: World) -> None:
    german = (
        "Der Streik der Glasarbeiter endete am Mittwoch nach sechs Wochen, als die Besitzer kürzere Nächte zusagten.",
        "Die Öfen, die nicht erkalten dürfen, hatten Meister und Rentner in Betrieb gehalten, die früher dort waren.",
    ) * 3
    for outlet in ("dune", "elms"):
        world.serve(outlet, "glass", html("Streik beendet", german))
    world.room.round()
    assert world.together() == WITHOUT_GLASS


def test_a_long_list_of_other_stories_is_no_part_of_an_article(world: World) -> None:
    title, _, text = ENTRIES["dune", "glass"]
    more = "".join(f"<li><a href=/more/{n}>Another story that is number {n}</a></li>" for n in range(5_000))
    page = html(title, text)
    endless = page.body.replace(b"</body>", f"<section><h2>Related</h2><ul>{more}</ul></section></body>".encode())
    world.serve("dune", "glass", Reply(200, page.headers, endless))
    world.room.round()
    assert GLASSES in world.together()


# ---------------------------------------------------------------- later


def test_a_page_that_fails_once_is_asked_for_again_and_decides_then(world: World) -> None:
    for outlet in ("dune", "elms"):
        world.serve(outlet, "glass", Reply(500))
    world.room.round()
    assert world.together() == WITHOUT_GLASS
    assert all(story.released <= NOON for story in world.room.stories() if "lass" in story.title)
    for outlet, (title, _, text) in ((o, ENTRIES[o, "glass"]) for o in ("dune", "elms")):
        world.serve(outlet, "glass", html(title, text))
    world.room.round(5 * MINUTE)
    assert GLASSES not in world.together()
    world.room.round(11 * MINUTE)
    assert GLASSES in world.together()


@pytest.mark.soak
def test_a_page_that_goes_on_failing_is_given_up(world: World) -> None:
    for outlet in ("dune", "elms"):
        world.serve(outlet, "glass", Reply(500))
    for hours in range(0, 30, 3):
        world.room.round(hours)
    assert {world.asked("dune", "glass"), world.asked("elms", "glass")} == {0, 3}
    assert any("stays undecided" in text for text in world.remarks())


def test_a_host_that_is_asked_too_often_says_when_and_is_asked_then(world: World) -> None:
    for outlet in ("dune", "elms"):
        world.serve(outlet, "glass", Reply(429, {"Retry-After": "1800"}))
    world.room.round()
    for outlet, (title, _, text) in ((o, ENTRIES[o, "glass"]) for o in ("dune", "elms")):
        world.serve(outlet, "glass", html(title, text))
    world.room.round(20 * MINUTE)
    assert GLASSES not in world.together()
    assert world.asked("dune", "feed") == world.asked("elms", "feed") == 2
    world.room.round(31 * MINUTE)
    assert GLASSES in world.together()


def test_an_edited_entry_has_its_page_read_for_what_it_says_now(world: World) -> None:
    title, teaser, _ = ENTRIES["brig", "choir"]
    world.room.round()
    world.serve("brig", "choir", html("Cracks", RAMP))
    world.rewrite("brig", "choir", "Choir cannot cross: Tarn harbour closes its ramp to car ferries", "Divers: cracks.")
    world.room.round(1)
    assert world.asked("brig", "choir") == 1
    assert any({"brig choir", "cove ramp"} <= story for story in world.together())
    world.rewrite("brig", "choir", title, teaser)
    world.room.round(2)
    assert frozenset({"brig choir"}) in world.together()
    assert world.asked("brig", "choir") == 1


@pytest.mark.soak
def test_an_entry_that_is_edited_at_every_poll_has_its_page_read_three_times_at_most(world: World) -> None:
    for number in range(6):
        world.rewrite("cove", "ramp", f"Tarn ramp closes to car ferries for nine weeks, take {number}", "Nine weeks.")
        world.room.round(number)
    assert world.asked("cove", "ramp") == 3


# ---------------------------------------------------------------- twins and forgeries


def test_the_amp_page_of_an_article_decides_as_its_own_page_does(world: World) -> None:
    title, _, text = ENTRIES["elms", "glass"]
    twin = html(title, text).body.replace(b"<html", b"<html amp")
    twin = twin.replace(b"</head>", b"<link rel=canonical href='http://elms.test/glass'></head>")
    world.serve("elms", "glass", redirect("http://amp.elms.test/s/glass"))
    world.serve("amp.elms", "s/glass", Reply(200, {"Content-Type": "text/html"}, twin))
    world.room.round()
    assert GLASSES in world.together()


FORGED = "Miracle pill melts fat before the autumn storms, says harbour of Tarn"
LURE = "Nine weeks, car ferries, cracked piers, loading ramp: the pill that divers and engineers take. " * 3


@pytest.mark.parametrize(
    ("lure", "lede"),
    [
        (LURE, ""),
        pytest.param("Divers found cracks in the piers.", "", marks=pytest.mark.soak),
        pytest.param(LURE, "The pill melts fat while you sleep, and costs nine crowns.", marks=pytest.mark.soak),
    ],
    ids=["long teaser", "short teaser", "a lede of its own"],
)
def test_a_page_that_quotes_an_article_whole_does_not_speak_for_it(world: World, lure: str, lede: str) -> None:
    world.entries = {**world.entries, ("fern", "pill"): (FORGED, lure, RAMP)}
    world.feed("fern")
    world.serve("fern", "pill", html(FORGED, (*([lede] if lede else []), *RAMP)))
    world.room.round()
    (ramp,) = (story for story in world.room.stories() if any(copy.key.guid == "ramp" for copy in story.copies))
    assert {copy.key.source for copy in ramp.copies} >= {"alba", "brig", "cove"}
    assert ramp.canonical.source != "fern"
    assert "pill" not in ramp.title.lower()
    assert "pill" not in (ramp.html or "") + (ramp.summary or "")


# ---------------------------------------------------------------- what a page says of itself


def test_a_page_tells_whose_text_it_is() -> None:
    data = (
        '{"@type": "NewsArticle", "author": {"name": "Ann Reed"}, "copyrightHolder": {"name": "Reuters"},'
        ' "isBasedOn": {"@type": "NewsArticle", "url": "https://agency.test/lynx"}}'
    )
    page = html("Lynx", LYNX).body.replace(
        b"</head>", f'<script type="application/ld+json">{data}</script></head>'.encode()
    )
    read = extract(page, content_type="text/html", url="http://fern.test/lynx")
    assert isinstance(read, ArticlePage)
    assert (read.copyright_holder, read.based_on) == ("Reuters", "https://agency.test/lynx")


@pytest.mark.parametrize(
    ("head", "closing", "agency"),
    [
        ('{"@type": "NewsArticle", "copyrightHolder": {"name": "Reuters"}}', "", "Reuters"),
        ('{"@type": "NewsArticle", "author": {"name": "Associated Press"}}', "", "AP"),
        ("{}", "This story was originally published by The Associated Press.", "AP"),
        ('{"@type": "NewsArticle", "author": {"name": "Ann Reed"}, "publisher": {"name": "Fern"}}', "", None),
    ],
    ids=["holder", "author", "credit line", "nobody's"],
)
def test_whom_a_page_names_as_its_source_goes_with_its_text(head: str, closing: str, agency: str | None) -> None:
    title, teaser, text = ENTRIES["fern", "lynx"]
    page = html(title, (*text, *([closing] if closing else []))).body
    script = f'<script type="application/ld+json">{head}</script></head>'.encode()
    read = extract(page.replace(b"</head>", script), content_type="text/html", url="http://fern.test/lynx")
    assert isinstance(read, ArticlePage)
    entry = Entry(guid="lynx", title=Markup(value=title), summary=Markup(value=teaser), link="http://fern.test/lynx")
    whole = filled(entry, read)
    assert whole is not None
    source = Source(id="fern", url="http://fern.test/feed", name="Fern")
    agencies, about = Agencies.known(), {"feed_title": None, "feed_language": None}
    made = clean(whole, source=source, outlet="fern.test", first_seen=NOON, now=NOON, agencies=agencies, **about)
    assert article(read, made, agencies).wire.agency == agency
