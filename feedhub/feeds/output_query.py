"""Store -> OutputFeed: what an output says as it stands, its further pages, and its archived documents."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from threading import Lock

from msgspec import Struct

from feedhub import outputs
from feedhub.directory import OutputDirectory
from feedhub.feeds.event_view import MOST, EventView
from feedhub.model import OutputFeed, OutputItem, OutputRule, Story
from feedhub.sized_cache import IdleCache
from feedhub.store import Connection, archives, database, output_entries, stories, story_bodies
from feedhub.store.archives import ArchivedDocument, RenderedEntry
from feedhub.store.output_entries import ListedStory
from feedhub.structs import replace

#: an output whose order needs all its stories is selected from so many of its newest
_MOST_CANDIDATES = 10_000
#: characters of decoded stories that are cached between two versions, 2,000 of common length: reading a story back
#: costs as much as joining fifty
_CACHED_STORIES = 20_000_000
#: a story that no document had for so many seconds in which others were asked for is read anew
_IDLE_SECONDS = 60
#: stories that are decoded at once
_SLICE = 250
_NEVER = datetime.min.replace(tzinfo=UTC)
#: an output of events looks at so many of its newest stories for each entry that it shows
_EVENT_STORIES = 10


class OutputPage(Struct, frozen=True, kw_only=True):
    """One page of an output: the stories that it shows, and how many pages there are."""

    ids: tuple[int, ...]
    items: tuple[OutputItem, ...]
    pages: int


class OutputReading(Struct, frozen=True, kw_only=True):
    """An output whose items are read a slice at a time: each is read once, and nothing keeps it."""

    slices: Iterator[tuple[OutputItem, ...]]
    #: when the newest of the items changed -> what the output says beside them
    complete: Callable[[datetime | None], OutputFeed]


def _size(cached: tuple[int, Story]) -> int:
    """Estimate the characters of a cached story: its text, and what each copy says of itself."""
    story = cached[1]
    return 2_000 + len(story.html or "") + 500 * (len(story.copies) + len(story.media) + len(story.related))


class OutputQuery:
    """Reads outputs from the store; caches decoded stories from one version to the next. Safe between threads."""

    def __init__(self, directory: OutputDirectory, *, cached: int = _CACHED_STORIES) -> None:
        self._directory = directory
        #: by the story's number: the change number that it was read at, and the story
        self._cache: IdleCache[int, tuple[int, Story]] = IdleCache(cached, _size, _IDLE_SECONDS)
        self._lock = Lock()
        #: groups stories into events, for the documents and for the pages
        self.events = EventView()

    def feed(self, connection: Connection, rule: OutputRule, now: datetime, page: int = 1) -> OutputFeed | None:
        """Read an output's page as it stands, whatever the format; None where it has no such page."""
        selected = self._grouped(connection, rule, now, page)
        if page > selected.pages:
            return None
        feed = self._without_items(connection, rule, now, page, selected.pages)
        items = self._without_secret_related(connection, rule, selected.items)
        times = [feed.updated, *(one.story.updated for one in items)]
        return replace(feed, items=items, updated=self._updated(connection, times, now))

    def read_in_slices(self, connection: Connection, rule: OutputRule, now: datetime) -> OutputReading:
        """Read an output's first page as it stands, its items a slice at a time while the connection is open."""
        if rule.group == "story" and _is_plain(rule):
            rows = output_entries.listed(connection, rule.name, now=now, limit=rule.limit)
            pages = _pages(output_entries.count(connection, rule.name, now=now), rule.limit)
            slices = self._slices(connection, rows)
        else:
            selected = self._grouped(connection, rule, now, 1)
            pages, slices = selected.pages, iter([selected.items])
        feed = self._without_items(connection, rule, now, 1, pages)

        def complete(updated: datetime | None) -> OutputFeed:
            times = [feed.updated] if updated is None else [feed.updated, updated]
            return replace(feed, updated=self._updated(connection, times, now))

        public = (self._without_secret_related(connection, rule, items) for items in slices)
        return OutputReading(slices=public, complete=complete)

    def _slices(self, connection: Connection, rows: Sequence[ListedStory]) -> Iterator[tuple[OutputItem, ...]]:
        """Yield what the listed stories say, the first slice as large as what is compared for events."""
        yield self.events.marked(self.items(connection, rows[:MOST]))
        for start in range(MOST, len(rows), _SLICE):
            yield self.items(connection, rows[start : start + _SLICE], displacing=False)

    def _without_items(
        self, connection: Connection, rule: OutputRule, now: datetime, page: int, pages: int
    ) -> OutputFeed:
        """Return what a page of an output says beside its items; `updated` is that of its tombstones."""
        first = page == 1
        stones = stories.tombstones(connection, rule.name, since=now - self._directory.retention) if first else []
        return replace(
            self._head(rule),
            updated=max((stone.when for stone in stones), default=_NEVER),
            tombstones=tuple(stones),
            query="" if first else f"?page={page}",
            relations=_page_links(page, pages)
            + _prev_archive(archives.newest_number(connection, rule.name) if first else 0),
            hubs=self._directory.hubs if first and rule.token is None else (),
        )

    def _updated(self, connection: Connection, times: Iterable[datetime], now: datetime) -> datetime:
        """Return the last of the times; where there is none, when the hub was made."""
        last = max(times)
        return self._created_at(connection, now) if last == _NEVER else last

    def render_archived(
        self, rule: OutputRule, number: int, archived: ArchivedDocument, *, is_static: bool = False
    ) -> bytes:
        """Join an archived document out of the entries that are kept of it."""
        from feedhub.publish import archive

        feed = replace(
            self._head(rule),
            updated=archived.changed,
            tombstones=archived.tombstones,
            query=f"?archive={number}",
            relations=(("current", ""), *_prev_archive(number - 1)),
            is_archive=True,
            is_static=is_static,
        )
        return archive(feed, archived.entries)

    def render_entries(self, rule: OutputRule, archived: ArchivedDocument) -> dict[int, RenderedEntry]:
        """Render those entries of an archived document for which nobody has asked so far."""
        from feedhub.publish import entry

        style = self._directory.style(rule)
        made = {}
        for position, (change, story) in archived.unrendered.items():
            one = OutputItem(story=story, entered=archived.closed, version=str(change))
            made[position] = RenderedEntry(entry=entry(one, style=style), sources=story.text_sources)
        return made

    def shown(self, connection: Connection, rule: OutputRule, now: datetime) -> Collection[int]:
        """Return the numbers of the stories that an output shows."""
        if _is_plain(rule):
            return _ids(output_entries.listed(connection, rule.name, now=now, limit=rule.limit))
        return self.select_page(connection, rule, now).ids

    def _grouped(self, connection: Connection, rule: OutputRule, now: datetime, page: int) -> OutputPage:
        """Select the stories of a page, each marked with its event; of `group: event` those that stand for events."""
        if rule.group == "story":
            selected = self.select_page(connection, rule, now, page)
            return replace(selected, items=self.events.marked(selected.items))
        newest = self.select_page(connection, replace(rule, limit=min(_EVENT_STORIES * rule.limit, MOST)), now)
        items = self.events.joined(newest.items)
        start = (page - 1) * rule.limit
        return OutputPage(ids=(), items=items[start : start + rule.limit], pages=_pages(len(items), rule.limit))

    def select_page(self, connection: Connection, rule: OutputRule, now: datetime, page: int = 1) -> OutputPage:
        """Select the stories of a page; each page is selected by the output's rule from what the earlier ones left."""
        if _is_plain(rule):
            start = (page - 1) * rule.limit
            rows = output_entries.listed(connection, rule.name, now=now, limit=rule.limit, offset=start)
            count = output_entries.count(connection, rule.name, now=now)
            items = self.items(connection, rows)
            return OutputPage(ids=_ids(rows), items=items, pages=_pages(count, rule.limit))
        return self._select_with_caps(connection, rule, now, page)

    def items(
        self, connection: Connection, rows: Sequence[ListedStory], *, displacing: bool = True
    ) -> tuple[OutputItem, ...]:
        """Read what the listed stories say, in the order of `rows`; a story that is no more is left out.

        Unless `displacing` they are cached only where there is room: a long output would drive out all others, and
        in the end itself.
        """
        bodies: dict[int, Story] = {}
        with self._lock:
            for row in rows:
                cached = self._cache.get(row.id)
                if cached is not None and cached[0] == row.change:
                    bodies[row.id] = cached[1]
        bodies |= story_bodies.of(connection, [row.id for row in rows if row.id not in bodies])
        known = [row for row in rows if row.id in bodies]
        with self._lock:
            for row in known:
                value = (row.change, bodies[row.id])
                if displacing or row.id in self._cache or self._cache.has_room(value):
                    self._cache[row.id] = value
        return tuple(OutputItem(story=bodies[r.id], entered=r.entered, version=str(r.change)) for r in known)

    def _select_with_caps(self, connection: Connection, rule: OutputRule, now: datetime, page: int) -> OutputPage:
        """Select a page of an output with caps or an order of its own; `pages` is one too many while stories remain."""
        candidates: list[OutputItem] = []
        numbers: dict[str, int] = {}
        selected: tuple[OutputItem, ...] = ()
        batches = self._batches(connection, rule, now)
        for at in range(1, page + 1):
            on_earlier_page = {one.story.id for one in selected}
            candidates = [one for one in candidates if one.story.id not in on_earlier_page]
            selected = outputs.select(rule, candidates)
            while len(selected) < rule.limit or rule.order != "entered":
                batch = next(batches, None)
                if batch is None:
                    break
                candidates += batch.items
                numbers |= {one.story.id: number for number, one in zip(batch.ids, batch.items, strict=True)}
                selected = outputs.select(rule, candidates)
            if not selected:
                return OutputPage(ids=(), items=(), pages=max(1, at - 1))
        more = len(candidates) > len(selected) or next(batches, None) is not None
        return OutputPage(ids=tuple(numbers[one.story.id] for one in selected), items=selected, pages=page + more)

    def _batches(self, connection: Connection, rule: OutputRule, now: datetime) -> Iterator[OutputPage]:
        size = 2 * rule.limit if rule.order == "entered" else _MOST_CANDIDATES
        for start in range(0, _MOST_CANDIDATES, size):
            rows = output_entries.listed(
                connection, rule.name, now=now, limit=min(size, _MOST_CANDIDATES - start), offset=start
            )
            if rows:
                items = self.items(connection, rows)
                yield OutputPage(ids=_ids(rows), items=items, pages=1)
            if len(rows) < size:
                return

    def _without_secret_related(
        self, connection: Connection, rule: OutputRule, items: tuple[OutputItem, ...]
    ) -> tuple[OutputItem, ...]:
        """Leave out of a public output's items the related stories that only outputs with a token carry."""
        public = self._directory.public
        named = {other.id for one in items for other in one.story.related}
        if rule.name not in public or len(public) == len(self._directory.rules) or not named:
            return items
        known = output_entries.carried(connection, named, public)
        return tuple(_without(one, named - known) for one in items)

    def of_story(self, connection: Connection, rule: OutputRule, story: Story) -> OutputFeed:
        """Return the output with this story alone."""
        items = (OutputItem(story=story, entered=story.released),)
        return replace(
            self._head(rule), updated=story.updated, items=self._without_secret_related(connection, rule, items)
        )

    def _head(self, rule: OutputRule) -> OutputFeed:
        return OutputFeed(
            name=rule.name,
            id=f"tag:{self._directory.identity}:feed/{rule.name}",
            title=self._directory.heading(rule),
            home_url=self._directory.home,
            feed_url=self._directory.address(rule),
            updated=_NEVER,
            items=(),
            style=self._directory.style(rule),
        )

    def _created_at(self, connection: Connection, now: datetime) -> datetime:
        born = database.get_value(connection, "born")
        return datetime.fromisoformat(born) if born else now


def _is_plain(rule: OutputRule) -> bool:
    """Whether an output shows just the newest that entered it."""
    return rule.order == "entered" and rule.per_outlet is None


def _without(one: OutputItem, hidden: set[str]) -> OutputItem:
    related = tuple(other for other in one.story.related if other.id not in hidden)
    if len(related) == len(one.story.related):
        return one
    version = f"{one.version} {' '.join(other.id for other in related)}"
    return replace(one, story=replace(one.story, related=related), version=version)


def _pages(count: int, limit: int) -> int:
    return max(1, -(-count // limit))


def _ids(rows: Iterable[ListedStory]) -> tuple[int, ...]:
    return tuple(row.id for row in rows)


def _page_links(page: int, pages: int) -> tuple[tuple[str, str], ...]:
    """Return the links to the other pages (RFC 5005, 3). On the first, `last` would change all the time."""
    ahead = (("next", f"?page={page + 1}"),) if page < pages else ()
    if page == 1:
        return ahead
    back = "" if page == 2 else f"?page={page - 1}"
    return (("first", ""), ("previous", back), *ahead, ("last", f"?page={pages}"))


def _prev_archive(number: int) -> tuple[tuple[str, str], ...]:
    return (("prev-archive", f"?archive={number}"),) if number else ()
