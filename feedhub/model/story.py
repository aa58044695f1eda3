"""A story, its life, and the outputs in which it is served."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from msgspec import Struct, field

from feedhub.model.copy import EntryKey, Relation
from feedhub.model.entry import Media
from feedhub.model.filters import Filters
from feedhub.model.polling import Trust
from feedhub.model.rights import Rights

#: how the note of a correction ends that cannot say what changed
BARE_CORRECTION = "has corrected this story."


class Publisher(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a source's feed said of itself, kept for `atom:source` (RFC 4287, 4.2.11)."""

    source: str
    name: str
    outlet: str
    agency: str | None = None
    #: the agency whose copy it runs, as the configuration tells it
    credit: str | None = None
    id: str | None = None
    title: str | None = None
    link: str | None = None
    #: the polled address where it may be shown, else None
    self_link: str | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    rights: Rights = Rights.FULL
    priority: int = 0
    trust: Trust = "normal"


class CopyStanding(StrEnum):
    """What a copy tells of its story."""

    #: the revision that speaks
    CURRENT = "current"
    #: an older revision
    EARLIER = "earlier"
    #: a newer one that does not speak, since only one outlet has it and others go before it
    DISPUTED = "disputed"
    #: nothing: its source is of low trust
    UNCOUNTED = "uncounted"


class Dispute(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who tells a revision that does not speak, and what it changes: pairs (what the story says, what it says)."""

    key: EntryKey
    name: str
    facts: tuple[tuple[str, str], ...] = ()


class StoryCopy(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One outlet's copy as a story lists it."""

    key: EntryKey
    outlet: str
    #: the source's name, for people
    name: str
    #: it comes from the agency's own feed
    agency_own: bool = False
    title: str
    url: str | None = None
    published: datetime
    first_seen: datetime
    relation: Relation
    score: float | None = None
    ground: str = ""
    #: what the filters of an output ask of a copy
    categories: tuple[str, ...] = ()
    language: str | None = None
    #: the agency that the copy credits, or whose own feed it comes from
    agency: str | None = None
    standing: CopyStanding = CopyStanding.CURRENT


class RelatedStory(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A story that shares words with another and still is another: shown, never merged, never an Atom link."""

    id: str
    title: str
    shared_words: int
    ground: str


class Story(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A cluster of copies as we publish it: only what each copy's rights permit."""

    #: a tag URI of the identity of the hub, minted once, never changed
    id: str
    canonical: EntryKey
    title: str
    #: sanitised HTML with absolute links, or None where rights allow no text
    html: str | None = None
    #: plain; at most 60 words where rights are `summary`
    summary: str | None = None
    #: the canonical copy's page
    url: str | None = None
    #: the agency's original page, when known
    via: str | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: str | None = None
    rights: str | None = None
    media: tuple[Media, ...] = ()
    #: the page where the canonical copy is discussed
    comments: str | None = None
    agency: str | None = None
    place: str | None = None
    date: str | None = None
    cited: tuple[str, ...] = ()
    #: the newest revision's mark, as `str(Revision)`
    revision: str | None = None
    #: what a correction changed, one line for the reader
    correction: str | None = None
    #: the earliest copy's date
    published: datetime
    #: whether a copy gives a date that can be believed; else `published` is when it was first seen
    dated: bool = True
    #: moves only for material change
    updated: datetime
    #: when it was first fit to be served; it enters an output then, or later where a filter lets it in later
    released: datetime
    publisher: Publisher
    #: in the order canonical first, then earliest first
    copies: tuple[StoryCopy, ...] = ()
    related: tuple[RelatedStory, ...] = ()
    #: revisions that do not speak
    disputes: tuple[Dispute, ...] = ()
    #: agencies that own feeds, configured credits, the canonical copy, two outlets or a trusted one name
    agencies: tuple[str, ...] = ()
    words: int = 0
    #: field name -> key of the copy that it was taken from
    provenance: Mapping[str, EntryKey] = field(default_factory=dict)

    @property
    def text_sources(self) -> frozenset[str]:
        """Return the sources whose text it shows."""
        return frozenset({self.canonical.source, *(key.source for key in self.provenance.values())})


class StoryVersion(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a story said at one time: only what the rights of the copy that said it permit."""

    #: when it began to say so; the date of the text for a revision that was never the newest here
    at: datetime
    #: the copy that spoke, and its source's name
    key: EntryKey
    name: str
    #: the revision's mark, as `str(Revision)`
    mark: str | None = None
    title: str
    html: str | None = None
    summary: str | None = None
    #: what a correction changed
    correction: str | None = None


class Tombstone(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A story that is no more (RFC 6721): joined to an older one, killed, or split back."""

    id: str
    when: datetime
    #: for a person
    reason: str
    #: the story it became part of
    successor: str | None = None


#: whom an entry names as its author: who wrote it, or him and who runs it
AuthorForm = Literal["byline", "outlet"]
#: what one entry of an output is
Grouping = Literal["story", "event"]


class EntryStyle(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How an output dresses the entries of its stories."""

    #: the text ends with the other outlets that ran it
    also: bool = True
    author: AuthorForm = "byline"
    #: in front of the last part of a story's id: the address of its page; None where it has none that all can reach
    pages: str | None = None


class OutputRule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A named output: which stories it takes (any copy can satisfy a filter) and how many."""

    name: str
    title: str | None = None
    categories: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    #: words and phrases, of which a copy's title or text has to hold one
    words: tuple[str, ...] = ()
    #: stories that pass one of these, as they are shown, are left out
    exclude: Filters = field(default_factory=Filters)
    #: distinct outlets, the agency's own feed not counted
    min_copies: int = 1
    #: the copies that `min_copies` counts must lie this close together
    within: timedelta | None = None
    limit: int = 100
    per_outlet: int | None = None
    order: Literal["entered", "published", "updated", "copies"] = "entered"
    token: str | None = None
    also: bool = True
    author: AuthorForm = "byline"
    #: whether each story is an entry, or stories of one happening are one
    group: Grouping = "story"


class EventReport(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Another story that tells of the same happening: listed beside a story, never merged with it."""

    id: str
    title: str
    url: str | None
    #: the source's name, for people
    name: str


class OutputItem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A story in an output, with the moment it entered (a material revision enters it again)."""

    story: Story
    entered: datetime
    #: what tells this version of the story from its others, where whoever keeps it numbers them
    version: str | None = None
    #: the id of the earliest story in the document that tells of the same happening, None where it stands alone
    event: str | None = None
    #: the other stories of its event, where the output shows an event as one entry
    reports: tuple[EventReport, ...] = ()


class OutputFeed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that a feed document of one output says, whatever the format."""

    name: str
    #: `tag:` URI made from the hub's identity and the output's name
    id: str
    title: str
    #: address of the hub's page, and of this output without its format suffix
    home_url: str
    feed_url: str
    updated: datetime
    items: tuple[OutputItem, ...]
    tombstones: tuple[Tombstone, ...] = ()
    hubs: tuple[str, ...] = ()
    style: EntryStyle = EntryStyle()
    #: what its own address ends in, where this is a further page or an archived document (RFC 5005)
    query: str = ""
    #: (rel, query) of its other pages and archived documents
    relations: tuple[tuple[str, str], ...] = ()
    #: an archived document: its entries do not change any more
    is_archive: bool = False
    #: a file beside others: its archived documents are files, too
    is_static: bool = False
