"""Laws of settling: whatever happens in between, the last texts decide the stories, and nothing moves by itself."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from engines import template
from hubs import BRIDGE, NOON, ORCHESTRA
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from feedhub.admin import verify
from feedhub.ingest.identify import fold
from feedhub.model import Copy, EntryKey, MatchWindows, OutputRule, Publisher, Trust
from feedhub.settle.rules import SettleRules
from feedhub.settle.settler import Settler
from feedhub.store import Database, claims, copies, placements, publishers, stories
from feedhub.store.copies import NewCopy
from feedhub.store.placements import hash64

RULES = SettleRules(
    identity="test.example,2026",
    windows=MatchWindows(),
    hold=timedelta(0),
    outputs=(OutputRule(name="all"),),
)
TOLL = (BRIDGE[0].replace("6,000", "7,500"), *BRIDGE[1:])
TEXTS = (BRIDGE, BRIDGE[:3], TOLL, ORCHESTRA, ORCHESTRA[:2])
SOURCES = ("courier", "herald", "post", "wire")
ENTRIES = tuple(EntryKey(source=source, guid=guid) for source in SOURCES for guid in ("1", "2"))
#: for each entry what it says one after the other
scripts = st.lists(st.lists(st.integers(0, len(TEXTS) - 1), min_size=1, max_size=3), min_size=3, max_size=8)
relaxed = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))


def copy_of(key: EntryKey, text: int) -> Copy:
    paragraphs = TEXTS[text]
    return Copy(
        key=key,
        outlet=key.source,
        title=f"{'Musicians choose their own' if text > 2 else 'Bridge is shut'}, {key.source} reports",
        paragraphs=paragraphs,
        html="".join(f"<p>{p}</p>" for p in paragraphs),
        published=NOON,
        first_seen=NOON + timedelta(minutes=ENTRIES.index(key)),
    )


#: a level of trust for each source
trusts = st.lists(st.sampled_from(["low", "normal", "high"]), min_size=len(SOURCES), max_size=len(SOURCES))


class World:
    """A store in which entries appear and are edited, settled by ever new settlers that looked ahead or not."""

    def __init__(self, store: Database, chance: random.Random) -> None:
        self.store = store
        self.chance = chance
        self.settler = Settler(RULES)
        self.hours = 0.0
        self.known: set[EntryKey] = set()
        #: every id that was ever shown
        self.shown: set[str] = set()

    def say(self, key: EntryKey, text: int) -> None:
        """An entry appears, or says something else."""
        new = NewCopy(copy=copy_of(key, text), identity=hash64(fold(key.guid)), served=key.guid, digest=bytes([text]))
        with self.store.write() as connection:
            if key in self.known:
                (number,) = copies.find_by_name(connection, str(key), None)
                copies.edit(connection, [(number, new)], NOON + timedelta(hours=self.hours))
            else:
                copies.add(connection, [new])
        self.known.add(key)

    def foresee(self) -> None:
        """Whoever settles next judges what waits of some sources as it is now."""
        some = self.chance.sample(SOURCES, self.chance.randint(1, len(SOURCES)))
        with self.store.read() as connection:
            self.settler.judge_ahead(connection, some, NOON + timedelta(hours=self.hours))

    def settle(self) -> int:
        """Settle all that waits, in batches of any size; returns how many stories changed."""
        settler, self.settler, changed = self.settler, Settler(RULES), 0
        self.hours += 0.01
        while True:
            with self.store.write() as connection:
                limit = self.chance.choice([1, 3, 500])
                done = settler.settle(connection, NOON + timedelta(hours=self.hours), limit=limit)
            if not done.copies:
                break
            changed += len(done.changed)
        with self.store.read() as connection:
            assert verify.problems(connection) == []
            self.shown |= {row.tag for row in stories.live(connection)}
        return changed

    def stories(self) -> dict[str, str]:
        """In which story each entry is."""
        with self.store.read() as connection:
            found = copies.tags_by_entry(connection)
        return {f"{source} {guid}": tag for (source, guid), tag in found.items()}

    def partition(self) -> set[frozenset[str]]:
        groups: dict[str, set[str]] = {}
        for entry, tag in self.stories().items():
            groups.setdefault(tag, set()).add(entry)
        return {frozenset(group) for group in groups.values()}


PLAIN: Sequence[Trust] = ["normal"] * len(SOURCES)


@contextmanager
def world(chance: random.Random, trust: Sequence[Trust] = PLAIN) -> Iterator[World]:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(template(), f"{folder}/hub.db")
        store = Database.open(f"sqlite:///{folder}/hub.db")
        with store.write() as connection:
            claims.sync_configured(connection, SOURCES, NOON)
            for name, level in zip(SOURCES, trust, strict=True):
                agency = "Quill Agency" if name == "wire" else None
                whose = Publisher(source=name, name=name, outlet=name, agency=agency, trust=level)
                publishers.save(connection, name, whose)
        yield World(store, chance)
        store.close()


def play(made: World, scripts: Sequence[Sequence[int]]) -> None:
    """Let every entry say its texts in their order, the entries among each other in any, settled now and then."""
    rest = {ENTRIES[n]: list(script) for n, script in enumerate(scripts)}
    while rest:
        key = made.chance.choice(sorted(rest))
        made.say(key, rest[key].pop(0))
        if not rest[key]:
            del rest[key]
        if made.chance.random() < 0.4:
            made.foresee()
        if made.chance.random() < 0.4:
            made.settle()
    made.settle()


@relaxed
@given(scripts, st.integers(0, 2**32))
def test_edits_in_any_order_settled_in_any_batches_end_in_the_stories_of_the_last_texts(
    scripts: list[list[int]], seed: int
) -> None:
    with world(random.Random(seed)) as played, world(random.Random(0)) as plain:
        play(played, scripts)
        for key, script in zip(ENTRIES, scripts, strict=False):
            plain.say(key, script[-1])
        plain.settle()
        assert played.partition() == plain.partition()


# Five copies of one text, each compared with three: what an edit or a new look drops must not part them.
@relaxed
@example([[0, 3], [0], [0, 0, 3], [0, 0, 3], [3], [3]], 0)
@given(scripts, st.integers(0, 2**32))
def test_no_id_that_was_shown_is_lost_and_settling_again_changes_nothing(scripts: list[list[int]], seed: int) -> None:
    with world(random.Random(seed)) as made:
        play(made, scripts)
        with made.store.read() as connection:
            states = {row.state for row in stories.by_tags(connection, made.shown)}
            bodies = {row.tag: row.body for row in stories.live(connection)}
        assert states <= {"live", "joined"}
        with made.store.write() as connection:
            for name in SOURCES:
                placements.mark_source_pending(connection, name)
        assert made.settle() == 0
        with made.store.read() as connection:
            assert {row.tag: row.body for row in stories.live(connection)} == bodies


@relaxed
@given(scripts, trusts, st.integers(0, 2**32))
def test_stories_say_the_same_in_every_order_and_batch_whatever_the_trust(
    scripts: list[list[int]], trust: list[Trust], seed: int
) -> None:
    last = [script[-1] for script in scripts]
    with world(random.Random(seed), trust) as played, world(random.Random(0), trust) as plain:
        play(played, [[text] for text in last])
        for key, text in zip(ENTRIES, last, strict=False):
            plain.say(key, text)
        plain.settle()
        assert played.partition() == plain.partition()
        assert said(played) == said(plain)


def said(made: World) -> set[tuple[object, ...]]:
    """What every story says and who says it, but for its id and the time of its changes."""
    with made.store.read() as connection:
        bodies = [row.body for row in stories.live(connection) if row.body is not None]
    return {
        (
            *(body.canonical, body.title, body.html, body.authors, body.categories, body.agency, body.agencies),
            *(frozenset((each.key, each.standing) for each in body.copies), frozenset(d.key for d in body.disputes)),
        )
        for body in bodies
    }
