"""Remarks: what of a document had to be repaired or left out, kept for the operator."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, and_, insert, select

from feedhub.store.tables import remark


def add(connection: Connection, source: str, texts: Iterable[str], now: datetime) -> None:
    """Write down what of a document was repaired or left out; once per text."""
    for text in dict.fromkeys(texts):
        same = and_(remark.c.source == source, remark.c.text == text)
        if connection.execute(select(remark.c.id).where(same)).first() is None:
            connection.execute(insert(remark).values(source=source, noted_at=now, text=text))
