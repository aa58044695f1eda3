"""Every decision, a person's and the hub's own, with who, when and why; each that holds can be taken back."""

from __future__ import annotations

from functools import partial

from msgspec import Struct
from starlette.routing import Route

from feedhub.admin import decide
from feedhub.admin.decision_lines import sentence
from feedhub.desk.desk_context import Desk, DeskRequest, NavigationEntry, NotHere, PostResult, View, row_number
from feedhub.desk.desk_routes import own_path, page, post
from feedhub.store import Connection, decisions, review
from feedhub.store.decisions import Decision

NAVIGATION = NavigationEntry(path="/decisions", title="Decisions")
#: decisions of one page
PAGE = 50
#: decisions that nobody can have made: they are the hub's
_OWN = ("notice", "parted")


class DecisionRow(Struct, frozen=True, kw_only=True):
    """A decision as the page lists it."""

    decision: Decision
    #: what it says of which entries
    sentence: str
    #: what the entries' stories are called now
    titles: tuple[str, ...]
    #: who made it
    who: str

    @property
    def is_in_force(self) -> bool:
        """Whether nobody has taken it back."""
        return self.decision.revoked_at is None


def routes(desk: Desk) -> list[Route]:
    """Return the list of decisions, and what takes one back."""
    return [page(desk, NAVIGATION.path, show), post(desk, NAVIGATION.path, act)]


def show(desk: Desk, request: DeskRequest) -> View:
    """Show the newest decisions, or those before a number."""
    before = request.query.get("before", "")
    with desk.store.read() as connection:
        known = decisions.page_of(connection, before=row_number(before), limit=PAGE + 1)
        rows = _rows(connection, known[:PAGE])
    return View(
        template="decisions.html",
        values={"rows": rows, "older": known[PAGE - 1].id if len(known) > PAGE else None, "is_first": not before},
    )


def act(desk: Desk, request: DeskRequest) -> PostResult:
    """Take a decision back; return to the page that asked for it."""
    if request.value("do") != "forget":
        raise NotHere("decisions can only be taken back")
    now = desk.clock()
    forget = partial(decide.forget, number=request.number("number"), now=now, by=desk.operator)
    done = decide.decide(desk.store, desk.config, forget, now)
    path = own_path(request.value("back"), NAVIGATION.path)
    return PostResult(path=path, text=f"Decision {done.number} was taken back.", revoked=done.number)


def _rows(connection: Connection, listed: list[Decision]) -> list[DecisionRow]:
    numbers = {number for each in listed for number in each.copies.values()}
    homes = review.titles_of_copies(connection, numbers)
    return [
        DecisionRow(
            decision=each,
            sentence=sentence(each),
            titles=tuple(dict.fromkeys(homes[number] for number in each.copies.values() if number in homes))[:2],
            who=each.decided_by or ("the hub" if each.kind in _OWN else "unknown"),
        )
        for each in listed
    ]
