"""Two copies on a page of their own, and the form by which every page of the desk decides about a pair."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import Struct
from starlette.routing import Route

from feedhub.admin import decide
from feedhub.admin.decision_lines import sentence
from feedhub.desk.desk_context import Desk, DeskRequest, NavigationEntry, NotHere, PostResult, View, row_number
from feedhub.desk.desk_routes import own_path, page, post
from feedhub.desk.pair_view import WHOLE_WORDS, pair_view
from feedhub.store import Connection, decisions, placements, verdicts
from feedhub.store.decisions import Decision

#: in no navigation: other pages lead to it
NAVIGATION: NavigationEntry | None = None
PATH = "/pair"

#: records a decision about the left and the right copy; the right one is the newcomer
_PairAction = Callable[[Connection, int, int, "_Words"], int]


class _Words(Struct, frozen=True, kw_only=True):
    """Who decides, why and when."""

    by: str
    reason: str | None
    now: datetime


def _split(connection: Connection, left: int, right: int, words: _Words) -> int:
    return decide.split(connection, right, [right], by=words.by, reason=words.reason, now=words.now)


def _confirm(connection: Connection, left: int, right: int, words: _Words) -> int:
    return decide.confirm(connection, right, by=words.by, reason=words.reason, now=words.now)


def _never(connection: Connection, left: int, right: int, words: _Words) -> int:
    return decide.never(connection, left, right, by=words.by, reason=words.reason, now=words.now)


def _merge(connection: Connection, left: int, right: int, words: _Words) -> int:
    return decide.merge(connection, left, right, by=words.by, reason=words.reason, now=words.now)


def _dismiss(connection: Connection, left: int, right: int, words: _Words) -> int:
    return decide.dismiss(connection, left, right, by=words.by, reason=words.reason, now=words.now)


_ACTIONS: Mapping[str, _PairAction] = {
    "split": _split,
    "confirm": _confirm,
    "never": _never,
    "merge": _merge,
    "dismiss": _dismiss,
}


def routes(desk: Desk) -> list[Route]:
    """Return the page of a pair, and the form that decides about one."""
    return [page(desk, PATH + "/{left}/{right}", show), post(desk, PATH, act)]


def show(desk: Desk, request: DeskRequest) -> View:
    """Show two copies by their numbers."""
    left, right = (row_number(request.parameters[name]) for name in ("left", "right"))
    if left is None or right is None:
        raise NotHere("copies have numbers")
    with desk.store.read() as connection:
        stored = {each.id: each for each in placements.by_ids(connection, [left, right])}
        if left == right or len(stored) < 2:
            raise NotHere("no such copies")
        view = pair_view(desk, connection, stored[left], stored[right], most_words=WHOLE_WORDS)
        home = verdicts.stories_of(connection, [left, right])
        made = decisions.in_force_for(connection, [left, right])
    is_one = home.get(left) is not None and home.get(left) == home.get(right)
    known = [(each, sentence(each)) for each in made if is_about(each, left, right)]
    return View(template="pair_alone.html", values={"pair": view, "is_one": is_one, "known": known, "home": home})


def act(desk: Desk, request: DeskRequest) -> PostResult:
    """Record what a form says of a pair, and settle what it touches."""
    action = _ACTIONS.get(request.value("do"))
    if action is None:
        raise NotHere("no such decision about a pair")
    left, right = request.number("left"), request.number("right")
    words = _Words(by=desk.operator, reason=request.why, now=desk.clock())
    return recorded(
        desk, lambda connection: action(connection, left, right, words), own_path(request.value("back"), "/")
    )


def recorded(desk: Desk, action: decide.Action, path: str) -> PostResult:
    """Record a decision, settle what it touches, and say on the page at `path` what it was."""
    done = decide.decide(desk.store, desk.config, action, desk.clock())
    with desk.store.read() as connection:
        made = decisions.by_id(connection, done.number)
    if made is None or made.revoked_at is not None:
        return PostResult(path=path, text=f"Decision {done.number} was taken back.", revoked=done.number)
    return PostResult(path=path, text=f"Decision {made.id}: {sentence(made)}.", decision=made.id)


def is_about(decision: Decision, left: int, right: int) -> bool:
    """Whether a decision says something of these two copies, one on each of its sides or both on one."""
    keys = [{key for key, number in decision.copies.items() if number == each} for each in (left, right)]
    sides = [set(decision.left), set(decision.right) or set(decision.left)]
    return any(keys[a] & sides[0] and keys[b] & sides[1] for a, b in ((0, 1), (1, 0)))
