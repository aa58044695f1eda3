"""A cleaned copy of an agency text, and what was found between two of them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from msgspec import Struct, field

from feedhub.model.entry import EntryOrigin, Media


class RevisionKind(StrEnum):
    """What the wire's mark says a version is, in the order in which versions of one story appear."""

    BULLETIN = "bulletin"
    URGENT = "urgent"
    LEAD = "lead"
    UPDATE = "update"
    WRITETHRU = "writethru"
    CORRECTION = "correction"
    KILL = "kill"


class Revision(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A revision mark lifted out of title or text ("UPDATE 2-", "(2nd LEAD)", "CORRECTED")."""

    kind: RevisionKind
    number: int | None = None

    def __str__(self) -> str:
        return self.kind if self.number is None else f"{self.kind} {self.number}"


class WireMarks(Struct, frozen=True, kw_only=True, omit_defaults=True):
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


class EntryKey(Struct, frozen=True, kw_only=True, omit_defaults=True, order=True):
    """Identity: an entry is (source, guid). An equal guid in another source is another entry."""

    source: str
    guid: str

    def __str__(self) -> str:
        return f"{self.source} {self.guid}"


class Copy(Struct, frozen=True, kw_only=True, omit_defaults=True):
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
    origin: EntryOrigin | None = None
    media: tuple[Media, ...] = ()
    #: the page where the article is discussed
    comments: str | None = None
    wire: WireMarks = WireMarks()
    #: how many pieces of furniture were dropped, by rule
    dropped: Mapping[str, int] = field(default_factory=dict)
    #: what they said, each with its rule: the first of them, and the beginning of each
    removed: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """The body to compare: its paragraphs, or the teaser where there is no body; lines end paragraphs."""
        return "\n".join(self.paragraphs) or (self.summary or "")


class Relation(StrEnum):
    """How a copy stands to the story that it is in (`feedhub dedupe` prints these words)."""

    FIRST = "first"
    SAME = "same"
    COPY = "copy"
    EXCERPT = "excerpt"
    REVISION = "revision"


class MatchWindows(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far apart in time two copies of one story may be, and two revisions of one text (`match` in config.yaml)."""

    window: timedelta = timedelta(hours=72)
    revision: timedelta = timedelta(hours=24)


class Verdict(Struct, frozen=True, kw_only=True):
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


K = TypeVar("K", bound=Hashable)
L = TypeVar("L", bound=Hashable)


class Place(Struct, Generic[K], frozen=True, kw_only=True, omit_defaults=True):
    """A copy's place in a story, and why; copies are named by their entries or by their numbers."""

    copy: K
    relation: Relation
    #: the copy that it was compared with
    matched: K | None = None
    score: float | None = None
    ground: str = ""
    #: number of the accepted revision that it tells; the highest is the newest
    revision: int = 0

    def renamed(self, names: Mapping[K, L]) -> Place[L]:
        """Name the copies by others' names."""
        return Place(
            copy=names[self.copy],
            relation=self.relation,
            matched=None if self.matched is None else names[self.matched],
            score=self.score,
            ground=self.ground,
            revision=self.revision,
        )
