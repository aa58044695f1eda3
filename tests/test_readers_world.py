"""The invented newsroom, two rounds and a bad night: every document is valid, real readers end with its stories."""

from __future__ import annotations

import asyncio
import io
import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import httpx
import pytest
from feedrules import FAULTS

from feedhub.demo import EVENING, MORNING, Origin, load
from feedhub.demo.play import config
from feedhub.library import Library, keep, shelf
from feedhub.model import OutputRule, Story, Tombstone
from feedhub.pipeline import Hub
from feedhub.serve import Settings, create_app, listen, serve
from feedhub.store import Database, database, stories

pytestmark = pytest.mark.xdist_group("world")


@dataclass
class Round:
    """What the hub had and what subscribers got after one round."""

    stories: dict[str, Story]
    gone: dict[str, Tombstone]
    #: path -> body
    documents: dict[str, bytes] = field(default_factory=dict)
    #: id -> (title, updated, content) as feedparser reads the feed
    parsed: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    #: what lemon24/reader says of its update, and which entries it shows as unread
    update: Any = None
    unread: set[str] = field(default_factory=set)
    entries: dict[str, Any] = field(default_factory=dict)


Rounds = tuple[Round, Round, Round]
NIGHT = EVENING + timedelta(hours=3)

OUTPUTS = (
    OutputRule(name="all", limit=500),
    OutputRule(name="covered", min_copies=3),
    OutputRule(name="fair", per_outlet=2, limit=40),
    OutputRule(name="paged", limit=20),
)


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Rounds:
    folder = tmp_path_factory.mktemp("world")
    world = load()
    with Origin(world) as origin:
        made = replace(config(world, origin, folder), feeds=OUTPUTS)
        return _play(made, origin, folder)


def _play(made: Any, origin: Origin, folder: Path) -> Rounds:
    listener = listen("127.0.0.1", 0)
    clock = [MORNING]
    with _served(made, listener, clock), _reader(f"{listener.url}/feeds/all.atom") as reader:
        done = []
        for part, now in (("morning", MORNING), ("evening", EVENING)):
            origin.part, clock[0] = part, now  # type: ignore[assignment]
            asyncio.run(_round(made, now))
            done.append(_look(made, listener.url, reader))
        clock[0] = NIGHT
        # every outlet now permits only its headlines
        asyncio.run(_round(replace(made, sources=tuple(replace(s, rights="headline") for s in made.sources)), NIGHT))
        _end_two(made)
        return done[0], done[1], _look(made, listener.url, reader)


def _end_two(made: Any) -> None:
    """One story is killed, another turns out to be a third."""
    store = Database.open(made.database)
    with store.write() as connection:
        killed, joined, into = stories.live(connection)[:3]
        change = database.next_change(connection, NIGHT)
        for row, state, after in ((killed, "killed", None), (joined, "joined", into.id)):
            ended = {"when": NIGHT, "reason": "a bad night", "change": change, "successor": after}
            stories.end(connection, row.id, state, **ended)  # type: ignore[arg-type]
    store.close()


async def _round(made: Any, now: datetime) -> None:
    async with Hub.open(made, now) as hub:
        await hub.round(now, everything=True)
        keep(made, hub.store, hub.identity, now)


def _look(made: Any, url: str, reader: Any) -> Round:
    store = Database.open(made.database)
    with store.read() as connection:
        live = {row.tag: row.body for row in stories.live(connection) if row.body is not None}
        gone = {stone.id: stone for stone in stories.tombstones(connection, "all", since=MORNING)}
    store.close()
    seen = Round(stories=live, gone=gone)
    with httpx.Client(base_url=url, trust_env=False) as client:
        for rule in OUTPUTS:
            for suffix in FAULTS:
                path: str | None = f"/feeds/{rule.name}.{suffix}"
                seen.documents[str(path)] = client.get(str(path)).content
        for query in ("?page=2", "?archive=1"):
            seen.documents[f"/feeds/paged.atom{query}"] = client.get(f"/feeds/paged.atom{query}").content
    for entry in feedparser.parse(io.BytesIO(seen.documents["/feeds/all.atom"])).entries:
        body = entry.content[0].value if "content" in entry else entry.get("summary", "")
        seen.parsed[entry.id] = (entry.title, entry.updated, body)
    seen.update = reader.update_feed(f"{url}/feeds/all.atom")
    seen.entries = {entry.id: entry for entry in reader.get_entries()}
    seen.unread = {entry.id for entry in reader.get_entries(read=False)}
    for entry in reader.get_entries(read=False):
        reader.mark_entry_as_read(entry)
    return seen


class _served:
    """The hub's server in a thread, over the rounds' database."""

    def __init__(self, made: Any, listener: Any, clock: list[datetime]) -> None:
        self._store = Database.open(made.database)
        library = Library(self._store, shelf(made, made.identity, listener.url), lambda: clock[0], recheck=0)
        self._loop, self._stop = asyncio.new_event_loop(), asyncio.Event()
        work = serve(create_app(library, Settings()), listener, self._stop)
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(work), daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        self._loop.close()
        self._store.close()


class _reader:
    """lemon24/reader, subscribed to one address."""

    def __init__(self, url: str) -> None:
        from reader import make_reader

        self._reader = make_reader(":memory:")
        self._reader.add_feed(url)

    def __enter__(self) -> Any:
        return self._reader

    def __exit__(self, *error: object) -> None:
        self._reader.close()


def test_every_document_is_valid_in_every_round(rounds: Rounds) -> None:
    for seen in rounds:
        for path, body in seen.documents.items():
            suffix = path.partition("?")[0].rpartition(".")[2]
            assert list(FAULTS[suffix](body)) == [], path


def test_the_world_has_every_state_of_a_storys_life(rounds: Rounds) -> None:
    after = rounds[1]
    assert {stone.successor is None for stone in rounds[2].gone.values()} == {True, False}
    assert all(story.html is None for story in rounds[2].stories.values())
    assert any(story.correction for story in after.stories.values())
    assert any(story.revision for story in after.stories.values())
    assert any(len(story.copies) > 3 for story in after.stories.values())
    assert any(story.html is None for story in after.stories.values())


def test_readers_end_with_exactly_the_stories(rounds: Rounds) -> None:
    for seen in rounds:
        assert set(seen.parsed) == set(seen.stories)
    morning, evening, _ = rounds
    assert set(evening.entries) == set(morning.stories) | set(evening.stories)
    # this reader keeps what left the feed, so the dead are still on its shelf, once
    assert set(evening.entries) - set(evening.stories) <= set(evening.gone)


def test_a_reader_is_notified_of_new_stories_and_of_nothing_else(rounds: Rounds) -> None:
    morning, evening, _ = rounds
    assert morning.unread == set(morning.stories)
    assert evening.unread == set(evening.stories) - set(morning.stories)
    assert evening.update.new == len(evening.unread)


def test_one_more_outlet_is_shown_without_a_new_date(rounds: Rounds) -> None:
    morning, evening, _ = rounds
    grown = [
        tag
        for tag, now in evening.stories.items()
        if (before := morning.stories.get(tag)) is not None
        and len(now.copies) > len(before.copies)
        and (now.title, now.html, now.summary) == (before.title, before.html, before.summary)
    ]
    assert grown
    for tag in grown:
        assert evening.parsed[tag][:2] == morning.parsed[tag][:2]
        assert evening.entries[tag].updated == morning.entries[tag].updated


def test_a_correction_is_seen_by_every_reader(rounds: Rounds) -> None:
    evening = rounds[1]
    corrected = [tag for tag, story in evening.stories.items() if story.correction]
    for tag in corrected:
        assert "Corrected:" in evening.parsed[tag][2]
        assert "Corrected:" in evening.entries[tag].get_content(prefer_summary=False).value


def test_a_story_that_was_withdrawn_left_the_feed_with_a_tombstone(rounds: Rounds) -> None:
    _, evening, night = rounds
    assert len(night.gone) == 2
    for tag in night.gone:
        assert tag in evening.parsed
        assert tag not in night.parsed
        assert f'ref="{tag}"'.encode() in night.documents["/feeds/all.atom"]
        # this one keeps what it has read, and does not tell it again
        assert tag in night.entries
        assert tag not in night.unread


def test_what_rights_took_back_is_nowhere_any_more(rounds: Rounds) -> None:
    _, evening, night = rounds
    assert b"<content" in evening.documents["/feeds/all.atom"]
    long_texts = {story.html[:200] for story in evening.stories.values() if story.html and len(story.html) > 400}
    for path, body in night.documents.items():
        assert not [text for text in long_texts if text.encode() in body], path
    archived = night.documents["/feeds/paged.atom?archive=1"]
    assert archived.count(b"deleted-entry") >= 10
    assert b"<entry" not in archived
