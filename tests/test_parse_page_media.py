"""Pictures, captions and players of an article's page come past the extraction of its text."""

import pytest

from feedhub.clean.html import read, render
from feedhub.model import ArticlePage, Markup
from feedhub.parse.page import extract

URL = "https://quay.example/a"
TEXT = (
    "<p>The quay was opened on {day} by the mayor before a crowd of several hundred, after three years of work on its "
    "walls and its crane, and the band of the harbour played.</p>"
)
FIRST, LAST = TEXT.format(day="Tuesday"), TEXT.format(day="Wednesday")
PICTURE = '<p><img src="https://quay.example/real.jpg"></p>'


def shown(inner: str, around: str = "") -> str:
    page = (
        f"<!doctype html><html><head><title>The quay opens</title></head><body><header><img src='/logo.png'></header>"
        f"<article><h1>The quay opens</h1>{FIRST}{inner}{LAST}</article>{around}</body></html>"
    )
    article = extract(page.encode(), content_type="text/html; charset=utf-8", url=URL)
    assert isinstance(article, ArticlePage), article
    html = render(read(Markup(value=article.html), URL))
    assert FIRST in html
    assert LAST in html
    return html[html.index(FIRST) + len(FIRST) : html.index(LAST)]


PAGES = {
    "late": ('<p><img class="lazy" src="/img/blank.gif" data-original="/real.jpg"></p>', PICTURE),
    "noscript": ('<noscript><img src="/real.jpg"></noscript>', PICTURE),
    "late beside its noscript": (
        '<div><img src="/blank.gif" data-src="/real.jpg"><noscript><img src="/real.jpg"></noscript></div>',
        PICTURE,
    ),
    "picture": (
        '<div><picture><source srcset="/real.jpg 2x"><img src="data:image/gif;base64,R"></picture></div>',
        PICTURE,
    ),
    "picture that is a link": (
        '<p><a href="/big"><img src="/real.jpg"></a></p>',
        '<p><a href="https://quay.example/big" rel="noopener noreferrer"><img src="https://quay.example/real.jpg"></a></p>',
    ),
    "picture within a sentence": (
        '<p>Of all who came <img src="/real.jpg"> nobody left before the evening.</p>',
        '<p>Of all who came <img src="https://quay.example/real.jpg"> nobody left before the evening.</p>',
    ),
    "caption": (
        '<figure><img src="/real.jpg"><figcaption>The quay at dawn, seen from the mole.</figcaption></figure>',
        f"<figure>{PICTURE}<figcaption>The quay at dawn, seen from the mole.</figcaption></figure>",
    ),
    "film": (
        '<iframe src="https://player.vimeo.com/video/123" title="Seals"></iframe>',
        '<figure><p><a href="https://vimeo.com/123" rel="noopener noreferrer">Seals</a></p></figure>',
    ),
    "film of a component": (
        '<lite-youtube videoid="abc123XYZ" title="Seals"></lite-youtube>',
        '<figure><p><a href="https://www.youtube.com/watch?v=abc123XYZ" rel="noopener noreferrer">Seals</a></p>'
        "</figure>",
    ),
    "post that a script makes": (
        '<script async src="https://telegram.org/js/w.js" data-telegram-post="quay/12"></script>',
        '<figure><p><a href="https://t.me/quay/12" rel="noopener noreferrer">t.me/quay/12</a></p></figure>',
    ),
    "picture behind a block": ('<div class="hero" style="background-image:url(/real.jpg)"></div>', PICTURE),
    "picture of any attribute": ('<p><img src="/img/grey.gif" data-flickity-lazyload="/real.jpg"></p>', PICTURE),
    "film of its own": (
        '<video poster="/real.jpg"><source src="/s.mp4"></video>',
        '<p><video src="https://quay.example/s.mp4" poster="https://quay.example/real.jpg" controls=""></video></p>',
    ),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("inner", "html"), PAGES.values(), ids=PAGES)
def test_what_a_page_shows_within_its_article_is_shown(inner: str, html: str) -> None:
    assert shown(inner) == html


def test_what_a_page_shows_beside_its_article_is_not() -> None:
    around = '<aside><img src="/advert.jpg"></aside><footer><figure><img src="/foot.jpg"></figure></footer>'
    assert shown("", around) == ""


def test_a_page_that_writes_marks_itself_gets_nothing_of_another() -> None:
    assert "999" not in shown("<p>A code of xfigure999xfigure was seen on the wall of the basin that evening.</p>")
