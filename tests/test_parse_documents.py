"""What documents are, and what they say of themselves."""

from __future__ import annotations

import pickle
import re
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedhub.model import EntryOrigin, Feed, Markup, Media, ParseFailed
from feedhub.parse import combine, parse

URL = "http://paper.test/feeds/all.xml"


def rss(items: str, head: str = "", version: str = "2.0", namespaces: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="{version}" {namespaces}><channel>'
        f"<title>Paper</title><link>http://paper.test/</link>{head}{items}</channel></rss>"
    ).encode()


def item(inner: str = "", guid: str = "1") -> str:
    return f"<item><guid isPermaLink='false'>{guid}</guid><title>T{guid}</title>{inner}</item>"


def read(body: bytes, content_type: str | None = None, url: str = URL) -> Feed:
    feed = parse(body, content_type=content_type, url=url)
    assert isinstance(feed, Feed), feed
    return feed


def why(body: bytes, content_type: str | None = None) -> str:
    failed = parse(body, content_type=content_type, url=URL)
    assert isinstance(failed, ParseFailed), failed
    assert "\n" not in failed.reason
    return failed.reason


ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Paper</title><id>tag:paper.test,2026:f</id>'
    '<link href="http://paper.test/"/><link rel="self" href="/atom"/><link rel="hub" href="http://hub.test/"/>'
    "<updated>2026-06-02T12:00:00Z</updated><rights>(c) Paper</rights>"
    '<entry xml:base="http://paper.test/deep/"><id>tag:paper.test,2026:1</id><title type="html">A &amp;amp; B</title>'
    '<link href="story"/><published>2026-06-02T10:00:00+05:30</published><updated>2026-06-02T11:00:00Z</updated>'
    '<author><name>Ann Example</name></author><category term="world"/><summary>Short</summary>'
    '<content type="html" xml:lang="de">&lt;p>Lang&lt;/p></content>'
    '<source><id>tag:wire.test,2026:f</id><title>Wire</title><link href="http://wire.test/"/></source>'
    "<rights>(c) Wire</rights></entry></feed>"
)


def test_an_atom_feed_is_read_whole() -> None:
    feed = read(ATOM.encode(), "application/atom+xml")
    (entry,) = feed.entries
    assert (feed.title, feed.link, feed.id) == ("Paper", "http://paper.test/", "tag:paper.test,2026:f")
    assert (feed.self_link, feed.hubs) == ("http://paper.test/atom", ("http://hub.test/",))
    assert (feed.language, feed.rights) == ("en", "(c) Paper")
    assert feed.updated == datetime(2026, 6, 2, 12, tzinfo=UTC)
    assert entry.guid == entry.raw_guid == "tag:paper.test,2026:1"
    assert (entry.link, entry.base) == ("http://paper.test/deep/story", "http://paper.test/deep/")
    assert entry.title == Markup(value="A &amp; B", html=True)
    assert entry.summary == Markup(value="Short", html=False)
    assert entry.content == Markup(value="<p>Lang</p>", html=True)
    assert entry.published == datetime(2026, 6, 2, 4, 30, tzinfo=UTC)
    assert entry.updated == datetime(2026, 6, 2, 11, tzinfo=UTC)
    assert (entry.authors, entry.categories, entry.language) == (("Ann Example",), ("world",), "de")
    assert entry.origin == EntryOrigin(id="tag:wire.test,2026:f", title="Wire", url="http://wire.test/")
    assert entry.rights == "(c) Wire"


def test_an_rss_item_is_read_whole() -> None:
    spaces = (
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:media="http://search.yahoo.com/mrss/"'
    )
    inner = (
        "<link>/story?a=1&amp;b=2</link><description>Short</description>"
        "<content:encoded>&lt;p>Long&lt;/p></content:encoded><dc:creator>Ann Example</dc:creator>"
        "<category>World</category><pubDate>Tue, 02 Jun 2026 10:00:00 +0530</pubDate>"
        '<source url="http://wire.test/feed">Wire</source>'
        '<enclosure url="http://paper.test/a.mp3" type="audio/mpeg" length="9"/>'
        '<media:content url="http://paper.test/a.jpg" medium="image" width="10" height="20">'
        "<media:title>not the title</media:title><media:description>A caption</media:description>"
        "<media:credit>Photo Agency</media:credit></media:content>"
        '<media:thumbnail url="http://paper.test/t.jpg"/>'
    )
    (entry,) = read(rss(item(inner), namespaces=spaces)).entries
    assert entry.link == "http://paper.test/story?a=1&b=2"
    assert (entry.title, entry.summary) == (Markup(value="T1", html=False), Markup(value="Short", html=True))
    assert entry.content == Markup(value="<p>Long</p>", html=True)
    assert entry.published == datetime(2026, 6, 2, 4, 30, tzinfo=UTC)
    assert (entry.authors, entry.categories) == (("Ann Example",), ("World",))
    assert entry.origin == EntryOrigin(title="Wire", url="http://wire.test/feed")
    assert entry.media == (
        Media(
            url="http://paper.test/a.jpg",
            type="image/jpeg",
            medium="image",
            width=10,
            height=20,
            credit="Photo Agency",
            description="A caption",
        ),
        Media(
            url="http://paper.test/a.mp3",
            type="audio/mpeg",
            medium="audio",
            length=9,
            credit="Photo Agency",
            role="enclosure",
        ),
        Media(
            url="http://paper.test/t.jpg", type="image/jpeg", medium="image", credit="Photo Agency", role="thumbnail"
        ),
    )


def test_an_rdf_item_has_its_date_in_dc_date() -> None:
    body = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="http://paper.test/"><title>Paper</title></channel>'
        '<item rdf:about="http://paper.test/1"><title>T</title><link>http://paper.test/1</link>'
        "<dc:date>2026-06-02T10:00:00Z</dc:date></item></rdf:RDF>"
    )
    (entry,) = read(body.encode()).entries
    assert (entry.raw_guid, entry.published) == ("http://paper.test/1", datetime(2026, 6, 2, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    ("head", "wait"),
    [
        ("<ttl>90</ttl>", timedelta(minutes=90)),
        ("<ttl>soon</ttl>", None),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", timedelta(hours=12)),
        ("<ttl>30</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", timedelta(hours=1)),
        ("<ttl>-5</ttl>", None),
        ("<ttl>0</ttl>", None),
        ("<ttl>99999999999999</ttl>", timedelta(minutes=10_000_000)),
        ("<sy:updatePeriod>weekly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", timedelta(weeks=1)),
        ("<sy:updatePeriod>never</sy:updatePeriod>", None),
    ],
    ids=["ttl", "nonsense", "sy", "the longer", "negative", "none", "for ever", "no frequency", "no period"],
)
def test_how_often_a_feed_wants_to_be_polled(head: str, wait: timedelta | None) -> None:
    namespaces = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    assert read(rss(item(), head, namespaces=namespaces)).ttl == wait


def test_when_a_feed_does_not_want_to_be_polled() -> None:
    skips = (
        "<skipHours><hour>0</hour><hour> 13 </hour><hour>24</hour><hour>25</hour><hour>x</hour></skipHours>"
        "<skipDays><day>sunday</day></skipDays>"
    )
    feed = read(rss(skips + item()))
    assert (feed.skip_hours, feed.skip_days) == (frozenset({0, 13}), frozenset({"Sunday"}))


NO_FEEDS = [
    ("nothing", b"", "the body is empty"),
    ("blanks", b" \r\n\0 ", "the body is empty"),
    (
        "a page",
        b"<!DOCTYPE html><html><head><title>Log in</title></head></html>",
        'an HTML page ("Log in"), not a feed',
    ),
    ("an old page", b"<!-- x --><HTML><BODY>hi", "an HTML page, not a feed"),
    ("an outline", b"<opml version='2.0'><head><title>x</title></head></opml>", "an OPML list, not a feed: "),
    ("prose", b"Service unavailable", "no feed: neither XML nor JSON"),
    ("a picture", b"\x89PNG\r\n\x1a\n\0\0", "no feed: neither XML nor JSON"),
    ("a path", b"/etc/passwd", "no feed: neither XML nor JSON"),
    ("an address", b"http://127.0.0.1:1/feed", "no feed: neither XML nor JSON"),
    ("other JSON", b'{"a": 1}', "JSON, but no JSON Feed: it has no list of items"),
    ("broken JSON", b'{"items": [', "broken JSON: Expecting value"),
    ("deep JSON", b"[" * 100_000, "broken JSON: "),
    ("a feed cut off in its head", rss(item())[:90], "the document is cut off before its first complete entry"),
]


@pytest.mark.parametrize(("body", "reason"), [f[1:] for f in NO_FEEDS], ids=[f[0] for f in NO_FEEDS])
def test_what_is_no_feed_is_called_what_it_is(body: bytes, reason: str) -> None:
    assert why(body).startswith(reason)


def test_a_body_that_names_a_file_opens_nothing(tmp_path: object) -> None:
    (tmp_path / "feed.xml").write_bytes(rss(item()))  # type: ignore[operator]
    assert why(f"{tmp_path}/feed.xml".encode()) == "no feed: neither XML nor JSON"


def test_a_feed_without_entries_is_a_feed() -> None:
    assert read(rss("")).entries == ()


@pytest.mark.parametrize("kind", ["rss", "json"])
def test_ten_thousand_entries_of_a_document_are_read_and_how_many_more_there_are_is_told(kind: str) -> None:
    numbers = range(10_001)
    if kind == "rss":
        feed = read(rss("".join(f"<item><guid>{n}</guid></item>" for n in numbers)))
    else:
        items = ",".join(f'{{"id": "{n}", "content_text": "t"}}' for n in numbers)
        feed = read(f'{{"version": "https://jsonfeed.org/version/1.1", "title": "P", "items": [{items}]}}'.encode())
    assert [entry.raw_guid for entry in feed.entries] == [str(n) for n in numbers[:-1]]
    (remark,) = feed.remarks
    assert remark.startswith("10001 ")
    assert "the first 10000 are read" in remark


def test_a_feed_under_an_html_doctype_is_a_feed() -> None:
    assert len(read(b"<!DOCTYPE html>" + ATOM.encode()).entries) == 1


@pytest.mark.parametrize(
    ("last", "kept", "remark"),
    [
        ("<guid>3</guid><description>" + "word " * 50, ["1", "2", "3"], "kept so far"),
        ("<description>" + "word " * 50, ["1", "2"], "left out"),
        ("<link>http://a.example/3</link><guid>http://a.exam", ["1", "2"], "left out"),
    ],
    ids=["it has its identity", "it has no identity", "its guid is cut off"],
)
def test_a_cut_off_document_keeps_the_entries_that_can_be_told_and_says_so(
    last: str, kept: list[str], remark: str
) -> None:
    body = rss(item(guid="1") + item(guid="2") + "<item><title>T</title>" + last)
    feed = read(body[: body.rindex(last.encode()) + len(last)])
    assert [entry.raw_guid for entry in feed.entries] == kept
    assert feed.remarks == (f"the document is cut off, the entry it breaks off in is {remark}",)


def test_broken_xml_is_read_as_far_as_possible_and_says_so() -> None:
    feed = read(rss(item("<description>AT&T <b>x</description>") + item(guid="2")))
    assert [entry.raw_guid for entry in feed.entries] == ["1", "2"]
    assert feed.remarks[0].startswith("not well formed, read as far as possible: ")


ILLEGAL = [
    "&#0;",
    "&#x1F;",
    "&#xD800;",
    "&#xdfff;",
    "&#xFFFE;",
    "&#99999999999;",
    "&#x110000;",
    "&#" + "9" * 5000 + ";",
]


@pytest.mark.parametrize("reference", ILLEGAL, ids=lambda r: r[:12])
@pytest.mark.parametrize("wrap", ["{}", "<![CDATA[{}]]>"], ids=["text", "cdata"])
def test_references_to_characters_that_xml_forbids_vanish(reference: str, wrap: str) -> None:
    (entry,) = read(rss(item(f"<description>a{wrap.format(reference)}b</description>"))).entries
    assert entry.summary == Markup(value="ab", html=True)


@pytest.mark.parametrize("raw", [b"\x00", b"\x0b", b"\x1f", "\ufffe".encode()], ids=repr)
def test_characters_that_xml_forbids_vanish(raw: bytes) -> None:
    (entry,) = read(rss(item("<description>a@b</description>")).replace(b"@", raw)).entries
    assert entry.summary is not None
    assert entry.summary.value in ("ab", "a b", "a\ufffdb")


ENTITIES = (
    (
        "billion laughs",
        "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9)) + '<!ENTITY a0 "ha">',
        "&a8;",
    ),
    ("quadratic", f'<!ENTITY a "{"x" * 50_000}">', "&a;" * 1000),
    ("a local file", '<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"),
    ("another server", '<!ENTITY a SYSTEM "http://127.0.0.1:1/">', "&a;"),
    ("a parameter", '<!ENTITY % a SYSTEM "http://127.0.0.1:1/"> %a;', "x"),
)


@pytest.mark.parametrize(("declared", "used"), [e[1:] for e in ENTITIES], ids=[e[0] for e in ENTITIES])
def test_entities_neither_grow_nor_fetch(declared: str, used: str) -> None:
    body = rss(item(f"<description>{used}</description>")).replace(b"<rss", f"<!DOCTYPE rss [{declared}]><rss".encode())
    feed = parse(body, url=URL)
    text = str(feed)
    assert len(text) < 200_000
    assert "root:" not in text


@pytest.mark.parametrize(
    ("charset", "header"),
    [
        ("utf-8", None),
        ("windows-1251", None),
        ("utf-16", None),
        ("iso-8859-15", "application/xml"),
        ("koi8-r", "text/xml; charset=koi8-r"),
    ],
)
def test_charsets_are_read_as_declared(charset: str, header: str | None) -> None:
    word = "Ужгород" if charset not in ("iso-8859-15",) else "Žilina"
    declaration = f'<?xml version="1.0" encoding="{charset}"?>'
    text = f"{declaration}<rss version='2.0'><channel><item><title>{word}</title></item></channel></rss>"
    (entry,) = read(text.encode(charset), header).entries
    assert entry.title is not None
    assert entry.title.value == word


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_that_does_not_say_so_is_read(charset: str) -> None:
    text = "<rss version='2.0'><channel><item><title>Žilina</title></item></channel></rss>"
    assert read(text.encode(charset)).entries[0].title == Markup(value="Žilina", html=False)


def test_links_lead_to_http_or_nowhere() -> None:
    links = ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//other.test/x", "sub/x", "http://[::1"]
    feed = read(rss("".join(item(f"<link>{link}</link>", str(n)) for n, link in enumerate(links))))
    assert [entry.link for entry in feed.entries] == [
        None,
        None,
        None,
        "http://other.test/x",
        "http://paper.test/feeds/sub/x",
        None,
    ]


@pytest.mark.parametrize("broken", ["", "<description>AT&T</description>"], ids=["well formed", "broken"])
def test_links_of_a_file_on_disk_join_the_channels_link(broken: str) -> None:
    (entry,) = read(rss(item(f"<link>sub/x</link>{broken}")), url="/srv/feeds/a.xml").entries
    assert (entry.link, entry.base) == ("http://paper.test/sub/x", "http://paper.test/")


def test_a_file_on_disk_is_no_base_for_links() -> None:
    body = (
        b"<rss version='2.0'><channel><title>P</title><item><link>sub/x</link><title>x</title></item></channel></rss>"
    )
    (entry,) = read(body, url="/srv/feeds/a.xml").entries
    assert (entry.link, entry.base) == (None, None)


def test_a_folder_is_one_feed_whose_bad_files_are_told() -> None:
    one, two = read(rss(item(guid="1"))), read(rss(item(guid="2")))
    feed = combine([("a.xml", one), ("b.xml", ParseFailed(reason="the body is empty")), ("c.xml", two)])
    assert isinstance(feed, Feed)
    assert [entry.raw_guid for entry in feed.entries] == ["1", "2"]
    assert feed.remarks == ("b.xml: the body is empty",)
    assert combine([("b.xml", ParseFailed(reason="the body is empty"))]) == ParseFailed(
        reason="b.xml: the body is empty"
    )


PIECES = (
    "<rss/version='2.0'> <channel> <item> </item> <title> </title> <guid> <link> <pubDate> </channel></rss> &# & "
    "<![CDATA[ ]]> <!DOCTYPE <entry> <feed/xmlns='http://www.w3.org/2005/Atom'> <content/type=' <source/url=' "
    '\'> { {"items":[{"id": ]}'
)
TAGS = st.sampled_from(
    [*(re.sub("(?<=[a-z])/", " ", piece).encode() for piece in PIECES.split(" ")), b"\xff\xfe", b"\0", b'"']
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(TAGS | st.binary(max_size=6), max_size=25).map(b"".join),
    st.sampled_from([None, "text/xml", "x;charset=\0"]),
)
@example(b'{"items":[{"id":1e999}]}', None)
@example(b'{"items":[{"id":"\\ud800"}]}', None)
def test_no_bytes_make_it_raise(body: bytes, content_type: str | None) -> None:
    result = parse(body, content_type=content_type, url=URL)
    assert isinstance(result, Feed | ParseFailed)
    # what no XML and no UTF-8 holds is gone from every field
    written = repr(pickle.loads(pickle.dumps(result)))
    assert "\\ud8" not in written
    assert "\\x00" not in written


@pytest.mark.parametrize("broken", ["", "<x>"])
@pytest.mark.parametrize(
    ("base", "page", "inside"),
    [
        ("blog/", "http://paper.test/feeds/blog/one", "http://paper.test/feeds/blog/sub/"),
        ("/blog/", "http://paper.test/blog/one", "http://paper.test/blog/sub/"),
        ("http://other.test/blog/", "http://other.test/blog/one", "http://other.test/blog/sub/"),
    ],
)
def test_a_base_holds_for_what_stands_in_its_element(base: str, page: str, inside: str, broken: str) -> None:
    """Whether a document is well formed or not; a link is joined with the bases around it once (RFC 4287, 2)."""
    body = (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{base}"><title>Paper</title><entry><id>1</id>'
        f'<link href="one"/><content type="html" xml:base="sub/">&lt;a href="two"&gt;x&lt;/a&gt;{broken}</content>'
        f"</entry></feed>"
    )
    (entry,) = read(body.encode()).entries
    assert (entry.link, entry.base) == (page, inside)


@pytest.mark.parametrize(
    "body",
    [
        b'<rss xml:base="' + b"a/" * 50 + b'"><channel><title>Paper</title>' + b"<item><title>x</title>" * 800,
        b'<rss><channel xml:base="b/"><title>Paper</title>'
        + b"<x xml:base='c/'>" * 1_200
        + b"<item><title>x</title></item>",
    ],
    ids=["one", "many"],
)
def test_relative_bases_of_elements_without_an_end_do_not_add_up(body: bytes) -> None:
    tracemalloc.start()
    try:
        read(body)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000
