"""How the hub and its sources do.

diagnosis    SourceState, intake -> conditions that need a person   (pure)
watch        conditions as they begin and end, kept in the store
health_reportthe health report, as JSON values
gauges       the same for a collector of metrics
health_feed  the conditions as an Atom feed
"""

from feedhub.health.gauges import numbers
from feedhub.health.health_feed import health_feed
from feedhub.health.health_report import report
from feedhub.health.watch import watch

__all__ = ["health_feed", "numbers", "report", "watch"]
