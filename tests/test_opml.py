"""OPML in and out: what a list may say, and what leaves the hub."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub import opml
from feedhub.errors import UsageError
from feedhub.model import Source

SEEDS = sorted((Path(__file__).parent.parent / "seeds").glob("*.opml"))


def listed(outlines: str, encoding: str = "utf-8", declaration: bool = True) -> bytes:
    head = f'<?xml version="1.0" encoding="{encoding}"?>' if declaration else ""
    text = f"{head}<opml version='2.0'><head><title>News</title></head><body>{outlines}</body></opml>"
    return text.encode(encoding)


@pytest.mark.parametrize(
    ("encoding", "declaration"),
    [("utf-8", True), ("utf-8", False), ("utf-8-sig", False), ("utf-16", True), ("iso-8859-15", True)],
    ids=["utf-8", "utf-8 not declared", "byte order mark", "utf-16", "latin"],
)
def test_names_are_read_in_the_encoding_of_the_list(encoding: str, declaration: bool) -> None:
    body = listed("<outline text='Côté' xmlUrl='https://a.example/rss'/>", encoding, declaration)
    assert opml.read(body).outlines[0].name == "Côté"


def test_an_outline_brings_name_category_and_language() -> None:
    read = opml.read(
        listed(
            "<outline text='Asia'>"
            "<outline text='A &amp; B' xmlUrl='https://a.example/rss?x=1&amp;y=2'"
            " category='/news/japan' language='ja'/>"
            "<outline title='C' xmlUrl='https://c.example/rss'/>"
            "</outline><outline xmlUrl='https://d.example/rss' language='not a tag'/>"
        )
    )
    assert read.title == "News"
    assert [(o.url, o.name, o.category, o.language) for o in read.outlines] == [
        ("https://a.example/rss?x=1&y=2", "A & B", "japan", "ja"),
        ("https://c.example/rss", "C", "Asia", None),
        ("https://d.example/rss", "d.example", None, None),
    ]
    assert read.remarks == ()


LEFT_OUT = {
    "a path": ("<outline text='x' xmlUrl='/etc/hosts'/>", "only http:// and https://"),
    "a relative path": ("<outline text='x' xmlUrl='wire/a.xml'/>", "only http:// and https://"),
    "a file address": ("<outline text='x' xmlUrl='file:///etc/hosts'/>", "only http:// and https://"),
    "another scheme": ("<outline text='x' xmlUrl='gopher://a.example/'/>", "only http:// and https://"),
    "an address without a host": ("<outline text='x' xmlUrl='http:///etc/hosts'/>", "only http:// and https://"),
    "half an address": ("<outline text='x' xmlUrl='https://[/1'/>", "no host, or one that cannot be"),
    "a host that cannot be": ("<outline text='' xmlUrl='https://a／b/x'/>", "no host, or one that cannot be"),
    "a masked secret": ("<outline text='x' xmlUrl='https://a.example/?***'/>", "was masked by an export"),
    "a list in the list": ("<outline type='include' text='x' url='https://a.example/x.opml'/>", "is not followed"),
    "a page": ("<outline text='x' xmlUrl='' htmlUrl='https://a.example/'/>", "a page without a feed"),
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_what_cannot_be_polled_is_left_out_with_a_remark(case: str) -> None:
    outline, said = LEFT_OUT[case]
    read = opml.read(listed(outline))
    assert read.outlines == ()
    assert len(read.remarks) == 1
    assert said in read.remarks[0]


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("feed://a.example/rss", "http://a.example/rss"),
        ("feed:https://a.example/rss", "https://a.example/rss"),
        ("FEED:http://a.example/rss", "http://a.example/rss"),
        ("feed:feed://a.example/rss", "http://a.example/rss"),
        ("pcast://a.example/rss", "http://a.example/rss"),
        ("itpc://a.example/rss", "http://a.example/rss"),
        ("feeds://a.example/rss", "https://a.example/rss"),
        ("feed:a.example/rss", "http://a.example/rss"),
        ("https://a.example/feed://x", "https://a.example/feed://x"),
    ],
)
def test_a_scheme_that_asks_for_a_reader_is_taken_off(written: str, address: str) -> None:
    lists = opml.read(listed(f"<outline text='x' xmlUrl='{written}'/><outline text='y' xmlUrl='{address}'/>"))
    assert [outline.url for outline in lists.outlines] == [address]


@pytest.mark.parametrize("written", ["feed:/etc/hosts", "feed:javascript:alert(1)", "feed:file:///etc/hosts", "feed:"])
def test_behind_such_a_scheme_stands_the_web_or_nothing(written: str) -> None:
    lists = opml.read(listed(f"<outline text='x' xmlUrl='{written}'/>"))
    assert lists.outlines == ()


def test_a_feed_listed_twice_is_taken_once_and_told() -> None:
    read = opml.read(listed("<outline text='x' xmlUrl='https://a.example/'/>" * 2))
    assert len(read.outlines) == 1
    assert read.remarks == ("https://a.example/: listed more than once, taken once",)


@pytest.mark.parametrize(
    "body", [b"", b"<html><p>no</p></html>", b"not markup", b"\xff\xfe\x00", b"https://a.example/"]
)
def test_what_is_no_opml_is_refused(body: bytes) -> None:
    with pytest.raises(UsageError, match="no OPML"):
        opml.read(body)


def test_entities_are_not_expanded() -> None:
    bomb = b"<!DOCTYPE x [<!ENTITY a 'boom'>]>" + listed(
        "<outline text='&a;' xmlUrl='https://a.example/'/>", "utf-8", False
    )
    assert "boom" not in str(opml.read(bomb))


IDS = {
    "plain": ("https://a.example/news/rss.xml", "a.example-news-rss.xml"),
    "http and www": ("http://www.a.example/news/rss.xml", "a.example-news-rss.xml"),
    "a slash at the end": ("https://a.example/feed/", "a.example-feed"),
    "a port": ("https://a.example:8080/feed", "a.example-8080-feed-"),
    "a query": ("https://a.example/feed?id=7", "a.example-feed-"),
    "capitals": ("https://a.example/Feed", "a.example-feed-"),
    "a secret": ("https://u:hush@a.example/feed", "a.example-feed"),
    "another script": ("https://пример.example/лента", "example-"),
}


@pytest.mark.parametrize("case", IDS)
def test_an_id_comes_from_the_address_and_can_be_read(case: str) -> None:
    url, start = IDS[case]
    found = opml.outline_id(url)
    assert found.startswith(start)
    assert "hush" not in found
    assert (found == start) != start.endswith("-")


def test_addresses_that_differ_in_what_an_id_cannot_show_have_different_ids() -> None:
    paths = ["feed?id=7", "feed?id=8", "Feed", "feed", "a" * 90 + "1", "a" * 90 + "2"]
    assert len({opml.outline_id(f"https://a.example/{path}") for path in paths}) == len(paths)


def test_an_export_masks_secrets_and_names_no_path() -> None:
    sources = [
        Source(id="a", url="https://u:hush@a.example/rss?key=hush#hush", name="A"),
        Source(id="b", url="https://b.example/rss?id=7", name="B", public=True),
        Source(id="c", url="/srv/wire/hush.xml", name="C"),
    ]
    body = opml.write(sources, "My hub")
    assert b"hush" not in body
    assert b'xmlUrl="https://***@a.example/rss?key=***"' in body
    assert b'xmlUrl="https://b.example/rss?id=7"' in body
    assert b'text="C"' not in body


words = st.text(max_size=30).filter(str.strip)


@given(words, words, st.sampled_from(["en", "zh-Hans", None]))
def test_what_is_exported_is_read_again(name: str, category: str, language: str | None) -> None:
    source = Source(id="a", url="https://a.example/rss", name=name, category=category, language=language)
    (outline,) = opml.read(opml.write([source], name)).outlines
    assert (outline.url, outline.language) == (source.url, language)


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_a_seed_list_reads_without_a_remark(path: Path) -> None:
    read = opml.read(path.read_bytes())
    assert read.remarks == ()
    assert 8 <= len(read.outlines) <= 25
    assert all(outline.name and outline.category and outline.language for outline in read.outlines)


def test_no_feed_stands_in_two_seed_lists() -> None:
    outlines = [outline for path in SEEDS for outline in opml.read(path.read_bytes()).outlines]
    assert len(SEEDS) >= 8
    assert len({outline.id for outline in outlines}) == len(outlines)
    assert len({opml.address_key(outline.url) for outline in outlines}) == len(outlines)


QUERIES = {
    # case: (query, as it is exported)
    "a channel": ("channel_id=UCabcDEF123_-xyz456789012", "channel_id=UCabcDEF123_-xyz456789012"),
    "a format": ("feed=rss2&cat=12", "feed=rss2&cat=12"),
    "words looked for": ("q=climate+change&hl=en-US", "q=climate+change&hl=en-US"),
    "a number": ("p=4711", "p=4711"),
    "words": ("rubrik=politik-inland", "rubrik=politik-inland"),
    "a key": ("key=hush", "key=***"),
    "one of two": ("feed=rss2&private_token=hush", "feed=rss2&private_token=***"),
    "a user": ("user=anna", "user=***"),
    "what looks like a key": ("x=9f8a7c6d", "x=***"),
    "a long word": ("x=abcdefghijklmnopqrstuvwxyz", "x=***"),
    "a key alone": ("hush4711", "***"),
}


@pytest.mark.parametrize("case", QUERIES)
def test_an_export_keeps_the_queries_that_say_which_feed_is_meant(case: str) -> None:
    query, exported = QUERIES[case]
    assert opml.exported_url(f"https://a.example/rss?{query}") == f"https://a.example/rss?{exported}"


def test_folders_and_ids_come_back() -> None:
    sources = [
        Source(id="one", url="https://a.example/1", name="One", category="Asia / Japan, news"),
        Source(id="two", url="https://a.example/2", name="Two"),
        Source(id="three", url="https://a.example/3", name="Three", category="Asia / Japan, news"),
    ]
    body = opml.write(sources, "My hub")
    assert body.count(b"Asia / Japan, news") == 2
    read = {each.written_id: (each.url, each.name, each.category) for each in opml.read(body).outlines}
    assert read == {each.id: (each.url, each.name, each.category) for each in sources}


def test_what_is_revealed_is_whole() -> None:
    source = Source(id="a", url="https://u:hush@a.example/rss?key=hush", name="A")
    assert opml.read(opml.write([source], "x", reveal=True)).outlines[0].url == source.url
