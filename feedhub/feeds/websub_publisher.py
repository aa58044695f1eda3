"""WebSub as a publisher: tell the configured hubs which documents changed, once a change and format."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime

from feedhub.directory import OutputDirectory
from feedhub.feeds.websub_subscriber import PostForm
from feedhub.publish import FORMATS
from feedhub.store import Database, database, stories, subscriptions

_KEY = "pinged"
_TRIES = 3


class WebSubPublisher:
    """Pings hubs. Several processes may: the change number of the last ping is in the store.

    `give_up` is called with the hub, the topic and the reason of each ping that is not tried again.
    """

    def __init__(
        self,
        store: Database,
        directory: OutputDirectory,
        post: PostForm,
        give_up: Callable[[str, str, str], None] = lambda hub, topic, reason: None,
    ) -> None:
        self._store = store
        self._give_up = give_up
        self._directory = directory
        self._post = post
        #: how often each topic that a hub has not accepted yet was tried, by hub; the next to send comes first
        self._waiting: dict[str, dict[str, int]] = {hub: {} for hub in directory.hubs}

    async def ping(self, now: datetime) -> int:
        """Ping the hubs for what changed since the last time; returns how many pings were accepted.

        Hubs wait for no other hub. One that does not respond to a ping is sent no other; these come first next time.
        """
        if not self._waiting:
            return 0
        changed = await asyncio.to_thread(self._changed, now)
        topics = [f"{address}.{suffix}" for address in changed for suffix in FORMATS]
        for waiting in self._waiting.values():
            for topic in topics:
                waiting.setdefault(topic, 0)
        async with asyncio.TaskGroup() as group:
            pinged = [group.create_task(self._send(hub, waiting)) for hub, waiting in self._waiting.items()]
        return sum(task.result() for task in pinged)

    async def _send(self, hub: str, waiting: dict[str, int]) -> int:
        accepted = 0
        for topic, tries in list(waiting.items()):
            responds = True
            try:
                refused = await self._post(hub, _ping(topic))
            except TimeoutError as error:
                refused, responds = str(error), False
            del waiting[topic]
            if refused is None:
                accepted += 1
            elif tries + 1 < _TRIES:
                waiting[topic] = tries + 1
            else:
                self._give_up(hub, topic, refused)
            if not responds:
                break
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
