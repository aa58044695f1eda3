"""What a settling has others told: new and changed stories of an output, and what a person asked to hear of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from feedhub.model import Story
from feedhub.settle.rules import SettleRules
from feedhub.settle.story_events import StoryEvent
from feedhub.store import Connection, deliveries, output_entries
from feedhub.store.deliveries import NotificationText, QueuedMessage

#: events that are topics of notifications
_TOPICS = {"killed": "kill", "disputed": "disputed"}


def announce(
    connection: Connection,
    rules: SettleRules,
    changed: Sequence[tuple[Story, Story | None]],
    ended: Sequence[str],
    events: Sequence[StoryEvent],
    now: datetime,
) -> None:
    """Queue a message for every webhook and notification that this concerns, in the transaction that it tells of."""
    messages: list[QueuedMessage] = []
    for output in sorted({output for _, output in rules.webhooks}):
        rows = _of_output(connection, output, changed, ended, now)
        for target, name in rules.webhooks:
            if name == output:
                messages += [
                    QueuedMessage(target=target, subject=tag, topic=topic, due=due) for tag, topic, due in rows
                ]
    for event in events:
        topic = _TOPICS.get(event.kind, "")
        for target in rules.notifications.get(topic, ()):
            subject = f"{topic}/{event.story}/{event.source or ''}"
            messages.append(QueuedMessage(target=target, subject=subject, topic=topic, body=_notification(event)))
    deliveries.queue(connection, messages, now)


def _of_output(
    connection: Connection,
    output: str,
    changed: Sequence[tuple[Story, Story | None]],
    ended: Sequence[str],
    now: datetime,
) -> list[tuple[str, str, datetime | None]]:
    """Return what became of the stories of an output: their ids, new | changed | gone, and when to tell it."""
    entered = output_entries.entered_since(connection, [story.id for story, _ in changed], output, now)
    shown = output_entries.carried(connection, ended, [output])
    rows: list[tuple[str, str, datetime | None]] = [
        (story.id, "new" if before is None or story.updated == before.updated else "changed", story.released)
        for story, before in changed
        if story.id in entered
    ]
    return rows + [(tag, "gone", None) for tag in ended if tag in shown]


def _notification(event: StoryEvent) -> NotificationText:
    if event.kind == "killed":
        return NotificationText(title="A story was withdrawn", text=f"{event.story}, by {event.by or 'its agency'}")
    facts = f" ({event.ground})" if event.ground else ""
    return NotificationText(
        title=f"Disputed: {event.title}", text=f"{event.source} tells it otherwise{facts}: {event.story}"
    )
