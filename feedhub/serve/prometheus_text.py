"""Numbers -> the Prometheus text format, from a registry of our own; sources and outputs by name, never an address."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from feedhub.model import Gauge

METRICS_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class RequestCounts:
    """Counts responses by kind of page and status."""

    def __init__(self) -> None:
        self.responses: Counter[tuple[str, int]] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def add(self, path: str, status: int, spent: float) -> None:
        """Count one response; its path stands only for a kind of page."""
        kind = path[1:].partition("/")[0]
        kind = kind if kind in _KINDS else "index" if path == "/" else "other"
        self.responses[kind, status] += 1
        self.seconds[kind] += spent


_KINDS = frozenset({"feeds", "story", "static", "health", "healthz", "readyz", "metrics", "websub", "preview"})


def metrics(numbers: Iterable[Gauge], counts: RequestCounts) -> bytes:
    """Render all numbers as text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector([*_families(numbers), *_request_families(counts)]))
    return generate_latest(registry)


class _Collector:
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        return iter(self._families)


def _families(numbers: Iterable[Gauge]) -> Iterator[Metric]:
    made: dict[str, GaugeMetricFamily] = {}
    for one in numbers:
        family = made.setdefault(one.name, GaugeMetricFamily(one.name, one.help, labels=tuple(one.labels)))
        family.add_metric(list(one.labels.values()), one.value)
    yield from made.values()


def _request_families(counts: RequestCounts) -> Iterator[Metric]:
    answers = CounterMetricFamily("feedhub_http_answers", "Answers given.", labels=("page", "status"))
    for (kind, status), count in sorted(counts.responses.items()):
        answers.add_metric([kind, str(status)], count)
    spent = CounterMetricFamily("feedhub_http_seconds", "Time spent on answers.", labels=("page",))
    for kind, seconds in sorted(counts.seconds.items()):
        spent.add_metric([kind], seconds)
    yield answers
    yield spent
