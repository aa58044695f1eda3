"""Merges of the last hours, the newest first: each with its copies side by side, to undo, to keep apart, to confirm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from starlette.routing import Route

from feedhub.desk.desk_context import Desk, DeskRequest, NavigationEntry, View, row_number
from feedhub.desk.desk_routes import page
from feedhub.desk.pair_view import PairView, pair_view
from feedhub.model import Relation, Story
from feedhub.store import Connection, decisions, placements, review, story_bodies
from feedhub.store.decisions import Decision
from feedhub.store.placements import StoredCopy

NAVIGATION = NavigationEntry(path="/today", title="Today")
#: stories of a page, each with one pair compared; copies of a story that are listed
PAGE, MOST_COPIES = 8, 12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class MergeRow(Struct, frozen=True, kw_only=True):
    """A copy that joined a story, and the copy that it was matched to."""

    copy: StoredCopy
    matched: StoredCopy


class MergeCard(Struct, frozen=True, kw_only=True):
    """A story of several copies as the page shows it: its newest merge side by side, the others as lines."""

    story: Story
    newest: MergeRow
    pair: PairView
    earlier: tuple[MergeRow, ...]
    more: int
    #: by which a person has said that these copies are rightly one
    confirmed: Decision | None


def routes(desk: Desk) -> list[Route]:
    """Return the page of merges."""
    return [page(desk, NAVIGATION.path, show)]


def show(desk: Desk, request: DeskRequest) -> View:
    """Show the stories that the newest copies joined, or those before a place in the list."""
    with desk.store.read() as connection:
        listed = review.merged_stories(connection, before=_place(request.query.get("before", "")), limit=PAGE + 1)
        cards = _cards(desk, connection, [each.id for each in listed[:PAGE]])
    last = listed[PAGE - 1] if len(listed) > PAGE else None
    older = None if last is None else f"{(last.newest - _EPOCH) // _MICROSECOND}-{last.id}"
    return View(
        template="today.html", values={"cards": cards, "older": older, "is_first": "before" not in request.query}
    )


def merge_rows(members: Sequence[StoredCopy]) -> list[MergeRow]:
    """Return the copies that joined, each with the one that it was matched to, the newest first."""
    by_id = {member.id: member for member in members}
    founder = next(
        (each for each in members if each.placement is None or each.placement.relation is Relation.FIRST), members[0]
    )
    rows = []
    for member in sorted(members, key=lambda each: (each.copy.first_seen, each.id), reverse=True):
        if member.placement is None or member.placement.relation is Relation.FIRST:
            continue
        matched = by_id.get(member.placement.matched or 0, founder)
        if matched.id != member.id:
            rows.append(MergeRow(copy=member, matched=matched))
    return rows


def _cards(desk: Desk, connection: Connection, numbers: Sequence[int]) -> list[MergeCard]:
    said = story_bodies.of(connection, numbers)
    members: dict[int, list[StoredCopy]] = {}
    for each in placements.of_stories(connection, numbers):
        if each.story is not None and not each.withdrawn:
            members.setdefault(each.story, []).append(each)
    made = decisions.in_force_for(connection, [copy.id for copies in members.values() for copy in copies])
    confirmations = [each for each in made if each.kind == "confirm"]
    cards = []
    for number in numbers:
        rows = merge_rows(members.get(number, [])) if members.get(number) else []
        if number in said and rows:
            keys = {copy.copy.key for copy in members[number]}
            cards.append(
                MergeCard(
                    story=said[number],
                    newest=rows[0],
                    pair=pair_view(desk, connection, rows[0].matched, rows[0].copy),
                    earlier=tuple(rows[1 : MOST_COPIES + 1]),
                    more=max(0, len(rows) - 1 - MOST_COPIES),
                    confirmed=next((each for each in confirmations if keys <= set(each.left)), None),
                )
            )
    return cards


def _place(text: str) -> tuple[datetime, int] | None:
    """Read where the page before ended: microseconds since 1970 and a story's number; None where it is no place."""
    newest, number = (row_number(part) for part in text.partition("-")[::2])
    if newest is None or number is None:
        return None
    try:
        return _EPOCH + newest * _MICROSECOND, number
    except OverflowError:
        return None
