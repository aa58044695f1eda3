"""What Spark's Python workers do with the batches that reach them: Arrow in, Arrow out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from cachetools import LRUCache
from msgspec import Struct, field

from feedhub.clean import Agencies
from feedhub.codec import dump, load
from feedhub.errors import ItemError
from feedhub.item_fields import id_text
from feedhub.items import FIELDS, to_copy
from feedhub.match import Furniture, Prepared, judge
from feedhub.match.cluster import distributed
from feedhub.match.cluster.distributed import Postings, Sources
from feedhub.model import Copy, MatchWindows

Batches = Iterator[pa.RecordBatch]
Work = Callable[[Batches], Batches]
Record = Mapping[str, Any]

COPIES = pa.schema(
    [
        ("rank", pa.int64()),
        ("id", pa.string()),
        ("source", pa.string()),
        #: in seconds; null where no date is known
        ("published", pa.float64()),
        ("keys", pa.list_(pa.int64())),
        ("copy", pa.string()),
        ("reason", pa.string()),
    ]
)
POSTINGS = pa.schema([("key", pa.int64()), ("rank", pa.int64()), ("mark", pa.int64())])
REPEATED = pa.schema([("source", pa.string()), ("key", pa.int64()), ("rank", pa.int64())])
GRAMS = pa.schema([("source", pa.string()), ("gram", pa.int64())])
MEETINGS = pa.schema([("left", pa.int64()), ("right", pa.int64()), ("fewest", pa.int64())])
PAIRS = pa.schema([("left", pa.int64()), ("right", pa.int64())])
PLACES = pa.schema(
    [
        ("rank", pa.int64()),
        ("story", pa.string()),
        ("canonical", pa.bool_()),
        ("relation", pa.string()),
        ("matched", pa.string()),
        ("score", pa.float64()),
        ("ground", pa.string()),
        ("revision", pa.int32()),
        #: when the story's newest copy was published, in seconds; an undated one counts as the oldest
        ("newest", pa.float64()),
    ]
)
#: rows of one batch that is handed back; copies that are made ready together; such that are cached
_BATCH, _PREPARED_TOGETHER, _CACHED_COPIES = 1_000, 64, 500
#: postings that are looked at together
_POSTINGS = 200_000


class BulkSettings(Struct, frozen=True, kw_only=True):
    """What the verdicts depend on, the same on every machine."""

    windows: MatchWindows = field(default_factory=MatchWindows)
    furniture: Furniture = field(default_factory=Furniture)
    sources: Sources = field(default_factory=Sources)


def clean(batches: Batches) -> Batches:
    """Items -> copies with their keys; of an item that cannot be used its id and the reason."""
    agencies = Agencies.known()
    for batch in batches:
        good: list[Copy] = []
        bad: list[Record] = []
        for item in batch.to_pylist():
            try:
                good.append(to_copy({name: item.get(name) for name in FIELDS}, id_text(item["id"])[0], agencies))
            except ItemError as error:
                bad.append({"id": item["id"], "reason": str(error)})
        if good:
            yield _copies(good)
        if bad:
            yield pa.RecordBatch.from_pylist(bad, schema=COPIES)


def _copies(copies: list[Copy]) -> pa.RecordBatch:
    columns = {
        "rank": [distributed.rank(copy.key) for copy in copies],
        "id": [copy.key.guid for copy in copies],
        "source": [copy.key.source for copy in copies],
        "published": [distributed.published(copy) for copy in copies],
        "keys": distributed.sampled(copies),
        "copy": [dump(copy) for copy in copies],
        "reason": [None] * len(copies),
    }
    return pa.RecordBatch.from_pydict(columns, schema=COPIES)


def post(sources: Sources) -> Work:
    """Map copies (rank, source, keys) -> a row for each of their keys."""

    def work(batches: Batches) -> Batches:
        for batch in batches:
            keys, ranks = batch.column("keys"), batch.column("rank").to_numpy()
            sizes = keys.value_lengths().to_numpy()
            found = Postings.of(keys.flatten().to_numpy(), sizes, ranks, batch.column("source").to_pylist(), sources)
            yield pa.RecordBatch.from_arrays([found.keys, found.ranks, found.marks], schema=POSTINGS)

    return work


def repeats(sources: Sources) -> Work:
    """Map postings, sorted by key -> what a source repeats, and the first of its items that do."""

    def work(batches: Batches) -> Batches:
        for postings in whole_keys(batches):
            for source, keys, ranks in distributed.repeats(postings, sources):
                yield pa.RecordBatch.from_arrays([pa.repeat(source, len(keys)), keys, ranks], schema=REPEATED)

    return work


def meetings(rules: BulkSettings) -> Work:
    """Map postings, sorted by key -> a row for each key by which two items meet."""

    def work(batches: Batches) -> Batches:
        hidden = distributed.furniture_digests(rules.furniture)
        for postings in whole_keys(batches):
            yield pa.RecordBatch.from_arrays(
                list(distributed.meetings(postings, rules.sources, hidden)), schema=MEETINGS
            )

    return work


def whole_keys(batches: Batches, at_once: int = _POSTINGS) -> Iterator[Postings]:
    """Join batches of postings sorted by key: about `at_once` of them, but all those of a key together."""
    waiting: list[pa.RecordBatch] = []
    count, enough = 0, at_once
    for batch in batches:
        waiting.append(batch)
        count += len(batch)
        if count >= enough:
            table = pa.Table.from_batches(waiting)
            # the last key may go on in the next batch
            cut = pc.index(table["key"], table["key"][-1]).as_py()
            if cut:
                yield _postings(table[:cut])
            waiting, count = table[cut:].to_batches(), len(table) - cut
            enough = max(at_once, 2 * count)
    if count:
        yield _postings(pa.Table.from_batches(waiting))


def _postings(table: pa.Table) -> Postings:
    keys, ranks, marks = (table[name].to_numpy() for name in ("key", "rank", "mark"))
    return Postings(keys=keys, ranks=ranks, marks=marks)


def learn(batches: Batches) -> Batches:
    """Of each source the copies that repeat something, then what they repeat -> its furniture."""

    def furniture_rows() -> Iterator[Record]:
        for source, rows in groupby(_in(batches), key=lambda row: row["source"]):
            texts: dict[int, str] = {}
            postings: list[tuple[int, int]] = []
            for row in rows:
                if row["key"] is None:
                    texts[row["rank"]] = row["copy"]
                else:
                    postings.append((row["key"], row["rank"]))
            for gram in distributed.furniture_of_source(postings, _PreparedCache(texts).__getitem__):
                yield {"source": source, "gram": gram}

    yield from _out(furniture_rows(), GRAMS)


class _PreparedCache(LRUCache[int, Prepared]):
    """Prepared copies by rank, made when they are asked for; the most recently used ones stay."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        super().__init__(_CACHED_COPIES)
        self._texts = texts

    def __missing__(self, rank: int) -> Prepared:
        (self[rank],) = distributed.prepared([load(Copy, self._texts[rank])])
        return self[rank]


def judged(rules: BulkSettings) -> Work:
    """Each item (rank = home) beside the later ones that it is to be compared with -> the pairs that merge."""

    def rows(batches: Batches) -> Iterator[Record]:
        for home, items in _groups(batches, "home"):
            for rank, item in items.items():
                if rank != home and judge(items[home], item, rules.furniture, rules.windows).merged:
                    yield {"left": home, "right": rank}

    return lambda batches: _out(rows(batches), PAIRS)


def placed(rules: BulkSettings) -> Work:
    """Map copies, one component after the other -> the place of each."""

    def rows(batches: Batches) -> Iterator[Record]:
        for _, items in _groups(batches, "component"):
            ranks = {item.key.guid: rank for rank, item in items.items()}
            when = {item.key.guid: item.published or 0.0 for item in items.values()}
            for story in distributed.stories(items.values(), rules.furniture, rules.windows):
                newest = max(when[row.id] for row, _ in story)
                for row, revision in story:
                    yield {
                        "rank": ranks[row.id],
                        "story": row.story,
                        "canonical": row.canonical,
                        "relation": row.relation.value,
                        "matched": row.matched,
                        "score": row.score,
                        "ground": row.ground,
                        "revision": revision,
                        "newest": newest,
                    }

    return lambda batches: _out(rows(batches), PLACES)


def _groups(batches: Batches, name: str) -> Iterator[tuple[int, dict[int, Prepared]]]:
    """Rows sorted by a column -> its values, each with the copies by rank; many are made ready together."""
    waiting: list[tuple[int, list[Record]]] = []
    count = 0
    for value, group in groupby(_in(batches), key=lambda row: row[name]):
        waiting.append((value, list(group)))
        count += len(waiting[-1][1])
        if count >= _PREPARED_TOGETHER:
            yield from _ready(waiting)
            waiting, count = [], 0
    yield from _ready(waiting)


def _ready(groups: list[tuple[int, list[Record]]]) -> Iterator[tuple[int, dict[int, Prepared]]]:
    items = distributed.prepared(load(Copy, row["copy"]) for _, rows in groups for row in rows)
    for value, rows in groups:
        yield value, {row["rank"]: next(items) for row in rows}


def _in(batches: Batches) -> Iterator[dict[str, Any]]:
    for batch in batches:
        yield from batch.to_pylist()


def _out(rows: Iterable[Record], schema: pa.Schema) -> Batches:
    waiting: list[Record] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == _BATCH:
            yield pa.RecordBatch.from_pylist(waiting, schema=schema)
            waiting = []
    if waiting:
        yield pa.RecordBatch.from_pylist(waiting, schema=schema)
