"""WebSub, as a publisher: the configured hubs are told which documents changed, once a change and format."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime

from feedhub.directory import OutputDirectory
from feedhub.feeds.websub_subscriber import Post
from feedhub.publish import FORMATS
from feedhub.store import Database, database, stories, websub

_KEY = "pinged"
_TRIES = 3


class Publisher:
    """Tells hubs of changes. Many may: the change number that was told is kept in the store."""

    def __init__(self, store: Database, shelf: OutputDirectory, post: Post) -> None:
        self._store = store
        self._shelf = shelf
        self._post = post
        #: what a hub did not take, and how often it was tried
        self._again: Counter[tuple[str, str]] = Counter()

    async def ping(self, now: datetime) -> int:
        """Tell what changed since the last time; returns how many pings were taken."""
        if not self._shelf.hubs:
            return 0
        topics = [f"{address}.{suffix}" for address in self._changed(now) for suffix in FORMATS]
        due = dict.fromkeys([*self._again, *((hub, topic) for hub in self._shelf.hubs for topic in topics)])
        taken = 0
        for hub, topic in due:
            refused = await self._post(hub, [("hub.mode", "publish"), ("hub.url", topic), ("hub.topic", topic)])
            if refused is None or self._again[hub, topic] + 1 >= _TRIES:
                del self._again[hub, topic]
                taken += refused is None
            else:
                self._again[hub, topic] += 1
        return taken

    def _changed(self, now: datetime) -> list[str]:
        """The addresses of the public outputs that changed since somebody last looked."""
        with self._store.read() as connection:
            kept = json.loads(database.get_value(connection, _KEY) or "{}")
            released = stories.last_release(connection, now)
            late = "at" in kept and released is not None and released > datetime.fromisoformat(kept["at"])
            if kept.get("change") == database.change_number(connection) and not late:
                return []
        with self._store.write() as connection:
            before = json.loads(database.get_value(connection, _KEY) or "null")
            change = database.change_number(connection)
            database.set_value(connection, _KEY, json.dumps({"change": change, "at": now.isoformat()}))
            if before is None:
                # the first start: nobody has subscribed through a hub yet
                return []
            since = datetime.fromisoformat(before["at"])
            names = websub.changed_outputs(connection, after=before["change"], since=since, now=now)
        public = [rule for rule in self._shelf.rules if rule.token is None and rule.name in names]
        return [self._shelf.address(rule) for rule in public]
