"""Messages that wait -> webhooks and notifications: tried again and again, beside the rounds and never in their way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from feedhub.config import Config
from feedhub.daemon.notification_sender import NotificationSender
from feedhub.daemon.scheduler import PeriodicJob
from feedhub.directory import OutputDirectory
from feedhub.errors import EnvironmentFailed
from feedhub.feeds.output_query import OutputQuery
from feedhub.feeds.webhook_messages import message_body, signed_headers
from feedhub.store import Database, deliveries
from feedhub.store.deliveries import Delivery, NotificationText
from feedhub.structured_log import structlog

log = structlog.get_logger("feedhub")

DELIVER_SECONDS = 1.0
TRIM_SECONDS = 3_600.0
#: a message that is being sent is free again after so long, should its process die
_LEASE = timedelta(minutes=2)
#: messages taken at a time, of all targets
_AT_ONCE = 20
#: from one try to the next; after the last the message is given up
BACKOFF = tuple(timedelta(seconds=each) for each in (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200))
#: the receiver wants no more of it (RFC 9110, 15.5.11)
_GONE = "HTTP 410"
#: a database that is away is told of once in so long
_DATABASE_SECONDS = 3_600.0


class SendMessage(Protocol):
    """Posts a message; None where it was accepted, else why not, in one line."""

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> Awaitable[str | None]:
        """Post a body to an address."""


class DeliveryJobs:
    """Sends what is queued for the webhooks and notifications of a configuration."""

    def __init__(
        self,
        config: Config,
        store: Database,
        directory: OutputDirectory,
        post: SendMessage,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._directory = directory
        self._query = OutputQuery(directory)
        self._post = post
        self._clock = clock
        self._webhooks = {each.target: each for each in config.webhooks}
        self._notifications = NotificationSender(config.notify)
        self._on_database = [each.target for each in config.notify if "database" in each.on]
        self._targets = (*self._webhooks, *self._notifications.targets)
        self._last_database_notification = float("-inf")
        #: what is sent to each target just now: one that hangs holds up no other
        self._sending: dict[str, asyncio.Task[None]] = {}

    @property
    def jobs(self) -> tuple[PeriodicJob, ...]:
        """List the jobs with their paces; none where nobody is to be told anything."""
        if not self._targets:
            return ()
        return (
            PeriodicJob(name="delivery", seconds=DELIVER_SECONDS, work=self.deliver),
            PeriodicJob(name="delivery trim", seconds=TRIM_SECONDS, work=self._trim, at_start=True),
        )

    async def deliver(self) -> None:
        """Begin to send what is due to every target that nothing is sent to just now."""
        free = [target for target in self._targets if target not in self._sending]
        by_target: dict[str, list[Delivery]] = {}
        for each in await asyncio.to_thread(self._claim, free):
            by_target.setdefault(each.target, []).append(each)
        for target, messages in by_target.items():
            task = asyncio.create_task(self._send_all(messages), name=f"deliveries of {target}")
            self._sending[target] = task
            task.add_done_callback(lambda _, target=target: self._sending.pop(target, None))  # type: ignore[misc]

    async def stop(self) -> None:
        """Give up what is being sent; it is sent again by the next start."""
        for task in list(self._sending.values()):
            task.cancel()
        await asyncio.gather(*self._sending.values(), return_exceptions=True)

    async def database_failed(self, reason: str) -> None:
        """Tell that the database refuses; at once, for nothing can be queued in it."""
        now = asyncio.get_running_loop().time()
        if self._on_database and now - self._last_database_notification >= _DATABASE_SECONDS:
            self._last_database_notification = now
            notification = NotificationText(title="feedhub cannot store anything", text=reason)
            for target in self._on_database:
                if refused := await self._notifications.send(target, notification):
                    log.warning("notification not sent", target=target, reason=refused)

    def _claim(self, targets: list[str]) -> list[Delivery]:
        now = self._clock()
        with self._store.read() as connection:
            if not deliveries.is_due(connection, targets, now):
                return []
        with self._store.write() as connection:
            return deliveries.claim(connection, targets, now=now, lease=_LEASE, limit=_AT_ONCE)

    async def _send_all(self, messages: list[Delivery]) -> None:
        for place, each in enumerate(messages):
            try:
                refused = await self._send(each)
                await asyncio.to_thread(self._record, each, refused)
            except EnvironmentFailed as error:
                log.error("delivery not stored", target=each.target, reason=str(error))
                return
            if refused is not None:
                # what comes after it to the same target waits, too: it would fail alike
                for other in messages[place + 1 :]:
                    await asyncio.to_thread(self._release, other)
                return

    async def _send(self, message: Delivery) -> str | None:
        webhook = self._webhooks.get(message.target)
        if webhook is None:
            return await self._notifications.send(
                message.target, message.body or NotificationText(title=message.topic, text="")
            )
        body = await asyncio.to_thread(self._body, webhook.feed, message)
        headers = signed_headers(webhook.secret, message.message, body, self._clock())
        return await self._post(webhook.url, body, headers)

    def _body(self, output: str, message: Delivery) -> bytes:
        with self._store.read() as connection:
            return message_body(connection, self._directory, self._query, output, message)

    def _record(self, message: Delivery, refused: str | None) -> None:
        facts = {"target": message.target, "topic": message.topic, "subject": message.subject}
        with self._store.write() as connection:
            if refused is None:
                deliveries.finish(connection, message)
                log.info("delivered", **facts, tries=message.tries + 1)
                return
            over = message.tries >= len(BACKOFF) or refused == _GONE
            due = None if over else self._clock() + BACKOFF[message.tries]
            deliveries.fail(connection, message, refused, due)
        log.warning(
            "delivery given up" if over else "delivery failed", **facts, reason=refused, tries=message.tries + 1
        )

    def _release(self, message: Delivery) -> None:
        with self._store.write() as connection:
            deliveries.release(connection, message, self._clock() + BACKOFF[0])

    async def _trim(self) -> None:
        def trim() -> None:
            with self._store.write() as connection:
                deliveries.trim(connection, self._targets, self._clock())

        await asyncio.to_thread(trim)
