"""Numbers for a collector of metrics."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field


class Gauge(Struct, frozen=True, kw_only=True):
    """A gauge and its labels, named by the conventions of Prometheus."""

    name: str
    help: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


class CounterValue(Struct, frozen=True, kw_only=True):
    """A count that only rises, over all processes and restarts; its name is given without `_total`."""

    name: str
    help: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


class HistogramValue(Struct, frozen=True, kw_only=True):
    """How long something took: how often at most so many seconds, cumulated, the last bound `+Inf`; and the sum."""

    name: str
    help: str
    buckets: tuple[tuple[str, float], ...]
    sum: float
    labels: Mapping[str, str] = field(default_factory=dict)


MetricValue = Gauge | CounterValue | HistogramValue
