"""An archive on Apache Spark gives the stories that `feedhub dedupe` gives, and a hub takes them in.

A group of its own, `pytest -m spark`: it needs Java 17 and the extra `spark`, and fails where they are missing.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from commands import NOW, Desk, Done
from faults import prose

import feedhub
from feedhub.store import Database, copies
from feedhub.store.invariants import problems

pytestmark = [pytest.mark.spark, pytest.mark.timeout(2_400)]
COUNT = 240
FURNITURE = " ".join(f"Subscribe to the {word} letter of our paper." for word in ("morning", "evening", "weekly"))


def items() -> list[dict[str, Any]]:
    """Stories in up to five papers: whole, cut, edited, with a paper's furniture; a few without source or date."""
    chance = random.Random(11)
    made = []
    for number in range(COUNT):
        told = prose(number % 90, 120)
        paper = number // 90 * 2 + chance.randrange(2)
        text = told[: len(told) - chance.randrange(3)] if chance.random() < 0.4 else list(told)
        if chance.random() < 0.3:
            text.insert(1, f"A {chance.choice(['baker', 'sailor'])} said {number} people came to the {paper}th fair.")
        made.append(
            {
                "id": f"item {number}",
                "source": f"paper{paper}" if number % 23 else None,
                "title": f"{told[0][: 20 + chance.randrange(30)]} {number % 7}",
                "text": "\n".join([*text, FURNITURE] if paper % 2 else text),
                "url": f"https://paper{paper}.example/{number}",
                "published": f"2026-03-{10 + number % 2}T{number % 24:02}:00:00Z" if number % 31 else None,
            }
        )
    return made


def write(path: Path, rows: Sequence[dict[str, Any]], parts: int = 3) -> None:
    """Rows as a folder of Parquet files."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path.mkdir()
    for part in range(parts):
        pq.write_table(pa.Table.from_pylist(list(rows[part::parts])), path / f"part{part}.parquet")


def read(folder: Path) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    return [row for path in sorted(folder.glob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def told(row: Any) -> tuple[Any, ...]:
    get = row.get if isinstance(row, dict) else lambda name: getattr(row, name)
    return tuple(get(name) for name in ("story", "canonical", "relation", "matched", "score", "ground"))


def dedupe(desk: Desk, items: str, out: str, parts: str = "1") -> Done:
    """Run the job on two threads of this machine; Spark alone takes ten seconds to start, a busy machine minutes."""
    given = ("--master", "local[2]", "--partitions", parts, "--json")
    return desk.run("bulk", "dedupe", items, "-o", out, *given, patience=900)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An archive, deduplicated twice: from files in another order, with another number of parts."""
    made = Desk(tmp_path_factory.mktemp("bulk"))
    rows = items()
    write(made.folder / "one", [*rows, {**rows[0], "id": "bad", "published": "soon"}])
    random.Random(3).shuffle(rows)
    write(made.folder / "other", rows, parts=2)
    for name, parts, code in (("one", "3", 3), ("other", "5", 0)):
        done = dedupe(made, name, f"{name}-out", parts)
        assert done.code == code, done.err
        assert json.loads(done.out) == {"items": COUNT, "bad": int(name == "one")}
    return made


def test_spark_finds_the_stories_that_dedupe_finds(desk: Desk) -> None:
    expected = {row.id: told(row) for row in feedhub.dedupe(items())}
    assert len({row[0] for row in expected.values()}) < 0.7 * COUNT
    for name in ("one-out", "other-out"):
        assert {row["id"]: told(row) for row in read(desk.folder / name / "stories")} == expected
    shuffled = random.Random(7).sample(items(), COUNT)
    with feedhub.Index() as index:
        for start in range(0, COUNT, 50):
            index.add(shuffled[start : start + 50])
        assert {row.id: told(row) for row in index.rows()} == expected


def test_furniture_is_learned_and_what_cannot_be_used_is_told(desk: Desk) -> None:
    assert read(desk.folder / "one-out" / "furniture") == read(desk.folder / "other-out" / "furniture") != []
    assert [row["id"] for row in read(desk.folder / "one-out" / "bad")] == ["bad"]
    assert not (desk.folder / "one-out" / "_work").exists()


def test_a_hub_takes_the_stories_in_and_twice_is_once(desk: Desk) -> None:
    desk.configure(more="retention: 3650d\nfeeds: [{name: all, limit: 500}]")
    first = desk.run("bulk", "import", "one-out", "--json", "--now", NOW)
    assert (first.code, json.loads(first.out)) == (0, {"copies": COUNT, "new": COUNT}), first.err
    before = dump(desk)
    again = desk.run("bulk", "import", "other-out", "--json", "--now", NOW)
    assert json.loads(again.out) == {"copies": COUNT, "new": 0}
    assert dump(desk) == before
    assert desk.run("db", "verify").code == 0
    stories: dict[str, set[str]] = {}
    for entry, tag in before.items():
        stories.setdefault(tag, set()).add(entry)
    expected: dict[str, set[str]] = {}
    for row in feedhub.dedupe(items()):
        expected.setdefault(row.story, set()).add(row.id)
    assert sorted(map(sorted, stories.values())) == sorted(map(sorted, expected.values()))


def dump(desk: Desk) -> dict[str, str]:
    """The story of each entry in the hub."""
    store = Database.open(f"sqlite:///{desk.folder / 'feedhub.db'}")
    try:
        with store.read() as connection:
            assert problems(connection) == []
            return {guid: tag for (_, guid), tag in copies.tags_by_entry(connection).items()}
    finally:
        store.close()


def test_no_key_is_parted_however_postings_come() -> None:
    import pyarrow as pa

    from feedhub.bulk import spark_tasks

    chance = random.Random(5)
    keys = sorted(chance.choices(range(-40, 40), weights=[20, *[1] * 78, 12], k=900))
    table = pa.table({"key": keys, "rank": range(900), "mark": range(900)}, schema=spark_tasks.POSTINGS)
    for size in (1, 7, 64, 2_000):
        found = [
            p.keys.tolist() for p in spark_tasks.whole_keys(iter(table.to_batches(max_chunksize=size)), at_once=50)
        ]
        assert [key for part in found for key in part] == keys
        assert sum(len(set(part)) for part in found) == len(set(keys))
        assert len(found) > 5 or size == 2_000


def test_components_of_a_chain_a_star_and_pairs_are_found(tmp_path: Path) -> None:
    from pyspark.sql import DataFrame

    from feedhub.bulk.components import components
    from feedhub.bulk.spark_job import session

    chain = list(range(100, 140))
    random.Random(2).shuffle(chain)
    edges = [*pairwise(chain), (1, 9), (5, 9), (9, 12), (-7, 50), (60, 61)]
    spark = session("local[1]", **{"spark.sql.shuffle.partitions": "2"})
    try:

        def keep(name: str, table: DataFrame) -> DataFrame:
            table.write.parquet(str(tmp_path / name))
            return spark.read.parquet(str(tmp_path / name))

        pairs = spark.createDataFrame([(min(pair), max(pair)) for pair in edges], "left long, right long")
        found = {row["rank"]: row["component"] for row in components(pairs, keep).collect()}
    finally:
        spark.stop()
    assert found == dict.fromkeys(chain, 100) | dict.fromkeys((1, 5, 9, 12), 1) | {-7: -7, 50: -7, 60: 60, 61: 60}


def test_mistakes_are_told_in_a_line(desk: Desk) -> None:
    exists = dedupe(desk, "one", "one-out")
    assert (exists.code, "one-out: exists" in exists.err) == (2, True), exists.err
    missing = desk.run("bulk", "import", "nowhere")
    assert (missing.code, "no finished result" in missing.err) == (2, True)


def test_an_id_that_occurs_twice_is_named(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    rows = items()[:5]
    write(tmp_path / "twice", [*rows, rows[0]])
    done = dedupe(desk, "twice", "out")
    assert (done.code, "the id item 0 occurs 2 times" in done.err) == (2, True), done.err
