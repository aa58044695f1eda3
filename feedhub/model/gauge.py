"""A number for a collector of metrics."""

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
