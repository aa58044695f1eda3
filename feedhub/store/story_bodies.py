"""What stories say now: the rows that hold one, with their texts, as values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, Select, select

from feedhub.model import Story
from feedhub.store import article_texts
from feedhub.store.dialect import select_among
from feedhub.store.tables import story

_SELECT: Select[Any] = select(story.c.id, story.c.body, *article_texts.columns(story.c.text)).where(
    story.c.body.is_not(None)
)


def of(connection: Connection, numbers: Collection[int]) -> dict[int, Story]:
    """Return what these stories say now, by number; those that say nothing are left out."""
    if not numbers:
        return {}
    rows: Iterable[Any] = select_among(connection, _SELECT, story.c.id, numbers)
    return {number: article_texts.read(Story, *said) for number, *said in rows}


def live(connection: Connection, *, page: int) -> Iterator[list[tuple[int, Story]]]:
    """Yield what all live stories say, with their numbers, in pages of that many."""
    last = 0
    query = _SELECT.where(story.c.state == "live").order_by(story.c.id).limit(page)
    while rows := connection.execute(query.where(story.c.id > last)).all():
        yield [(number, article_texts.read(Story, *said)) for number, *said in rows]
        last = rows[-1].id
