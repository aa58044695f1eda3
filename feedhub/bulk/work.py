"""What Spark's Python workers do with the batches that reach them: Arrow in, Arrow out, one group after the other."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from typing import Any

import pyarrow as pa

from feedhub.clean import Agencies
from feedhub.codec import dump, load
from feedhub.items import FIELDS, BadItem, to_copy
from feedhub.match import Furniture, Prepared, archive, judge
from feedhub.model import Copy

Batches = Iterator[pa.RecordBatch]
Rows = Iterable[Mapping[str, Any]]

COPIES = pa.schema(
    [
        ("rank", pa.int64()),
        ("id", pa.string()),
        ("source", pa.string()),
        ("copy", pa.string()),
        ("keys", pa.list_(pa.int64())),
        ("reason", pa.string()),
    ]
)
GRAMS = pa.schema([("source", pa.string()), ("gram", pa.int64())])
PAIRS = pa.schema([("left", pa.int64()), ("right", pa.int64())])
STORIES = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("story", pa.string()),
        ("canonical", pa.bool_()),
        ("relation", pa.string()),
        ("matched", pa.string()),
        ("score", pa.float64()),
        ("ground", pa.string()),
        ("revision", pa.int32()),
        #: when the story's newest copy was published, in seconds; an undated one counts as the oldest
        ("newest", pa.float64()),
        ("copy", pa.string()),
    ]
)
#: rows of one batch that is handed back, and prepared copies at hand
_BATCH, _REMEMBERED = 1_000, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the decisions hang on, the same on every machine."""

    window: timedelta = timedelta(hours=72)
    revision_window: timedelta = timedelta(hours=24)
    furniture: Furniture = field(default_factory=Furniture)


def clean(batches: Batches) -> Batches:
    """Items -> copies with their keys; of an item that cannot be used its id and the reason."""
    agencies = Agencies.known()
    yield from _out(map(lambda item: _cleaned(item, agencies), _in(batches)), COPIES)


def _cleaned(item: Mapping[str, Any], agencies: Agencies) -> dict[str, Any]:
    try:
        copy = to_copy({"id": item["id"], **{name: item.get(name) for name in FIELDS}}, set(), agencies)
    except BadItem as error:
        return {"rank": None, "id": item["id"], "source": None, "copy": None, "keys": None, "reason": str(error)}
    keys = archive.sampled(archive.prepared(copy))
    found = {"id": copy.key.guid, "source": copy.key.source, "copy": dump(copy), "keys": keys, "reason": None}
    return {"rank": archive.rank(copy.key), **found}


def learn(batches: Batches) -> Batches:
    """Of each source the copies that repeat something, then what they repeat -> its furniture."""

    def found() -> Iterator[dict[str, Any]]:
        for source, rows in groupby(_in(batches), key=lambda row: row["source"]):
            texts: dict[int, str] = {}
            postings: list[tuple[int, int]] = []
            for row in rows:
                if row["key"] is None:
                    texts[row["rank"]] = row["copy"]
                else:
                    postings.append((row["key"], row["rank"]))
            for gram in archive.lessons(postings, _Shelf(texts.__getitem__).get):
                yield {"source": source, "gram": gram}

    yield from _out(found(), GRAMS)


def judged(rules: Rules) -> Callable[[Batches], Batches]:
    """Pairs with both their copies -> those that merge."""

    def work(batches: Batches) -> Batches:
        yield from _out(_merging(_in(batches), rules), PAIRS)

    return work


def _merging(rows: Rows, rules: Rules) -> Iterator[dict[str, Any]]:
    texts: dict[int, str] = {}
    shelf = _Shelf(texts.__getitem__)
    for row in rows:
        texts.clear()
        texts |= {row["left"]: row["one"], row["right"]: row["other"]}
        one, other = shelf.get(row["left"]), shelf.get(row["right"])
        windows = {"window": rules.window, "revision_window": rules.revision_window}
        if judge(one, other, rules.furniture, **windows).merged:
            yield {"left": row["left"], "right": row["right"]}


def parted(rules: Rules) -> Callable[[Batches], Batches]:
    """Copies, one component after the other -> a row each."""

    def work(batches: Batches) -> Batches:
        yield from _out(_stories(_in(batches), rules), STORIES)

    return work


def _stories(rows: Rows, rules: Rules) -> Iterator[dict[str, Any]]:
    for _, members in groupby(rows, key=lambda row: row["component"]):
        texts = {row["id"]: (row["source"], row["copy"]) for row in members}
        items = [archive.prepared(load(Copy, text)) for _, text in texts.values()]
        windows = {"window": rules.window, "revision_window": rules.revision_window}
        when = {item.key.guid: item.published or 0.0 for item in items}
        for story in archive.stories(items, rules.furniture, **windows):
            newest = max(when[row.id] for row, _ in story)
            for row, revision in story:
                source, text = texts[row.id]
                yield {
                    "id": row.id,
                    "source": source,
                    "story": row.story,
                    "canonical": row.canonical,
                    "relation": row.relation.value,
                    "matched": row.matched,
                    "score": row.score,
                    "ground": row.ground,
                    "revision": revision,
                    "newest": newest,
                    "copy": text,
                }


class _Shelf:
    """Prepared copies by rank, the most recently used ones."""

    def __init__(self, text: Callable[[int], str]) -> None:
        self._text = text
        self._held: OrderedDict[int, Prepared] = OrderedDict()

    def get(self, rank: int) -> Prepared:
        found = self._held.get(rank)
        if found is None:
            found = self._held[rank] = archive.prepared(load(Copy, self._text(rank)))
            if len(self._held) > _REMEMBERED:
                self._held.popitem(last=False)
        else:
            self._held.move_to_end(rank)
        return found


def _in(batches: Batches) -> Iterator[dict[str, Any]]:
    for batch in batches:
        yield from batch.to_pylist()


def _out(rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> Batches:
    held: list[Mapping[str, Any]] = []
    for row in rows:
        held.append(row)
        if len(held) == _BATCH:
            yield pa.RecordBatch.from_pylist(held, schema=schema)
            held = []
    if held:
        yield pa.RecordBatch.from_pylist(held, schema=schema)
