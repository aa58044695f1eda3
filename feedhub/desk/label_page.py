"""Pairs to label, what teaches most first: one story, two, or unclear; each person's labels apart."""

from __future__ import annotations

from msgspec import Struct
from starlette.routing import Route

from feedhub.admin.pair_labelling import export_lines, give_label, import_lines
from feedhub.admin.pair_queue import QueuedPair, agreements, counts_of_people, kind_of_pair, pairs_to_label
from feedhub.desk.desk_context import Desk, DeskRequest, Download, NavigationEntry, NotHere, PostResult, View
from feedhub.desk.desk_routes import page, post
from feedhub.desk.pair_view import PairView, pair_view
from feedhub.errors import UsageError
from feedhub.store import Connection, pair_labels, placements, verdicts
from feedhub.store.pair_labels import Judgement, PairLabel

NAVIGATION = NavigationEntry(path="/label", title="Label")
JSONL = "application/jsonl"
_WORDS: dict[Judgement, str] = {"same": "one story", "other": "two stories", "unclear": "unclear"}
#: labels of one's own that are shown, words of each text, refused lines that are named
_RECENT, _SHOWN_WORDS, _NAMED = 8, 300, 5


class GivenLabel(Struct, frozen=True, kw_only=True):
    """A label of this person's, with the headlines of its two entries."""

    label: PairLabel
    word: str
    titles: tuple[str, str]


def routes(desk: Desk) -> list[Route]:
    """Return the page of the next pair, its form, and the labels as a file."""
    return [
        page(desk, NAVIGATION.path, show),
        page(desk, "/label/pairs.jsonl", export),
        post(desk, NAVIGATION.path, act),
    ]


def show(desk: Desk, request: DeskRequest) -> View:
    """Show the pair that teaches most of those that this person has not labelled; `skip` passes over so many."""
    text = request.query.get("skip", "0")
    skip = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    with desk.store.read() as connection:
        queue = pairs_to_label(connection, desk.operator, desk.clock())
        skip = min(skip, max(0, len(queue) - 1))
        queued, pair = _next(desk, connection, queue[skip:])
        values = {
            "queued": queued,
            "pair": pair,
            "remaining": len(queue),
            "skip": skip,
            "recent": _recent(connection, desk.operator),
            "agreements": agreements(connection),
            "people": counts_of_people(connection),
        }
    return View(template="label.html", values=values)


def export(desk: Desk, request: DeskRequest) -> Download:
    """Return the labels as lines of `pairs.jsonl`."""
    with desk.store.read() as connection:
        body = "".join(f"{line}\n" for line in export_lines(connection))
    return Download(body=body.encode(), media_type=JSONL, name="pairs.jsonl")


def act(desk: Desk, request: DeskRequest) -> PostResult:
    """Keep a label, take one back, or keep those of lines that were pasted."""
    word = request.value("do")
    if word == "import":
        return PostResult(path=NAVIGATION.path, text=_import(desk, request))
    if word == "remove":
        pair = request.value("left"), request.value("right")
        if not desk.store.transact(lambda connection: pair_labels.remove(connection, pair, desk.operator)):
            raise UsageError("that label was taken back already")
        return PostResult(path=NAVIGATION.path, text="Your label was taken back.")
    judgement: Judgement | None = next((each for each in _WORDS if each == word), None)
    if judgement is None:
        raise NotHere("a label is same, other or unclear")
    numbers = request.number("left"), request.number("right")
    desk.store.transact(lambda connection: _give(desk, connection, numbers, judgement))
    return PostResult(path=NAVIGATION.path, text=f"Labelled: {_WORDS[judgement]}.")


def _give(desk: Desk, connection: Connection, numbers: tuple[int, int], judgement: Judgement) -> None:
    copies = {each.id: each.copy for each in placements.by_ids(connection, numbers)}
    if len(copies) != 2:
        raise NotHere("one of the two entries is gone")
    names = (str(copies[numbers[0]].key), str(copies[numbers[1]].key))
    of_left = verdicts.of_copies(connection, [numbers[0]])
    match = next((each.match for each in of_left if {each.left, each.right} == {*numbers}), None)
    give_label(connection, names, judgement, by=desk.operator, kind=kind_of_pair(match), now=desk.clock())


def _import(desk: Desk, request: DeskRequest) -> str:
    lines = request.value("lines").encode().splitlines()
    done = desk.store.transact(
        lambda connection: import_lines(connection, lines, "line", by=desk.operator, now=desk.clock())
    )
    if done.refused and not done.labels:
        raise UsageError("no label was kept: " + "; ".join(done.refused[:_NAMED]))
    refused = f"; {len(done.refused)} refused: {'; '.join(done.refused[:_NAMED])}" if done.refused else ""
    return f"{done.labels} labels were kept{refused}."


def _next(desk: Desk, connection: Connection, queue: list[QueuedPair]) -> tuple[QueuedPair | None, PairView | None]:
    """Return the first pair both of whose entries are still there."""
    for each in queue[:20]:
        copies = {one.id: one for one in placements.by_ids(connection, (each.stored.left, each.stored.right))}
        if len(copies) == 2:
            left, right = copies[each.stored.left], copies[each.stored.right]
            return each, pair_view(desk, connection, left, right, most_words=_SHOWN_WORDS)
    return None, None


def _recent(connection: Connection, by: str) -> list[GivenLabel]:
    labels = pair_labels.newest_of(connection, by, _RECENT)
    entries = pair_labels.entries(connection, {name for each in labels for name in each.pair})

    def title(name: str) -> str:
        return str(entries.get(name, {}).get("title") or name)

    return [
        GivenLabel(label=each, word=_WORDS[each.judgement], titles=(title(each.left), title(each.right)))
        for each in labels
    ]
