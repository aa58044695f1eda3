"""What the matcher gets right of the labels, what each rule costs and earns, what would do better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from importlib.metadata import version

from msgspec import Struct
from starlette.routing import Route

from feedhub.desk.desk_context import Desk, DeskRequest, Download, NavigationEntry, NotHere, View
from feedhub.desk.desk_routes import page
from feedhub.desk.label_page import JSONL
from feedhub.desk.tune_work import TuneWork, labelled_pairs
from feedhub.store import pair_labels
from feedhub.tuning import Label, pack_lines

NAVIGATION = NavigationEntry(path="/tune", title="Tune")
#: proposals, and pairs behind a line
_PROPOSALS, _PAIRS = 12, 6


class NamedPair(Struct, frozen=True, kw_only=True):
    """A labelled pair by its headlines."""

    titles: tuple[str, str]
    is_same: bool


class PairList(Struct, frozen=True, kw_only=True):
    """The first pairs behind a number, and how many more there are."""

    pairs: tuple[NamedPair, ...]
    more: int


def routes(desk: Desk) -> list[Route]:
    """Return the page of the report, and the regression pack."""
    work = TuneWork(desk.store, desk.windows)
    return [page(desk, NAVIGATION.path, partial(show, work)), page(desk, "/tune/pack.jsonl", pack)]


def show(work: TuneWork, desk: Desk, request: DeskRequest) -> View:
    """Show the report on the labels; while it is made, how far it is."""
    job = work.job()
    if job.error is not None:
        raise job.error
    report = job.report
    if report is None:
        done, total = job.progress
        percent = round(100 * done / max(total, 1))
        waiting = {"report": None, "is_making": not job.ended.is_set(), "percent": percent}
        return View(template="tune.html", values=waiting)
    with desk.store.read() as connection:
        entries = pair_labels.entries(connection)
    named = partial(_named, entries)
    values = {
        "report": report,
        "is_making": False,
        "missed": named(report.missed),
        "wrong": named(report.wrong),
        "rules": [(rule.name, len(rule.earns), len(rule.costs), named(rule.costs)) for rule in report.rules],
        "proposals": [
            (each.change, len(each.mended), len(each.broken), named(each.mended), named(each.broken))
            for each in report.proposals[:_PROPOSALS]
        ],
    }
    return View(template="tune.html", values=values)


def pack(desk: Desk, request: DeskRequest) -> Download:
    """Return the regression pack of the labels, which `feedhub check --labels FILE` holds later versions to."""
    known = labelled_pairs(desk.store)
    if not known.labels:
        raise NotHere("there is no label")
    body = "".join(f"{line}\n" for line in pack_lines(known.entries.values(), known.labels, version("feedhub")))
    return Download(body=body.encode(), media_type=JSONL, name="regression-pack.jsonl")


def _named(entries: Mapping[str, Mapping[str, object]], labels: Sequence[Label]) -> PairList:
    def title(name: str) -> str:
        return str(entries.get(name, {}).get("title") or name)

    shown = tuple(NamedPair(titles=(title(e.a), title(e.b)), is_same=e.is_same) for e in labels[:_PAIRS])
    return PairList(pairs=shown, more=max(0, len(labels) - _PAIRS))
