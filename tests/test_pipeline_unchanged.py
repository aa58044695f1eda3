"""Documents of which most is known are read only where they changed, and mean what they would mean read whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hubs import Newsroom
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from outlets import words

from feedhub.codec import dump
from feedhub.ingest.unchanged import read_changed
from feedhub.model import Fetched
from feedhub.parse import cut, parse_fast
from feedhub.store import Connection, Database, claims, listings
from feedhub.store.tables import copy, listing

SPACES = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'


def item(number: int, text: str | None = None, guid: str | None = None, link: str | None = None) -> str:
    said = words(number) if text is None else text
    return (
        f"<item><guid>{guid or number}</guid><title>{said[:40]}</title><link>{link or f'http://p.test/{number}'}</link>"
        f"<pubDate>Tue, 10 Mar 2026 {number % 12:02}:00:00 GMT</pubDate><description>{said}</description></item>"
    )


def rss(*items: str, head: str = "<title>Paper</title>", around: str = "", tail: str = "</channel></rss>") -> str:
    return f'<rss version="2.0" {SPACES}{around}><channel>{head}{"".join(items)}{tail}'


class Twin:
    """A source that is read by two hubs: one that knows what it read before, and one that always reads the whole."""

    def __init__(self, folder: Path) -> None:
        self.rooms = [self._room(folder / name) for name in ("knowing", "whole")]
        self.hours = 0

    def _room(self, folder: Path) -> Newsroom:
        folder.mkdir(parents=True)
        room = Newsroom(folder)
        room.source("paper")
        room.reconfigure("paper", url=str(folder / "paper.xml"))
        return room

    def round(self, document: str) -> None:
        self.hours += 1
        for room in self.rooms:
            (room.folder / "paper.xml").write_text(document)
            if room.folder.name == "whole":
                forget(room)
            report = room.round(self.hours)
            assert not report.failed, report.failed

    def rows(self) -> list[list[Any]]:
        return [room.read(rows) for room in self.rooms]

    def states(self) -> list[Any]:
        return [room.read(state) for room in self.rooms]

    @property
    def known(self) -> int:
        found = self.rooms[0].read(lambda connection: listings.read(connection, "paper"))
        return len(found.items) if found else 0


def forget(room: Newsroom) -> None:
    store = Database.open(room.config.database)
    with store.write() as connection:
        connection.execute(listing.delete())
    store.close()


def rows(connection: Connection) -> list[Any]:
    wanted = (copy.c.guid, copy.c.served_guid, copy.c.digest, copy.c.listed, copy.c.first_seen, copy.c.body)
    return [tuple(row) for row in connection.execute(copy.select().with_only_columns(*wanted).order_by(copy.c.guid))]


def state(connection: Connection) -> dict[str, Any]:
    """What is remembered of the source, but for its path and what dates that went away still say of its pace."""
    (row,) = claims.sources(connection)
    assert row.state is not None
    return {
        name: value
        for name, value in json.loads(dump(row.state)).items()
        if name not in ("configured", "pace", "newest")
    }


def same(twin: Twin) -> None:
    one, other = twin.rows()
    assert one == other
    before, after = twin.states()
    assert before == after


FIRST = [item(number) for number in range(6)]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Twin:
    """Both hubs as they are after the first document."""
    twin = Twin(tmp_path_factory.mktemp("twin"))
    twin.round(rss(*FIRST))
    for room in twin.rooms:
        room.close()
        shutil.copyfile(room.folder / "hub.db", room.folder / "begun.db")
    return twin


@pytest.fixture
def twin(begun: Twin) -> Iterator[Twin]:
    """The same, for each test again."""
    for room in begun.rooms:
        shutil.copyfile(room.folder / "begun.db", room.folder / "hub.db")
    begun.hours = 1
    yield begun
    for room in begun.rooms:
        room.close()


def test_what_is_known_is_not_read_again(twin: Twin) -> None:
    assert twin.known == 6
    body = rss(item(9), *FIRST[:5]).encode()
    path = str(twin.rooms[0].folder / "paper.xml")
    seen = twin.rooms[0].read(
        lambda connection: read_changed(connection, "paper", Fetched(source="paper", url=path, body=body))
    )
    assert seen is not None
    assert [entry.raw_guid for entry in seen.feed.entries] == ["9"]
    assert (seen.feed.unread, seen.feed.listed) == (5, 6)


CHANGES: dict[str, list[str]] = {
    "a new entry": [rss(item(9), *FIRST[:5])],
    "nothing but the head": [rss(*FIRST, head="<title>Paper</title><lastBuildDate>x</lastBuildDate>")],
    "an edit": [rss(FIRST[0].replace("opened", "shut"), *FIRST[1:])],
    "an edit and back": [rss(item(0, words(99)), *FIRST[1:]), rss(*FIRST)],
    "another order": [rss(*FIRST[::-1])],
    "an entry that comes back": [rss(*FIRST[:3]), rss(*FIRST)],
    "all gone": [rss(), rss(*FIRST)],
    "another base": [rss(*FIRST, around=' xml:base="http://other.test/"')],
    "another language": [rss(*FIRST, around=' xml:lang="fr"')],
    "a base on the channel": [rss(*FIRST).replace("<channel>", '<channel xml:base="http://other.test/">')],
    "an entry twice": [rss(FIRST[0], *FIRST)],
    "a guid that is another's": [rss(item(9, guid="0"), *FIRST)],
    "a guid that is another's, which is gone": [rss(item(9, guid="0"), *FIRST[1:])],
    "a link that is another's": [rss(item(9, link="http://p.test/0"), *FIRST)],
    "a guid that churns": [rss(item(0, guid="new-0"), *FIRST[1:]), rss(item(0, guid="newer-0"), *FIRST[1:])],
    "new ones that share a guid": [rss(item(8, guid="x"), item(9, guid="x"), *FIRST)],
    "broken for a while": [rss(*FIRST)[:-20], rss(item(9), *FIRST)],
    "blanks between": [rss(*(each + "\n  " for each in [item(9), *FIRST]))],
}


@pytest.mark.parametrize("documents", CHANGES.values(), ids=CHANGES)
def test_a_changed_document_means_what_it_would_mean_read_whole(twin: Twin, documents: list[str]) -> None:
    for document in documents:
        twin.round(document)
        same(twin)


KNOWN = "".join(FIRST[:3])
TRICKS: dict[str, str] = {
    "commented out": rss("<!-- ", KNOWN, " -->", item(9)),
    "a comment that begins in the head": rss(KNOWN, " --> ", item(9), head="<title>P</title><!-- "),
    "a comment that ends in the tail": rss(item(9), "<!-- ", KNOWN, tail=" --></channel></rss>"),
    "a comment that ends in the tail after an item": rss(
        item(9).replace("</item>", "<!-- </item>"), KNOWN, tail="--></item></channel></rss>"
    ),
    "quoted in CDATA": rss(item(9).replace(words(9), f"<![CDATA[{KNOWN}]]>")),
    "quoted in CDATA over two items": rss(
        item(8).replace("</description>", "<![CDATA["), KNOWN, item(9).replace("<guid>9", "]]></description><guid>9")
    ),
    "inside another element": rss("<x>", KNOWN, "</x>", item(9)),
    "inside an element from head to tail": rss(KNOWN, head="<title>P</title><x>", tail="</x></channel></rss>"),
    "inside an item": rss(item(9).replace("</item>", KNOWN + "</item>")),
    "inside an element of an item": rss(item(9).replace("</item>", f"<x>{KNOWN}</x></item>")),
    "in a processing instruction": rss("<?x ", KNOWN, "?>", item(9)),
    "behind the root": rss(item(9)) + KNOWN,
    "with an entity": '<!DOCTYPE rss [<!ENTITY a "b">]>' + rss(KNOWN, item(9)),
    "with a prefix": rss(KNOWN, item(9).replace("<item>", "<r:item>").replace("</item>", "</r:item>")).replace(
        "<rss ", '<rss xmlns:r="http://purl.org/rss/1.0/" '
    ),
    "in capitals": rss(KNOWN, item(9).replace("<item>", "<ITEM>").replace("</item>", "</ITEM>")),
    "itself closed": rss("<item/>", KNOWN),
    "items of another namespace": rss(KNOWN, item(9)).replace("<rss ", '<rss xmlns="http://elsewhere.test/" '),
}


@pytest.mark.parametrize("document", TRICKS.values(), ids=TRICKS)
def test_known_bytes_in_another_place_are_not_taken_for_the_entry(twin: Twin, document: str) -> None:
    # one of them may be no feed at all: then neither hub may make anything of it
    for room in twin.rooms:
        (room.folder / "paper.xml").write_text(document)
    forget(twin.rooms[1])
    reports = [room.round(5) for room in twin.rooms]
    assert len({len(report.failed) for report in reports}) == 1
    one, other = twin.rows()
    assert one == other


PIECES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2), st.sampled_from(["", "#1", "same"])), max_size=6)


@settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(PIECES, min_size=2, max_size=4))
def test_any_sequence_of_documents_means_what_it_would_mean_read_whole(
    tmp_path_factory: pytest.TempPathFactory, documents: list[list[tuple[int, int, str]]]
) -> None:
    twin = Twin(tmp_path_factory.mktemp("twin"))
    for pieces in documents:
        texts = [
            item(n, words(10 * n + edit), guid=tail if tail == "same" else f"{n}{tail}") for n, edit, tail in pieces
        ]
        twin.round(rss(*texts))
        same(twin)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["<item>", "</item>", "<!--", "-->", "<![CDATA[", "]]>", "<x>", "</x>", "a", FIRST[0]]))
)
def test_a_cut_holds_what_reading_finds(parts: list[str]) -> None:
    body = rss(*parts).encode()
    slices = cut(body, content_type=None, url="")
    if slices is None:
        return
    assert slices.without(()).translate(None, b" \n") == body.translate(None, b" \n")
    feed = parse_fast(body, content_type=None, url="")
    rest = parse_fast(slices.without({slices.hashes[0]}), content_type=None, url="")
    if feed and rest and len(feed.entries) == len(slices.items) == len(rest.entries) + 1 == len(set(slices.hashes)):
        assert [entry.raw_guid for entry in feed.entries[1:]] == [entry.raw_guid for entry in rest.entries]
