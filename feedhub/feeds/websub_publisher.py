"""WebSub as a publisher: tell the configured hubs which documents changed, once a change and format."""

from __future__ import annotations

import json
from datetime import datetime

from feedhub.directory import OutputDirectory
from feedhub.feeds.websub_subscriber import PostForm
from feedhub.publish import FORMATS
from feedhub.store import Database, database, stories, subscriptions

_KEY = "pinged"
_TRIES = 3


class WebSubPublisher:
    """Pings hubs. Several processes may: the change number of the last ping is in the store."""

    def __init__(self, store: Database, directory: OutputDirectory, post: PostForm) -> None:
        self._store = store
        self._directory = directory
        self._post = post
        #: pings that a hub did not accept, and how often each was tried
        self._failed: dict[tuple[str, str], int] = {}

    async def ping(self, now: datetime) -> int:
        """Ping the hubs for what changed since the last time; returns how many pings were accepted.

        A hub that does not respond to one ping is sent no other; those come first the next time.
        """
        if not self._directory.hubs:
            return 0
        topics = [f"{address}.{suffix}" for address in self._changed(now) for suffix in FORMATS]
        due = dict.fromkeys([*self._failed, *((hub, topic) for hub in self._directory.hubs for topic in topics)])
        accepted, silent = 0, set[str]()
        unsent: dict[tuple[str, str], int] = {}
        failed: dict[tuple[str, str], int] = {}
        for hub, topic in due:
            tries = self._failed.get((hub, topic), 0)
            if hub in silent:
                unsent[hub, topic] = tries
                continue
            try:
                is_accepted = await self._post(hub, _ping(topic)) is None
            except TimeoutError:
                is_accepted = False
                silent.add(hub)
            accepted += is_accepted
            if not is_accepted and tries + 1 < _TRIES:
                failed[hub, topic] = tries + 1
        self._failed = unsent | failed
        return accepted

    def _changed(self, now: datetime) -> list[str]:
        """Return the addresses of the public outputs that changed since the last ping of any process."""
        with self._store.read() as connection:
            last = json.loads(database.get_value(connection, _KEY) or "{}")
            released = stories.last_release(connection, now)
            late = "at" in last and released is not None and released > datetime.fromisoformat(last["at"])
            if last.get("change") == database.change_number(connection) and not late:
                return []
        with self._store.write() as connection:
            before = json.loads(database.get_value(connection, _KEY) or "null")
            change = database.change_number(connection)
            database.set_value(connection, _KEY, json.dumps({"change": change, "at": now.isoformat()}))
            if before is None:
                # the first start: nobody has subscribed through a hub yet
                return []
            since = datetime.fromisoformat(before["at"])
            names = subscriptions.changed_outputs(connection, after=before["change"], since=since, now=now)
        public = [rule for rule in self._directory.rules if rule.token is None and rule.name in names]
        return [self._directory.address(rule) for rule in public]


def _ping(topic: str) -> list[tuple[str, str]]:
    return [("hub.mode", "publish"), ("hub.url", topic), ("hub.topic", topic)]
