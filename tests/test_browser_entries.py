"""Entries as a reader shows them, in a real browser: what came in a feed is seen in what we serve of it."""

from __future__ import annotations

import os
import re
import struct
import zlib
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import feedparser
import pytest
from newsstand import feed, story
from test_browser_pages import browser

from feedhub.clean import Agencies, clean
from feedhub.model import Feed, Source
from feedhub.parse import parse
from feedhub.publish import atom

__all__ = ["browser"]
pytestmark = pytest.mark.browser

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
)
ARTICLE = """
<p>SELM &mdash; The old quay was opened again on Tuesday, after three years of work on its walls and its crane.</p>
<img class="lazy" src="/img/blank.gif" data-flickity-lazyload="/img/quay.png" alt="The quay at dawn">
<p class="article-image__caption">The quay at dawn, seen from the old light on the mole.</p>
<p>&ldquo;It will stand for a hundred years,&rdquo; the harbour master said <img src="/img/flag.png" alt="⚑" width="16"
height="16"> and the band played.</p>
<iframe src="https://www.youtube.com/embed/abc123XYZ" title="Film: the crane is lifted"></iframe>
<blockquote class="tiktok-embed" cite="https://www.tiktok.com/@quay/video/7"><section></section></blockquote>
<script>document.title = 'taken'</script><p onclick="document.title = 'taken'">All 34 boats were there.</p>
"""
NOTES = """
<p>The tide<sup><a href="#n1" id="r1">1</a></sup> is counted by a few lines:</p>
<table class="highlight"><tr><td class="blob-num">1</td><td class="blob-code">def tide(hour):</td></tr>
<tr><td class="blob-num">2</td><td class="blob-code">    return hour % 12</td></tr></table>
<p>It follows <math><msup><mi>x</mi><mn>2</mn></msup><mo>+</mo><mn>1</mn></math>.</p>
<table><caption>Tons by port</caption><tr><th colspan="2">Port and tons</th></tr><tr><td>Selm</td><td>40</td></tr>
<tr><td>Marrow</td><td>7</td></tr></table>
<ol start="4"><li>ropes</li><li>lamps</li></ol><ul><li><input type="checkbox" checked> painted</li>
<li><input type="checkbox"> wired</li></ul><hr><dl><dt>Quay</dt><dd>A wall for ships.</dd></dl>
<p><ruby>港<rp>(</rp><rt>みなと</rt><rp>)</rp></ruby></p>
<p id="n1">Of the north basin. <a href="#r1">back</a></p>
"""
ARABIC = """
<h2>افتتاح الميناء</h2><p>افتتح الميناء رقم 41 يوم الثلاثاء بعد أن أعيد بناؤه بالحجر، وحضر الافتتاح خمسمئة شخص.</p>
<figure><img src="/img/quay.png" alt="الميناء"><figcaption>الميناء عند الفجر</figcaption></figure>
<p dir="ltr">The harbour master spoke in English.</p>
"""
#: as readers do: a column, pictures no wider than it
STYLE = (
    "body{font:17px/1.5 serif;max-width:34em;margin:1em auto;padding:0 1em}img,video{max-width:100%;height:auto}"
    "figcaption{font-size:.85em;color:#555}pre{background:#eee;padding:.6em;overflow:auto}td,th{border:1px solid #999;"
    "padding:.2em .6em}table{border-collapse:collapse}blockquote{border-left:3px solid #ccc;margin:0;padding-left:1em}"
)


def served(body: str, *, title: str = "The quay opens", language: str = "en") -> str:
    """What a reader makes of our Atom entry of a feed's item."""
    document = (
        f'<rss version="2.0" {SPACES}><channel><title>Quay Paper</title><link>https://quay.test/</link><language>'
        f"{language}</language><item><title>{title}</title><link>https://quay.test/a/1</link><content:encoded>"
        f"{escape(body)}</content:encoded></item></channel></rss>"
    )
    read = parse(document.encode(), url="https://quay.test/feed")
    assert isinstance(read, Feed)
    copy = clean(
        read.entries[0],
        source=Source(id="quay", url="https://quay.test/feed", name="Quay Paper"),
        feed_title=read.title,
        feed_language=read.language,
        outlet="quay.test",
        first_seen=NOW,
        now=NOW,
        agencies=Agencies.known(),
    )
    one = story(title=copy.title, html=copy.html, url=copy.url, language=copy.language, media=copy.media)
    entry = feedparser.parse(atom(feed(one)), sanitize_html=False).entries[0]
    shown: str = entry.content[0].value
    return f"<!doctype html><title>reader</title><style>{STYLE}</style><h1>{escape(entry.title)}</h1>{shown}"


def picture(width: int, height: int) -> bytes:
    """A grey PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((120 + 90 * y // height) for _ in range(width)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def opened(browser: Any, html: str, name: str) -> Any:
    """The page in which a reader shows an entry, its pictures loaded."""
    page = browser.new_page(viewport={"width": 760, "height": 900})
    page.route(
        re.compile(r"\.png$"), lambda route: route.fulfill(status=200, content_type="image/png", body=picture(600, 300))
    )
    page.set_content(html, wait_until="networkidle")
    if folder := os.environ.get("FEEDHUB_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"entry-{name}.png"), full_page=True)
    return page


def test_an_article_shows_its_late_picture_its_caption_and_links_to_its_films(browser: Any) -> None:
    page = opened(browser, served(ARTICLE), "article")
    assert page.evaluate("[...document.images].map(picture => picture.naturalWidth > 0)") == [True, True]
    assert page.locator("figure figcaption").first.inner_text().startswith("The quay at dawn")
    links = page.evaluate("[...document.querySelectorAll('figure a')].map(a => a.href)")
    assert links == ["https://www.youtube.com/watch?v=abc123XYZ", "https://www.tiktok.com/@quay/video/7"]
    page.get_by_text("All 34 boats").click()
    assert page.title() == "reader", "no script of the feed runs"
    page.close()


def test_code_tables_formulas_and_notes_show_as_such(browser: Any) -> None:
    page = opened(browser, served(NOTES, title="How the tide is counted"), "notes")
    assert page.locator("pre").inner_text() == "def tide(hour):\n    return hour % 12"
    assert page.locator("table th").get_attribute("colspan") == "2"
    assert page.evaluate("document.querySelector('msup > mn').getBoundingClientRect().height") > 0
    assert page.locator("ol").get_attribute("start") == "4"
    assert "☑ painted" in page.locator("ul").inner_text()
    assert page.locator("ruby rt").inner_text() == "みなと"
    note = page.locator("sup a").get_attribute("href")
    assert page.locator(f"[id='{note.removeprefix('#')}']").count() == 1
    page.close()


def test_a_text_from_right_to_left_runs_so(browser: Any) -> None:
    page = opened(browser, served(ARABIC, title="افتتاح الميناء من جديد", language="ar"), "arabic")
    directions = page.evaluate("[...document.querySelectorAll('p')].map(p => getComputedStyle(p).direction)")
    assert directions[0] == "rtl"
    assert directions[-1] == "ltr"
    assert page.locator("figure figcaption").inner_text() == "الميناء عند الفجر"
    page.close()
