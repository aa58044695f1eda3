"""The tables, the same on SQLite and PostgreSQL, a module a topic.

Changes to them are migrations, from the first release on.
"""

from feedhub.store.tables.column_types import Instant, Packed, RowId, metadata
from feedhub.store.tables.copy_tables import copy, copy_version, entry_failure, page, settle_failure
from feedhub.store.tables.matching_tables import (
    label,
    labelled_entry,
    segment,
    source_furniture,
    teaser_segment,
    verdict,
)
from feedhub.store.tables.operation_tables import daily_count, delivery, hourly_count
from feedhub.store.tables.output_tables import (
    archive,
    archive_entry,
    archived_story,
    manifest,
    output_entry,
    output_exclusion,
)
from feedhub.store.tables.source_tables import (
    condition,
    host,
    hub,
    listing,
    remark,
    robots_rules,
    source,
    source_pause,
    subscription,
)
from feedhub.store.tables.story_tables import decision, decision_entry, search_pending, story, story_version
from feedhub.store.tables.text_tables import article_text

__all__ = [
    "Instant",
    "Packed",
    "RowId",
    "archive",
    "archive_entry",
    "archived_story",
    "article_text",
    "condition",
    "copy",
    "copy_version",
    "daily_count",
    "decision",
    "decision_entry",
    "delivery",
    "entry_failure",
    "host",
    "hourly_count",
    "hub",
    "label",
    "labelled_entry",
    "listing",
    "manifest",
    "metadata",
    "output_entry",
    "output_exclusion",
    "page",
    "remark",
    "robots_rules",
    "search_pending",
    "segment",
    "settle_failure",
    "source",
    "source_furniture",
    "source_pause",
    "story",
    "story_version",
    "subscription",
    "teaser_segment",
    "verdict",
]
