"""How the hub and its sources do.

conditions   SourceState, intake -> conditions that need a person   (pure)
watch        conditions as they begin and end, kept in the store
report       the health report, as JSON values
numbers      the same for a collector of metrics
health_feed  the conditions as an Atom feed
"""

from feedhub.health.health_feed import health_feed
from feedhub.health.numbers import numbers
from feedhub.health.report import report
from feedhub.health.watch import watch

__all__ = ["health_feed", "numbers", "report", "watch"]
