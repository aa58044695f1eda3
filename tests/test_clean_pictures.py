"""Pictures and what is embedded: real addresses of late ones, captions with their picture, links to films."""

import pytest
from clean_entries import entry, run

from feedhub.clean.embeds import page_of
from feedhub.clean.html import read, render
from feedhub.model import Markup, Media
from feedhub.structs import replace

BASE = "https://quay.example/a/1"
REAL = '<p><img src="https://quay.example/real.jpg"></p>'
PROSE = "The quay was opened on Tuesday by the mayor before a crowd of several hundred, after three years of work."


def cleaned(markup: str) -> str:
    return render(read(Markup(value=markup), BASE))


LATE = {
    "data-src": '<img src="/img/grey.gif" data-src="/real.jpg">',
    "data-src before a small picture": '<img src="/tiny.jpg?w=20" data-src="/real.jpg">',
    "data-src without src": '<img class="lazyload" data-src="/real.jpg">',
    "data-lazy-src": '<img src="/a3/lazy_placeholder.gif" data-lazy-src="/real.jpg">',
    "data-original": '<img src="/x/loading.gif" data-original="/real.jpg">',
    "sizes of the placeholder": '<img width="1" height="1" src="/1x1.trans.gif" data-lazy-src="/real.jpg">',
    "style of the placeholder": '<img style="width:1px" src="/blank.gif" data-src="/real.jpg">',
    "file of a forum": '<img src="/static/image/common/none.gif" data-src="" file="/real.jpg" zoomfile="/real.jpg">',
    "a word is no address": '<img data-lazy="true" data-src="lazy" src="/real.jpg">',
    "a template is no address": '<img data-src="/real_{width}x.jpg" src="/real.jpg">',
    "script for an address": '<img data-src="javascript:x/y" src="/real.jpg">',
    "an original of megabytes": '<img src="/real.jpg" data-orig-file="/huge.jpg" data-large-file="/large.jpg">',
    "an original behind a placeholder": '<img src="data:image/gif;base64,R0" data-large-file="/real.jpg">',
    "noscript alone": '<noscript><img src="/real.jpg"></noscript>',
    "noscript behind a placeholder": '<img src="data:image/gif;base64,R"><noscript><img src="/real.jpg"></noscript>',
    "noscript behind its picture": '<img data-src="/real.jpg"> <noscript><img src="/real-2.jpg"></noscript>',
    "noscript before its picture": '<noscript><img src="/real.jpg"></noscript><img data-src="/real.jpg">',
    "amp": '<amp-img src="/real.jpg" layout="responsive"></amp-img>',
    "picture whose img is real": '<picture><source srcset="/x.webp"><img src="/real.jpg"></picture>',
    "picture without an address in img": '<picture><source srcset="/real.jpg 800w"><img alt=""></picture>',
    "picture of late sources": '<picture><source data-srcset="/s.jpg 1x,/real.jpg 2x"><img src="/blank.gif"></picture>',
    "an attribute of any name": '<img src="/img/blank.gif" data-flickity-lazyload="/real.jpg">',
    "an attribute without a prefix": '<img src="/loading.gif" real_src="https://quay.example/real.jpg">',
    "a set in an attribute of any name": '<img src="/grey.png" data-ll-srcset="/s.jpg 200w, /real.jpg 900w">',
    "data in an attribute": """<img src="data:," data-image='{"src":"https://quay.example/real.jpg","w":9}'>""",
    "a small one beside it": '<img src="data:," data-thumb="/small.jpg" data-full="/real.jpg">',
    "address of a framework": '<img ng-src="/real.jpg">',
    "noscript as text": '<noscript>&lt;img src="/real.jpg"&gt;</noscript>',
    "an attribute of the figure": '<p><span data-src="/real.jpg"><img src="/blank.gif"></span></p>',
    "background": '<div style="background-image: url(&quot;/real.jpg&quot;)"></div>',
    "late background": '<div class="lazy" data-bg="url(/real.jpg)"></div>',
    "picture without img": '<picture><source srcset="/real.jpg"></picture>',
}


@pytest.mark.parametrize("markup", LATE.values(), ids=LATE)
def test_a_picture_that_is_loaded_late_shows_its_real_address(markup: str) -> None:
    html = cleaned(markup)
    assert html == REAL
    assert cleaned(html) == html
    assert cleaned("<!---->" * 400 + markup) == html


def test_of_a_set_the_largest_is_shown_and_the_set_kept() -> None:
    html = cleaned('<img src="data:image/svg+xml,x" data-srcset="/s.jpg 300w, /l.jpg 900w">')
    assert 'src="https://quay.example/l.jpg"' in html
    assert 'srcset="https://quay.example/s.jpg 300w, https://quay.example/l.jpg 900w"' in html
    assert cleaned('<img srcset="/only.jpg 800w">').startswith('<p><img src="https://quay.example/only.jpg"')


NONE = {
    "placeholder": '<p>a</p><img src="/img/lazyload.gif">',
    "data": '<p>a</p><img src="data:image/gif;base64,R0">',
    "noscript pixel": '<p>a</p><noscript><img height=1 width=1 src="/px?id=1"></noscript>',
    "noscript counter": '<p>a</p><noscript><img src="https://pixel.wp.com/b.gif"></noscript>',
    "noscript words": "<p>a</p><noscript>Please switch on JavaScript.</noscript>",
    "late counter": '<p>a</p><img src="/blank.gif" data-src="https://pixel.wp.com/b.gif">',
    "frame of a pixel": '<p>a</p><iframe src="https://x.example/t" width="1" height="1"></iframe>',
    "advert": '<p>a</p><iframe src="https://securepubads.g.doubleclick.net/x"></iframe>',
    "button": '<p>a</p><iframe src="https://www.facebook.com/plugins/like.php?href=x"></iframe>',
    "frame of nothing": '<p>a</p><iframe src="about:blank"></iframe>',
    "a share button": '<p>a</p><div class="fb-like" data-href="https://www.facebook.com/quay"></div>',
    "the source of a quotation": '<p>a</p><blockquote cite="https://x.example/1"></blockquote>',
    "a decorated heading": '<p style="background:url(/real.jpg)">a</p>',
    "background of nobody": '<p>a</p><div style="background:url(javascript:x/y.jpg)"></div>',
    "flash": '<p>a</p><object data="https://x.example/player.swf"></object>',
}


@pytest.mark.parametrize("markup", NONE.values(), ids=NONE)
def test_what_shows_nothing_leaves_nothing(markup: str) -> None:
    assert cleaned(markup) == "<p>a</p>"


def test_a_picture_whose_name_only_speaks_of_placeholders_stays() -> None:
    assert "tutorial" in cleaned('<img src="/lazyload-tutorial.png">')
    assert "grey-seal" in cleaned('<img src="/grey-seal.jpg">')


PAGES = {
    "https://www.youtube.com/embed/abc123XYZ?rel=0": "https://www.youtube.com/watch?v=abc123XYZ",
    "https://www.youtube-nocookie.com/embed/abc123XYZ": "https://www.youtube.com/watch?v=abc123XYZ",
    "http://www.youtube.com/v/abc123XYZ&hl=en": "https://www.youtube.com/watch?v=abc123XYZ",
    "https://player.vimeo.com/video/123?h=1": "https://vimeo.com/123",
    "https://w.soundcloud.com/player/?url=https%3A//soundcloud.com/quay/sea&color=x": "https://soundcloud.com/quay/sea",
    "https://open.spotify.com/embed/episode/0aB?si=1": "https://open.spotify.com/episode/0aB",
    "https://platform.twitter.com/embed/Tweet.html?dnt=false&id=42": "https://x.com/i/status/42",
    "https://www.instagram.com/p/Ab_c/embed/captioned/": "https://www.instagram.com/p/Ab_c/",
    "https://www.tiktok.com/embed/v2/77?lang=en": "https://www.tiktok.com/@/video/77",
    "https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Ffacebook.com%2Fq%2F1&w=1": "https://facebook.com/q/1",
    "https://t.me/quay/12?embed=1": "https://t.me/quay/12",
    "https://docs.google.com/viewer?url=https%3A%2F%2Fq.example%2Fr.pdf&embedded=true": "https://q.example/r.pdf",
    "https://mastodon.example/@quay/11/embed": "https://mastodon.example/@quay/11",
    "https://embed.bsky.app/embed/did:plc:abc/app.bsky.feed.post/3k": "https://bsky.app/profile/did:plc:abc/post/3k",
    "https://tube.example/videos/embed/0a1b2c3d?title=0": "https://tube.example/videos/watch/0a1b2c3d",
    "https://maps.example/embed?pb=1": "https://maps.example/embed?pb=1",
}


@pytest.mark.parametrize(("address", "page"), PAGES.items(), ids=PAGES)
def test_the_page_of_an_embedded_address_is_known(address: str, page: str) -> None:
    assert page_of(address) == page


def link(url: str, label: str) -> str:
    return f'<figure><p><a href="{url}" rel="noopener noreferrer">{label}</a></p></figure>'


EMBEDS = {
    "a film with a title": (
        '<iframe title="Harbour film" src="https://player.vimeo.com/video/123"></iframe>',
        link("https://vimeo.com/123", "Harbour film"),
    ),
    "a film without": (
        '<iframe src="//www.youtube.com/embed/abc123XYZ"></iframe>',
        link("https://www.youtube.com/watch?v=abc123XYZ", "youtube.com/watch?v=abc123XYZ"),
    ),
    "a film that is loaded late": (
        '<iframe src="about:blank" data-src="https://player.vimeo.com/video/123" title="a"></iframe>',
        link("https://vimeo.com/123", "a"),
    ),
    "a film under any name": (
        '<iframe src="about:blank" data-rocket-src="https://www.youtube.com/embed/abc123XYZ"></iframe>',
        link("https://www.youtube.com/watch?v=abc123XYZ", "youtube.com/watch?v=abc123XYZ"),
    ),
    "a film in a document of the frame": (
        '<iframe srcdoc="&lt;a href=https://www.youtube.com/embed/abc123XYZ&gt;&lt;img&gt;&lt;/a&gt;"></iframe>',
        link("https://www.youtube.com/watch?v=abc123XYZ", "youtube.com/watch?v=abc123XYZ"),
    ),
    "a film that a script puts there": (
        '<div class="youtube-player" data-id="abc123XYZ"></div>',
        link("https://www.youtube.com/watch?v=abc123XYZ", "youtube.com/watch?v=abc123XYZ"),
    ),
    "a player that a script puts there": (
        '<div data-player-url="https://www.youtube.com/embed/abc123XYZ"></div>',
        link("https://www.youtube.com/watch?v=abc123XYZ", "youtube.com/watch?v=abc123XYZ"),
    ),
    "a film by its page": (
        '<oembed url="https://vimeo.com/123"></oembed>',
        link("https://vimeo.com/123", "vimeo.com/123"),
    ),
    "a dance": (
        '<blockquote class="tiktok-embed" cite="https://www.tiktok.com/@q/video/7"><section></section></blockquote>',
        f"<blockquote>{link('https://www.tiktok.com/@q/video/7', 'tiktok.com/@q/video/7')}</blockquote>",
    ),
    "a pin": (
        '<a data-pin-do="embedPin" href="https://www.pinterest.com/pin/9/"></a>',
        link("https://www.pinterest.com/pin/9/", "pinterest.com/pin/9"),
    ),
    "a document": (
        '<object data="/report.pdf" type="application/pdf"><a href="/report.pdf">The report</a></object>',
        link("https://quay.example/report.pdf", "The report"),
    ),
    "a player of old": (
        '<object><param name="movie" value="https://www.youtube.com/v/abc123XYZ"><embed src="https://x.example/p.swf">'
        "</object>",
        link("https://www.youtube.com/watch?v=abc123XYZ", "youtube.com/watch?v=abc123XYZ"),
    ),
    "an object that says what it shows": ('<object data="x.swf"><img src="/real.jpg"></object>', REAL),
    "a post that a script makes": (
        '<script async src="https://telegram.org/js/w.js" data-telegram-post="quay/12"></script>',
        link("https://t.me/quay/12", "t.me/quay/12"),
    ),
    "code that a script shows": (
        '<script src="https://gist.github.com/quay/0123456789ab.js"></script>',
        link("https://gist.github.com/quay/0123456789ab", "gist.github.com/quay/0123456789ab"),
    ),
    "a light film": (
        '<lite-youtube videoid="abc123XYZ" title="Seals"></lite-youtube>',
        link("https://www.youtube.com/watch?v=abc123XYZ", "Seals"),
    ),
    "a film with its picture": (
        '<iframe title="a" src="https://v.example/1" data-thumbnail="/real.jpg"></iframe>',
        '<figure><p><a href="https://v.example/1" rel="noopener noreferrer"><img src="https://quay.example/real.jpg" '
        'alt="a"></a></p><p><a href="https://v.example/1" rel="noopener noreferrer">a</a></p></figure>',
    ),
    "a film with its caption": (
        '<figure><iframe src="https://v.example/1" title="a"></iframe><figcaption>From above</figcaption></figure>',
        '<figure><p><a href="https://v.example/1" rel="noopener noreferrer">a</a></p>'
        "<figcaption>From above</figcaption></figure>",
    ),
    "one film twice": (
        '<iframe src="https://v.example/1" title="a"></iframe><iframe src="https://v.example/1" title="a"></iframe>',
        link("https://v.example/1", "a"),
    ),
    "a post that says where it is": (
        '<blockquote data-tweet-id="1">Sea <a href="https://x.com/q/status/1">June</a></blockquote>',
        '<blockquote><p>Sea <a href="https://x.com/q/status/1" rel="noopener noreferrer">June</a></p></blockquote>',
    ),
    "a post that does not": (
        '<blockquote data-instgrm-permalink="https://www.instagram.com/p/Ab_c/?utm_source=x"><p>Sea</p></blockquote>',
        f"<blockquote>{link('https://www.instagram.com/p/Ab_c/', 'instagram.com/p/Ab_c')}<p>Sea</p></blockquote>",
    ),
}


@pytest.mark.parametrize(("markup", "html"), EMBEDS.values(), ids=EMBEDS)
def test_what_is_embedded_leaves_a_link(markup: str, html: str) -> None:
    assert cleaned(markup) == html
    assert cleaned(html) == html
    assert cleaned("<!---->" * 400 + markup) == html


def test_a_frame_is_the_page_that_it_shows_where_there_are_none() -> None:
    frame = '<iframe src="https://album.example/player/1"><a href="https://quay.album.example/horns">Horns</a></iframe>'
    assert cleaned(frame) == link("https://quay.album.example/horns", "Horns")


def test_the_picture_behind_a_placeholder_is_that_which_the_link_round_it_leads_to() -> None:
    html = cleaned('<p><a href="/real.jpg"><img src="/blank.gif"></a></p>')
    assert '><img src="https://quay.example/real.jpg"></a>' in html


FIGURE = '<figure><p><img src="https://quay.example/real.jpg"></p><figcaption>The mole at dawn.</figcaption></figure>'
CAPTIONS = {
    "figure": '<figure><img src="/real.jpg"><figcaption>The mole at dawn.</figcaption></figure>',
    "class of a component": '<img src="/real.jpg"><p class="article-image__caption">The mole at dawn.</p>',
    "credit below it": '<img src="/real.jpg"><div class="photo-credit">The mole at dawn.</div>',
    "block of a blog": (
        '<div class="wp-caption"><img src="/real.jpg"><p class="wp-caption-text">The mole at dawn.</p></div>'
    ),
    "table of a blog": (
        '<table class="tr-caption-container"><tr><td><img src="/real.jpg"></td></tr>'
        '<tr><td class="tr-caption">The mole at dawn.</td></tr></table>'
    ),
    "block called so": '<div><img src="/real.jpg"><div class="image-caption">The mole at dawn.</div></div>',
    "words called so": '<p><img src="/real.jpg"><span class="caption">The mole at dawn.</span></p>',
}


@pytest.mark.parametrize("markup", CAPTIONS.values(), ids=CAPTIONS)
def test_a_caption_stays_with_its_picture_and_is_no_text(markup: str) -> None:
    assert cleaned(markup) == FIGURE
    assert cleaned(FIGURE) == FIGURE
    copy = run(entry(f"{markup}<p>{PROSE}</p>"))
    assert copy.paragraphs == (PROSE,)
    assert copy.html.endswith(f"</figcaption></figure><p>{PROSE}</p>")


def test_a_caption_without_a_picture_is_a_paragraph() -> None:
    assert cleaned('<p class="caption">a</p><p>b</p>') == "<p>a</p><p>b</p>"


def test_a_caption_alone_is_the_text() -> None:
    assert run(entry(FIGURE)).paragraphs == ("The mole at dawn.",)


def test_an_embedded_film_is_no_text() -> None:
    copy = run(entry(f'<p>{PROSE}</p><iframe src="https://v.example/1" title="Watch the seals"></iframe>'))
    assert copy.paragraphs == (PROSE,)
    assert "Watch the seals" in copy.html


def test_the_teasers_picture_stands_above_a_text_without_one() -> None:
    teaser = Markup(value='<img src="/lead.jpg" align="left">The quay was opened.')
    copy = run(replace(entry(teaser), content=Markup(value=f"<p>{PROSE}</p>")))
    assert copy.html == f'<p><img src="https://cityherald.example/lead.jpg"></p><p>{PROSE}</p>'
    assert run(entry(copy.html)).html == copy.html


def test_a_picture_stands_above_the_words_of_the_other_text() -> None:
    copy = run(replace(entry(f"<p>{PROSE}</p>"), content=Markup(value="<img src='/only.jpg'>")))
    assert copy.html == f'<p><img src="https://cityherald.example/only.jpg"></p><p>{PROSE}</p>'


def test_the_teasers_picture_is_not_shown_beside_the_texts_own() -> None:
    teaser = Markup(value='<img src="/lead.jpg">The quay was opened.')
    copy = run(replace(entry(teaser), content=Markup(value=f'<p><img src="/own.jpg"></p><p>{PROSE}</p>')))
    assert copy.html.count("<img") == 1
    assert "own.jpg" in copy.html


RIGHT_TO_LEFT = {
    "arabic": "افتتح الميناء يوم الثلاثاء بعد أن أعيد بناؤه بالحجر",
    "hebrew": "הנמל נפתח ביום שלישי לאחר שנבנה מחדש באבן",
    "with a name in latin": "افتتح الميناء (Port Elver) يوم الثلاثاء بعد أن أعيد بناؤه بالحجر",
}


@pytest.mark.parametrize("text", RIGHT_TO_LEFT.values(), ids=RIGHT_TO_LEFT)
def test_a_text_that_runs_from_right_to_left_says_so(text: str) -> None:
    copy = run(entry(f"<p>{text}</p>"))
    assert copy.html == f'<div dir="rtl"><p>{text}</p></div>'
    assert run(entry(copy.html)).html == copy.html


def test_a_text_that_says_it_is_not_told_twice() -> None:
    copy = run(entry(f'<p dir="rtl">{RIGHT_TO_LEFT["arabic"]}</p>'))
    assert copy.html == f'<p dir="rtl">{RIGHT_TO_LEFT["arabic"]}</p>'


def test_a_paragraph_that_runs_the_other_way_does_not_stop_the_text() -> None:
    text = RIGHT_TO_LEFT["arabic"]
    copy = run(entry(f'<p>{text}</p><p dir="ltr">The port is open.</p>'))
    assert copy.html == f'<div dir="rtl"><p>{text}</p><p dir="ltr">The port is open.</p></div>'
    assert run(entry(copy.html)).html == copy.html


def test_a_name_in_another_script_turns_no_text_round() -> None:
    assert "dir" not in run(entry(f"<p>{PROSE} (الميناء)</p>")).html


def test_rules_that_part_nothing_go() -> None:
    copy = run(entry(f"<hr><p>{PROSE}</p><hr><hr><p>b</p><hr>"))
    assert copy.html == f"<p>{PROSE}</p><hr><p>b</p>"


def test_what_stands_beside_the_text_stays_beside_it() -> None:
    media = (Media(url="https://cityherald.example/m.jpg", medium="image"),)
    assert [m.url for m in run(entry(f"<p>{PROSE}</p>", media=media)).media] == ["https://cityherald.example/m.jpg"]
