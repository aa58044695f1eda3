"""A long output, which is read and rendered a slice at a time, says what it would if it were rendered whole."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from feedhub.codec import dump
from feedhub.directory import OutputDirectory
from feedhub.feeds import StoreBackend
from feedhub.feeds.event_view import MOST
from feedhub.feeds.output_query import OutputQuery
from feedhub.model import EntryKey, OutputRule, Publisher, Story
from feedhub.publish import FORMATS
from feedhub.store import Database, database
from feedhub.store.tables import output_entry
from feedhub.store.tables import story as story_table

NOON = datetime(2026, 6, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
COUNT = MOST + 300
RULE = OutputRule(name="all", limit=COUNT)
DIRECTORY = OutputDirectory(
    identity="test.example,2026", base_url="http://hub.example", rules=(RULE,), retention=timedelta(days=30)
)


def story(number: int) -> Story:
    """The last of them, in the last slice, is newest and the only one in another language."""
    key = EntryKey(source="lantern", guid=str(number))
    last = number == 0
    return Story(
        id=f"tag:test.example,2026:{number:016x}",
        canonical=key,
        title=f"Harbour report {number}",
        html=f"<p>Report {number} of the harbour.</p>",
        url=f"https://lantern.example/{number}",
        language="de" if last else "en",
        published=NOON,
        updated=NOON + timedelta(hours=last),
        released=NOON,
        publisher=Publisher(source="lantern", name="Lantern", outlet="lantern.example"),
        copies=(),
    )


def filled(store: Database) -> None:
    """Put the stories into the output, the first of them last in it."""
    with store.write() as connection:
        change = database.next_change(connection, NOON)
        for number in range(COUNT):
            made = story(number)
            row = {
                "id": number + 1,
                "tag": made.id,
                "founder_source": made.canonical.source,
                "founder_guid": made.canonical.guid,
                "founded": NOON,
                "state": "live",
                "newest": NOON,
                "body": dump(made),
                "change": change,
                "released": made.released,
                "updated": made.updated,
            }
            connection.execute(insert(story_table).values(**row))
            entered = NOON + timedelta(seconds=number)
            connection.execute(
                insert(output_entry).values(output="all", story=number + 1, entered_at=entered, archived=False)
            )


def test_a_document_by_slices_is_the_document_of_all_its_items(tmp_path: Path) -> None:
    store = Database.open(f"sqlite:///{tmp_path}/hub.db")
    try:
        filled(store)
        with store.read() as connection:
            whole = OutputQuery(DIRECTORY).feed(connection, RULE, LATER)
        assert whole is not None
        assert len(whole.items) == COUNT
        assert whole.updated == NOON + timedelta(hours=1)
        served = asyncio.run(StoreBackend(store, DIRECTORY, lambda: LATER).document("all", "json"))
        assert served is not None
        assert served.plain.body == FORMATS["json"].render(whole)
        # a cache with room for few stories, read twice: the same items in the same order
        with store.read() as connection:
            query = OutputQuery(DIRECTORY, cached=50_000)
            for _ in range(2):
                items = [one for part in query.read_in_slices(connection, RULE, LATER).slices for one in part]
                assert items == list(whole.items)
    finally:
        store.close()
