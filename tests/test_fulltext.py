"""`fulltext: true`: the article's page is read once, wary and polite, and makes the copy whole."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hubs import NOON, Newsroom
from origin import Origin, Play, Reply

from feedhub.config.settings import Fetch, Polling
from feedhub.hub import Hub
from feedhub.ingest.fulltext import filled
from feedhub.model import ArticlePage, Entry, Fulltext, Markup, ParseFailed, Rights, Story
from feedhub.parse.page import extract
from feedhub.parse.parser_pool import ParserPool
from feedhub.store import Connection, claims, pages
from feedhub.store.tables import page as page_table
from feedhub.store.tables import remark

TEASER = "Water rose in the streets of Eastbrook on Monday, and two hundred people left their homes."
BODY = (
    f"<p>{TEASER}</p><p>The river had risen by four metres since Sunday, the mayor told reporters at the town hall,"
    ' and <a href="/crest">a second crest</a> is expected on Wednesday evening.</p>'
    "<p>Volunteers filled sandbags through the night along the harbour wall, where the water had come within a hand of"
    " the top, and bakers brought bread to the sports hall in which most of those who left now sleep.</p>"
    "<p>Schools stay closed until Friday. Two bridges were shut to lorries, and trains to Northgate run every hour.</p>"
)
FURTHER = "Schools stay closed until Friday"


def article(body: str = BODY, head: str = "") -> Reply:
    """A page as sites build them, with all that is not the article round it."""
    text = (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Flood in Eastbrook</title>{head}</head><body>"
        "<nav><ul><li><a href=/>Home</a><li><a href=/sport>Sport</a></ul></nav>"
        f"<article><h1>Flood in Eastbrook</h1>{body}</article><script>alert(1)</script>"
        "<footer><p>Subscribe to our newsletter</p></footer></body></html>"
    )
    return Reply(200, {"Content-Type": "text/html; charset=utf-8"}, text.encode())


def feed(*items: str) -> Reply:
    inner = "".join(items) or item(1)
    text = f'<rss version="2.0"><channel><title>Paper</title><link>http://paper.test/</link>{inner}</channel></rss>'
    return Reply(200, {"Content-Type": "application/rss+xml"}, text.encode())


def item(number: int, text: str = TEASER, title: str = "Flood in Eastbrook") -> str:
    return (
        f"<item><guid>{number}</guid><title>{title}</title><link>http://paper.test/{number}</link>"
        f"<description>{text}</description></item>"
    )


@dataclass
class Paper:
    """A hub behind a proxy that plays `paper.test`: so its pages lie on a public name and are never exempt."""

    origin: Origin
    room: Newsroom = field(init=False)
    folder: Path
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.room = Newsroom(
            self.folder,
            settings={"fetch": Fetch(proxy=self.origin.url("")), "polling": Polling(host_delay=timedelta(0))},
        )
        self.configure()

    def configure(self, **fields: Any) -> None:
        self.room.sources.clear()
        self.room.source("paper", fulltext=Fulltext.PUBLISH, **fields)
        self.room.reconfigure("paper", url="http://paper.test/feed")

    def serve(self, path: str, play: Play) -> None:
        self.origin.serve(f"http://paper.test{path}", play)

    def asked(self, path: str) -> int:
        return len(self.origin.seen(f"http://paper.test{path}"))

    def story(self, hours: float = 0) -> Story:
        self.room.round(hours)
        (story,) = self.room.stories()
        return story

    def remarks(self) -> list[str]:
        return self.room.read(lambda connection: list(connection.execute(remark.select()).scalars("text")))


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[Paper]:
    with Origin() as origin:
        paper = Paper(origin, tmp_path)
        paper.serve("/feed", feed())
        paper.serve("/1", article())
        yield paper


def test_the_page_makes_an_excerpt_whole(paper: Paper) -> None:
    story = paper.story()
    assert story.html is not None
    assert FURTHER in story.html
    assert 'href="http://paper.test/crest"' in story.html
    assert "alert" not in story.html
    assert "newsletter" not in story.html


def test_the_page_is_asked_for_once_as_a_page_and_as_ourselves(paper: Paper) -> None:
    for hours in (0, 2, 4):
        paper.story(hours)
    (request,) = paper.origin.seen("http://paper.test/1")
    assert request.method == "GET"
    assert (request.header("Accept") or "").startswith("text/html")
    assert (request.header("User-Agent") or "").startswith("feedhub/")
    assert not {"cookie", "referer", "if-none-match"} & {name.lower() for name, _ in request.headers}


def test_a_source_that_does_not_ask_for_pages_gets_none(paper: Paper) -> None:
    paper.room.reconfigure("paper", fulltext=Fulltext.NEVER)
    story = paper.story()
    assert FURTHER not in (story.html or "")
    assert paper.asked("/1") == 0


def test_a_page_at_which_the_program_fails_is_given_up_and_the_others_are_read(
    paper: Paper, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No page is known that breaks reading: the fault is made."""

    def breaks(entry: Entry, page: ArticlePage) -> Entry | None:
        if "Eastbrook" in str(entry.title):
            raise RecursionError("maximum depth exceeded")
        return filled(entry, page)

    monkeypatch.setattr("feedhub.ingest.article_pages.filled", breaks)
    other = "The council of Northgate sold the old mill by the river to a baker on Friday for half of its price."
    paper.serve("/2", article(f"<p>{other}</p><p>The mill had stood empty for nine years, and the roof is gone.</p>"))
    paper.serve("/feed", feed(item(1), item(2, other, "Mill sold")))
    assert paper.room.round().failed == ()
    paper.room.round(2)
    assert [record.getMessage() for record in caplog.records if record.exc_info] == ["page broke"]
    assert (paper.asked("/1"), paper.asked("/2")) == (1, 1)
    texts = {story.title: story.html or "" for story in paper.room.stories()}
    assert FURTHER not in texts["Flood in Eastbrook"]
    assert "nine years" in texts["Mill sold"]
    assert any("RecursionError: maximum depth exceeded" in remark for remark in paper.remarks())


def test_a_new_entry_alone_has_its_page_read(paper: Paper) -> None:
    paper.story()
    other = "The council of Northgate sold the old mill by the river to a baker on Friday for half of its price."
    paper.serve("/2", article(f"<p>{other}</p><p>The mill had stood empty for nine years, and the roof is gone.</p>"))
    paper.serve("/feed", feed(item(2, other, "Mill sold"), item(1)))
    paper.room.round(2)
    assert (paper.asked("/1"), paper.asked("/2")) == (1, 1)
    assert any("nine years" in (story.html or "") for story in paper.room.stories())


def test_an_edited_entry_has_its_page_read_again_and_stays_whole_where_that_fails(paper: Paper) -> None:
    paper.story()
    paper.serve("/feed", feed(item(1, TEASER.replace("two hundred", "two hundred and ten"))))
    paper.serve("/1", Reply(503))
    story = paper.story(2)
    assert paper.asked("/1") == 2
    assert FURTHER in (story.html or "")


def test_a_page_that_fails_keeps_the_feeds_text_is_told_and_tried_again(paper: Paper) -> None:
    paper.serve("/1", Reply(500))
    story = paper.story()
    assert "two hundred people" in (story.html or story.summary or "")
    assert any("http://paper.test/1" in text and "HTTP 500" in text for text in paper.remarks())
    paper.story(0.1)
    assert paper.asked("/1") == 1
    paper.serve("/1", article())
    assert FURTHER in (paper.story(0.5).html or "")
    assert paper.asked("/1") == 2


def test_a_page_that_goes_on_failing_is_given_up(paper: Paper) -> None:
    paper.serve("/1", Reply(500))
    for hours in range(0, 200, 10):
        paper.room.round(hours)
    assert paper.asked("/1") == 4
    assert any("the feed's own text stands" in text for text in paper.remarks())


@pytest.mark.parametrize("status", [401, 403, 404, 410, 451])
def test_a_page_that_is_not_there_is_asked_for_once(paper: Paper, status: int) -> None:
    paper.serve("/1", Reply(status))
    for hours in (0, 10, 20):
        paper.room.round(hours)
    assert paper.asked("/1") == 1


def test_a_page_that_asks_for_a_pause_holds_all_pages_of_its_host(paper: Paper) -> None:
    paper.serve("/feed", feed(item(1), item(2, "Other words altogether about the new bridge.", "Bridge")))
    paper.serve("/1", Reply(429, {"Retry-After": "600"}))
    paper.serve("/2", Reply(429, {"Retry-After": "600"}))
    paper.room.round()
    assert paper.asked("/1") + paper.asked("/2") == 1


CONSENT = "<p>We value your privacy. We and our partners store and access information on a device, such as unique"
CONSENT += " identifiers in browsing data, to personalise advertising and to measure its performance.</p>"


@pytest.mark.parametrize(
    "play",
    [
        article(CONSENT),
        Reply(200, {"Content-Type": "text/html"}, b""),
        Reply(200, {"Content-Type": "application/pdf"}, b"%PDF-1.7"),
        Reply(200, {"Content-Type": "text/html"}, b"<html><body>" + b"<div>" * 100_000),
        Reply(302, {"Location": "http://127.0.0.1:1/"}),
        Reply(302, {"Location": "file:///etc/passwd"}),
    ],
    ids=["consent", "empty", "pdf", "deep", "redirect to loopback", "redirect to a file"],
)
def test_what_is_not_the_article_is_not_taken_for_it(paper: Paper, play: Play) -> None:
    paper.serve("/1", play)
    story = paper.story()
    assert "two hundred people" in (story.html or story.summary or "")
    assert "partners" not in (story.html or "")
    assert len(paper.remarks()) == 1


def test_no_exemption_reaches_an_article(tmp_path: Path) -> None:
    with Origin() as origin:
        room = Newsroom(tmp_path, settings={"fetch": Fetch(allow=(origin.place,))})
        room.source("paper", fulltext=Fulltext.PUBLISH)
        room.reconfigure("paper", url=origin.url("/feed"))
        origin.serve("/feed", feed(item(1).replace("http://paper.test", origin.url(""))))
        origin.serve("/1", article())
        room.round()
        assert [request.target for request in origin.requests] == ["/feed"]
        assert FURTHER not in (room.stories()[0].html or "")


def test_credentials_of_the_source_are_not_shown_to_its_pages(paper: Paper) -> None:
    paper.room.reconfigure("paper", url="http://ann:secret@paper.test/feed")
    paper.story()
    assert paper.origin.seen("http://paper.test/feed")[0].header("Authorization")
    assert paper.origin.seen("http://paper.test/1")[0].header("Authorization") is None


@pytest.mark.parametrize("rights", [Rights.SUMMARY, Rights.HEADLINE])
def test_rights_hold_for_what_the_page_says(paper: Paper, rights: Rights) -> None:
    paper.configure(rights=rights)
    story = paper.story()
    assert paper.asked("/1") == 1
    assert FURTHER not in str(story)


def test_what_the_page_says_of_itself_fills_in_where_the_feed_is_silent(paper: Paper) -> None:
    linked = (
        '<script type="application/ld+json">{"@graph": [{"@type": ["NewsArticle"], "author": {"name": "Ann Reed"},'
        ' "datePublished": "2026-03-10T08:00:00Z", "publisher": {"name": "Paper"}}]}</script>'
    )
    paper.serve("/1", article(head=f"{linked}<link rel=canonical href=/flood-in-eastbrook>"))
    story = paper.story()
    assert story.authors == ("Ann Reed",)
    assert story.published == datetime(2026, 3, 10, 8, tzinfo=UTC)
    assert story.url == "http://paper.test/flood-in-eastbrook"


def test_a_page_cannot_say_that_it_is_another_sites(paper: Paper) -> None:
    paper.serve("/1", article(head='<link rel=canonical href="http://elsewhere.test/x">'))
    assert paper.story().url == "http://paper.test/1"


# ---------------------------------------------------------------- killed between, fenced


def polled_only(paper: Paper) -> None:
    """A process that dies between the poll and its pages."""

    async def run() -> None:
        async with Hub.open(paper.room.config, NOON) as hub:
            for claim in await hub.claim(NOON, limit=9):
                await hub.poll(claim, NOON)

    asyncio.run(run())


def test_a_process_that_dies_before_the_page_leaves_it_to_the_next(paper: Paper) -> None:
    polled_only(paper)
    assert paper.asked("/1") == 0
    assert FURTHER in (paper.story(0.1).html or "")


def test_what_a_dead_process_had_claimed_is_read_by_the_next(paper: Paper) -> None:
    polled_only(paper)

    async def die() -> None:
        hub = Hub.open(paper.room.config, NOON)
        assert len(await hub.claim_pages(NOON)) == 1
        hub.store.close()

    asyncio.run(die())
    assert FURTHER in (paper.story(0.1).html or "")


def test_an_edit_meanwhile_makes_the_page_that_was_read_worthless(paper: Paper) -> None:
    polled_only(paper)

    async def run() -> None:
        async with Hub.open(paper.room.config, NOON) as hub:
            (held,) = await hub.claim_pages(NOON)
            paper.serve("/feed", feed(item(1, TEASER.replace("Monday", "Sunday"))))
            later = NOON + timedelta(hours=2)
            for claim in await hub.claim(later, limit=9):
                await hub.poll(claim, later)
            with pytest.raises(claims.LeaseLost):
                await hub.write(lambda c: pages.finish(c, held, read=None, due_at=None))
            await hub.read_page(held, later)

    asyncio.run(run())
    assert paper.room.read(due) == [NOON + timedelta(hours=2)]


def due(connection: Connection) -> list[datetime | None]:
    return list(connection.execute(page_table.select()).scalars("due_at"))


def test_no_two_workers_read_one_page(paper: Paper) -> None:
    polled_only(paper)

    async def run() -> None:
        async with Hub.open(paper.room.config, NOON) as one, Hub.open(paper.room.config, NOON) as other:
            assert len(await one.claim_pages(NOON)) == 1
            assert await other.claim_pages(NOON) == []

    asyncio.run(run())


def test_purging_a_copy_lets_go_of_its_page(paper: Paper) -> None:
    paper.story()
    paper.serve("/feed", feed(item(2, "Nothing but a bridge here.", "Bridge")))
    paper.serve("/2", Reply(404))
    paper.room.round(2)
    assert len(paper.room.read(due)) == 2
    paper.room.round(24 * 40)
    assert paper.room.read(due) == []


# ---------------------------------------------------------------- by itself


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "shift_jis", "utf-16"])
def test_a_page_is_read_in_its_charset(charset: str) -> None:
    words = "水が町にあふれた。" * 20 if charset == "shift_jis" else "Вода поднялась в городе в понедельник. " * 9
    text = f"<html><head><title>t</title></head><body><article><p>{words}</p></article></body></html>"
    found = extract(text.encode(charset), content_type=f"text/html; charset={charset}", url="http://p.test/1")
    assert isinstance(found, ArticlePage), found
    assert words[:9] in found.html


def test_a_page_that_stalls_the_reader_costs_its_deadline() -> None:
    from feedhub.model import Fetched

    body = b"<html><body>" + b"".join(b"<p>word%d <a href=x%d>link</a> more" % (n, n) for n in range(60_000))

    async def run() -> ArticlePage | ParseFailed:
        async with ParserPool(deadline=0.3) as pool:
            return await pool.extract(Fetched(source="s", url="http://p.test/", body=body, content_type="text/html"))

    found = asyncio.run(run())
    assert isinstance(found, ParseFailed)
    assert "takes longer" in found.reason


@pytest.mark.parametrize(
    ("title", "teaser", "page", "taken"),
    [
        ("Flood in Eastbrook", TEASER, BODY, True),
        ("Flood in Eastbrook", "", BODY, True),
        ("Flood in Eastbrook", TEASER, CONSENT, False),
        ("Mill sold for a song", "", BODY, False),
        ("東京で大雨、川があふれる", "", "<p>東京で大雨が降り、川があふれる事態になった。</p>", True),
        ("東京で大雨、川があふれる", "", "<p>会員登録が必要です。ログインしてください。</p>", False),
        ("", "", BODY, False),
    ],
    ids=["teaser", "title alone", "consent page", "another title", "unspaced", "unspaced log-in", "nothing told"],
)
def test_a_page_is_the_articles_where_it_carries_what_the_feed_told(
    title: str, teaser: str, page: str, taken: bool
) -> None:
    entry = Entry(guid="1", link="http://p.test/1", title=Markup(value=title), summary=Markup(value=teaser))
    assert (filled(entry, ArticlePage(url="http://p.test/1", html=page)) is not None) == taken


@pytest.mark.timeout(30)
def test_a_text_of_brackets_is_no_more_work_than_another() -> None:
    text = "<" * 1_000_000 + " " + BODY
    entry = Entry(guid="1", content=Markup(value=text))
    assert filled(entry, ArticlePage(url="http://p.test/1", html=text)) is not None


def test_the_feeds_own_word_goes_before_the_pages(paper: Paper) -> None:
    moment = datetime(2026, 3, 9, tzinfo=UTC)
    entry = Entry(
        guid="1",
        title=Markup(value="Flood"),
        summary=Markup(value=TEASER),
        authors=("A",),
        published=moment,
        language="en",
    )
    page = ArticlePage(url="http://p.test/1", html=BODY, authors=("B",), published=NOON, language="fr")
    whole = filled(entry, page)
    assert whole is not None
    assert (whole.authors, whole.published, whole.language) == (("A",), moment, "en")
