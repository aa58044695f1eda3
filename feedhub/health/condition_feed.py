"""The conditions of sources as an Atom feed of their own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from feedhub.directory import OutputDirectory
from feedhub.publish import Notice, Notices, notices
from feedhub.store import Connection, conditions, database
from feedhub.store.conditions import ConditionRow

#: how long a trouble that is over is still told
_SHOWN_AFTER_END = timedelta(days=7)
_TITLES = {
    "broken": "{name} is broken",
    "stopped": "{name} has stopped",
    "moved": "{name} has moved",
    "silent": "{name} is silent",
    "lost": "{name} has lost entries",
    "backlog": "{name} brings more than its quota",
    "volume": "{name} brings unusually much",
    "unsettled": "{name} has entries that could not be settled",
    "costly": "{name} takes long to clean",
    "uncleaned": "{name} has entries that could not be cleaned",
    "joins": "{name} ends others' stories",
    "site": "{name} names another site",
    "undelivered": "Messages of {name} were given up",
    "copies": "{name} has an odd share of copies",
}


def health_feed(connection: Connection, directory: OutputDirectory, names: Mapping[str, str], now: datetime) -> bytes:
    """Render the conditions that last or ended lately as Atom: an entry each, its id and dates those of the episode."""
    rows = conditions.current_and_ended_since(connection, since=now - _SHOWN_AFTER_END)
    born = database.get_value(connection, "born")
    latest = [one.until or one.since for one in rows]
    return notices(
        Notices(
            id=f"tag:{directory.identity}:health",
            title=f"{directory.title}: health of the sources",
            author=directory.title,
            home_url=f"{directory.base_url}/health",
            feed_url=f"{directory.base_url}/feeds/health.atom",
            updated=max(latest, default=datetime.fromisoformat(born) if born else now),
            items=tuple(_notice(directory, names.get(one.source, one.source), one) for one in rows),
        )
    )


def _notice(directory: OutputDirectory, name: str, one: ConditionRow) -> Notice:
    title = _TITLES[one.kind].format(name=name)
    over = "" if one.until is None else f" Over since {one.until:%-d %B %Y, %H:%M} UTC."
    return Notice(
        id=f"tag:{directory.identity}:health/{one.source}/{one.kind}/{one.id}",
        title=title if one.until is None else f"Over: {title}",
        text=f"{name} {one.text}.{over}",
        category=one.kind,
        published=one.since,
        updated=one.until or one.since,
    )
