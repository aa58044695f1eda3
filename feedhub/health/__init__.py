"""How the hub and its sources do.

diagnosis    SourceState, intake -> conditions that need a person   (pure)
condition_watch conditions as they begin and end, kept in the store
health_reportthe health report, as JSON values
gauges       the same for a collector of metrics
metric_counters what ever happened, for the same
condition_feed the conditions as an Atom feed
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub.exports import load_on_use

if TYPE_CHECKING:
    from feedhub.health.condition_feed import health_feed
    from feedhub.health.condition_watch import watch
    from feedhub.health.gauges import numbers
    from feedhub.health.health_report import report
    from feedhub.health.metric_counters import counters

__all__ = ["counters", "health_feed", "numbers", "report", "watch"]

__getattr__ = load_on_use(
    __name__,
    {
        "metric_counters": ("counters",),
        "gauges": ("numbers",),
        "condition_feed": ("health_feed",),
        "health_report": ("report",),
        "condition_watch": ("watch",),
    },
)
