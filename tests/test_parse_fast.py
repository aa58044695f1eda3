"""Two readers, one meaning: what the fast one makes of a document is what feedparser makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedhub.model import EntryOrigin, Feed
from feedhub.parse import parse_fast
from feedhub.parse.feedparser_reader import parse_legacy
from feedhub.structs import replace

URL = "http://paper.test/feeds/all.xml"
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" xmlns:x="urn:x" '
    'xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:psc="http://podlove.org/simple-chapters" '
    'xmlns:googleplay="http://www.google.com/schemas/play-podcasts/1.0" xmlns:yandex="http://news.yandex.ru"'
)


def rss(inner: str, head: str = "") -> bytes:
    return f'<rss version="2.0" {SPACES}><channel><title>P</title>{head}<item>{inner}</item></channel></rss>'.encode()


def atom(inner: str, head: str = "", attributes: str = "") -> bytes:
    space = f'xmlns="http://www.w3.org/2005/Atom" {SPACES}'
    return f"<feed {space} {attributes}><title>P</title>{head}<entry>{inner}</entry></feed>".encode()


def fast(body: bytes, content_type: str | None = None) -> Feed:
    feed = parse_fast(body, content_type=content_type, url=URL)
    assert feed is not None, "left to feedparser"
    return feed


def slow(body: bytes, content_type: str | None = None) -> Feed:
    feed = parse_legacy(body, content_type=content_type, url=URL)
    assert isinstance(feed, Feed), feed
    # how it was read, not what it says
    return replace(feed, remarks=())


TEXT = st.sampled_from(
    [
        "",
        " ",
        "Rain",
        " two  spaces\n",
        "A &amp;amp; B",
        "&lt;p&gt;Rain &amp;amp; wind&lt;/p&gt;",
        "<![CDATA[<b>Rain</b> & wind]]>",
        "&lt;made-up&gt;x&lt;/made-up&gt;",
        "caf\u00e9",
        "cafÃ©",
        "\u0939\u093f\u0928\u094d\u0926\u0940",
        "it&#146;s",
        "2026",
    ]
)
LINKS = st.sampled_from(
    ["http://paper.test/1", "/2?a=1&amp;b=2", "sub/3#f", "urn:x:4", "javascript:alert(1)", "", "HTTP://P.test/%20"]
)
DATES = st.sampled_from(
    ["Tue, 02 Jun 2026 10:00:00 +0530", "2026-06-02T10:00:00Z", "2026-06-02", "soon", "", "02 Jun 2026 24:00 GMT"]
)
KINDS = st.sampled_from(["", ' type="html"', ' type="text"', ' type="text/html"', ' xml:lang="pt_BR"'])
BOOLEANS = st.sampled_from(["", ' isPermaLink="false"', ' isPermaLink="true"'])


def element(name: str, inside: st.SearchStrategy[str], given_: st.SearchStrategy[str] | None = None) -> Any:
    attributes = given_ if given_ is not None else st.just("")
    return st.builds(lambda a, text: f"<{name}{a}>{text}</{name}>", attributes, inside)


COMMON = [
    *(
        element(name, TEXT, KINDS)
        for name in ("title", "description", "summary", "content", "content:encoded", "rights")
    ),
    *(
        element(name, DATES)
        for name in ("pubDate", "published", "updated", "dc:date", "dcterms:issued", "dcterms:created")
    ),
    *(element(name, TEXT) for name in ("category", "dc:subject", "media:keywords", "dc:language", "x:unknown")),
    *(element(name, TEXT) for name in ("itunes:summary", "itunes:author", "itunes:keywords", "media:credit")),
    element(
        "author", st.sampled_from(["Ann", "ann@p.test (Ann Example)", "ann@p.media", "", "&lt;ann@p.online&gt; Ann"])
    ),
    element("dc:creator", TEXT),
    element("guid", LINKS, BOOLEANS),
    element("link", LINKS),
    element("feedburner:origLink", LINKS),
    element("source", TEXT, st.sampled_from(["", ' url="http://wire.test/feed"'])),
    st.builds(
        '<atom:link rel="{}" href="{}"/>'.format, st.sampled_from(["self", "alternate", "via", "replies"]), LINKS
    ),
    st.builds('<enclosure url="{}" length="9" type="Image/JPEG"/>'.format, LINKS),
    st.builds('<media:content url="{}" medium="image" width="{}"/>'.format, LINKS, st.sampled_from(["10", "x", ""])),
    st.builds('<media:thumbnail url="{}"/>'.format, LINKS),
    st.builds(
        '<media:group><media:content url="{}" width="640"/><media:content url="{}" isDefault="true" medium="image"/>'
        '<media:thumbnail url="{}" width="90"/><media:description>{}</media:description></media:group>'.format,
        LINKS,
        LINKS,
        LINKS,
        TEXT,
    ),
    *(element(name, TEXT) for name in ("media:description", "itunes:subtitle", "itunes:explicit", "itunes:episode")),
    *(element(name, TEXT) for name in ("media:text", "googleplay:description", "yandex:full-text")),
    st.builds('<podcast:transcript url="{}" type="text/vtt"/>'.format, LINKS),
    st.builds('<podcast:person role="guest" href="{}">{}</podcast:person>'.format, LINKS, TEXT),
    st.builds('<podcast:season name="a">{}</podcast:season>'.format, TEXT),
    st.builds(
        '<psc:chapters version="1.2"><psc:chapter start="0:30" title="a" href="{}"/></psc:chapters>'.format, LINKS
    ),
    st.builds('<media:content medium="video"><media:player url="{}"/></media:content>'.format, LINKS),
    st.builds('<media:player url="{}"/>'.format, LINKS),
    element("itunes:duration", st.sampled_from(["1:02:03", "90", "soon", ""])),
    st.builds('<itunes:image href="{}"/>'.format, LINKS),
    element("comments", LINKS),
    st.builds('<content src="{}" type="{}"/>'.format, LINKS, st.sampled_from(["text/html", "audio/mpeg"])),
    st.builds(
        '<media:group><media:content url="{}"><media:description>{}</media:description><media:credit>{}</media:credit>'
        "<media:title>no</media:title></media:content></media:group>".format,
        LINKS,
        TEXT,
        TEXT,
    ),
    st.builds('<category term="{}" label="{}"/>'.format, st.sampled_from(["", "a", "b"]), st.sampled_from(["", "A"])),
    st.builds('<category domain="d">{}</category>'.format, TEXT),
]
HEADS = st.lists(
    st.one_of(
        *(element(name, TEXT) for name in ("language", "copyright", "managingEditor", "ttl", "webMaster")),
        *(element(name, DATES) for name in ("lastBuildDate", "pubDate")),
        *(element(name, TEXT) for name in ("itunes:author", "itunes:explicit")),
        st.builds('<itunes:image href="{}"/>'.format, LINKS),
        st.just('<itunes:category text="Arts"><itunes:category text="Books"/></itunes:category>'),
        element("link", LINKS),
        st.builds('<atom:link rel="{}" href="{}"/>'.format, st.sampled_from(["self", "hub"]), LINKS),
        st.just("<image><title>no</title><url>http://p.test/i.png</url><link>http://no.test/</link></image>"),
        st.just("<skipHours><hour>3</hour><hour>24</hour></skipHours><skipDays><day>Sunday</day></skipDays>"),
    ),
    max_size=4,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([rss, atom]), st.lists(st.one_of(*COMMON), max_size=8).map("".join), HEADS)
def test_both_readers_say_the_same(form: Any, inner: str, head: str) -> None:
    body = form(inner, head)
    found = parse_fast(body, content_type=None, url=URL)
    if found is not None:
        other = slow(body)
        for name in Feed.__struct_fields__:
            assert getattr(found, name) == getattr(other, name), (name, body.decode())


DIVIDED = '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>A &amp;amp; <b>B</b></p></div></content>'
ALIKE = [
    # `</img>` is an error in HTML; browsers make a second element of `</br>`
    ("void elements have no end tag", atom('<content type="xhtml">a<br/><img src="/b.png"/></content>')),
    ("inline XHTML", atom(DIVIDED)),
    ("XHTML of two blocks", atom(DIVIDED.replace("</div>", "</div><div>x</div>"))),
    (
        "a base of the feed",
        atom('<link href="a"/><content type="html">x</content>', attributes='xml:base="http://b.test/c/"'),
    ),
    ("a base of the entry", atom('<id>1</id><link href="a"/>').replace(b"<entry>", b'<entry xml:base="/deep/">')),
    ("a base of the content", atom('<link href="a"/><content type="html" xml:base="/deep/">x</content>')),
    (
        "people",
        atom("<author><name>Ann</name><email>a@p.test</email></author><author><name>Ben</name></author>"),
    ),
    ("languages", atom('<title xml:lang="de">x</title>', attributes='xml:lang="pt_BR"')),
    ("no language", atom("<title>x</title>", attributes='xml:lang=""')),
    (
        "an Atom source",
        atom('<source><id>urn:w</id><title>Wire</title><link href="http://w.test/"/></source><title>x</title>'),
    ),
    ("another prefix", rss("<title>x</title>").replace(b"content:", b"c:").replace(b"dc=", b"dublin=")),
    ("capitals", b"<RSS version='2.0'><Channel><Item><Title>x</Title><GUID>1</GUID></Item></Channel></RSS>"),
    ("unknown things", rss('<x:where><x:point a="1">3 4</x:point></x:where><title>x</title>')),
    ("comments and instructions", rss("<title>a<!-- b -->c<?d e?></title>")),
    ("a second summary", rss("<description>Short</description><description>&lt;p>Long&lt;/p></description>")),
    ("no entries", b'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title></feed>'),
    (
        "Atom 0.3",
        atom(
            "<title mode='escaped' type='text/html'>x &amp;lt;</title><modified>2026-06-02T10:00:00Z</modified>"
        ).replace(b'http://www.w3.org/2005/Atom" xmlns:content', b'http://purl.org/atom/ns#" xmlns:content'),
    ),
    (
        "RDF",
        b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="http://p.test/"><title>P</title></channel>
        <item rdf:about="http://p.test/1"><title>T</title><dc:date>2026-06-02</dc:date></item></rdf:RDF>""",
    ),
    (
        "Windows punctuation",
        b'<?xml version="1.0" encoding="iso-8859-1"?>' + rss("<title>it\u0092s</title>").decode().encode("latin-1"),
    ),
]


@pytest.mark.parametrize("body", [body for _, body in ALIKE], ids=[name for name, _ in ALIKE])
def test_what_feedparser_understands_is_understood(body: bytes) -> None:
    assert fast(body) == slow(body)


#: name, document, field, what the fast reader says, what feedparser says; the reason why ours is right stands before it
DIFFERENCES: list[tuple[str, bytes, str, Any, Any]] = [
    # the page of a person is no address of the feed that an entry was taken from
    (
        "a person's page is not the source's",
        atom("<source><author><name>Ann</name><uri>http://ann.test/</uri></author></source>"),
        "origin",
        None,
        EntryOrigin(url="http://ann.test/"),
    ),
    # feedparser gives every link the type of a page where it states none
    (
        "a file of unknown type is no page",
        atom('<link rel="enclosure" href="http://paper.test/a"/>'),
        "media.0.type",
        None,
        "text/html",
    ),
    # repaired everywhere else, so here too
    (
        "a name encoded twice is repaired",
        atom("<author><name>Ren\u00c3\u00a9</name></author>"),
        "authors",
        ("Ren\u00e9",),
        ("Ren\u00c3\u00a9",),
    ),
    # both wrote it; feedparser writes the second name over the first
    (
        "two people in two styles",
        rss("<author>Ann</author><author><name>Ben</name></author>"),
        "authors",
        ("Ann", "Ben"),
        ("Ben",),
    ),
    # an element's base ends with the element; feedparser forgets to restore the empty one
    (
        "a base ends with its element",
        rss('<dc:rights xml:base="/b/">x</dc:rights><description>y</description>'),
        "base",
        URL,
        "http://paper.test/b/",
    ),
]


@pytest.mark.parametrize(
    ("body", "field", "ours", "theirs"), [d[1:] for d in DIFFERENCES], ids=[d[0] for d in DIFFERENCES]
)
def test_where_the_readers_differ_the_fast_one_is_right(body: bytes, field: str, ours: object, theirs: object) -> None:
    def of(feed: Feed) -> object:
        value: Any = feed.entries[0]
        for name in field.split("."):
            value = value[int(name)] if name.isdigit() else getattr(value, name)
        return value

    assert (of(fast(body)), of(slow(body))) == (ours, theirs)


def test_a_feed_keeps_its_first_title() -> None:
    """feedparser forgets it at an image, and takes the next, empty one."""
    body = rss("<guid>1</guid>", "<image><title>Logo</title></image><title></title>")
    assert (fast(body).title, slow(body).title) == ("P", None)


REFUSED = [
    ("a document type", b"<!DOCTYPE rss [<!ENTITY a 'b'>]>" + rss("<title>&amp;</title>"), None),
    ("a document type far down", b"<!--" + b" " * 5000 + b"--><!DOCTYPE rss>" + rss("<title>x</title>"), None),
    ("an undeclared entity", rss("<title>a&nbsp;b</title>"), None),
    ("a bare ampersand", rss("<title>AT&T</title>"), None),
    ("a broken tag", rss("<title>x</titel>"), None),
    ("an undeclared prefix", rss("<y:title>x</y:title>"), None),
    ("a reference to no character", rss("<title><![CDATA[&#0;]]></title>"), None),
    ("an unknown charset", b'<?xml version="1.0" encoding="x-mine"?>' + rss("<title>x</title>"), None),
    ("base64", atom('<content mode="base64">eA==</content>'), None),
    ("markup where text belongs", rss("<title>a <b>c</b></title>"), None),
    ("a picture in an item", rss("<image><title>x</title></image>"), None),
    ("an element with a meaning inside one without", rss("<x:a><title>x</title></x:a>"), None),
    ("a nest of 300", rss("<x:a>" * 300 + "</x:a>" * 300), None),
    ("another format", b"<opml><body/></opml>", None),
    ("a page", b"<html><head/></html>", None),
]


@pytest.mark.parametrize(("body", "kind"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_needs_a_lenient_reader_is_left_to_it(body: bytes, kind: str | None) -> None:
    assert parse_fast(body, content_type=kind, url=URL) is None


HOSTILE = [
    ("attributes", b"<rss><channel><item " + b" ".join(b"a%d='x'" % n for n in range(40_000)) + b"/></channel></rss>"),
    ("elements", b"<rss><channel><item>" + b"<a/>" * 120_000 + b"</item></channel></rss>"),
    ("items", b"<rss><channel>" + b"<item/>" * 70_000 + b"</channel></rss>"),
    ("categories", rss("".join(f"<category>c{n}</category>" for n in range(20_000)))),
    ("contents", rss("<content:encoded>x</content:encoded>" * 10_000)),
    ("files", rss('<media:content url="http://p.test/"/>' * 10_000)),
    ("people", rss("<author>a@b.test</author>" * 10_000)),
    ("people of the feed", b"<rss><channel>" + b"<author/>" * 19_000 + b"</channel></rss>"),
    ("halves of addresses", rss(("<author>a@" + "a." * 490 + "</author>") * 490)),
    ("addresses", rss("<author>" + "a." * 200_000 + "</author>")),
    ("namespaces", rss("".join(f'<n{n}:a xmlns:n{n}="urn:{n}"/>' for n in range(10_000)))),
    ("blanks", rss("<title>" + " " * 400_000 + "</title>")),
    ("markup", rss("<title>" + "&lt;/a" * 60_000 + "</title>")),
    ("references", rss("<title>" + "&#146;" * 60_000 + "</title>")),
]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("body", [body for _, body in HOSTILE], ids=[name for name, _ in HOSTILE])
def test_reading_a_hostile_document_here_comes_to_an_end(body: bytes) -> None:
    assert parse_fast(body, content_type=None, url=URL) is not None
