"""What the job wrote -> a hub's database: furniture first, then whole stories, in the order of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from feedhub.admin.import_stories import ImportedCopy, ImportedStory, import_batch
from feedhub.codec import load
from feedhub.config import Config
from feedhub.errors import UsageError
from feedhub.hub import opening
from feedhub.match import Furniture
from feedhub.match.cluster import distributed
from feedhub.model import Copy, EntryKey, Place, Relation
from feedhub.settle.rules import rules_of
from feedhub.store import Connection, Database, verdicts
from feedhub.structs import replace

#: copies written in one transaction, whole stories
BATCH = 500
#: called after each transaction with the copies read so far
OnProgress = Callable[[int], None]


def import_stories(
    folder: Path, config: Config, now: datetime, on_progress: OnProgress = lambda copies: None
) -> tuple[int, int]:
    """Bring the stories of `OUT` into the configured database; returns (copies read, of them new).

    May be run again after it was interrupted: what is there already stays as it is.
    """
    store = Database.open(config.database)
    try:
        rules = rules_of(config, store.transact(lambda connection: opening.prepare(connection, config, now)))
        furniture = distributed.furniture((row["source"], row["gram"]) for row in _rows(folder / "furniture"))
        store.transact(lambda connection: _learn(connection, furniture))
        read = new = 0
        for stories in _batches(folder / "stories", now):
            seen = max(each.copy.first_seen for story in stories for each in story)
            write: Callable[[Connection], int] = partial(
                import_batch, rules=rules, stories=stories, furniture=furniture, seen=seen, now=now
            )
            new += store.transact(write)
            read += sum(map(len, stories))
            on_progress(read)
        return read, new
    finally:
        store.close()


def _learn(connection: Connection, furniture: Furniture) -> None:
    known = Furniture.unpacked({learned.source: learned.shingles for learned in verdicts.furniture_since(connection)})
    if furniture.beyond(known):
        both = known.merged(furniture).packed()
        verdicts.save_furniture(connection, {source: both[source] for source in furniture.shingles})


def _batches(folder: Path, now: datetime) -> Iterator[list[ImportedStory]]:
    batch: list[ImportedStory] = []
    count = 0
    for _, rows in groupby(_rows(folder), key=lambda row: row["story"]):
        story = _story(list(rows), now)
        if count + len(story) > BATCH and batch:
            yield batch
            batch, count = [], 0
        batch.append(story)
        count += len(story)
    if batch:
        yield batch


def _story(rows: list[dict[str, Any]], now: datetime) -> ImportedStory:
    keys = {row["id"]: EntryKey(source=_source(row["source"]), guid=row["id"]) for row in rows}
    return [_given(row, keys, now) for row in rows]


def _source(name: str) -> str:
    """Return the hub's name of a source; that of an item without one holds a NUL, which PostgreSQL cannot store."""
    # no configured source has a colon in its id
    return f"item:{name[1:]}" if name.startswith("\0") else name


def _given(row: Mapping[str, Any], keys: Mapping[str, EntryKey], now: datetime) -> ImportedCopy:
    copy = load(Copy, row["copy"])
    copy = replace(copy, key=keys[row["id"]], outlet=_source(copy.outlet))
    return ImportedCopy(
        # what has no date is as new as its import
        copy=copy if copy.published is not None else replace(copy, first_seen=now),
        place=Place(
            copy=copy.key,
            relation=Relation(row["relation"]),
            matched=None if row["matched"] is None else keys[row["matched"]],
            score=row["score"],
            ground=row["ground"],
            revision=row["revision"],
        ),
    )


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    """Read the rows of a folder that the job wrote, file by file in the order of their names."""
    if not (folder / "_SUCCESS").is_file():
        raise UsageError(f"{folder}: no finished result of `feedhub bulk dedupe`")
    for path in sorted(folder.glob("*.parquet")):
        try:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=BATCH):
                    yield from batch.to_pylist()
        except (pa.ArrowException, OSError) as error:
            raise UsageError(f"{path}: cannot be read as Parquet: {error}") from error
