"""Numbers -> the Prometheus text format, from a registry of our own; sources and outputs by name, never an address."""

from __future__ import annotations

import platform
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from feedhub.model import CounterValue, HistogramValue, MetricValue

METRICS_TYPE = CONTENT_TYPE_PLAIN_0_0_4

#: upper bounds of the buckets of request times, in seconds
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


class RequestCounts:
    """Counts responses by kind of page and status, and how long each kind took."""

    def __init__(self) -> None:
        self.responses: Counter[tuple[str, int]] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.buckets: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(_BOUNDS) + 1))

    def add(self, path: str, status: int, spent: float) -> None:
        """Count one response; its path stands only for a kind of page."""
        kind = path[1:].partition("/")[0]
        kind = kind if kind in _KINDS else "index" if path == "/" else "other"
        self.responses[kind, status] += 1
        self.seconds[kind] += spent
        self.buckets[kind][bisect_left(_BOUNDS, spent)] += 1


_KINDS = frozenset({"feeds", "story", "static", "health", "healthz", "readyz", "metrics", "websub", "preview"})


def metrics(numbers: Iterable[MetricValue], counts: RequestCounts, version: str) -> bytes:
    """Render all numbers as text: the hub's, those of this server's requests, of its build and of its process."""
    registry = CollectorRegistry(auto_describe=False)
    families = [*_families(numbers), *_request_families(counts), _build(version)]
    registry.register(_Collector([*families, *ProcessCollector(registry=None).collect()]))
    return generate_latest(registry)


class _Collector:
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        return iter(self._families)


def _families(numbers: Iterable[MetricValue]) -> Iterator[Metric]:
    made: dict[str, Metric] = {}
    for one in numbers:
        names = tuple(one.labels)
        values = list(one.labels.values())
        if isinstance(one, HistogramValue):
            histogram = made.setdefault(one.name, HistogramMetricFamily(one.name, one.help, labels=names))
            assert isinstance(histogram, HistogramMetricFamily)
            histogram.add_metric(values, list(one.buckets), one.sum)
        elif isinstance(one, CounterValue):
            counter = made.setdefault(one.name, CounterMetricFamily(one.name, one.help, labels=names))
            assert isinstance(counter, CounterMetricFamily)
            counter.add_metric(values, one.value)
        else:
            gauge = made.setdefault(one.name, GaugeMetricFamily(one.name, one.help, labels=names))
            assert isinstance(gauge, GaugeMetricFamily)
            gauge.add_metric(values, one.value)
    yield from made.values()


def _request_families(counts: RequestCounts) -> Iterator[Metric]:
    requests = CounterMetricFamily("feedhub_http_requests", "Requests that were answered.", labels=("page", "status"))
    for (kind, status), count in sorted(counts.responses.items()):
        requests.add_metric([kind, str(status)], count)
    spent = HistogramMetricFamily("feedhub_http_request_duration_seconds", "Time spent on answers.", labels=("page",))
    for kind, seconds in sorted(counts.seconds.items()):
        number = 0
        buckets: list[tuple[str, float]] = []
        for bound, count in zip((*(f"{each:g}" for each in _BOUNDS), "+Inf"), counts.buckets[kind], strict=True):
            number += count
            buckets.append((bound, number))
        spent.add_metric([kind], buckets, seconds)
    yield requests
    yield spent


def _build(version: str) -> Metric:
    built = InfoMetricFamily("feedhub_build", "Which feedhub this is.", labels=())
    built.add_metric([], {"version": version, "python": platform.python_version()})
    return built
