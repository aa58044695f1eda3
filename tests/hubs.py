"""A real hub over JSON Feed files in a folder, for tests that tell a story's life in rounds."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from engines import template
from sqlalchemy import make_url

from feedhub.admin import decide, verify
from feedhub.admin.decide import DecisionResult
from feedhub.config import Config
from feedhub.hub import Hub, RoundReport
from feedhub.model import OutputRule, Source, Story, StoryVersion
from feedhub.store import Connection, Database, copies, search, stories
from feedhub.store.stories import StoryRow
from feedhub.structs import replace

T = TypeVar("T")
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@dataclass
class Newsroom:
    """Sources are files that a test rewrites between rounds; the database stays."""

    folder: Path
    sources: list[Source] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    #: where tests that run on every engine have their database; else it is a file in the folder
    elsewhere: ClassVar[str | None] = None

    def __post_init__(self) -> None:
        path = self.folder / "hub.db"
        if self.elsewhere is None and not path.exists() and path.parent.is_dir():
            shutil.copyfile(template(), path)

    def source(self, name: str, /, **fields: Any) -> None:
        """Configure a source that reads `NAME.json`."""
        fields = {"outlet": name.title(), "name": name.title(), **fields}
        self.sources.append(Source(id=name, url=str(self.folder / f"{name}.json"), **fields))

    def reconfigure(self, name: str, /, **fields: Any) -> None:
        """Change how a source is configured."""
        self.sources = [replace(each, **fields) if each.id == name else each for each in self.sources]

    def serve(self, name: str, *items: dict[str, Any]) -> None:
        """What a source lists from now on."""
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": name.title(), "items": list(items)}
        (self.folder / f"{name}.json").write_text(json.dumps(feed, ensure_ascii=False), encoding="utf-8")

    @property
    def config(self) -> Config:
        defaults: dict[str, Any] = {
            "database": self.elsewhere or f"sqlite:///{self.folder / 'hub.db'}",
            "identity": "test.example,2026",
            "feeds": (OutputRule(name="all", limit=500),),
        }
        return Config(
            path=self.folder / "config.yaml",
            sources=tuple(self.sources),
            **{**defaults, **self.settings},
        )

    def round(self, hours: float = 0, *, everything: bool = True) -> RoundReport:
        """One whole round, `hours` after noon, in a hub that is opened and closed for it."""
        now = NOON + timedelta(hours=hours)

        async def run() -> RoundReport:
            async with Hub.open(self.config, now) as hub:
                report = await hub.round(now, everything=everything)
                await hub.purge(now)
                return report

        report = asyncio.run(run())
        assert self.problems() == []
        return report

    def decide(
        self, say: Callable[..., int], *names: Any, hours: float = 0, reason: str | None = None
    ) -> DecisionResult:
        """A person's word (`persons.merge` and the like), applied at once."""
        now = NOON + timedelta(hours=hours)
        more = {} if say is decide.forget else {"reason": reason}
        done = decide.decide(self.store, self.config, lambda c: say(c, *names, now=now, **more), now)
        assert self.problems() == []
        return done

    def index(self) -> None:
        """Have the search index take in what waits for it, as a daemon does."""
        while self.store.transact(search.index_waiting):
            pass
        assert self.problems() == []

    def problems(self) -> list[str]:
        """What is wrong with the store."""
        return self.read(verify.problems)

    def read(self, work: Callable[[Connection], T]) -> T:
        """What a function finds in the store."""
        with self.store.read() as connection:
            return work(connection)

    @property
    def store(self) -> Database:
        """The database, open until the test ends: each opening compiles every statement anew."""
        url = self.config.database
        inode, store = _STORES.get(url, (None, None))
        if store is None or inode != _inode(url):
            self.close()
            store = Database.open(url)
            _STORES[url] = _inode(url), store
        return store

    def close(self) -> None:
        """Close the database: before its file is looked at or replaced."""
        if (known := _STORES.pop(self.config.database, None)) is not None:
            known[1].close()

    def versions(self, tag: str) -> list[StoryVersion]:
        """What a story said, the oldest first."""
        return self.read(lambda connection: stories.versions(connection, self.row(tag).id))

    def stories(self) -> list[Story]:
        """Every live story, by id."""
        bodies = self.read(lambda connection: [row.body for row in stories.live(connection)])
        return sorted((body for body in bodies if body is not None), key=lambda story: story.id)

    def story_of(self, name: str, guid: str) -> str | None:
        """The id of the story that an entry is in."""
        return self.read(copies.tags_by_entry).get((name, guid))

    def row(self, tag: str) -> StoryRow:
        """A story's row, whatever its state."""
        found = self.read(lambda connection: stories.by_tag(connection, tag))
        assert found is not None
        return found


#: the databases of rooms that are open, by URL: the file's number, None on a server
_STORES: dict[str, tuple[int | None, Database]] = {}


def _inode(url: str) -> int | None:
    path = Path(make_url(url).database or "")
    return path.stat().st_ino if path.exists() else None


def close_all() -> None:
    """Close the databases of all rooms."""
    while _STORES:
        _STORES.popitem()[1][1].close()


def item(guid: str, title: str, *paragraphs: str, at: str = "2026-03-10T10:00:00Z", **more: Any) -> dict[str, Any]:
    """A JSON Feed item."""
    html = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return {
        "id": guid,
        "url": f"https://paper.example/{guid}",
        "title": title,
        "content_html": html,
        "date_published": at,
        **more,
    }


BRIDGE = (
    "Engineers closed the old suspension bridge at Marrow Ferry on Tuesday after an inspection found that four of "
    "its hangers had corroded through, cutting the only road to the peninsula for some 6,000 people.",
    "The county surveyor, Ines Halloran, said the damage was worse than anything seen since the bridge was opened "
    "in 1934 and that it would stay shut for at least eleven weeks while replacements were forged.",
    "A passenger boat will cross every half hour from six in the morning, and the school at Penmarrow will take "
    "lessons online until Thursday, when the army is to begin laying a temporary span beside the quay.",
    "Shopkeepers said they had been promised compensation but had heard nothing of how to claim it. The chamber "
    "of trade put the loss at 90,000 crowns a day and asked the ministry to send someone who could sign a cheque.",
)
ORCHESTRA = (
    "The Halden Philharmonic will play its first season under a conductor chosen by its own musicians, who voted "
    "by 61 to 22 for the cellist Maro Lindqvist after a series of concerts in which every candidate led the same "
    "symphony.",
    "Lindqvist, who has played at the third desk for nineteen years, told the musicians that she would keep her "
    "seat on the weeks when guests conduct and that rehearsals would start an hour later than under her "
    "predecessor.",
    "Subscriptions for the autumn opened on Monday and a third of the seats were gone by the evening, the box "
    "office said, with the night of the premiere sold out in less than forty minutes.",
)
