"""Invented stories and feeds for the tests of what subscribers get, and a hub that really serves them on loopback."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from feedhub.model import (
    EntryKey,
    Media,
    OutputFeed,
    OutputItem,
    Publisher,
    RelatedStory,
    Relation,
    Story,
    StoryCopy,
    StoryVersion,
    Tombstone,
)
from feedhub.publish import FORMATS
from feedhub.serve import (
    Document,
    HealthStatus,
    OutputInfo,
    SearchPage,
    ServerSettings,
    SourceLine,
    StoryList,
    document,
    story_key,
    token_digest,
)
from feedhub.serve.app import create_app
from feedhub.serve.server import listen, serve
from feedhub.structs import replace

NOON = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
IDENTITY = "tag:hub.test,2026"


def at(hours: float = 0) -> datetime:
    """So many hours after noon of the second of June."""
    return NOON + timedelta(hours=hours)


def copy(outlet: str = "lantern.test", guid: str = "1", **changed: Any) -> StoryCopy:
    """A copy as `outlet` runs it."""
    name = outlet.partition(".")[0]
    values: dict[str, Any] = {
        "key": EntryKey(source=name, guid=guid),
        "outlet": outlet,
        "name": f"The {name.title()}",
        "title": "Ferry runs aground off Selm",
        "url": f"https://{outlet}/{guid}",
        "published": at(),
        "first_seen": at(),
        "relation": Relation.COPY,
    }
    return StoryCopy(**(values | changed))


def story(number: int = 1, **changed: Any) -> Story:
    """A story in one outlet, changed as asked."""
    own = copy(guid=str(number), relation=Relation.FIRST)
    values: dict[str, Any] = {
        "id": f"{IDENTITY}:{number:016x}",
        "canonical": own.key,
        "title": own.title,
        "html": "<p>A ferry ran aground off Selm on Tuesday.</p><p>All 34 aboard were brought ashore.</p>",
        "url": own.url,
        "language": "en",
        "published": at(),
        "updated": at(),
        "released": at(),
        "publisher": publisher(),
        "copies": (own,),
        "words": 14,
    }
    return Story(**(values | changed))


def publisher(**changed: Any) -> Publisher:
    """What the feed of the canonical outlet said of itself."""
    values: dict[str, Any] = {
        "source": "lantern",
        "name": "The Lantern",
        "outlet": "lantern.test",
        "id": "https://lantern.test/feed",
        "title": "The Lantern: front page",
        "link": "https://lantern.test/",
        "self_link": "https://lantern.test/feed",
        "updated": at(-1),
    }
    return Publisher(**(values | changed))


def rich_story(number: int = 1) -> Story:
    """A story with everything that a story can have."""
    plain = story(number)
    others = (
        copy("quay.test", "q", published=at(1), relation=Relation.EXCERPT),
        copy("harrow.test", "h", published=at(2), name="Harrow & Vale"),
        copy("wire.test", "w", published=at(-1), agency_own=True, agency="SNB"),
    )
    return replace(
        plain,
        copies=plain.copies + others,
        summary="Rescuers brought every passenger ashore before dark.",
        via="https://wire.test/w",
        authors=("Ada Venn", "Bo Lindt"),
        categories=("World", "Shipping"),
        rights="© SNB",
        media=(
            Media(url="https://lantern.test/ferry.jpg", type="image/jpeg", medium="image", length=5120),
            Media(url="https://lantern.test/ferry.mp3", type="audio/mpeg", length=99),
        ),
        agency="SNB",
        place="SELM",
        date="2026-06-02",
        cited=("Coast Radio",),
        revision="update 2",
        correction="the number aboard is 34, not 43",
        updated=at(3),
        related=(RelatedStory(id=f"{IDENTITY}:aa", title="Port closed", shared_words=44, ground="44 words"),),
    )


def feed(*stories: Story, **changed: Any) -> OutputFeed:
    """An output of these stories."""
    values: dict[str, Any] = {
        "name": "all",
        "id": f"{IDENTITY}:feed/all",
        "title": "All stories",
        "home_url": "http://hub.test/",
        "feed_url": "http://hub.test/feeds/all",
        "updated": max((one.updated for one in stories), default=at()),
        "items": tuple(OutputItem(story=one, entered=at()) for one in stories),
    }
    return OutputFeed(**(values | changed))


class MemoryBackend:
    """A backend over outputs in memory."""

    def __init__(self) -> None:
        self.infos: dict[str, OutputInfo] = {}
        self.documents: dict[tuple[str, str], Document] = {}
        self.stories: dict[str, Story] = {}
        self.tombstones: dict[str, Tombstone] = {}
        self.histories: dict[str, Sequence[StoryVersion]] = {}
        self.feeds: dict[str, OutputFeed] = {}
        self.condition = HealthStatus(ready=True, report={"sources": 3})
        self.failure: Exception | None = None

    def put(self, feed: OutputFeed, *, modified: datetime = NOON, token_digest: str | None = None) -> None:
        """Renders and keeps an output; its stories have pages if it has no token."""
        self.infos[feed.name] = OutputInfo(
            name=feed.name, title=feed.title, token_digest=token_digest, stories=len(feed.items), updated=feed.updated
        )
        self.feeds[feed.name] = feed
        for suffix, form in FORMATS.items():
            body = form.render(feed, None)
            made = document(body, form.media_type, modified, private=token_digest is not None)
            self.documents[feed.name, suffix] = made
        if token_digest is None:
            self.stories |= {story_key(item.story.id): item.story for item in feed.items}

    async def outputs(self) -> Mapping[str, OutputInfo]:
        if self.failure:
            raise self.failure
        return self.infos

    async def public_outputs(self) -> Sequence[OutputInfo]:
        return [info for info in (await self.outputs()).values() if info.token_digest is None]

    async def document(self, name: str, suffix: str) -> Document | None:
        return self.documents.get((name, suffix))

    async def page(self, name: str, suffix: str, number: int) -> Document | None:
        return self.documents.get((name, suffix)) if number == 1 else None

    async def archived(self, name: str, number: int) -> Document | None:
        return None

    async def delta(self, name: str, suffix: str, known: Sequence[str]) -> Document | None:
        return None

    async def story(self, key: str) -> Story | None:
        return self.stories.get(key)

    async def history(self, key: str) -> Sequence[StoryVersion]:
        return self.histories.get(key, ())

    async def story_list(self, name: str, page: int) -> StoryList | None:
        feed = self.feeds.get(name)
        return StoryList(groups=tuple((item.story,) for item in feed.items)) if feed and page == 1 else None

    async def search(self, query: str, before: int | None) -> SearchPage:
        found = [one for one in self.stories.values() if query and query.casefold() in one.title.casefold()]
        return SearchPage(stories=tuple(found))

    async def search_feed(self, query: str, suffix: str) -> Document | None:
        return None

    async def sources(self) -> Sequence[SourceLine]:
        return [SourceLine(name="The Lantern", site="https://lantern.test/", state="polled", last_success=at(23))]

    async def tombstone(self, key: str) -> Tombstone | None:
        return self.tombstones.get(key)

    async def verify_subscription(self, key: str, parameters: Mapping[str, str]) -> str | None:
        return None

    async def receive_notification(self, key: str, signature: str, body: AsyncIterable[bytes]) -> bool:
        return False

    async def readiness(self) -> HealthStatus:
        return self.condition

    async def health(self) -> HealthStatus:
        return self.condition

    async def health_feed(self) -> bytes:
        return b"<feed/>"


TOKEN = "open-sesame"


def full_backend() -> MemoryBackend:
    """A backend with public outputs, one with a token, and two stories that are no more."""
    made = MemoryBackend()
    made.put(feed(rich_story(), story(2)))
    made.put(feed(story(3), name="Ö & co", title="Ö & <co>"))
    made.put(feed(story(4), name="secret", title="Hush"), token_digest=token_digest(TOKEN))
    made.tombstones = {
        "joined": Tombstone(id=f"{IDENTITY}:joined", when=at(), reason="the same story", successor=rich_story().id),
        "killed": Tombstone(id=f"{IDENTITY}:killed", when=at(), reason="withdrawn by <its> agency"),
    }
    return made


@contextmanager
def serving(
    backend: MemoryBackend, settings: ServerSettings | None = None, clock: Callable[[], datetime] = lambda: at(24)
) -> Iterator[str]:
    """The address of a real server over the backend, in a thread with its own event loop."""
    listener = listen("127.0.0.1", 0)
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    app = create_app(backend, settings or ServerSettings(), clock)
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve(app, listener, stop)), daemon=True)
    thread.start()
    try:
        yield listener.url
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
