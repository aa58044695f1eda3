"""Store -> OutputFeed: what an output says as it stands, its further pages, and its archived documents."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from feedhub import outputs
from feedhub.directory import OutputDirectory
from feedhub.model import OutputFeed, OutputItem, OutputRule, Story
from feedhub.publish import archive as archived_document
from feedhub.store import Connection, archives, database, output_entries, stories
from feedhub.store.output_entries import ListedStory

#: an output whose order needs all its stories is chosen from its newest so many
_CHOICE = 10_000
#: decoded stories that are kept between two versions: reading a story back costs as much as joining fifty
_KEPT = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What an output shows on one page, with the stories' numbers."""

    ids: tuple[int, ...]
    items: tuple[OutputItem, ...]
    pages: int


class Editor:
    """Reads outputs from the store; keeps decoded stories from one version to the next. Safe between threads."""

    def __init__(self, shelf: OutputDirectory) -> None:
        self._shelf = shelf
        self._kept: OrderedDict[int, tuple[int, Story]] = OrderedDict()
        self._lock = Lock()

    def feed(self, connection: Connection, rule: OutputRule, now: datetime, page: int = 1) -> OutputFeed | None:
        """An output's page as it stands, whatever the format; None where it has no such page."""
        chosen = self.choose(connection, rule, now, page)
        if page > chosen.pages:
            return None
        first = page == 1
        stones = stories.tombstones(connection, rule.name, since=now - self._shelf.retention) if first else []
        times = [*(one.story.updated for one in chosen.items), *(stone.when for stone in stones)]
        return replace(
            self._head(rule),
            updated=max(times, default=self._born(connection, now)),
            items=self._discreet(connection, rule, chosen.items),
            tombstones=tuple(stones),
            query="" if first else f"?page={page}",
            relations=_pages(page, chosen.pages)
            + _before(archives.newest_number(connection, rule.name) if first else 0),
            hubs=self._shelf.hubs if first and rule.token is None else (),
        )

    def archived(self, connection: Connection, rule: OutputRule, number: int) -> tuple[bytes, datetime] | None:
        """An archived document of an output, and when it last changed; None where there is none of this number."""
        found = archives.document(connection, rule.name, number)
        if found is None:
            return None
        changed = max([found.closed, *(stone.when for stone in found.tombstones)])
        feed = replace(
            self._head(rule),
            updated=changed,
            tombstones=found.tombstones,
            query=f"?archive={number}",
            relations=(("current", ""), *_before(number - 1)),
            is_archive=True,
        )
        return archived_document(feed, found.entries), changed

    def choose(self, connection: Connection, rule: OutputRule, now: datetime, page: int = 1) -> Chosen:
        """The stories on a page of an output; each page is chosen by the output's rule from what is left."""
        if rule.order == "entered" and rule.per_outlet is None:
            start = (page - 1) * rule.limit
            rows = output_entries.listed(connection, rule.name, now=now, limit=rule.limit, offset=start)
            count = output_entries.count(connection, rule.name, now=now)
            items = self.items(connection, rows)
            return Chosen(ids=_ids(rows), items=items, pages=max(1, -(-count // rule.limit)))
        return self._rationed(connection, rule, now, page)

    def items(self, connection: Connection, rows: Sequence[ListedStory]) -> tuple[OutputItem, ...]:
        """Listed stories with what they say."""
        read: dict[int, Story] = {}
        with self._lock:
            for row in rows:
                kept = self._kept.get(row.id)
                if kept is not None and kept[0] == row.change:
                    read[row.id] = kept[1]
                    self._kept.move_to_end(row.id)
        read |= output_entries.bodies(connection, [row.id for row in rows if row.id not in read])
        self._keep(rows, read)
        known = [row for row in rows if row.id in read]
        return tuple(OutputItem(story=read[r.id], entered=r.entered, version=str(r.change)) for r in known)

    def _keep(self, rows: Iterable[ListedStory], read: dict[int, Story]) -> None:
        with self._lock:
            for row in rows:
                if row.id in read:
                    self._kept[row.id] = (row.change, read[row.id])
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)

    def _rationed(self, connection: Connection, rule: OutputRule, now: datetime, page: int) -> Chosen:
        """Pages of an output with caps or an order of its own: the last page may be guessed while stories are left."""
        left: list[OutputItem] = []
        numbers: dict[str, int] = {}
        taken_now: tuple[OutputItem, ...] = ()
        source = self._batches(connection, rule, now)
        for at in range(1, page + 1):
            taken = {one.story.id for one in taken_now}
            left = [one for one in left if one.story.id not in taken]
            taken_now = outputs.select(rule, left)
            while len(taken_now) < rule.limit or rule.order != "entered":
                batch = next(source, None)
                if batch is None:
                    break
                left += batch.items
                numbers |= {one.story.id: number for number, one in zip(batch.ids, batch.items, strict=True)}
                taken_now = outputs.select(rule, left)
            if not taken_now:
                return Chosen(ids=(), items=(), pages=max(1, at - 1))
        more = len(left) > len(taken_now) or next(source, None) is not None
        return Chosen(ids=tuple(numbers[one.story.id] for one in taken_now), items=taken_now, pages=page + more)

    def _batches(self, connection: Connection, rule: OutputRule, now: datetime) -> Iterator[Chosen]:
        size = 2 * rule.limit if rule.order == "entered" else _CHOICE
        for start in range(0, _CHOICE, size):
            rows = output_entries.listed(connection, rule.name, now=now, limit=min(size, _CHOICE - start), offset=start)
            if rows:
                items = self.items(connection, rows)
                yield Chosen(ids=_ids(rows), items=items, pages=1)
            if len(rows) < size:
                return

    def _discreet(
        self, connection: Connection, rule: OutputRule, items: tuple[OutputItem, ...]
    ) -> tuple[OutputItem, ...]:
        """The items of a public output without related stories that only outputs with a token carry."""
        public = self._shelf.public
        named = {other.id for one in items for other in one.story.related}
        if rule.name not in public or len(public) == len(self._shelf.rules) or not named:
            return items
        known = output_entries.carried(connection, named, public)
        return tuple(_without(one, named - known) for one in items)

    def _head(self, rule: OutputRule) -> OutputFeed:
        return OutputFeed(
            name=rule.name,
            id=f"tag:{self._shelf.identity}:feed/{rule.name}",
            title=self._shelf.heading(rule),
            home_url=f"{self._shelf.base_url}/",
            feed_url=self._shelf.address(rule),
            updated=datetime.min,
            items=(),
            also=rule.also,
        )

    def _born(self, connection: Connection, now: datetime) -> datetime:
        born = database.get_value(connection, "born")
        return datetime.fromisoformat(born) if born else now


def _without(one: OutputItem, hidden: set[str]) -> OutputItem:
    kept = tuple(other for other in one.story.related if other.id not in hidden)
    if len(kept) == len(one.story.related):
        return one
    version = f"{one.version} {' '.join(other.id for other in kept)}"
    return replace(one, story=replace(one.story, related=kept), version=version)


def _ids(rows: Iterable[ListedStory]) -> tuple[int, ...]:
    return tuple(row.id for row in rows)


def _pages(page: int, pages: int) -> tuple[tuple[str, str], ...]:
    """Where the other pages are (RFC 5005, 3). On the first `last` would change all the time."""
    ahead = (("next", f"?page={page + 1}"),) if page < pages else ()
    if page == 1:
        return ahead
    back = "" if page == 2 else f"?page={page - 1}"
    return (("first", ""), ("previous", back), *ahead, ("last", f"?page={pages}"))


def _before(number: int) -> tuple[tuple[str, str], ...]:
    return (("prev-archive", f"?archive={number}"),) if number else ()
