"""A hub without a network for `stores.py`: made-up documents through record, clean, match, settle and commit."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import insert, select, text

from feedhub.clean import Agencies, clean, url_key
from feedhub.codec import dump
from feedhub.ingest import record
from feedhub.ingest.identify import fold
from feedhub.match import is_guid_reused, shares
from feedhub.merge import Member, compose, mint
from feedhub.model import (
    Copy,
    Entry,
    EntryKey,
    Feed,
    Markup,
    MatchWindows,
    OutputRule,
    Publisher,
    Relation,
    Source,
    SourceState,
)
from feedhub.settle.candidate_index import index_anew
from feedhub.settle.rules import SettleRules
from feedhub.settle.settler import BATCH, Settler
from feedhub.store import Connection, Database, claims, poll_results, publishers, stories
from feedhub.store.claims import Claim
from feedhub.store.dialect import clock
from feedhub.store.placements import hash64
from feedhub.store.stories import NewStory, StoryContent
from feedhub.store.tables import copy

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)
SOURCES = 200
#: entries of one document
ENTRIES = 50
#: a day's items, and so how close together they are first seen
A_DAY = 1_000_000
#: rows written by one statement while seeding; items of which larger stores are made
SEEDED, BLOCK = 2_000, 20_000
WORDS = [
    f"{a}{b}{c}"
    for a in ("ba", "ke", "li", "mo", "nu", "ra", "se", "ti")
    for b in "bdfglmnprst"
    for c in ("an", "er", "ing", "old", "une", "ist", "ock", "ard", "ell", "ume")
]
RULES = SettleRules(
    identity="bench.example,2026",
    windows=MatchWindows(),
    hold=timedelta(0),
    outputs=(OutputRule(name="all"),),
)
AGENCIES = Agencies.known([])


def entry(number: int, source: str) -> Entry:
    """A 300-word item; every fifth is a copy of an earlier one in another paper, edited and under another headline."""
    copied = number % 5 == 4
    chance = random.Random(f"text {number - 4 if copied else number}")
    words = chance.choices(WORDS, k=300)
    if copied:
        words[40:44] = random.Random(f"edit {number}").choices(WORDS, k=4)
    sentences = [" ".join(words[n : n + 15]).capitalize() + "." for n in range(0, 300, 15)]
    body = "".join(f"<p>{' '.join(sentences[n : n + 4])}</p>" for n in range(0, 20, 4))
    title = " ".join(random.Random(f"title {number}").choices(WORDS, k=8)).capitalize()
    return Entry(
        guid=f"https://{source}.example/{number}",
        link=f"https://{source}.example/{number}",
        base=f"https://{source}.example/",
        title=Markup(value=title),
        content=Markup(value=body),
        published=seen(number),
    )


def seen(number: int) -> datetime:
    return NOON + timedelta(days=number / A_DAY)


def source_of(name: str) -> Source:
    return Source(id=name, url=f"https://{name}.example/feed", name=name.title())


def prepare(store: Database, names: list[str]) -> None:
    """Have the sources configured and known."""

    def work(connection: Connection) -> None:
        known = [row.id for row in claims.sources(connection)]
        claims.sync_configured(connection, [*known, *names], NOON)
        for name in names:
            publishers.save(connection, name, Publisher(source=name, name=name, outlet=name))

    store.transact(work)


@dataclass(slots=True)
class Took:
    """Seconds of a worker: everything, and what of it was spent with the turn to settle."""

    items: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    settling: float = 0.0


class Worker:
    """One worker over its own sources."""

    def __init__(self, store: Database, names: list[str]) -> None:
        self.store = store
        self.sources = {name: source_of(name) for name in names}
        self.settler = Settler(RULES)
        #: sources whose news wait, for whoever judges ahead
        self.news: set[str] = set()

    def load(self, now: datetime) -> float:
        """Seconds of CPU until the index is in memory."""
        began = time.process_time()
        with self.store.read() as connection:
            self.settler.index.refresh(connection, now, now)
        return time.process_time() - began

    def ingest(self, first: int, count: int) -> Took:
        """Poll documents of new entries and settle them, as a worker does; numbers from `first`."""
        # what the publishers do costs us nothing
        documents = list(self._documents(first, count))
        took = Took(items=count)
        wall, cpu = time.perf_counter(), time.process_time()
        for place, (name, entries) in enumerate(documents):
            now = seen(first + ENTRIES * (place + 1))
            self._poll(name, Feed(title=name, entries=entries), now)
            self.news.add(name)
            if (place + 1) * ENTRIES % BATCH == 0:
                took.settling += self._settle(now)
        while self._is_waiting():
            took.settling += self._settle(now)
        took.wall, took.cpu = time.perf_counter() - wall, time.process_time() - cpu
        return took

    def turn(self, first: int, *, ahead: bool) -> float:
        """Seconds of CPU with the turn for an item of a batch of new ones, judged `ahead` of it or not."""
        documents = list(self._documents(first, BATCH))
        now = seen(first + BATCH)
        for name, entries in documents:
            self._poll(name, Feed(title=name, entries=entries), now)
        if ahead:
            with self.store.read() as connection:
                self.settler.judge_ahead(connection, [name for name, _ in documents], now)
        began = time.process_time()
        self._settle(now)
        took = time.process_time() - began
        while self._is_waiting():
            self._settle(now)
        return took / BATCH

    def _documents(self, first: int, count: int) -> Iterator[tuple[str, tuple[Entry, ...]]]:
        names = list(self.sources)
        for place, start in enumerate(range(first, first + count, ENTRIES)):
            name = names[place % len(names)]
            # entries next to each other are of different stories: the copy of one stands in the next document
            numbers = (start + n - (ENTRIES if (start + n) % 5 == 4 and place else 0) for n in range(ENTRIES))
            made = [entry(number, name) for number in numbers]
            yield name, tuple({one.guid: one for one in made}.values())

    def _poll(self, name: str, feed: Feed, now: datetime) -> None:
        source = self.sources[name]
        with self.store.write() as connection:
            (held,) = self._claim(connection, name)
        cleaned = partial(_clean, source=source, now=now)
        with self.store.read() as connection:
            reading = record.compare(
                connection, source, feed, clean=cleaned, url_key=url_key, unrelated=is_guid_reused, now=now
            )

        assert reading is not None
        changes = reading

        def write(connection: Connection) -> None:
            poll_results.finish(
                connection,
                held,
                state=SourceState(configured="x"),
                due_at=NOON + timedelta(days=900),
                publisher=None,
                remark=None,
            )
            record.write(connection, changes, now)

        self.store.transact(write)

    def _claim(self, connection: Connection, name: str) -> list[Claim]:
        connection.execute(text("UPDATE source SET due_at = :due WHERE id = :id"), {"due": 0, "id": name})
        return claims.claim(connection, now=NOON, at=clock(connection), lease=LEASE, limit=1)

    def _is_waiting(self) -> bool:
        with self.store.read() as connection:
            return connection.execute(select(copy.c.id).where(copy.c.pending).limit(1)).first() is not None

    def _settle(self, now: datetime) -> float:
        """Settle a batch; where another does, judge ahead and leave it to that one. The seconds with the turn."""
        if self.news and self.store.is_write_locked():
            self._foresee(now)
        began = time.perf_counter()
        done = self.store.transact(lambda connection: self.settler.settle(connection, now))
        if not done.locked:
            self.news.clear()
            return time.perf_counter() - began
        if self.news:
            self._foresee(now)
        else:
            time.sleep(0.01)
        return 0.0

    def _foresee(self, now: datetime) -> None:
        with self.store.read() as connection:
            self.settler.judge_ahead(connection, self.news, now)
        self.news.clear()


def _clean(one: Entry, first_seen: datetime, _: int | None, *, source: Source, now: datetime) -> Copy:
    return clean(
        one,
        source=source,
        feed_title=source.name,
        feed_language=None,
        outlet=source.id,
        first_seen=first_seen,
        now=now,
        agencies=AGENCIES,
    )


def seed(store: Database, first: int, count: int, names: list[str]) -> None:
    """Rows as settling leaves them, without the matcher's work: every item a story of its own, indexed."""
    for start in range(first, first + count, SEEDED):
        numbers = range(start, min(start + SEEDED, first + count))
        made = [(number, _seeded(number, names[number % len(names)])) for number in numbers]
        store.transact(partial(_write, made=made))


def _seeded(number: int, name: str) -> Copy:
    # no multiple of five: none of these is a copy of another
    one = entry(-1_000 - 5 * number, name)
    paragraphs = tuple(one.content.value[3:-4].split("</p><p>")) if one.content else ()
    return Copy(
        key=EntryKey(source=name, guid=one.guid),
        outlet=name,
        first_seen=seen(number),
        published=seen(number),
        title=one.title.value if one.title else "",
        html=one.content.value if one.content else "",
        paragraphs=paragraphs,
        url=one.link,
        url_key=url_key(one.link or ""),
    )


def _write(connection: Connection, made: list[tuple[int, Copy]]) -> None:
    found = stories.reserve_ids(connection, len(made))
    said = [_said(number, one) for number, (_, one) in zip(found, made, strict=True)]
    stories.add(connection, said, 1)
    stories.enter(connection, [("all", number, each.founded) for number, each in zip(found, said, strict=True)])
    rows = [
        {
            "source": one.key.source,
            "guid": one.key.guid,
            "identity": hash64(fold(one.key.guid)),
            "digest": number.to_bytes(16, "big"),
            "first_seen": one.first_seen,
            "listed": False,
            "pending": False,
            "edited": False,
            "outlet": one.outlet,
            "page_key": hash64(one.url_key or ""),
            "withdrawn": False,
            "story": story,
            "relation": Relation.FIRST,
            "ground": "",
            "body": dump(one),
        }
        for story, (number, one) in zip(found, made, strict=True)
    ]
    numbers = connection.execute(insert(copy).returning(copy.c.id, sort_by_parameter_order=True), rows).scalars()
    index_anew(connection, [(number, one) for number, (_, one) in zip(numbers, made, strict=True)])


def _said(number: int, one: Copy) -> NewStory:
    publisher = Publisher(source=one.key.source, name=one.outlet, outlet=one.outlet)
    body = compose(
        mint(RULES.identity, one.key),
        [Member(copy=one, publisher=publisher, relation=Relation.FIRST)],
        previous=None,
        now=one.first_seen,
        released=one.first_seen,
        shares=shares,
    )
    says = StoryContent(story=number, body=body, newest=one.first_seen)
    return NewStory(founder=one.key, founded=one.first_seen, says=says)
