"""The counts of a hub as a collector reads them: counters and histograms over all its processes and restarts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from feedhub.model import CounterValue, HistogramValue, MetricValue
from feedhub.store.counts import BUCKETS, SUM, UNBOUNDED, CountKey

#: kind -> metric, what it counts, the names of the labels that its own is split into
_COUNTERS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "poll": ("feedhub_polls", "Polls of sources, by how they ended.", ("outcome",)),
    "entry": ("feedhub_entries", "Entries that were not known before.", ()),
    "merge": ("feedhub_merges", "Entries that joined a story, by how and by which comparison.", ("relation", "rule")),
    "near_miss": ("feedhub_near_misses", "Pairs that nearly were one story.", ("rule",)),
    "veto": ("feedhub_vetoes", "Merges that a rule of docs/matching.md forbade.", ("rule",)),
    "join": ("feedhub_stories_joined", "Published stories that were found to be others.", ()),
    "part": ("feedhub_entries_parted", "Entries that left a story.", ()),
    "revision": ("feedhub_revisions", "Stories that said something else in substance.", ()),
    "dispute": ("feedhub_disputes", "Revisions that do not speak since one outlet alone has them.", ()),
    "kill": ("feedhub_kills", "Stories that a source withdrew.", ()),
    "held": ("feedhub_stories_held", "New stories that waited, by what for.", ("reason",)),
    "page": ("feedhub_pages_read", "Articles' pages that were asked for.", ("outcome",)),
    "page_decision": ("feedhub_page_decisions", "Merges that articles' pages decided.", ()),
}
_HISTOGRAMS = {
    "poll_seconds": ("feedhub_poll_duration_seconds", "From a claim of a source to its rows."),
    "settle_seconds": ("feedhub_settle_duration_seconds", "One transaction that settles what waits."),
}
#: outcomes that are shown as 0 before they happen, so that a rate sees the first one
_ALWAYS = {
    "poll": ("read", "unchanged", "waiting", "stopped", "failed"),
    "page": ("read", "refused"),
    **dict.fromkeys(("entry", "join", "part", "revision", "dispute", "kill", "page_decision"), ("",)),
}


def counters(totals: Mapping[CountKey, int]) -> Iterator[MetricValue]:
    """Turn all that ever happened into counters and histograms."""
    for kind, (name, what, labels) in _COUNTERS.items():
        values = {label: 0 for label in _ALWAYS.get(kind, ())}
        values |= {key.label: number for key, number in totals.items() if key.kind == kind}
        for label, number in sorted(values.items()):
            parts = label.split(" ", len(labels) - 1) if labels else []
            yield CounterValue(name=name, help=what, value=number, labels=dict(zip(labels, parts, strict=False)))
    for kind, (name, what) in _HISTOGRAMS.items():
        yield _histogram(name, what, kind, totals)


def _histogram(name: str, what: str, kind: str, totals: Mapping[CountKey, int]) -> HistogramValue:
    buckets: list[tuple[str, float]] = []
    number = 0
    for bound in (*(f"{each:g}" for each in BUCKETS[kind]), UNBOUNDED):
        number += totals.get(CountKey(kind, bound), 0)
        buckets.append((bound, number))
    seconds = totals.get(CountKey(kind, SUM), 0) / 1_000_000
    return HistogramValue(name=name, help=what, buckets=tuple(buckets), sum=seconds)
