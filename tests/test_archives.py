"""Archived documents: nothing is missing, nothing changes, and nothing is rendered before somebody asks."""

from __future__ import annotations

import random
import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from engines import template
from faults import Fault, child
from hubs import Newsroom
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from newsstand import NOON, story
from outlets import plain_item
from sqlalchemy import func, select, update

from feedhub.admin.verify import problems
from feedhub.cli import once
from feedhub.directory import OutputDirectory
from feedhub.errors import UsageError
from feedhub.feeds import OutputMaintenance
from feedhub.feeds.output_documents import OutputDocuments
from feedhub.feeds.output_maintenance import documents_to_close
from feedhub.feeds.output_query import OutputQuery
from feedhub.model import EntryKey, OutputRule, Publisher, Rights, Source, Story
from feedhub.store import Database, archives, database, publishers, retention, stories
from feedhub.store.output_entries import ListedStory
from feedhub.store.stories import NewStory, StoryContent
from feedhub.store.tables import archive_entry, archived_story, output_entry
from feedhub.structs import replace

RETENTION = timedelta(days=30)
YEAR = timedelta(days=365)


@dataclass
class Shop:
    """A hub without sources: stories come, change and go, and its one output is maintained."""

    url: str
    rule: OutputRule
    now: datetime = NOON
    count: int = 0
    live: dict[int, Story] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    noted: int = 0
    #: (number, position) -> the entry as it would have been rendered when it was closed
    expected: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = Database.open(self.url)
        self.directory = OutputDirectory(
            identity="hub.test,2026", base_url="http://hub.test", rules=(self.rule,), retention=RETENTION
        )
        self.query = OutputQuery(self.directory)
        self.documents = OutputDocuments(self.store, self.directory, self.query, lambda: self.now)
        with self.store.write() as connection:
            publishers.ensure_source(connection, "lantern", NOON)
            publishers.save(connection, "lantern", Publisher(source="lantern", name="L", outlet="lantern.test"))

    def pass_time(self, by: timedelta) -> None:
        self.now += by

    def publish(self, count: int, seed: int = 0) -> None:
        chance = random.Random(seed)
        with self.store.write() as connection:
            change = database.next_change(connection, self.now)
            new = []
            for number in stories.reserve_ids(connection, count):
                self.count += 1
                date = self.now - timedelta(minutes=chance.randrange(90))
                body = replace(
                    story(self.count, title=f"Number {self.count}", published=date, updated=date, released=self.now),
                    dated=chance.random() < 0.8,
                )
                self.live[number] = body
                says = StoryContent(story=number, body=body, newest=self.now)
                new.append(NewStory(founder=body.canonical, founded=self.now, says=says))
            stories.add(connection, new, change)
            stories.enter(connection, [(self.rule.name, each.says.story, self.now) for each in new])

    def edit(self, numbers: list[int], *, enters: bool = False) -> None:
        with self.store.write() as connection:
            change = database.next_change(connection, self.now)
            rows = []
            for number in numbers:
                before = self.live[number]
                self.live[number] = replace(before, title=f"{before.title}, as of {self.now}")
                rows.append(StoryContent(story=number, body=self.live[number], newest=self.now, before=before))
            stories.save(connection, rows, change)
            if enters:
                stories.enter(connection, [(self.rule.name, number, self.now) for number in numbers])

    def end(self, number: int, state: Any) -> None:
        self.gone.add(self.live[number].id)
        with self.store.write() as connection:
            change = database.next_change(connection, self.now)
            stories.end(connection, number, state, when=self.now, reason="so", change=change, killed_by="person")
        del self.live[number]

    def purge(self) -> None:
        with self.store.write() as connection:
            retention.purge(connection, now=self.now, retention=RETENTION, window=timedelta(days=3))
            for number in list(self.live):
                row = stories.by_ids(connection, [number])[0]
                if row.state == "purged":
                    del self.live[number]
        self.note()

    def maintain(self, **rights: Rights) -> int:
        sources = [Source(id=name, url="http://x.test/", name=name, rights=each) for name, each in rights.items()]
        done = OutputMaintenance(self.store, self.directory, sources).run(self.now)
        self.note()
        return done

    def note(self) -> None:
        """Render what was closed since, and keep nothing of it."""
        with self.store.read() as connection:
            for number in range(self.noted + 1, archives.newest_number(connection, self.rule.name) + 1):
                self.noted = number
                document = archives.document(connection, self.rule.name, number)
                assert document is not None, f"the chain has no document {number}"
                for position, one in self.query.render_entries(self.rule, document).items():
                    self.expected[number, position] = one.entry

    def shown(self) -> set[str]:
        feed = self.documents.feed(self.rule)
        assert feed is not None
        return {one.story.id for one in feed.items}

    def archived(self) -> list[list[str]]:
        """The ids that each archived document names, asking for none."""
        with self.store.read() as connection:
            query = select(archive_entry.c.number, archive_entry.c.story).where(archive_entry.c.removed_at.is_(None))
            rows = connection.execute(query.order_by(archive_entry.c.number)).all()
            tags = {row.id: row.tag for row in stories.by_ids(connection, [row.story for row in rows])}
        found: dict[int, list[str]] = {}
        for number, one in rows:
            found.setdefault(number, []).append(tags[one])
        return list(found.values())

    def ask(self, number: int) -> bytes:
        made = self.documents.archived(self.documents.current(), self.rule, number)
        assert made is not None
        return made.plain.body

    @property
    def newest(self) -> int:
        with self.store.read() as connection:
            return archives.newest_number(connection, self.rule.name)

    def rows(self, table: Any) -> int:
        with self.store.read() as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())

    def holds(self) -> None:
        """Every story that was ever published is shown or archived, and the store is sound."""
        ever = {f"tag:hub.test,2026:{number:016x}" for number in range(1, self.count + 1)} - self.gone
        assert ever - self.shown() - {tag for document in self.archived() for tag in document} == set()
        with self.store.read() as connection:
            # its stories have no copies
            assert [line for line in problems(connection) if "archive" in line or "output" in line] == []


RULES = st.builds(
    OutputRule,
    name=st.just("all"),
    limit=st.sampled_from([2, 3, 8, 30]),
    order=st.sampled_from(["entered", "entered", "published", "updated", "copies"]),
    per_outlet=st.sampled_from([None, None, 1, 2]),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["poll", "poll", "edit", "enter", "kill", "join", "month"]), st.integers(0, 20), st.booleans()
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=12)
@given(RULES, STEPS, st.randoms(use_true_random=False))
@example(OutputRule(name="all", limit=30, per_outlet=25), [("poll", 80, True)], random.Random(1))
def test_whatever_was_published_stands_in_the_document_or_in_the_chain_of_archives(
    rule: OutputRule, steps: list[tuple[str, int, bool]], chance: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(template(), Path(folder) / "hub.db")
        shop = Shop(f"sqlite:///{folder}/hub.db", rule)
        for step, size, asks in steps:
            some = chance.sample(sorted(shop.live), min(size, len(shop.live)))
            if step == "poll":
                shop.publish(size, seed=size)
            elif step in ("edit", "enter"):
                shop.edit(some, enters=step == "enter")
            elif step in ("kill", "join"):
                for number in some[:1]:
                    shop.end(number, "killed" if step == "kill" else "joined")
            elif step == "month":
                shop.pass_time(RETENTION)
                shop.purge()
            shop.maintain()
            shop.holds()
            if asks and shop.newest:
                shop.ask(chance.randint(1, shop.newest))
            shop.pass_time(timedelta(hours=1))
        shop.pass_time(YEAR)
        for number in range(1, shop.newest + 1):
            body = shop.ask(number)
            assert shop.ask(number) == body
            with shop.store.read() as connection:
                document = archives.document(connection, "all", number)
            assert document is not None
            assert not document.unrendered
            at_closing = [entry for (n, _), entry in shop.expected.items() if n == number]
            assert set(document.entries) <= set(at_closing)
            assert len(document.entries) + len(document.tombstones) == len(at_closing)
        assert shop.rows(archived_story) == 0
        shop.store.close()


def _listed(count: int) -> list[ListedStory]:
    return [ListedStory(id=n, change=1, entered=NOON) for n in range(count)]


@given(st.integers(0, 300), st.integers(1, 250), st.sets(st.integers(0, 300)))
def test_what_stays_open_is_shown_and_less_than_a_document(count: int, limit: int, shown: set[int]) -> None:
    documents = documents_to_close(_listed(count), shown, limit)
    closed = [row.id for rows in documents for row in rows]
    assert closed == list(range(len(closed)))
    assert set(range(len(closed), count)) <= shown
    assert count - len(closed) < max(1, limit // 2)


@pytest.fixture
def shop(database_url: str) -> Iterator[Shop]:
    made = Shop(database_url, OutputRule(name="all", limit=10))
    yield made
    made.store.close()


def test_a_large_round_closes_documents_and_renders_none(shop: Shop) -> None:
    shop.publish(203)
    assert shop.maintain() == 40
    with shop.store.read() as connection:
        assert connection.execute(select(func.count(archive_entry.c.entry))).scalar_one() == 0
    assert shop.rows(archived_story) == 0
    shop.holds()
    assert shop.maintain() == 0


def test_a_start_does_nothing_again_that_an_earlier_process_did_for_the_same_outputs(shop: Shop) -> None:
    def marks(directory: OutputDirectory, right: Rights) -> bool:
        """Whether a process that starts now notes what is shown, where nobody had."""
        with shop.store.write() as connection:
            connection.execute(update(output_entry).values(shown_at=None))
        source = Source(id="lantern", url="http://x.test/", name="L", rights=right)
        OutputMaintenance(shop.store, directory, [source]).run(shop.now)
        with shop.store.read() as connection:
            return bool(connection.execute(select(func.count(output_entry.c.shown_at))).scalar_one())

    shop.publish(20)
    assert marks(shop.directory, Rights.FULL)
    shop.pass_time(timedelta(hours=1))
    assert not marks(shop.directory, Rights.FULL)
    narrower = replace(shop.directory, rules=(replace(shop.rule, limit=2),))
    assert marks(narrower, Rights.FULL)
    assert marks(narrower, Rights.SUMMARY)
    assert not marks(narrower, Rights.SUMMARY)
    shop.publish(1)
    assert marks(narrower, Rights.SUMMARY)


def test_an_archive_is_the_same_whenever_it_is_asked_for(shop: Shop) -> None:
    shop.publish(20)
    shop.maintain()
    asked_at_once = {number: shop.ask(number) for number in (1, 2)}
    shop.edit(sorted(shop.live)[:15])
    shop.pass_time(RETENTION)
    shop.purge()
    shop.maintain()
    shop.pass_time(YEAR)
    with shop.store.read() as connection:
        for number in (1, 2, 3, 4):
            document = archives.document(connection, "all", number)
            assert document is not None
            assert bool(document.unrendered) is (number > 2)
    again = OutputDocuments(shop.store, shop.directory, OutputQuery(shop.directory), lambda: shop.now)
    for number in (1, 2, 3, 4):
        made = again.archived(again.current(), shop.rule, number)
        assert made is not None
        assert made.plain.body == asked_at_once.get(number, made.plain.body)
        for (document_number, _), entry in shop.expected.items():
            assert (entry in made.plain.body) is (document_number == number)
    assert shop.rows(archived_story) == 0


def test_a_kill_leaves_nothing_of_an_archived_text_that_nobody_asked_for(shop: Shop) -> None:
    shop.publish(20)
    shop.maintain()
    first = min(shop.live)
    shop.edit([first])
    assert shop.rows(archived_story) == 1
    shop.end(first, "killed")
    assert shop.maintain() == 1
    assert shop.rows(archived_story) == 0
    bodies = [shop.ask(number) for number in range(1, shop.newest + 1)]
    assert not any(b">Number 1<" in body for body in bodies)
    assert sum(b"deleted-entry" in body for body in bodies) == 1


@pytest.mark.parametrize("asked", [False, True], ids=["never asked for", "asked for"])
def test_a_lowered_right_reaches_what_is_archived(shop: Shop, asked: bool) -> None:
    shop.publish(20)
    shop.maintain(lantern=Rights.FULL)
    if asked:
        shop.ask(1)
    shop.edit(sorted(shop.live)[:7])
    assert shop.maintain(lantern=Rights.HEADLINE) == 20 + 4
    assert b"deleted-entry" in shop.ask(1)
    assert b"ferry ran aground" not in shop.ask(1)
    shop.holds()


def ask_and_die(url: str, fault: Fault) -> None:
    """Ask for an archived document, and be killed meanwhile."""
    shop = Shop(url, OutputRule(name="all", limit=10))
    fault.arm()
    shop.ask(1)


@pytest.mark.parametrize("statement", [2, 4, 6, 8])
def test_who_is_killed_while_it_renders_an_archive_leaves_it_as_it_was_or_whole(shop: Shop, statement: int) -> None:
    shop.publish(20)
    shop.maintain()
    process = child(ask_and_die, shop.url, Fault(statement=statement))
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL)
    with shop.store.read() as connection:
        document = archives.document(connection, "all", 1)
    assert document is not None
    assert len(document.unrendered) in (0, 5)
    body = shop.ask(1)
    assert all((entry in body) is (number == 1) for (number, _), entry in shop.expected.items())


def test_of_two_that_render_one_archive_the_first_is_believed(shop: Shop) -> None:
    shop.publish(20)
    shop.maintain()
    with shop.store.read() as connection:
        seen = archives.document(connection, "all", 1)
    assert seen is not None
    first = shop.ask(1)
    late = {n: archives.RenderedEntry(entry=b"<entry>other</entry>", sources=["lantern"]) for n in seen.unrendered}
    with shop.store.write() as connection:
        archives.save_rendered(connection, "all", 1, late)
    other = OutputDocuments(shop.store, shop.directory, OutputQuery(shop.directory), lambda: shop.now)
    made = other.archived(other.current(), shop.rule, 1)
    assert made is not None
    assert made.plain.body == first


def test_what_lies_unarchived_is_archived_before_it_is_purged(shop: Shop) -> None:
    shop.publish(3)
    assert shop.maintain() == 0
    shop.pass_time(RETENTION)
    shop.pass_time(timedelta(days=1))
    shop.purge()
    assert shop.shown() == set()
    assert [len(document) for document in shop.archived()] == [3]
    shop.holds()
    key = EntryKey(source="lantern", guid="1")
    assert key.source.encode() in shop.ask(1)


def test_a_folder_of_files_has_a_whole_chain_of_archives_and_only_new_ones_are_written(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, settings={"feeds": (OutputRule(name="all", limit=8),)})
    room.source("paper")
    path = tmp_path / "config.yaml"
    path.write_text(
        f"database: {room.config.database}\nidentity: test.example,2026\n"
        "sources: [{id: paper, name: Paper, url: paper.json}]\nfeeds: [{name: all, limit: 8}]\n",
        encoding="utf-8",
    )

    def run(first: int, last: int, hours: int) -> dict[str, tuple[bytes, int]]:
        room.serve("paper", *(plain_item(n) for n in range(first, last)))
        now, base = f"2026-03-{10 + hours // 24}T12:00:00Z", "https://static.example/news"
        assert (
            once.run(path, everything=True, out=tmp_path / "out", as_json=True, now=now, base_url=base, archives=True)
            == 0
        )
        return {each.name: (each.read_bytes(), each.stat().st_ino) for each in (tmp_path / "out").iterdir()}

    before = run(0, 20, 0)
    after = run(10, 30, 24)
    new = {name for name in after if name not in before}
    assert new == {f"all.archive-{number}.atom" for number in (6, 7)}
    assert {name: after[name] for name in before if "archive" in name} == {
        name: file for name, file in before.items() if "archive" in name
    }
    entries, at = [], "all.atom"
    while at:
        root = etree.fromstring(after[at][0])
        entries += [one.text for one in root.findall("{*}entry/{*}id")]
        onward = {one.get("rel"): one.get("href") for one in root.findall("{*}link")}
        assert onward["self"] == f"https://static.example/news/{at}"
        at = (onward.get("prev-archive") or "").removeprefix("https://static.example/news/")
    assert set(entries) == {one.id for one in room.stories()}
    assert len(room.stories()) == 30


def test_archives_need_to_know_where_they_lie(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("sources: [{id: a, name: A, url: a.json}]\n", encoding="utf-8")
    with pytest.raises(UsageError, match="--base-url"):
        once.run(path, everything=True, out=tmp_path / "out", as_json=True, now=None, archives=True)
