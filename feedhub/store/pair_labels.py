"""What people say of pairs of entries: one story, two, or unclear; each person's labels apart."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import Connection, and_, delete, func, select

from feedhub.store.dialect import among, upsert
from feedhub.store.tables import label, labelled_entry

Judgement = Literal["same", "other", "unclear"]


class PairLabel(Struct, frozen=True, kw_only=True):
    """What one person says of two entries, named as `SOURCE GUID`; `left` sorts before `right`."""

    left: str
    right: str
    labelled_by: str
    judgement: Judgement
    #: what the matcher made of the pair
    kind: str
    labelled_at: datetime

    @property
    def pair(self) -> tuple[str, str]:
        """Return the names of the two."""
        return self.left, self.right


def save(connection: Connection, labels: Collection[PairLabel]) -> None:
    """Keep labels, each in the place of what the same person said of the pair before."""
    columns = ("left", "right", "labelled_by", "judgement", "kind", "labelled_at")
    rows = {(each.left, each.right, each.labelled_by): {n: getattr(each, n) for n in columns} for each in labels}
    if rows:
        key = [label.c.left, label.c.right, label.c.labelled_by]
        connection.execute(upsert(connection, label, key), [rows[name] for name in sorted(rows)])


def remove(connection: Connection, pair: tuple[str, str], by: str) -> bool:
    """Let go of what a person said of a pair; returns whether there was anything."""
    this = and_(label.c.left == pair[0], label.c.right == pair[1], label.c.labelled_by == by)
    return connection.execute(delete(label).where(this)).rowcount > 0


def all_labels(connection: Connection) -> list[PairLabel]:
    """Return all labels, by pair and person."""
    rows = connection.execute(select(label).order_by(label.c.left, label.c.right, label.c.labelled_by))
    return [PairLabel(**row._mapping) for row in rows]


def newest_of(connection: Connection, by: str, limit: int) -> list[PairLabel]:
    """Return what a person said last, the newest first."""
    query = select(label).where(label.c.labelled_by == by).order_by(label.c.labelled_at.desc(), label.c.left)
    return [PairLabel(**row._mapping) for row in connection.execute(query.limit(limit))]


def state_of(connection: Connection) -> tuple[int, datetime | None]:
    """Return what changes with every label: how many there are, and when the newest was given."""
    row = connection.execute(select(func.count(), func.max(label.c.labelled_at)).select_from(label)).one()
    return int(row[0]), row[1]


def save_entries(connection: Connection, items: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep what entries say, by name; those that are kept already stay as they were when first labelled."""
    rows = [{"name": name, "body": json.dumps(item, ensure_ascii=False)} for name, item in sorted(items.items())]
    if rows:
        connection.execute(upsert(connection, labelled_entry, [labelled_entry.c.name], replace=False), rows)


def entries(connection: Connection, names: Collection[str] | None = None) -> dict[str, dict[str, Any]]:
    """Return the entries that labels are of (`names`: only these), as items of `feedhub dedupe`, by name."""
    query = select(labelled_entry).order_by(labelled_entry.c.name)
    if names is not None:
        query = query.where(among(connection, labelled_entry.c.name, sorted(names)))
    return {row.name: json.loads(row.body) for row in connection.execute(query)}
