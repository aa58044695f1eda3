"""Pairs that stood closest to the threshold, to join or to dismiss: of each two stories the nearest pair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from starlette.routing import Route

from feedhub.desk.desk_context import Desk, DeskRequest, NavigationEntry, View
from feedhub.desk.desk_routes import page
from feedhub.desk.pair_page import is_about
from feedhub.desk.pair_view import PairView, pair_view
from feedhub.store import Connection, decisions, placements, review, verdicts
from feedhub.store.decisions import Decision
from feedhub.store.verdicts import StoredVerdict

NAVIGATION = NavigationEntry(path="/near-misses", title="Near misses")
#: pairs of a page, and the newest verdicts among which the nearest are looked for
PAGE, MOST_VERDICTS = 8, 2_000
#: decisions after which nobody need look at a pair again
_SETTLED = frozenset({"merge", "split", "never", "parted", "dismiss"})


class NearMiss(Struct, frozen=True, kw_only=True):
    """A pair that nearly merged, as it was judged when it was settled, and as it is judged now."""

    verdict: StoredVerdict
    pair: PairView

    @property
    def margin(self) -> float:
        """Return what the score lacks to its threshold; below zero where a guard alone forbade the merge."""
        return self.verdict.match.threshold - self.verdict.match.score


def routes(desk: Desk) -> list[Route]:
    """Return the page of near misses."""
    return [page(desk, NAVIGATION.path, show)]


def show(desk: Desk, request: DeskRequest) -> View:
    """Show the nearest pairs of two stories about which nobody has decided, a page of them."""
    text = request.query.get("page", "1")
    number = max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    with desk.store.read() as connection:
        pairs = undecided(connection)
        shown = pairs[(number - 1) * PAGE : number * PAGE]
        copies = {one.id: one for one in placements.by_ids(connection, {n for e in shown for n in (e.left, e.right)})}
        misses = [
            NearMiss(verdict=each, pair=pair_view(desk, connection, copies[each.left], copies[each.right]))
            for each in shown
            if each.left in copies and each.right in copies
        ]
    pages = max(1, -(-len(pairs) // PAGE))
    return View(
        template="near_misses.html", values={"misses": misses, "count": len(pairs), "page": number, "pages": pages}
    )


def undecided(connection: Connection) -> list[StoredVerdict]:
    """Return of each two stories the pair that stood closest to the threshold, nearest first, not what is decided."""
    stored = review.near_misses(connection, limit=MOST_VERDICTS)
    numbers = {number for each in stored for number in (each.left, each.right)}
    homes = verdicts.stories_of(connection, numbers)
    made: dict[int, list[Decision]] = {}
    for decision in decisions.in_force_for(connection, numbers):
        for number in decision.copies.values() if decision.kind in _SETTLED else ():
            made.setdefault(number, []).append(decision)
    return list(_nearest(stored, homes, made))


def _nearest(
    stored: Sequence[StoredVerdict], homes: Mapping[int, int], made: Mapping[int, Sequence[Decision]]
) -> Iterator[StoredVerdict]:
    seen: set[frozenset[int]] = set()
    for each in sorted(stored, key=lambda one: (abs(one.match.threshold - one.match.score), -one.right, -one.left)):
        stories = frozenset(homes.get(number, -number) for number in (each.left, each.right))
        if len(stories) < 2 or not all(number in homes for number in (each.left, each.right)) or stories in seen:
            continue
        seen.add(stories)
        if not any(is_about(decision, each.left, each.right) for decision in made.get(each.left, ())):
            yield each
