"""Sources that are paths."""

from __future__ import annotations

import os
from pathlib import Path

from fetching import fetch, fetched, reason, unchanged
from origin import FEED

from feedhub.fetch import Limits
from feedhub.model import Fetched, FetchFailed


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_bytes(FEED)
    result = fetched(fetch(str(tmp_path / "feed.xml")))
    assert (result.body, result.parts) == (FEED, ())


def test_an_unchanged_file_is_no_news(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_bytes(FEED)
    first = fetched(fetch(str(tmp_path / "feed.xml")))
    unchanged(fetch(str(tmp_path / "feed.xml"), body_hash=first.body_hash))
    (tmp_path / "feed.xml").write_bytes(FEED + b" ")
    fetched(fetch(str(tmp_path / "feed.xml"), body_hash=first.body_hash))


def test_a_folder_is_its_feeds_in_name_order(tmp_path: Path) -> None:
    for name in ("b.json", "a.xml", "c.txt", ".hidden.xml"):
        (tmp_path / name).write_text(name)
    result = fetched(fetch(str(tmp_path)))
    assert [part.body for part in result.parts if isinstance(part, Fetched)] == [b"a.xml", b"b.json"]


def test_one_bad_file_costs_the_folder_nothing_else_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(FEED)
    os.mkfifo(tmp_path / "b.xml")
    (tmp_path / "c.xml").symlink_to("/etc/hostname")
    result = fetched(fetch(str(tmp_path)))
    kinds = [type(part) for part in result.parts]
    assert kinds == [Fetched, FetchFailed, FetchFailed]
    assert "no regular file" in reason(result.parts[1])
    assert "leads out of its folder" in reason(result.parts[2])


def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "no regular file" in reason(fetch(str(tmp_path / "pipe")))
    assert "no regular file" in reason(fetch("/dev/zero"))


def test_a_path_that_leads_nowhere_is_a_failure(tmp_path: Path) -> None:
    assert reason(fetch(str(tmp_path / "none.xml"))).endswith("none.xml: No such file or directory")
    assert "holds no *.xml" in reason(fetch(str(tmp_path)))


def test_a_large_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_bytes(b" " * 1001)
    assert "too large" in reason(fetch(str(tmp_path / "feed.xml"), limits=Limits(body=1000)))
