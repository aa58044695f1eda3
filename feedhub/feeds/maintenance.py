"""What has to be done after the stories changed: note what outputs show, close archived documents, bury what must go.

Any process may do it, and as often as it likes: doing it again changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from feedhub.config import Config
from feedhub.directory import OutputDirectory, output_directory
from feedhub.feeds.query import Editor
from feedhub.health import watch
from feedhub.model import OutputItem, OutputRule, Rights, Source, Story
from feedhub.publish import entry
from feedhub.store import Connection, Database, archives, database, manifests, output_entries, stories

#: the most entries that one archived document holds
PAGE = 100
#: bytes of manifests that are kept of one document: 2,600 versions of 100 entries, 26 of 10,000
MANIFESTS = 2 * 1024 * 1024
#: closed at one go: a new hub's first day is archived in several
_AT_ONCE = 20
_RIGHTS: Sequence[Rights] = ("headline", "summary", "full")


class Keeper:
    """Keeps the outputs of one hub in order."""

    def __init__(self, store: Database, shelf: OutputDirectory, sources: Iterable[Source]) -> None:
        self._store = store
        self._shelf = shelf
        self._rights: Mapping[str, Rights] = {source.id: source.rights for source in sources}
        self._editor = Editor(shelf)
        self._done: tuple[int, datetime | None] = (-1, None)
        self._told_rights = False

    def tend(self, now: datetime) -> int:
        """Do what is due since the last time; returns how many archived documents were closed or changed."""
        with self._store.read() as connection:
            change, until = database.change_number(connection), self._done[1]
        if change == self._done[0] and (until is None or now < until):
            return 0
        with self._store.write() as connection:
            archives.take_settle_lock(connection)
            touched = archives.put_tombstones(connection, now=now, restricted=self._lowered(connection))
            for rule in self._shelf.rules:
                output_entries.mark_shown(connection, rule.name, self._editor.choose(connection, rule, now).ids, now)
                touched += self._close(connection, rule, now)
            if touched:
                # the newest documents name the archived ones
                change = database.next_change(connection, now)
            self._done = (change, stories.next_release(connection, now))
        self._told_rights = True
        return touched

    def watch(self, now: datetime) -> int:
        """See how the sources do, and let go of old manifests; returns how many troubles began or ended."""
        with self._store.write() as connection:
            manifests.trim(connection, limit=MANIFESTS, since=now - self._shelf.retention)
            return watch(connection, now)

    def _close(self, connection: Connection, rule: OutputRule, now: datetime) -> int:
        """Close documents while there is enough for one: before the first of its entries leaves the output."""
        size = max(1, min(PAGE, rule.limit // 2))
        for done in range(_AT_ONCE):
            rows = archives.unarchived(connection, rule.name, now=now, limit=size)
            if len(rows) < size:
                return done
            items = self._editor.items(connection, rows)
            archives.close(
                connection, rule.name, [_kept(row.id, one, rule) for row, one in zip(rows, items, strict=True)], now
            )
        return _AT_ONCE

    def _lowered(self, connection: Connection) -> list[str]:
        """The sources that permit less than when last looked; looked at once, for only a restart can change them."""
        if self._told_rights:
            return []
        known: dict[str, Rights] = json.loads(database.get_value(connection, "archive rights") or "{}")
        database.set_value(connection, "archive rights", json.dumps({**known, **self._rights}, sort_keys=True))
        rank = _RIGHTS.index
        return [name for name, now in self._rights.items() if name in known and rank(now) < rank(known[name])]


def _kept(number: int, one: OutputItem, rule: OutputRule) -> archives.NewArchiveEntry:
    return archives.NewArchiveEntry(
        story=number, entered=one.entered, sources=_spoken(one.story), entry=entry(one, also=rule.also)
    )


def _spoken(story: Story) -> set[str]:
    """The sources whose text a story shows."""
    return {story.canonical.source} | {key.source for key in story.provenance.values()}


def keep(config: Config, store: Database, identity: str, now: datetime) -> None:
    """All that a keeper does, once: for rounds that no daemon runs."""
    keeper = Keeper(store, output_directory(config, identity), config.sources)
    keeper.tend(now)
    keeper.watch(now)
