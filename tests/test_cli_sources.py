"""`feedhub sources import` and `export` as processes: OPML both ways."""

from __future__ import annotations

from pathlib import Path

from commands import Desk, said_once

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
        assert found == {"own", "north.test-rss"}
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
