"""The values that flow between the stages.

    Source -> Fetched -> Feed of Entry... -> Copy... -> Match... -> Story...

All are frozen; every time is an aware UTC datetime; every duration is a timedelta.
"""

from feedhub.model.copy import Copy, EntryKey, MatchWindows, Place, Relation, Revision, RevisionKind, Verdict, WireMarks
from feedhub.model.entry import ArticlePage, Entry, EntryOrigin, Episode, Feed, Markup, Media, PageRequest, ParseFailed
from feedhub.model.filters import Filters
from feedhub.model.gauge import CounterValue, Gauge, HistogramValue, MetricValue
from feedhub.model.polling import (
    Fetched,
    FetchFailed,
    FetchResult,
    Freshness,
    Fulltext,
    NotModified,
    Source,
    Trust,
    Validators,
)
from feedhub.model.rights import Rights
from feedhub.model.source_state import SourceState
from feedhub.model.story import (
    BARE_CORRECTION,
    AuthorForm,
    CopyStanding,
    Dispute,
    EntryStyle,
    EventReport,
    Grouping,
    OutputFeed,
    OutputItem,
    OutputRule,
    Publisher,
    RelatedStory,
    Story,
    StoryCopy,
    StoryVersion,
    Tombstone,
)

__all__ = [
    "BARE_CORRECTION",
    "ArticlePage",
    "AuthorForm",
    "Copy",
    "CopyStanding",
    "CounterValue",
    "Dispute",
    "Entry",
    "EntryKey",
    "EntryOrigin",
    "EntryStyle",
    "Episode",
    "EventReport",
    "Feed",
    "FetchFailed",
    "FetchResult",
    "Fetched",
    "Filters",
    "Freshness",
    "Fulltext",
    "Gauge",
    "Grouping",
    "HistogramValue",
    "Markup",
    "MatchWindows",
    "Media",
    "MetricValue",
    "NotModified",
    "OutputFeed",
    "OutputItem",
    "OutputRule",
    "PageRequest",
    "ParseFailed",
    "Place",
    "Publisher",
    "RelatedStory",
    "Relation",
    "Revision",
    "RevisionKind",
    "Rights",
    "Source",
    "SourceState",
    "Story",
    "StoryCopy",
    "StoryVersion",
    "Tombstone",
    "Trust",
    "Validators",
    "Verdict",
    "WireMarks",
]
