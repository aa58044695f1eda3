"""What the store knows of a story or an entry: who is in it, why, and what nearly was. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from msgspec import Struct, field

from feedhub.clean import url_key
from feedhub.match import Explanation, Furniture, explain_pair, prepare
from feedhub.model import MatchWindows, StoryVersion, Verdict
from feedhub.store import (
    Connection,
    copies,
    decisions,
    entry_failures,
    excluded_entries,
    output_entries,
    page_texts,
    placements,
    stories,
    verdicts,
)
from feedhub.store.decisions import Decision
from feedhub.store.entry_failures import FailedEntry
from feedhub.store.excluded_entries import ExcludedEntry
from feedhub.store.placements import StoredCopy
from feedhub.store.stories import StoryRow
from feedhub.structs import replace


class Account(Struct, frozen=True, kw_only=True):
    """One story, its copies, and every kept decision about them."""

    story: StoryRow
    members: tuple[StoredCopy, ...]
    #: decisions between its own copies
    inside: tuple[Verdict, ...]
    #: near misses with copies of other stories, the nearest first
    near: tuple[Verdict, ...]
    #: what was decided about its copies, by a person or by the hub when better text undid a join
    decisions: tuple[Decision, ...] = ()
    #: the outputs that leave it out, and why
    left_out: Mapping[str, str] = field(default_factory=dict)
    #: what it said, the oldest first
    versions: tuple[StoryVersion, ...] = ()


def find_story(connection: Connection, name: str) -> StoryRow | None:
    """Find a story by its id, by the last part of its id, or by the address of its page."""
    key = name if name.startswith("tag:") else urlsplit(name).path.rstrip("/").rpartition("/")[2]
    return stories.by_tag(connection, key) if key.startswith("tag:") else stories.by_key(connection, key)


def find_copies(connection: Connection, name: str) -> list[StoredCopy]:
    """Find entries by `SOURCE GUID`, by guid alone, or by the address of their article."""
    page = url_key(name) if name.startswith(("http://", "https://")) else None
    return placements.by_ids(connection, copies.find_by_name(connection, name, page))


def account(connection: Connection, row: StoryRow) -> Account:
    """Collect everything that is kept about one story."""
    members = placements.of_stories(connection, [row.id])
    numbers = {member.id for member in members}
    decided = verdicts.of_copies(connection, numbers)
    inside = [each.match for each in decided if each.left in numbers and each.right in numbers]
    near = [each.match for each in decided if not (each.left in numbers and each.right in numbers)]
    near.sort(key=lambda match: (match.threshold - match.score, match.left, match.right))
    return Account(
        story=row,
        members=tuple(members),
        inside=tuple(inside),
        near=tuple(near),
        decisions=tuple(decisions.in_force_for(connection, numbers)),
        left_out=output_entries.exclusions(connection, row.id),
        versions=tuple(stories.versions(connection, row.id)),
    )


def find_excluded(connection: Connection, name: str) -> list[ExcludedEntry]:
    """Find entries that their sources leave out, by the names of `find_copies`."""
    page = url_key(name) if name.startswith(("http://", "https://")) else None
    return excluded_entries.named(connection, copies.find_by_name(connection, name, page))


def find_failed(connection: Connection, name: str) -> list[FailedEntry]:
    """Find entries at which cleaning or recording failed, by the names of `find_copies`."""
    page = url_key(name) if name.startswith(("http://", "https://")) else None
    return entry_failures.find_by_name(connection, name, page)


def entry_decisions(connection: Connection, entries: Sequence[StoredCopy]) -> list[Decision]:
    """Return the decisions in force about entries, those of no story too: a kill notice is in none."""
    return decisions.in_force_for(connection, [entry.id for entry in entries])


def compare(connection: Connection, left: StoredCopy, right: StoredCopy, windows: MatchWindows) -> Explanation:
    """Judge two entries now, with the furniture that is known and what was read on their pages."""
    sources = {left.copy.key.source, right.copy.key.source}
    rows = verdicts.furniture_of(connection, sources)
    furniture = Furniture.unpacked({learned.source: learned.shingles for learned in rows})
    read = page_texts.of_copies(connection, {each.id: each.copy for each in (left, right)})
    one, other = (read[e.id].article.compared(e.copy) if e.id in read else e.copy for e in (left, right))
    explanation = explain_pair(prepare(one), prepare(other), furniture, windows)
    match = page_texts.with_pages(explanation.match, [each.read_at for each in read.values()])
    return replace(explanation, match=match)


def nearest(left: Sequence[StoredCopy], right: Sequence[StoredCopy]) -> tuple[StoredCopy, StoredCopy]:
    """Choose the copies of two stories to lay side by side: the fullest of each."""

    def fullness(stored: StoredCopy) -> tuple[int, str]:
        return (len(stored.copy.text.split()), str(stored.copy.key))

    return max(left, key=fullness), max(right, key=fullness)
