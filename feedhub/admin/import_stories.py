"""Stories that were found elsewhere -> a hub's store: their copies, what they are found by, and their places."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field

from feedhub.codec import dump
from feedhub.ingest.identify import fold
from feedhub.match import NO_FURNITURE, Furniture, Prepared, judge, prepare
from feedhub.model import Copy, EntryKey, Place, Publisher
from feedhub.settle.candidate_index import index_anew
from feedhub.settle.membership import Cluster
from feedhub.settle.placing import place_clusters
from feedhub.settle.rules import SettleRules
from feedhub.store import Connection, copies, database, locks, placements, publishers, verdicts
from feedhub.store.copies import NewCopy
from feedhub.store.decisions import Decision
from feedhub.store.placements import StoredCopy, hash64
from feedhub.store.verdicts import StoredVerdict


class ImportedCopy(Struct, frozen=True, kw_only=True):
    """A copy and its place in its story."""

    copy: Copy
    place: Place[EntryKey]


ImportedStory = Sequence[ImportedCopy]


class _Near(Struct, frozen=True, kw_only=True):
    stored: Mapping[int, StoredCopy]
    decisions: Mapping[int, Decision] = field(default_factory=dict)

    @property
    def furniture(self) -> Furniture:
        """Return nothing: an archive is published as it is."""
        return NO_FURNITURE

    def item(self, number: int) -> Prepared:
        """Return a copy made ready to compare."""
        return prepare(self.stored[number].copy)

    def published_item(self, number: int) -> Prepared:
        """Return the same: an archive's stories rest on no pages."""
        return self.item(number)

    def is_alone(self, number: int) -> bool:
        """Return True: no archive says what is related to what."""
        return True


def import_batch(
    connection: Connection,
    rules: SettleRules,
    stories: Sequence[ImportedStory],
    furniture: Furniture,
    *,
    seen: datetime,
    now: datetime,
) -> int:
    """Write whole stories in one transaction, as if they had come at `seen`; returns how many copies were new.

    What is known stays as it is. New copies of a story that is known in part wait, and the next settling judges them.
    """
    locks.take(connection, locks.SETTLE)
    given = {each.copy.key: each for story in stories for each in story}
    known = copies.ids_by_key(connection, given)
    fresh = [each.copy for key, each in given.items() if key not in known]
    _announce(connection, {copy.key.source: copy.outlet for copy in fresh}, now)
    copies.add(connection, [_new(copy) for copy in fresh], listed=False)
    numbers = copies.ids_by_key(connection, given)
    stored = {row.id: row for row in placements.by_ids(connection, [numbers[copy.key] for copy in fresh])}
    prepared = {number: prepare(row.copy) for number, row in stored.items()}
    whole = [story for story in stories if not any(each.copy.key in known for each in story)]
    clusters = [[each.place.renamed(numbers) for each in story] for story in whole]
    verdicts.save(connection, _decided(clusters, prepared, furniture, rules), now)
    change = database.next_change(connection, now)
    placed = {place.copy for cluster in clusters for place in cluster}
    index_anew(connection, [(row.id, row.copy) for row in stored.values() if row.id in placed])
    near = _Near(stored=stored)
    place_clusters(connection, rules, near, clusters, waiting=placed, shrunk=(), ended=(), change=change, now=seen)
    return len(fresh)


def _announce(connection: Connection, outlets: Mapping[str, str], now: datetime) -> None:
    """Have a row and a publisher for sources that no configuration names."""
    known = publishers.by_source(connection, list(outlets))
    for name in sorted(outlets.keys() - known.keys()):
        publishers.ensure_source(connection, name, now)
        publishers.save(connection, name, Publisher(source=name, name=name, outlet=outlets[name]))


def _new(copy: Copy) -> NewCopy:
    # Not what a feed would give: if one lists the entry some day, it is cleaned and compared.
    mark = hashlib.blake2b(dump(copy).encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return NewCopy(copy=copy, identity=hash64(fold(copy.key.guid)), served=copy.key.guid, digest=mark)


def _decided(
    clusters: Sequence[Cluster], prepared: Mapping[int, Prepared], furniture: Furniture, rules: SettleRules
) -> list[StoredVerdict]:
    """Judge the pairs that hold the stories together, so that the next settling finds them together."""
    pairs = [
        sorted((place.copy, place.matched)) for cluster in clusters for place in cluster if place.matched is not None
    ]
    return [
        StoredVerdict(left=left, right=right, match=judge(prepared[left], prepared[right], furniture, rules.windows))
        for left, right in pairs
    ]
