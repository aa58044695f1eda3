"""Notifications to people, by way of apprise: ntfy, mail, Slack, Matrix and a hundred more."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Sequence
from typing import Any

from feedhub.config import Notify
from feedhub.errors import UsageError
from feedhub.store.deliveries import NotificationText

#: a service that answers later counts as away
_SECONDS = 30.0


class NotificationSender:
    """Sends notifications to the addresses of `notify`.

    Raises UsageError where apprise, which is an extra, is missing, or does not know one of them.
    """

    def __init__(self, targets: Sequence[Notify]) -> None:
        self._services: dict[str, Any] = {}
        if not targets:
            return
        try:
            import apprise
        except ModuleNotFoundError:
            raise UsageError("notify: apprise is not installed: pip install 'feedhub[notify]'") from None
        # its lines repeat addresses, and those hold passwords
        logging.getLogger("apprise").setLevel(logging.CRITICAL)
        for place, each in enumerate(targets):
            service = apprise.Apprise()
            with warnings.catch_warnings():
                # its hundred services are imported now, some over modules that Python gives up
                warnings.simplefilter("ignore", DeprecationWarning)
                is_known = service.add(each.url)
            if not is_known:
                # not the address itself: it may hold a password
                raise UsageError(f"notify.{place}.url: apprise knows no such service, or misses something in it")
            self._services[each.target] = service

    @property
    def targets(self) -> tuple[str, ...]:
        """Return what stands for each address."""
        return tuple(self._services)

    async def send(self, target: str, notification: NotificationText) -> str | None:
        """Send a notification; None where it was accepted, else why not, in one line."""
        service = self._services[target]
        try:
            async with asyncio.timeout(_SECONDS):
                sent = await asyncio.to_thread(
                    service.notify, title=notification.title, body=notification.text or notification.title
                )
        except TimeoutError:
            return f"timeout: not finished after {_SECONDS:g} s"
        return None if sent else "the service did not accept it"
