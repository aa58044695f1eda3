"""A hub takes in the stories of an archive; what Spark writes is written here without it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from commands import NOW, Desk
from engines import Databases
from faults import prose

import feedhub
from feedhub.clean import Agencies
from feedhub.codec import dump
from feedhub.items import to_copy

TOLD = "\n".join(prose(3, 120))
ITEMS: list[dict[str, Any]] = [
    {"id": "b1", "source": "bay", "title": "Ferry aground", "text": TOLD, "published": "2026-03-10T10:00:00Z"},
    {"id": "n1", "source": None, "title": "Ferry aground", "text": TOLD, "published": "2026-03-10T11:00:00Z"},
    {"id": "n2", "source": None, "title": "A ferry ran aground", "text": TOLD, "published": None},
    {"id": "n3", "source": None, "title": "Bridge closed", "text": "\n".join(prose(9, 120)), "published": None},
]


def write(folder: Path) -> None:
    """The items' stories as `feedhub bulk dedupe` leaves them."""
    known = Agencies.known()
    rows = []
    for item, row in zip(ITEMS, sorted(feedhub.dedupe(ITEMS), key=lambda row: str(row.id)), strict=True):
        copy = to_copy(item, item["id"], known)
        place = {"score": row.score, "ground": row.ground, "revision": 0, "matched": row.matched}
        told = {"id": row.id, "source": copy.key.source, "story": row.story, "relation": row.relation.value}
        rows.append({**told, **place, "copy": dump(copy)})
    for part, some in (("stories", sorted(rows, key=lambda row: row["story"])), ("furniture", [])):
        (folder / part).mkdir(parents=True)
        schema = pa.schema([("source", pa.string()), ("gram", pa.int64())]) if not some else None
        pq.write_table(pa.Table.from_pylist(some, schema=schema), folder / part / "part.parquet")
        (folder / part / "_SUCCESS").touch()


def test_items_without_a_source_are_sources_of_their_own(databases: Databases, tmp_path: Path) -> None:
    write(tmp_path / "out")
    desk = Desk(tmp_path)
    with databases.new() as url:
        desk.configure(more=f'retention: 3650d\ndatabase: "{url}"')
        for new in (4, 0):
            done = desk.run("bulk", "import", "out", "--json", "--now", NOW)
            assert (done.code, done.out and json.loads(done.out)) == (0, {"copies": 4, "new": new}), done.err
        shown = desk.run("explain", "item:n1 n1", "--json")
        assert shown.code == 0, shown.err
        told = json.loads(shown.out)
        assert desk.run("db", "verify").code == 0
    assert {copy["source"] for copy in told["copies"]} == {"bay", "item:n1", "item:n2"}
