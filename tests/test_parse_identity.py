"""Which entry is which: the ladder of guids, and what feeds do to it."""

from __future__ import annotations

from test_parse_documents import item, read, rss

from feedhub.model import Entry


def entries(*items: str) -> tuple[Entry, ...]:
    return read(rss("".join(items))).entries


def bare(title: str = "T", link: str = "", date: str = "", guid: str = "", text: str = "") -> str:
    parts = {"title": title, "link": link, "pubDate": date, "guid": guid, "description": text}
    return "<item>" + "".join(f"<{tag}>{value}</{tag}>" for tag, value in parts.items() if value) + "</item>"


DATE = "Tue, 02 Jun 2026 10:00:00 GMT"


def test_the_ladder_is_guid_then_link_then_title_and_date() -> None:
    by_guid, by_link, by_hash = entries(
        bare(guid="urn:1", link="http://p.test/1"), bare(link="http://p.test/2"), bare(title="No link", date=DATE)
    )
    assert (by_guid.guid, by_guid.raw_guid) == ("urn:1", "urn:1")
    assert (by_link.guid, by_link.raw_guid) == ("http://p.test/2", None)
    assert by_hash.guid.startswith("hash:")
    assert entries(bare(title="No link", date=DATE, text="edited"))[0].guid == by_hash.guid
    assert entries(bare(title="Another", date=DATE))[0].guid != by_hash.guid


def test_a_guid_does_not_move_with_the_address_of_the_feed() -> None:
    body = rss("<item><guid>1234</guid><title>T</title></item>")
    one, two = read(body, url="http://a.test/feed").entries, read(body, url="https://b.test/x/feed").entries
    assert one[0].guid == two[0].guid == "1234"
    # a number that calls itself a permalink is no link
    assert one[0].link is None


def test_a_guid_of_an_unknown_scheme_is_kept() -> None:
    assert entries(bare(guid="wire:123"))[0].guid == "wire:123"


def test_a_version_behind_the_hash_is_folded() -> None:
    link = "http://p.test/news/abc?at_medium=RSS"
    first, later = (entries(bare(guid=f"https://p.test/news/abc#{n}", link=link))[0] for n in (0, 3))
    assert first.guid == later.guid == "https://p.test/news/abc"
    assert later.raw_guid == "https://p.test/news/abc#3"


def test_anchors_of_one_page_stay_apart() -> None:
    one, two = entries(*(bare(guid=f"http://p.test/live#{n}", link=f"http://p.test/live#{n}") for n in (1, 2)))
    assert (one.guid, two.guid) == ("http://p.test/live#1", "http://p.test/live#2")


def test_several_items_with_one_guid_are_several_entries() -> None:
    found = entries(*(bare(title=f"T{n}", guid="same", link=f"http://p.test/{n}") for n in range(3)))
    assert [e.guid for e in found] == [f"same http://p.test/{n}" for n in range(3)]


def test_the_next_item_under_a_shared_guid_takes_over_no_other() -> None:
    older = [bare(title=f"T{n}", guid="same", link=f"http://p.test/{n}") for n in range(3)]
    before, after = entries(*older), entries(bare(title="New", guid="same", link="http://p.test/new"), *older)
    assert [e.guid for e in after[1:]] == [e.guid for e in before]


def test_items_that_share_guid_and_link_are_told_apart_by_title() -> None:
    one, two = entries(*(bare(title=title, guid="same", link="http://p.test/") for title in ("A", "B")))
    assert one.guid != two.guid
    assert [e.guid for e in entries(*(bare(title=t, guid="same", link="http://p.test/") for t in ("B", "A")))] == [
        two.guid,
        one.guid,
    ]


def test_an_item_listed_twice_is_two_entries_of_which_the_first_keeps_its_name() -> None:
    one, two = entries(item(guid="1"), item(guid="1"))
    assert (one.guid, two.guid) == ("1", "1 2")


def test_a_very_long_guid_is_shortened_and_still_its_own() -> None:
    one, two = entries(item(guid="x" * 5000 + "1"), item(guid="x" * 5000 + "2"))
    assert len(one.guid) < 1100
    assert one.guid != two.guid


def test_an_unreadable_date_is_told_and_none_is_made_up() -> None:
    bad, old, none = entries(
        bare(guid="1", date="yesterday"), bare(guid="2", date="Mon, 01 Jan 0001 00:00:00 +0000"), bare(guid="3")
    )
    assert (bad.published, bad.bad_date) == (None, "yesterday")
    assert (old.published, old.bad_date) == (None, "Mon, 01 Jan 0001 00:00:00 +0000")
    assert (none.published, none.bad_date) == (None, None)
