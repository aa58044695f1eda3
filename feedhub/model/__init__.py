"""The values that flow between the stages.

    Source -> Fetched -> Feed of Entry... -> Copy... -> Match... -> Story...

All are frozen; every time is an aware UTC datetime; every duration is a timedelta.
"""

from feedhub.model.copy import Copy, EntryKey, Match, Relation, Revision, RevisionKind, Wire
from feedhub.model.entry import Entry, Feed, Markup, Media, Origin, Page, ParseFailed, Wanted
from feedhub.model.gauge import Gauge
from feedhub.model.polling import Fetched, FetchFailed, FetchResult, Freshness, NotModified, Rights, Source, Validators
from feedhub.model.story import (
    OutputFeed,
    OutputItem,
    OutputRule,
    Publisher,
    RelatedStory,
    Story,
    StoryCopy,
    Tombstone,
    Version,
)

__all__ = [
    "Copy",
    "Entry",
    "EntryKey",
    "Feed",
    "FetchFailed",
    "FetchResult",
    "Fetched",
    "Freshness",
    "Gauge",
    "Markup",
    "Match",
    "Media",
    "NotModified",
    "Origin",
    "OutputFeed",
    "OutputItem",
    "OutputRule",
    "Page",
    "ParseFailed",
    "Publisher",
    "RelatedStory",
    "Relation",
    "Revision",
    "RevisionKind",
    "Rights",
    "Source",
    "Story",
    "StoryCopy",
    "Tombstone",
    "Validators",
    "Version",
    "Wanted",
    "Wire",
]
