"""An index gives the stories that `dedupe` gives of all items at once, however they were added."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from archives import archive
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import feedhub
from feedhub import Index
from feedhub.story_index import compared_texts, posting_blocks

ITEMS = archive(72)
#: adds what it is asked for, as a process that can be killed
ADDING = """
import json, sys
from feedhub import EnvironmentFailed, Index
path, start, stop, count = sys.argv[1], *map(int, sys.argv[2:5])
items = json.loads(sys.argv[5])
try:
    with Index(path) as index:
        print("open", flush=True)
        for number in range(start, stop, count):
            index.add(items[number : min(stop, number + count)])
            print(len(index), flush=True)
except EnvironmentFailed as error:
    print(error)
"""


@cache
def expected(count: int = len(ITEMS)) -> dict[Any, feedhub.DedupeRow]:
    """The rows that `dedupe` gives of the first items."""
    return {row.id: row for row in feedhub.dedupe(ITEMS[:count])}


def rows_of(index: Index) -> dict[Any, feedhub.DedupeRow]:
    return {row.id: row for row in index.rows()}


def process(*arguments: Any, limit: int | None = None) -> subprocess.Popen[str]:
    import resource

    return subprocess.Popen(
        [sys.executable, "-c", ADDING, *map(str, arguments), json.dumps(ITEMS)],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=None if limit is None else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )


def test_the_archive_has_what_the_law_is_about() -> None:
    assert len({row.story for row in expected().values()}) < 0.7 * len(ITEMS)
    with Index() as index:
        index.add(ITEMS)
        assert index._state.furniture.shingles
    assert len({row.relation for row in expected().values()}) > 1


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(
    seed=st.integers(0, 1_000_000),
    cuts=st.lists(st.integers(0, len(ITEMS)), max_size=6),
    killed=st.sets(st.integers(0, 6), max_size=3),
)
def test_any_order_and_any_split_give_the_stories_of_all_at_once(
    tmp_path_factory: pytest.TempPathFactory, seed: int, cuts: list[int], killed: set[int]
) -> None:
    path = tmp_path_factory.mktemp("index") / "archive.fh"
    items = random.Random(seed).sample(ITEMS, len(ITEMS))
    edges = sorted({0, *cuts, len(items)})
    with pytest.MonkeyPatch.context() as patched:
        # so that as few items fill many blocks, as many do
        patched.setattr(posting_blocks, "BLOCK", 64)
        patched.setattr(posting_blocks, "_BLOCKS_AT_ONCE", 3)
        patched.setattr(posting_blocks, "_BLOCKS_READ", 2)
        patched.setattr(compared_texts, "_AT_ONCE", 5)
        index = Index(path)
        for number, (start, stop) in enumerate(pairwise(edges)):
            index.add(items[start:stop])
            if number in killed:
                index.close()
                index = Index(path)
        assert rows_of(index) == expected()
        index.close()


def test_changes_lead_from_no_stories_to_the_stories_that_are() -> None:
    members: dict[Any, set[Any]] = {}
    with Index() as index:
        for start in range(0, len(ITEMS), 9):
            changes = index.add(ITEMS[start : start + 9])
            added = {item["id"] for item in ITEMS[start : start + 9]}
            assert added <= {item for change in changes for item in change.joined}
            before = [members.pop(change.before) for change in changes if change.before is not None]
            old = iter(before)
            for change in changes:
                now = next(old) if change.before is not None else set()
                assert set(change.left) <= now
                now = now - set(change.left) | set(change.joined)
                assert (change.story is None) is (not now)
                if now:
                    members[change.story] = now
        of_dedupe: dict[Any, set[Any]] = {}
        for row in expected().values():
            of_dedupe.setdefault(row.story, set()).add(row.id)
        assert members == of_dedupe
        assert {story.id: {row.id for row in story.rows} for story in index.stories()} == of_dedupe
        some = next(row for row in expected().values() if row.matched is not None)
        assert {row.id for row in index.story(some.id).rows} == of_dedupe[some.story]


def test_a_process_killed_in_an_add_leaves_the_batches_that_were_done(tmp_path: Path) -> None:
    path = tmp_path / "archive.fh"
    with process(path, 0, 60, 12) as adding:
        assert adding.stdout is not None
        while adding.stdout.readline().strip() != "24":
            pass
        adding.send_signal(signal.SIGKILL)
        adding.stdout.read()
    with Index(path) as index:
        assert len(index) % 12 == 0
        assert 24 <= len(index) <= 60
        index.add(ITEMS, errors="skip")
        assert rows_of(index) == expected()


def test_a_second_process_is_told_that_another_has_it(tmp_path: Path) -> None:
    path = tmp_path / "archive.fh"
    with Index(path):
        other = process(path, 0, 1, 1)
        assert other.communicate()[0] == f"{path}: another process has it open\n"


def test_a_full_disk_adds_nothing_of_its_batch_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "archive.fh"
    with Index(path) as index:
        index.add(ITEMS[:30])
        before = rows_of(index)
    full = process(path, 30, 72, 42, limit=path.stat().st_size + 20_000)
    assert full.communicate()[0].splitlines()[1].startswith(f"{path}: ")
    with Index(path) as index:
        assert rows_of(index) == before
        index.add(ITEMS[30:])
        assert rows_of(index) == expected()


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        ("PRAGMA user_version = 99", "an index of version 99, this feedhub reads 3: make it anew from its items"),
        ("PRAGMA application_id = 7", "no index of feedhub"),
        (
            "UPDATE items SET data = CAST(substr(data, 1, 40) || x'00' || substr(data, 42) AS BLOB)",
            "damaged: a checksum does not fit",
        ),
    ],
)
def test_what_is_no_index_of_ours_is_a_line(tmp_path: Path, harm: str, message: str) -> None:
    path = tmp_path / "archive.fh"
    with Index(path) as index:
        index.add(ITEMS[:20])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(harm)
        connection.commit()
    with pytest.raises(feedhub.EnvironmentFailed, match=message):
        list(Index(path).add(ITEMS[20:]))


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_a_line(tmp_path: Path, share: float) -> None:
    path = tmp_path / "archive.fh"
    with Index(path) as index:
        index.add(ITEMS[:20])
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(feedhub.EnvironmentFailed, match=r"archive.fh: damaged or cut off"):
        Index(path)


@pytest.fixture(scope="module")
def two_thirds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of some items."""
    path = tmp_path_factory.mktemp("index") / "archive.fh"
    with Index(path) as index:
        index.add(ITEMS[:48])
    return path


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(
    where=st.floats(0, 1, exclude_max=True),
    harm=st.sampled_from(["cut", "bit", "page", "zeros"]),
    bit=st.integers(0, 7),
)
def test_a_file_that_was_cut_off_or_changed_anywhere_is_a_line_or_gives_right_answers(
    tmp_path: Path, two_thirds: Path, where: float, harm: str, bit: int
) -> None:
    data = bytearray(two_thirds.read_bytes())
    path = tmp_path / "archive.fh"
    at = int(where * len(data))
    if harm == "cut":
        # nothing at all is a file that is to become an index
        del data[max(1, at) :]
    elif harm == "zeros":
        data[at : at + 700] = bytes(len(data[at : at + 700]))
    else:
        # of a page the first bytes say where everything is
        data[at if harm == "bit" else at - at % 16_384 + at % 40] ^= 1 << bit
    path.write_bytes(data)
    try:
        with Index(path) as index:
            assert rows_of(index) == expected(48)
            index.add(ITEMS[48:60], errors="skip")
            if at % 4 == 0:
                index.add(ITEMS[60:], errors="skip")
                assert rows_of(index) == expected()
    except feedhub.EnvironmentFailed as error:
        line = str(error)
    else:
        line = f"{path}: right"
    assert line.startswith(f"{path}: ")
    assert "another process" not in line


def test_what_gives_the_items_may_not_use_the_index_meanwhile() -> None:
    with Index() as index:
        index.add(ITEMS[:4])

        def careless() -> Any:
            yield ITEMS[4]
            yield {"id": len(list(index.rows())), "title": "Ferry aground"}

        with pytest.raises(feedhub.UsageError, match="cannot be used by what gives it the items of an add"):
            index.add(careless())
        assert len(index) == 4
        index.add(ITEMS[4:])
        assert rows_of(index) == expected()


def test_an_error_of_who_gives_the_items_comes_through_and_adds_nothing() -> None:
    def broken() -> Any:
        yield ITEMS[0]
        raise sqlite3.OperationalError("no such table: items of theirs")

    with Index() as index:
        with pytest.raises(sqlite3.OperationalError, match="theirs"):
            index.add(broken())
        assert len(index) == 0
        index.add(ITEMS)
        assert rows_of(index) == expected()


def test_another_kind_of_file_is_a_line(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not an index, and longer than a header of one is " * 20)
    with pytest.raises(feedhub.EnvironmentFailed, match=r"notes.txt: no index of feedhub, or damaged where it begins"):
        Index(path)
    with pytest.raises(feedhub.EnvironmentFailed, match="nowhere"):
        Index(tmp_path / "nowhere" / "archive.fh")


def test_windows_are_those_that_it_was_made_with(tmp_path: Path) -> None:
    path = tmp_path / "archive.fh"
    Index(path, window=timedelta(hours=12)).close()
    with pytest.raises(feedhub.UsageError, match="made with window 12:00:00, not 1 day"):
        Index(path, window=timedelta(days=1))
    with Index(path) as index:
        index.add(ITEMS)
        windows = feedhub.MatchWindows(window=timedelta(hours=12))
        assert rows_of(index) == {row.id: row for row in feedhub.dedupe(ITEMS, windows)}


def test_an_id_that_is_in_the_index_was_there_before() -> None:
    with Index() as index:
        index.add(ITEMS[:3])
        with pytest.raises(feedhub.ItemError, match=r"item 2: id: .* was there before"):
            index.add([ITEMS[3], ITEMS[1]])
        assert (len(index), ITEMS[1]["id"] in index, "nobody" in index) == (3, True, False)
        changes = index.add([ITEMS[1], ITEMS[3]], errors="collect")
        assert [(error.row, error.field) for error in changes.errors] == [(1, "id")]
        assert len(index) == 4
        with pytest.raises(KeyError):
            index.story("nobody")


def test_ids_that_a_file_cannot_keep_are_for_memory_alone(tmp_path: Path) -> None:
    class Name:
        pass

    one = Name()
    with Index() as index:
        index.add([{"id": one, "title": "Ferry aground"}])
        assert [row.id for row in index.rows()] == [one]
    with Index(tmp_path / "a.fh") as index, pytest.raises(feedhub.ItemError, match="a Name cannot be kept in a file"):
        index.add([{"id": one, "title": "Ferry aground"}])


def test_pairs_and_explanations_are_those_of_the_items() -> None:
    with Index() as index:
        index.add(ITEMS)
        pairs = list(index.pairs())
        merged = [pair for pair in pairs if pair.merged]
        assert merged
        shown = index.explain(merged[0].left, merged[0].right)
        assert (shown.match.score, shown.match.merged) == (merged[0].score, True)
        near = list(index.pairs(near=True))
        assert all(not pair.merged and pair in pairs for pair in near)


def test_threads_may_add_at_once() -> None:
    with Index() as index:
        index.add(ITEMS[:0])
        reading = index.stories()
        assert list(index.pairs()) == []
        threads = [threading.Thread(target=index.add, args=(ITEMS[n::3],)) for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # what somebody began to read and left does not keep others out
        assert next(reading, None) is not None
        assert rows_of(index) == expected()
