"""A store multiplied for `stores.py`: its first block of items copied under other names, with keys of their own."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from functools import partial

import numpy as np
from intake import A_DAY, BLOCK
from sqlalchemy import text

from feedhub.match import Lookup, Segment
from feedhub.match.index.packed_keys import PackedKeys
from feedhub.match.index.segment import merged
from feedhub.store import Connection, Database, segments
from feedhub.store.tables import copy, output_entry, story
from feedhub.structs import replace

#: blocks in one segment
TOGETHER = 3


def multiply(store: Database, count: int) -> int:
    """Whole blocks of so many items by copying the first block under other names; returns how many there are now.

    A tenth of the keys stay what they are: common turns of phrase, which every block has.
    """
    with store.read() as connection:
        base = _whole(connection)
    blocks = count // BLOCK
    for first in range(1, blocks, TOGETHER):
        several = range(first, min(first + TOGETHER, blocks))
        store.transact(partial(_copies_of, base=base, blocks=several))
    return blocks * BLOCK


def _whole(connection: Connection) -> Segment:
    lookup = Lookup(0.0)
    for row in segments.listing(connection):
        lookup.add(row.id, row.sequence, Segment.unpack(segments.body(connection, row.id)))
    return lookup.merged(list(lookup.segments))


def _copies_of(connection: Connection, base: Segment, blocks: range) -> None:
    for block in blocks:
        shift, later = block * BLOCK, block * BLOCK * 86_400_000_000 // A_DAY
        names = {
            "tag": f"tag || '-{block}'",
            "founder_guid": f"founder_guid || '-{block}'",
            "guid": f"guid || '-{block}'",
        }
        times = {name: f"{name} + {later}" for name in ("founded", "released", "updated", "newest", "first_seen", "at")}
        numbers = {name: f"{name} + {shift}" for name in ("id", "story", "identity", "page_key")}
        for table in (story, copy, output_entry):
            chosen = {c.name: (names | times | numbers).get(c.name, c.name) for c in table.c}
            of = "story" if table is output_entry else "id"
            rows = f"SELECT {', '.join(chosen.values())} FROM {table.name} WHERE {of} <= {BLOCK}"
            connection.execute(text(f"INSERT INTO {table.name} ({', '.join(chosen)}) {rows}"))
    if connection.dialect.name == "postgresql":
        for table in (story, copy):
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}")
            )
    made = merged([_shifted(base, block) for block in blocks], [None for _ in blocks])
    since, until = (datetime.fromtimestamp(at, UTC) for at in (made.since, made.until))
    segments.add(connection, sequence=None, since=since, until=until, copies=len(made), body=made.pack())


def _shifted(base: Segment, block: int) -> Segment:
    other = np.uint64(random.Random(f"block {block}").getrandbits(48))
    before = base.keys.unpacked()
    keys = np.where(before % np.uint64(10) == 0, before, before ^ other)
    order = np.argsort(keys)
    return replace(
        base,
        copies=base.copies + block * BLOCK,
        seen=base.seen + block * BLOCK * 86_400 / A_DAY,
        ranks=base.ranks ^ other,
        keys=PackedKeys.of(keys[order]),
        places=base.places[order],
    )
