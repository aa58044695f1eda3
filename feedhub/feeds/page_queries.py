"""Store -> what the pages for people show: lists of stories by event, searches, the sources."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from threading import Lock
from urllib.parse import quote, urlsplit, urlunsplit

from cachetools import LRUCache
from msgspec import Struct

from feedhub.directory import OutputDirectory
from feedhub.feeds.event_view import lead
from feedhub.feeds.output_query import OutputQuery
from feedhub.model import Filters, OutputFeed, OutputItem, OutputRule, Story
from feedhub.publish import FORMATS
from feedhub.serve import Document, SearchPage, SourceLine, StoryList, document
from feedhub.store import Connection, Database, claims, conditions, database, output_entries, search
from feedhub.store.claims import SourceRow
from feedhub.store.conditions import SourceIntake
from feedhub.store.search import SearchResult
from feedhub.store.search_query import parse_query
from feedhub.structs import replace

#: groups of stories on a page, results of a search, items of a search to subscribe to
PAGE, RESULTS, FEED_RESULTS = 30, 30, 50
#: characters of text in a search to subscribe to, after the first item: fifty articles as long as books took a second
FEED_TEXT = 1_000_000
#: the newest stories of an output that its pages show: what is older is in its documents and archives
_MOST = 1_000
#: outputs whose groups are cached, 8 kB each
_CACHED_LISTS = 256
#: after an output was grouped into events its groups stand for so many times as long as that took, whatever changes
REST = 5
#: seconds for which pages show its groups as they were while they are made anew
STALE = 10.0
#: how long what is told of the sources stands, in seconds, and the days that it counts
_SOURCES_FOR, _DAYS = 60.0, 7


class _GroupList(Struct, frozen=True, kw_only=True):
    """An output's stories by event, as they stood at a change number: the numbers of the stories, the lead first."""

    change: int
    #: stories that were released
    count: int
    groups: tuple[tuple[int, ...], ...]
    #: when they are grouped again at the earliest, and until when they are shown meanwhile, by the monotonic clock
    valid_until: float
    shown_until: float


class PageQueries:
    """Reads what pages show; what costs much is read once for each change. Its methods block; safe between threads."""

    def __init__(
        self,
        store: Database,
        directory: OutputDirectory,
        query: OutputQuery,
        clock: Callable[[], datetime],
        *,
        rest: float = REST,
        stale: float = STALE,
    ) -> None:
        self._store = store
        self._directory = directory
        self._query = query
        self._clock = clock
        self._rest = rest
        self._stale = stale
        self._lists: LRUCache[str, _GroupList] = LRUCache(_CACHED_LISTS)
        #: outputs whose pages show groups that are no more what they would be
        self._outdated: set[str] = set()
        self._sources: tuple[float, list[SourceLine]] = (float("-inf"), [])
        self._lock = Lock()

    def stories(self, rule: OutputRule, page: int) -> StoryList | None:
        """Return a page of an output's stories, those of one event together; None where it has no such page."""
        now = self._clock()
        with self._store.read() as connection:
            groups = self._groups(connection, rule, now)
            pages = max(1, -(-len(groups) // PAGE))
            if page > pages:
                return None
            here = groups[(page - 1) * PAGE : page * PAGE]
            stories = self._read(connection, rule, [number for group in here for number in group], now)
        shown = (tuple(stories[number] for number in group if number in stories) for group in here)
        return StoryList(groups=tuple(group for group in shown if group), page=page, pages=pages)

    def search(self, text: str, before: int | None) -> SearchPage:
        """Return what a person's query finds in outputs without a token."""
        now = self._clock()
        query = parse_query(text, now)
        with self._store.read() as connection:
            found = search.find(
                connection, query, now=now, limit=RESULTS + 1, before=before, outputs=self._directory.public
            )
        shown = found[:RESULTS]
        onward = shown[-1].id if len(found) > RESULTS else None
        return SearchPage(stories=tuple(one.story for one in shown), next=onward, ignored=query.ignored)

    def search_feed(self, text: str, suffix: str) -> Document | None:
        """Render what a query finds as a feed; None where there is no such format."""
        form = FORMATS.get(suffix)
        if form is None:
            return None
        now = self._clock()
        with self._store.read() as connection:
            query = parse_query(text, now)
            found = _newest(search.find(connection, query, now=now, limit=FEED_RESULTS, outputs=self._directory.public))
            changed = database.changed_at(connection)
        feed = OutputFeed(
            name="search",
            id=f"tag:{self._directory.identity}:search/{quote(text, safe='')}",
            title=f"{self._directory.title}: {text}",
            home_url=f"{self._directory.base_url}/",
            feed_url=f"{self._directory.base_url}/search",
            query=f"?q={quote(text, safe='')}",
            updated=max((one.story.updated for one in found), default=changed or now),
            items=tuple(OutputItem(story=self._public(one.story), entered=one.story.released) for one in found),
            style=self._directory.style(OutputRule(name="search")),
        )
        return document(form.render(feed), form.media_type)

    def sources(self) -> list[SourceLine]:
        """Return the configured sources, in the order of their names.

        Where no public output takes every story, those alone whose copies stand in a story that one shows: else a page
        that all may see would name a source whose stories only an output with a token carries.
        """
        with self._lock:
            read_at, lines = self._sources
        if time.monotonic() - read_at < _SOURCES_FOR:
            return lines
        since = self._clock() - timedelta(days=_DAYS)
        with self._store.read() as connection:
            rows = [row for row in claims.sources(connection) if row.configured]
            if not any(rule.token is None and _takes_everything(rule) for rule in self._directory.rules):
                named = output_entries.sources(connection, self._directory.public, now=self._clock())
                rows = [row for row in rows if row.id in named]
            intakes = conditions.intakes(connection, since=since)
        lines = sorted(
            (self._line(row, intakes.get(row.id)) for row in rows), key=lambda line: (line.name.casefold(), line.name)
        )
        with self._lock:
            self._sources = (time.monotonic(), lines)
        return lines

    def is_outdated(self, name: str) -> bool:
        """Tell whether an output's pages show its stories as they were before a change: `regroup` mends it."""
        return name in self._outdated

    def regroup(self, rule: OutputRule) -> None:
        """Group an output's stories by event as they stand now."""
        now = self._clock()
        with self._store.read() as connection:
            self._group(connection, rule, now)

    def _groups(self, connection: Connection, rule: OutputRule, now: datetime) -> tuple[tuple[int, ...], ...]:
        """Return the numbers of an output's newest stories by event, the lead first; made once a change, or later."""
        change = database.change_number(connection)
        count = output_entries.count(connection, rule.name, now=now, at_most=_MOST)
        with self._lock:
            known = self._lists.get(rule.name)
        if known is not None and (known.change, known.count) == (change, count):
            return known.groups
        if known is None or time.monotonic() >= known.shown_until:
            return self._group(connection, rule, now)
        if time.monotonic() >= known.valid_until:
            self._outdated.add(rule.name)
        return known.groups

    def _group(self, connection: Connection, rule: OutputRule, now: datetime) -> tuple[tuple[int, ...], ...]:
        began = time.monotonic()
        change = database.change_number(connection)
        count = output_entries.count(connection, rule.name, now=now, at_most=_MOST)
        selected = self._query.select_page(connection, replace(rule, limit=max(1, count)), now)
        numbers = {one.story.id: number for number, one in zip(selected.ids, selected.items, strict=True)}
        groups = tuple(
            tuple(numbers[one.story.id] for one in _lead_first(group))
            for group in self._query.events.groups(selected.items)
        )
        ended = time.monotonic()
        valid_until = ended + self._rest * (ended - began)
        with self._lock:
            self._outdated.discard(rule.name)
            self._lists[rule.name] = _GroupList(
                change=change,
                count=count,
                groups=groups,
                valid_until=valid_until,
                shown_until=max(valid_until, ended + self._stale),
            )
        return groups

    def _read(
        self, connection: Connection, rule: OutputRule, numbers: Sequence[int], now: datetime
    ) -> dict[int, Story]:
        rows = output_entries.rows(connection, rule.name, numbers, now=now)
        items = self._query.items(connection, list(rows.values()))
        return dict(zip(rows, (one.story for one in items), strict=True))

    def _public(self, story: Story) -> Story:
        """Leave out the related stories: an output with a token may carry them alone."""
        return replace(story, related=())

    def _line(self, row: SourceRow, intake: SourceIntake | None) -> SourceLine:
        publisher, state = row.publisher, row.state
        recent = intake.recent if intake else 0
        return SourceLine(
            name=self._directory.names.get(row.id) or (publisher.name if publisher else row.id),
            site=_site(publisher.link) if publisher else None,
            agency=publisher.agency if publisher else None,
            state=_state(row),
            last_success=state.last_success if state else None,
            daily=recent / _DAYS,
            copies=intake.recent_copies / recent if intake and recent else 0.0,
        )


def _lead_first(group: Sequence[OutputItem]) -> list[OutputItem]:
    first = lead(group)
    return [first, *(one for one in group if one is not first)]


def _newest(results: Sequence[SearchResult]) -> Sequence[SearchResult]:
    """Return the first results, as many as have a bounded length together, and one at least."""
    lengths = accumulate(len(one.story.html or "") for one in results)
    return results[: max(1, sum(length <= FEED_TEXT for length in lengths))]


def _takes_everything(rule: OutputRule) -> bool:
    filters = (rule.categories, rule.languages, rule.agencies, rule.outlets, rule.words)
    return not any(filters) and rule.min_copies == 1 and rule.exclude == Filters()


def _state(row: SourceRow) -> str:
    if row.state is None:
        return "waiting"
    return "stopped" if row.state.stopped else "failing" if row.state.failures else "polled"


def _site(url: str | None) -> str | None:
    """Return a site's address without what could betray a private one: user info and query."""
    if not url:
        return None
    parts = urlsplit(url)
    return None if "@" in parts.netloc else urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
