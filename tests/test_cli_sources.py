"""`feedhub init` and `feedhub sources` as processes: from nothing to a configuration, and OPML both ways."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from commands import NOW, ROOT, Desk, item, said_once
from origin import Origin, Reply, feed

ROWS = """\
  - {id: north, url: "https://north.test/rss", name: "North & Co", category: news}
  - {id: south, url: "https://user:secret@south.test/feed?key=hush", name: South}
  - {id: local, url: local.xml, name: Local}
"""


def test_what_is_exported_can_be_imported_and_its_secrets_are_masked(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(ROWS)
    done = desk.run("sources", "export", "list.opml")
    assert (done.code, done.out) == (0, "")
    assert "1 left out: files and folders" in done.err
    assert "1 with a masked secret, which cannot be imported: --reveal writes it" in done.err
    listed = (tmp_path / "list.opml").read_text(encoding="utf-8")
    assert "https://north.test/rss" in listed
    assert [word for word in ("secret", "hush", "local.xml") if word in listed] == []
    assert desk.run("sources", "export", "-").out == listed
    block = desk.run("sources", "import", "list.opml", "-c", "none.yaml")
    assert block.code == 0
    assert "https://north.test/rss" in block.out
    assert "North & Co" in block.out


def test_appending_keeps_what_stands_there_and_adds_no_source_twice(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(ROWS)
    assert desk.run("sources", "export", "list.opml").code == 0
    other = tmp_path / "other"
    other.mkdir()
    there = Desk(other)
    there.configure('  # mine\n  - {id: own, url: "https://own.test/rss"}\n')
    before = (other / "config.yaml").read_text(encoding="utf-8")
    for _ in range(2):
        done = there.run("sources", "import", "--append", "../list.opml")
        assert done.code == 0
        assert "its secret was masked by an export" in done.err
        found = {each["source"] for each in there.run("check", "--json").json["sources"]}
        # the id that it has in the hub that wrote the list
        assert found == {"own", "north"}
    assert (other / "config.yaml").read_text(encoding="utf-8").startswith(before.rstrip("\n"))


def test_a_list_that_is_none_is_named(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(ROWS)
    (tmp_path / "list.opml").write_text("hello")
    for name, reason in (("list.opml", "no OPML"), ("nowhere.opml", "No such file")):
        done = desk.run("sources", "import", name)
        assert (done.code, done.out) == (2, "")
        assert said_once(done, name, reason)


def test_an_export_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(ROWS)
    (tmp_path / "taken").write_text("")
    done = desk.run("sources", "export", "taken/list.opml")
    assert (done.code, done.out) == (5, "")
    assert said_once(done, "taken")


def test_what_is_revealed_goes_into_a_file_of_its_owner_and_comes_back_whole(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(ROWS)
    (tmp_path / "list.opml").write_text("")
    (tmp_path / "list.opml").chmod(0o644)
    assert desk.run("sources", "export", "--reveal", "list.opml").code == 0
    assert (tmp_path / "list.opml").stat().st_mode & 0o777 == 0o600
    (tmp_path / "config.yaml").unlink()
    assert desk.run("sources", "import", "--append", "list.opml").code == 0
    again = yaml.safe_load((tmp_path / "config.yaml").read_text(encoding="utf-8"))["sources"]
    assert [(row["id"], row["url"], row.get("category")) for row in again] == [
        ("north", "https://north.test/rss", "news"),
        ("south", "https://user:secret@south.test/feed?key=hush", None),
    ]
    assert said_once(desk.run("sources", "export", "--reveal", "-"), "--reveal writes secrets: name a file")


# ---------------------------------------------------------------- init


def test_init_writes_a_configuration_that_runs_at_once_and_never_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert said_once(desk.run("once"), "config.yaml: there is no such file: `feedhub init` writes one")
    done = desk.run("init")
    assert (done.code, done.out) == (0, "")
    assert "feedhub sources add" in done.err
    text = (tmp_path / "config.yaml").read_text(encoding="utf-8")
    assert desk.run("once", "--out", "public").code == 0
    assert desk.run("check").code == 0
    again = desk.run("init")
    assert again.code == 2
    assert said_once(again, "config.yaml: it is there already")
    assert (tmp_path / "config.yaml").read_text(encoding="utf-8") == text


def test_init_names_every_key_of_the_example_and_nothing_of_its_newsroom(tmp_path: Path) -> None:
    Desk(tmp_path).run("init")
    text = (tmp_path / "config.yaml").read_text(encoding="utf-8")
    example = (ROOT / "config.yaml").read_text(encoding="utf-8")
    settings = example[example.index("server:") : example.index("feeds:")]
    assert settings in text
    assert not [word for word in ("fixtures", "newsroom.feedhub", "MPA", "seeds/") if word in text]


def test_init_takes_a_readers_list_and_a_list_that_comes_along(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(ROWS)
    desk.run("sources", "export", "list.opml")
    (tmp_path / "config.yaml").unlink()
    assert desk.run("init", "list.opml", "asia").code == 0
    found = [each["source"] for each in desk.run("check", "--json").json["sources"]]
    assert "north" in found
    assert len(found) > 8


WHAT = {
    "no such file": ("subscriptions.opml", "subscriptions.opml: no such file, no address"),
    "a word": ("antarctica", "no list that comes along: africa, americas, asia"),
    "a folder": (".", ".: no such file, no address"),
}


@pytest.mark.parametrize("case", WHAT)
def test_init_says_what_it_cannot_make_sense_of_and_writes_nothing(case: str, tmp_path: Path) -> None:
    what, told = WHAT[case]
    done = Desk(tmp_path).run("init", what)
    assert (done.code, said_once(done, told)) == (2, True)
    assert not list(tmp_path.iterdir())


def test_init_makes_the_folder_that_the_file_is_to_lie_in(tmp_path: Path) -> None:
    assert Desk(tmp_path).run("init", "-c", "etc/feedhub/config.yaml").code == 0
    assert (tmp_path / "etc/feedhub/config.yaml").exists()


def test_init_does_not_overwrite_what_a_link_stands_for(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    assert Desk(tmp_path).run("init").code == 2
    assert not (tmp_path / "elsewhere.yaml").exists()


# ---------------------------------------------------------------- add, list, remove

_PAGE = (
    b"<!doctype html><html><head><title>Herald</title><link rel=alternate type='application/rss+xml' href='/rss'>"
    b"</head><body>News</body></html>"
)
_FEED = (
    b"<rss version='2.0'><channel><title>Tallow Bay Herald</title><link>http://herald.test/</link><item><guid>1</guid>"
    b"<title>Ferry aground</title><description>The ferry ran aground on Tuesday.</description></item></channel></rss>"
)


@pytest.fixture
def site() -> Iterator[Origin]:
    """A paper: a home page that names its feed."""
    with Origin() as origin:
        origin.serve("/", Reply(200, {"Content-Type": "text/html"}, _PAGE))
        origin.serve("/rss", feed(_FEED))
        yield origin


def newcomer(folder: Path, site: Origin, rows: str = "") -> Desk:
    """A desk whose configuration lets the site on loopback be asked."""
    desk = Desk(folder)
    allow = f'fetch: {{allow: ["{site.place}"]}}'
    (folder / "config.yaml").write_text(f"# mine\n{allow}  # and this\nsources:\n{rows}", encoding="utf-8")
    return desk


def test_a_pages_feed_is_added_and_the_file_keeps_its_comments(tmp_path: Path, site: Origin) -> None:
    desk = newcomer(tmp_path, site)
    before = (tmp_path / "config.yaml").read_text(encoding="utf-8")
    done = desk.run("sources", "add", site.url("/"), "--yes", "--category", "news", "--rights", "summary")
    assert done.code == 0
    assert "Tallow Bay Herald" in done.out
    assert f"`tallow-bay-herald` added to config.yaml: Tallow Bay Herald, {site.url('/rss')}" in done.err
    text = (tmp_path / "config.yaml").read_text(encoding="utf-8")
    assert text.startswith(before)
    assert yaml.safe_load(text)["sources"] == [
        {
            "id": "tallow-bay-herald",
            "url": site.url("/rss"),
            "name": "Tallow Bay Herald",
            "category": "news",
            "rights": "summary",
        }
    ]
    again = desk.run("sources", "add", site.url("/"), "--yes")
    assert again.code == 0
    assert "is source `tallow-bay-herald` already" in again.err
    assert (tmp_path / "config.yaml").read_text(encoding="utf-8") == text
    assert desk.run("once").code == 0


def test_machines_get_what_was_tried_and_added(tmp_path: Path, site: Origin) -> None:
    desk = newcomer(tmp_path, site)
    done = desk.run("sources", "add", site.url("/"), site.url("/gone"), "--yes", "--json")
    assert (done.code, done.err, done.configuration) == (3, "", None)
    good, gone = done.json["sources"]
    assert good["added"] == {"id": "tallow-bay-herald", "name": "Tallow Bay Herald", "url": site.url("/rss")}
    assert (good["offers"][0]["entries"], good["offers"][0]["words"]) == (1, 6)
    assert (gone["added"], gone["reason"]) == (None, "HTTP 404 Not Found")


def test_a_script_adds_nothing_without_yes(tmp_path: Path, site: Origin) -> None:
    desk = newcomer(tmp_path, site)
    before = (tmp_path / "config.yaml").read_text(encoding="utf-8")
    done = desk.run("sources", "add", site.url("/"))
    assert (done.code, said_once(done, "--yes adds the best", site.url("/rss"))) == (2, True)
    assert (tmp_path / "config.yaml").read_text(encoding="utf-8") == before


@pytest.mark.parametrize(("answer", "count"), [("", 1), ("1", 1), ("7\n1", 1), ("n", 0)])
def test_a_person_is_asked(tmp_path: Path, site: Origin, answer: str, count: int) -> None:
    desk = newcomer(tmp_path, site)
    ours, theirs = pty.openpty()
    with desk.start("sources", "add", site.url("/"), stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        os.write(ours, f"{answer}\n".encode())
        assert process.wait(60) == 0
    os.close(ours)
    added = yaml.safe_load((tmp_path / "config.yaml").read_text(encoding="utf-8"))["sources"] or []
    assert len(added) == count


ADDRESSES = {
    "nothing there": ("http://127.0.0.1:9/", 4, "no feed: 127.0.0.1"),
    "a blank": ("http://a b/", 2, "an address has no blanks"),
    "another scheme": ("ftp://a.test/", 2, "expected an address that begins with http:// or https://"),
    "a file": ("config.yaml", 2, "a file: `feedhub sources import` reads lists"),
}


@pytest.mark.parametrize("case", ADDRESSES)
def test_what_is_no_page_is_told_in_a_line(case: str, tmp_path: Path, site: Origin) -> None:
    address, code, told = ADDRESSES[case]
    done = newcomer(tmp_path, site).run("sources", "add", address, "--yes")
    assert done.code == code
    assert told in done.err
    assert len(done.err.splitlines()) == 1


def test_two_feeds_of_one_name_have_ids_of_their_own(tmp_path: Path, site: Origin) -> None:
    site.serve("/other", feed(_FEED.replace(b"aground", b"afloat")))
    desk = newcomer(tmp_path, site)
    assert desk.run("sources", "add", site.url("/rss"), site.url("/other"), "--yes").code == 0
    found = {each["source"] for each in desk.run("check", "--json").json["sources"]}
    assert found == {"tallow-bay-herald", "tallow-bay-herald-2"}


def test_the_list_tells_what_each_source_brings(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    rows = desk.file("one", item("1", "Ferry aground"), item("2", "Bridge shut"))
    desk.configure(rows + desk.file("two", item("x", "Ferry aground")) + "  - {id: broken, url: none.xml}\n")
    assert desk.run("once").code == 3
    listed = {row["id"]: row for row in desk.run("sources", "list", "--json").json}
    assert {name: row["state"] for name, row in listed.items()} == {"one": "well", "two": "well", "broken": "failing"}
    assert listed["one"]["entries_a_day"] == 2
    assert listed["two"]["copies"] + listed["one"]["copies"] in (0.5, 1.0)
    assert "No such file" in listed["broken"]["error"]
    failing = desk.run("sources", "list", "--failing")
    assert "broken" in failing.out
    assert "two" not in failing.out


def test_a_source_is_removed_and_its_neighbours_stay_as_they_are(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure("  # first\n" + desk.file("one", item("1", "Ferry")) + "  # second\n  - two.json\n")
    (tmp_path / "two.json").write_bytes((tmp_path / "one.json").read_bytes())
    assert desk.run("once", "--now", NOW).code == 0
    done = desk.run("sources", "remove", "two")
    assert (done.code, done.out) == (0, "")
    text = (tmp_path / "config.yaml").read_text(encoding="utf-8")
    assert "# second" in text
    assert "two.json" not in text
    assert said_once(desk.run("sources", "remove", "two"), "two: no source has that id")
    states = {each["source"]: each["state"] for each in desk.run("check", "--json").json["sources"]}
    assert states == {"one": "well", "two": "removed"}


def test_a_renamed_source_without_an_id_is_told_how_to_stay_what_it_was(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.file("one", item("1", "Ferry aground"))
    desk.configure("  - {name: The One, url: one.json}\n")
    assert desk.run("once").code == 0
    desk.configure("  - {name: Number One, url: one.json}\n")
    rows = {each["source"]: each for each in desk.run("check", "--json").json["sources"]}
    assert rows["the-one"]["remark"].startswith("polled as `number-one` now: write `id: the-one` there")


def test_what_a_list_brings_is_taken_out_of_the_list(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(ROWS)
    desk.run("sources", "export", "list.opml")
    desk.configure("  - {opml: list.opml}\n")
    done = desk.run("sources", "remove", "north.test-rss")
    assert (done.code, said_once(done, "comes from an OPML list", "take it out there")) == (2, True)
