"""The values that flow between the stages.

    Source -> Fetched -> Feed of Entry... -> Copy... -> Match... -> Story...

All are frozen; every time is an aware UTC datetime; every duration is a timedelta.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

Rights = Literal["full", "summary", "headline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A feed that we poll, as the configuration tells it."""

    id: str
    #: http(s) URL, or the resolved path of a file or folder
    url: str
    name: str
    #: who publishes it; None until the site link is known (its registrable host)
    outlet: str | None = None
    #: set only where the source *is* that agency's own feed
    agency: str | None = None
    #: the agency whose copy an all-agency section runs
    credit: str | None = None
    priority: int = 0
    language: str | None = None
    category: str | None = None
    interval: timedelta = timedelta(hours=1)
    rights: Rights = "full"
    fulltext: bool = False
    #: the polled URL may be shown although it carries user info or a query
    public: bool = False

    @property
    def is_path(self) -> bool:
        return not self.url.startswith(("http://", "https://"))


# ---------------------------------------------------------------- fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the server gave to ask again with; opaque, sent back exactly as received."""

    etag: str | None = None
    last_modified: str | None = None
    #: the address that gave them: they mean nothing to another one
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How long the publisher asks us to wait, each None where nothing was said."""

    max_age: timedelta | None = None
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A document that a source served."""

    source: str
    #: where the bytes came from after redirects; base of relative links
    url: str
    body: bytes
    content_type: str | None = None
    validators: Validators = Validators()
    freshness: Freshness = Freshness()
    #: the target of a chain of permanent redirects only, else None
    moved_to: str | None = None
    #: of the decoded bytes; the same hash next time means that nothing changed, whatever the validators say
    body_hash: str = ""
    #: WebSub hubs that its Link headers name (RFC 8288)
    hubs: tuple[str, ...] = ()
    #: the files of a folder in name order, each read or failed (`body` is empty then); else ()
    parts: tuple[Fetched | FetchFailed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The source said (304) or showed (same bytes) that nothing changed."""

    source: str
    validators: Validators = Validators()
    freshness: Freshness = Freshness()
    #: as in Fetched
    moved_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailed:
    """The source could not be had this time."""

    source: str
    #: one line for a person: what happened and, where known, what to do
    reason: str
    status: int | None = None
    #: 410: stop for good
    gone: bool = False
    #: never asked: the host had told us to wait (`freshness.retry_after` says how long); no fault of the source
    held: bool = False
    freshness: Freshness = Freshness()


FetchResult = Fetched | NotModified | FetchFailed


# ---------------------------------------------------------------- parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A picture or another file that goes with an entry."""

    url: str
    type: str | None = None
    medium: str | None = None
    length: int | None = None
    width: int | None = None
    height: int | None = None
    credit: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The feed that an aggregator says an entry came from (`source`, `atom:source`): shown, never counted."""

    id: str | None = None
    title: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """Text as a feed gave it: HTML or plain, not yet trusted."""

    value: str
    html: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One element of a feed, as the feed gave it: hostile until cleaned."""

    #: the identity that the ladder guid > link > title+date gives it inside its source; opaque
    guid: str
    #: the feed's own guid, None where it gave none
    raw_guid: str | None = None
    link: str | None = None
    #: base of relative links in its markup (xml:base or the document's URL)
    base: str | None = None
    title: Markup | None = None
    summary: Markup | None = None
    content: Markup | None = None
    published: datetime | None = None
    updated: datetime | None = None
    #: the date as written where it could not be read, else None
    bad_date: str | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: str | None = None
    rights: str | None = None
    origin: Origin | None = None
    media: tuple[Media, ...] = ()
    #: names without scheme, fragment and churn under which the same source may list this entry again; for comparing
    identity_hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A document read: what it says of itself, and its entries in document order."""

    title: str | None = None
    #: the site's page
    link: str | None = None
    id: str | None = None
    #: the address the feed gives itself (`rel=self`), None where it gives none
    self_link: str | None = None
    language: str | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    rights: str | None = None
    ttl: timedelta | None = None
    #: hours (0-23, GMT) and weekday names in which the publisher asks not to be polled
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[str] = frozenset()
    #: WebSub hubs offered
    hubs: tuple[str, ...] = ()
    #: JSON Feed `expired`: nothing will come any more
    expired: bool = False
    entries: tuple[Entry, ...] = ()
    #: what had to be repaired or left out, a line each; nothing is dropped without one
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseFailed:
    """The document is no feed that can be read."""

    #: one line for a person: what it is instead (HTML, empty, cut off, ...)
    reason: str


# ---------------------------------------------------------------- clean


class RevisionKind(StrEnum):
    """What the wire's mark says a version is, in the order in which versions of one story appear."""

    BULLETIN = "bulletin"
    URGENT = "urgent"
    LEAD = "lead"
    UPDATE = "update"
    WRITETHRU = "writethru"
    CORRECTION = "correction"
    KILL = "kill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A revision mark lifted out of title or text ("UPDATE 2-", "(2nd LEAD)", "CORRECTED")."""

    kind: RevisionKind
    number: int | None = None

    def __str__(self) -> str:
        return self.kind if self.number is None else f"{self.kind} {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """The wire's marks, lifted out of the text; None where the text says nothing."""

    #: the agency's short name ("AP"), from a credit, dateline, byline, desk code or disclaimer
    agency: str | None = None
    #: the credit as it stood
    credit: str | None = None
    #: where the dateline says it was filed
    place: str | None = None
    #: ISO date of the dateline, its year from the published date
    date: str | None = None
    byline: str | None = None
    #: "int/sd" out of "--IANS int/sd"
    desk: str | None = None
    revision: Revision | None = None
    #: other agencies that the text quotes as its source ("Yonhap news agency reported")
    cited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class EntryKey:
    """Identity: an entry is (source, guid). An equal guid in another source is another entry."""

    source: str
    guid: str

    def __str__(self) -> str:
        return f"{self.source} {self.guid}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The text as one outlet runs it, cleaned: safe to publish, ready to compare."""

    key: EntryKey
    outlet: str
    #: plain text without revision mark, credit or the outlet's name
    title: str
    #: plain paragraphs of the article itself, furniture and wire marks removed
    paragraphs: tuple[str, ...] = ()
    #: the same article as sanitised HTML with absolute links
    html: str = ""
    #: plain teaser where the feed gave one of its own beside a body; furniture removed
    summary: str | None = None
    #: the article page: absolute, http(s), without tracking parameters
    url: str | None = None
    #: what two addresses of one page have in common; for comparing, never shown
    url_key: str | None = None
    published: datetime | None = None
    #: the published date is missing, or lay in the future and was clamped
    date_doubtful: bool = False
    first_seen: datetime
    language: str | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    #: copyright lines and `rights` elements
    rights: str | None = None
    origin: Origin | None = None
    media: tuple[Media, ...] = ()
    wire: Wire = Wire()
    #: how many pieces of furniture were dropped, by rule
    dropped: Mapping[str, int] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The body to compare: its paragraphs, or the teaser where there is no body; lines end paragraphs."""
        return "\n".join(self.paragraphs) or (self.summary or "")


# ---------------------------------------------------------------- match


class Relation(StrEnum):
    """How a copy stands to the story that it is in (`feedhub dedupe` prints these words)."""

    FIRST = "first"
    SAME = "same"
    COPY = "copy"
    EXCERPT = "excerpt"
    REVISION = "revision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Two copies compared: whether they tell the same story, and on what ground. Near misses are kept too."""

    left: EntryKey
    right: EntryKey
    merged: bool
    relation: Relation | None = None
    #: what decided: "exact" | "url" | "guid" | "text" | "excerpt" | "title" ...
    method: str
    #: 0 to 1, and the bar that it had to reach
    score: float
    threshold: float
    #: one short line for a person
    ground: str
    #: the guards that raised the bar or forbade the merge, a line each
    vetoes: tuple[str, ...] = ()
    #: words of the shorter text outside furniture that stand in both
    shared_words: int = 0


# ---------------------------------------------------------------- merge


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """What a source's feed said of itself, kept for `atom:source` (RFC 4287, 4.2.11)."""

    source: str
    name: str
    outlet: str
    agency: str | None = None
    id: str | None = None
    title: str | None = None
    link: str | None = None
    #: the polled address where it may be shown, else None
    self_link: str | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    rights: Rights = "full"
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryCopy:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedStory:
    """A story that shares words with another and still is another: shown, never merged, never an Atom link."""

    id: str
    title: str
    shared_words: int
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A cluster of copies as we publish it: only what each copy's rights permit."""

    #: `tag:IDENTITY:...`, minted once, never changed
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
    #: moves only for material change
    updated: datetime
    #: when it was first fit to be served; it enters an output then, or later where a filter lets it in later
    released: datetime
    publisher: Publisher
    #: in the order canonical first, then earliest first
    copies: tuple[StoryCopy, ...] = ()
    related: tuple[RelatedStory, ...] = ()
    words: int = 0
    #: field name -> key of the copy that it was taken from
    provenance: Mapping[str, EntryKey] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """A story that is no more (RFC 6721): joined to an older one, killed, or split back."""

    id: str
    when: datetime
    #: for a person
    reason: str
    #: the story it became part of
    successor: str | None = None


# ---------------------------------------------------------------- publish


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputRule:
    """A named output: which stories it takes (any copy can satisfy a filter) and how many."""

    name: str
    title: str | None = None
    categories: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    #: distinct outlets, the agency's own feed not counted
    min_copies: int = 1
    #: the copies that `min_copies` counts must lie this close together
    within: timedelta | None = None
    limit: int = 100
    per_outlet: int | None = None
    order: Literal["entered", "published", "updated", "copies"] = "entered"
    token: str | None = None
    also: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputItem:
    """A story in an output, with the moment it entered (a material revision enters it again)."""

    story: Story
    entered: datetime
    #: what tells this version of the story from its others, where whoever keeps it numbers them
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFeed:
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
    also: bool = True
    #: what its own address ends in, where this is a further page or an archived document (RFC 5005)
    query: str = ""
    #: (rel, query) of its other pages and archived documents
    relations: tuple[tuple[str, str], ...] = ()
    #: an archived document: its entries do not change any more
    is_archive: bool = False
