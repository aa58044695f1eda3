"""The rules that hold our documents valid can fail: each finds the document that breaks it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from feedrules import atom_faults, json_faults, rss_faults
from newsstand import at, feed, rich_story, story

from feedhub.model import Tombstone
from feedhub.publish import atom, json_feed, rss

STONES = (Tombstone(id="tag:hub.test,2026:dead", when=at(4), reason="withdrawn"),)
FEED = feed(rich_story(), story(2), tombstones=STONES, relations=(("next", "?page=2"),), updated=at(5))
ATOM, RSS, JSON = atom(FEED), rss(FEED), json_feed(FEED)

#: what is broken: what stands there, what stands there then, the fault
BROKEN_ATOM: dict[str, tuple[bytes, bytes, str]] = {
    "no id": (b"<id>tag:hub.test,2026:feed/all</id>", b"", "4.1.1 exactly one id"),
    "two titles": (b"<title>All stories</title>", b"<title>A</title><title>B</title>", "4.1.1 exactly one title"),
    "no date": (b"<updated>2026-06-02T17:00:00+00:00</updated>", b"", "4.1.1 exactly one updated"),
    "a date without a zone": (b"2026-06-02T17:00:00+00:00</up", b"2026-06-02T17:00:00</up", "updated has no zone"),
    "older than its entries": (b"2026-06-02T17:00:00+00:00</up", b"2026-06-01T17:00:00+00:00</up", "updated after"),
    "no self": (b'rel="self"', b'rel="first"', "4.1.1 one rel=self"),
    "an id that is no IRI": (b"<id>tag:hub.test,2026:0000000000000002", b"<id>2", "id is no IRI"),
    "one id twice": (b"2026:0000000000000002</id>", b"2026:0000000000000001</id>", "4.1.1 one id twice"),
    "no author": (b"<author><name>The Lantern</name></author><content", b"<content", "4.1.2 no author"),
    "a blank author": (b"<name>Ada Venn</name>", b"<name> </name>", "blank name"),
    "two alternates": (
        b'rel="alternate" type="text/html" hreflang="en"/>',
        b'rel="alternate" type="text/html" hreflang="en"/>'
        b'<link href="https://a.test/" rel="alternate" type="text/html" hreflang="en"/>',
        "DuplicateAtomLink",
    ),
    "a related link": (b'rel="via"', b'rel="related"', "4.8 related"),
    "an unknown relation": (b'rel="via"', b'rel="canonical"', "UnregisteredAtomLinkRel"),
    "a relative link": (b'href="https://wire.test/w" rel', b'href="/w" rel', "link /w"),
    "a bad language": (b'hreflang="en"', b'hreflang="en_GB"', "InvalidLanguage"),
    "a bad xml:lang": (b'<entry xml:lang="en"', b'<entry xml:lang="english language"', "InvalidLanguage"),
    "markup in a plain title": (
        b"Ferry runs aground off Selm</title>",
        b"&lt;b&gt;x&lt;/b&gt;</title>",
        "ContainsHTML",
    ),
    "a relative picture": (b"&lt;p&gt;A ferry", b"&lt;img src='/x.png'&gt;&lt;p&gt;A ferry", "ContainsRelRef"),
    "a script": (b"&lt;p&gt;A ferry", b"&lt;script&gt;x&lt;/script&gt;&lt;p&gt;A ferry", "SecurityRisk script"),
    "a handler": (b"&lt;p&gt;A ferry", b"&lt;p onclick='x'&gt;A ferry", "SecurityRiskAttr onclick"),
    "a category of nothing": (b'term="World"', b'term=" "', "4.2.2 category"),
    "an enclosure of no length": (b'length="5120"', b'length="0"', "InvalidEnclosure"),
    "one enclosure twice": (b"https://lantern.test/ferry.mp3", b"https://lantern.test/ferry.jpg", "DuplicateEnclosure"),
    "a source without id": (b"<source><id>https://lantern.test/feed</id>", b"<source>", "MissingSourceElement id"),
    "a source without date": (b"<updated>2026-06-02T11:00:00+00:00</updated>", b"", "MissingSourceElement updated"),
    "a source that is not last": (b"</source></entry>", b"</source><rights>x</rights></entry>", "4.9 source"),
    "a summary that repeats": (b"Rescuers brought every passenger ashore before dark.", b"A ferry ran", "4.2.13"),
    "published after updated": (b"<published>2026-06-02T12", b"<published>2026-06-02T19", "published after updated"),
    "an unknown namespace": (b"<feed ", b'<feed xmlns:x="http://x.test/" ', "unknown namespace"),
    "an invented prefix": (b"<feed ", b'<feed xmlns:ns0="http://purl.org/dc/elements/1.1/" ', "invented prefix"),
    "a grave of no date": (b'when="2026-06-02T16:00:00+00:00"', b'when="2026-06-02T16:00:00"', "6721 when"),
    "a grave of no name": (b'ref="tag:hub.test,2026:dead"', b'ref="dead"', "6721 ref"),
    "alive and deleted": (b'ref="tag:hub.test,2026:dead"', b'ref="tag:hub.test,2026:0000000000000002"', "is there and"),
    "a next page that is itself": (b"all.atom?page=2", b"all.atom", "5005 a document names itself"),
    "a current one without archive": (b'rel="next"', b'rel="current"', "5005 an archived document names"),
    "another encoding": (b"encoding='UTF-8'", b"encoding='ISO-8859-1'", "no XML declaration"),
}
BROKEN_RSS: dict[str, tuple[bytes, bytes, str]] = {
    "no description": (b"All stories: each story once, with every outlet that ran it.", b" ", "channel without"),
    "no self": (b'rel="self"', b'rel="next"', "MissingAtomSelfLink"),
    "a permalink that is none": (b'isPermaLink="false"', b'isPermaLink="true"', "guid is no permalink"),
    "one guid twice": (b"2026:0000000000000002</guid>", b"2026:0000000000000001</guid>", "one guid twice"),
    "a short year": (
        b"02 Jun 2026 12:00:00 +0000</pubDate>",
        b"02 Jun 26 12:00:00 +0000</pubDate>",
        "InvalidRFC2822Date",
    ),
    "a date of one zone": (b"12:00:00 +0000</pubDate>", b"12:00:00</pubDate>", "InvalidRFC2822Date"),
    "an author by name": (b"<dc:creator>Ada Venn</dc:creator>", b"<author>Ada Venn</author>", "author wants an e-mail"),
    "an enclosure without length": (b'length="99"', b'length=""', "enclosure without"),
    "two enclosures": (
        b"<enclosure",
        b'<enclosure url="https://a.test/" length="1" type="a/b"/><enclosure',
        "more than one",
    ),
    "a source without address": (b'<source url="https://lantern.test/feed">', b'<source url="">', "source without url"),
    "two dates": (b"<pubDate>", b"<dc:date>2026-06-02</dc:date><pubDate>", "DuplicateSemantics"),
    "a blank category": (b"<category>World</category>", b"<category> </category>", "NotBlank category"),
    "markup in a title": (b"<title>Ferry", b"<title>&lt;i&gt;Ferry&lt;/i&gt;", "ContainsHTML title"),
    "a bad channel date": (b"<lastBuildDate>Tue", b"<lastBuildDate>tue", "lastBuildDate"),
    "a relative link": (b"<link>https://lantern.test/1</link>", b"<link>/1</link>", "link /1"),
}
Change = Callable[[dict[str, Any]], Any]
BROKEN_JSON: dict[str, tuple[Change, str]] = {
    "another version": (lambda made: made.update(version="1"), "no JSON Feed 1.1"),
    "no title": (lambda made: made.pop("title"), "no JSON Feed 1.1"),
    "a relative address": (lambda made: made.update(feed_url="/feeds"), "feed_url"),
    "a next page that is itself": (lambda made: made.update(next_url=made["feed_url"]), "next_url names"),
    "a hub without type": (lambda made: made.update(hubs=[{"url": "https://push.test/"}]), "hub"),
    "one id twice": (lambda made: made["items"][1].update(id=made["items"][0]["id"]), "one id twice"),
    "no content": (lambda made: made["items"][0].pop("content_html"), "an id that is text, and content"),
    "an external address": (lambda made: made["items"][0].update(external_url="https://a.test/"), "external_url"),
    "a date without a zone": (lambda made: made["items"][0].update(date_published="2026-06-02T12:00:00"), "no zone"),
    "an extension of others": (lambda made: made["items"][0].update(_x={}), "extensions"),
    "an author as text": (lambda made: made["items"][0].update(authors=["Ada"]), "authors"),
    "a tag that is none": (lambda made: made["items"][0].update(tags=[7]), "tags"),
    "a file without type": (
        lambda made: made["items"][0].update(attachments=[{"url": "https://a.test/"}]),
        "attachment",
    ),
    "a bad language": (lambda made: made["items"][0].update(language="en_GB"), "language"),
    "a script": (lambda made: made["items"][0].update(content_html="<script>x</script>"), "SecurityRisk"),
}


def test_what_is_broken_below_is_whole_here() -> None:
    assert [*atom_faults(ATOM), *rss_faults(RSS), *json_faults(JSON)] == []


@pytest.mark.parametrize(("there", "then", "fault"), BROKEN_ATOM.values(), ids=BROKEN_ATOM)
def test_a_broken_atom_document_is_found_out(there: bytes, then: bytes, fault: str) -> None:
    assert there in ATOM
    assert [found for found in atom_faults(ATOM.replace(there, then)) if fault in found]


@pytest.mark.parametrize(("there", "then", "fault"), BROKEN_RSS.values(), ids=BROKEN_RSS)
def test_a_broken_rss_document_is_found_out(there: bytes, then: bytes, fault: str) -> None:
    assert there in RSS
    assert [found for found in rss_faults(RSS.replace(there, then)) if fault in found]


@pytest.mark.parametrize(("change", "fault"), BROKEN_JSON.values(), ids=BROKEN_JSON)
def test_a_broken_json_document_is_found_out(change: Change, fault: str) -> None:
    made = json.loads(JSON)
    change(made)
    assert [found for found in json_faults(json.dumps(made).encode()) if fault in found]
