"""What follows a change of the stories: note what outputs show, close archived documents, replace what must go.

Any process may do it, as often as it likes: doing it again changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from feedhub.config import Config, notification_targets
from feedhub.directory import OutputDirectory, output_directory
from feedhub.feeds.output_query import OutputQuery
from feedhub.feeds.static_files import content_digest, microseconds
from feedhub.health.condition_watch import WatchedTargets, watch
from feedhub.model import OutputRule, Rights, Source
from feedhub.store import Connection, Database, archives, database, manifests, output_entries, stories
from feedhub.store.output_entries import ListedStory

#: bytes of manifests that are stored of one document: 2,600 versions of 100 entries, 26 of 10,000
MANIFEST_BYTES = 2 * 1024 * 1024
#: under which the hub keeps what the last run saw, whichever process it was: a start need not do the same again
_LAST_RUN = "maintained"


def watched_targets(config: Config) -> WatchedTargets:
    """Return whom a configuration has told of conditions, and what people call where messages go."""
    names = {each.target: f"the webhook of {each.feed}" for each in config.webhooks}
    names |= {each.target: f"notify {each.url.partition(':')[0]}" for each in config.notify}
    return WatchedTargets(notifications=notification_targets(config), names=names)


class OutputMaintenance:
    """Does for the outputs of one hub what follows a change of its stories."""

    def __init__(
        self,
        store: Database,
        directory: OutputDirectory,
        sources: Iterable[Source],
        targets: WatchedTargets | None = None,
    ) -> None:
        self._targets = targets or WatchedTargets()
        self._store = store
        self._directory = directory
        self._rights: Mapping[str, Rights] = {source.id: source.rights for source in sources}
        self._query = OutputQuery(directory)
        self._last_run: tuple[int, datetime | None] = (-1, None)
        self._rights_checked = False
        self._made_of = content_digest(directory.rules, sorted(self._rights.items()))

    def run(self, now: datetime) -> int:
        """Do what is due since the last run; returns how many archived documents were closed or changed."""
        with self._store.read() as connection:
            change, until = database.change_number(connection), self._last_run[1]
            if change == self._last_run[0] and (until is None or now < until):
                return 0
            if not self._rights_checked and self._is_done(connection, change, now):
                return 0
        with self._store.write() as connection:
            archives.take_settle_lock(connection)
            touched = archives.put_tombstones(connection, now=now, restricted=self._restricted_sources(connection))
            for rule in self._directory.rules:
                shown = frozenset(self._query.shown(connection, rule, now))
                output_entries.mark_shown(connection, rule.name, shown, now)
                touched += self._close_archives(connection, rule, shown, now)
            if touched:
                # the newest documents name the archived ones
                change = database.next_change(connection, now)
            self._last_run = (change, stories.next_release(connection, now))
            self._note_run(connection)
        self._rights_checked = True
        return touched

    def _is_done(self, connection: Connection, change: int, now: datetime) -> bool:
        """Whether a process before this one did all that is due, for the same outputs and under the same rights."""
        known = json.loads(database.get_value(connection, _LAST_RUN) or "{}")
        until = known.get("until")
        same = (known.get("change"), known.get("made_of")) == (change, self._made_of)
        return same and (until is None or microseconds(now) < until)

    def _note_run(self, connection: Connection) -> None:
        change, until = self._last_run
        known = {
            "change": change,
            "made_of": self._made_of,
            "until": None if until is None else microseconds(until),
        }
        database.set_value(connection, _LAST_RUN, json.dumps(known))

    def check_sources(self, now: datetime) -> int:
        """Update the conditions of the sources and drop old manifests; returns how many conditions began or ended."""
        with self._store.write() as connection:
            manifests.trim(connection, limit=MANIFEST_BYTES, since=now - self._directory.retention)
            return watch(connection, now, self._targets)

    def _close_archives(self, connection: Connection, rule: OutputRule, shown: Collection[int], now: datetime) -> int:
        rows = archives.unarchived(connection, rule.name, now=now)
        documents = documents_to_close(rows, shown, rule.limit)
        archives.close(connection, rule.name, documents, now)
        return len(documents)

    def _restricted_sources(self, connection: Connection) -> list[str]:
        """Return the sources that permit less than at the last check; once, for only a restart can change them."""
        if self._rights_checked:
            return []
        known: dict[str, str] = json.loads(database.get_value(connection, "archive rights") or "{}")
        database.set_value(connection, "archive rights", json.dumps({**known, **self._rights}, sort_keys=True))
        return [name for name, now in self._rights.items() if name in known and now.rank < Rights(known[name]).rank]


def documents_to_close(
    unarchived: Sequence[ListedStory], shown: Collection[int], limit: int
) -> list[Sequence[ListedStory]]:
    """Divide what no archived document holds, oldest first, into those to close now; the rest waits.

    A document is closed as soon as it is full, long before the first of its entries leaves an output that shows
    `limit`. What the output does not show is archived at once, in a document that may be smaller.
    """
    size = max(1, min(archives.MOST_ENTRIES, limit // 2))
    documents = archives.split(unarchived, size)
    if documents and len(documents[-1]) < size and all(row.id in shown for row in documents[-1]):
        documents.pop()
    return documents


def maintain(config: Config, store: Database, identity: str, now: datetime) -> None:
    """Do all that OutputMaintenance does, once: for rounds that no daemon runs."""
    maintenance = OutputMaintenance(store, output_directory(config, identity), config.sources)
    maintenance.run(now)
    maintenance.check_sources(now)
