"""Numbers for a collector of metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """A gauge and its labels, named by the conventions of Prometheus."""

    name: str
    help: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterValue:
    """A count that only rises, over all processes and restarts; its name is given without `_total`."""

    name: str
    help: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramValue:
    """How long something took: how often at most so many seconds, cumulated, the last bound `+Inf`; and the sum."""

    name: str
    help: str
    buckets: tuple[tuple[str, float], ...]
    sum: float
    labels: Mapping[str, str] = field(default_factory=dict)


MetricValue = Gauge | CounterValue | HistogramValue
