"""A feed and its entries as the document says them, before anything is cleaned."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct


class Transcript(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An episode's words, in a file of their own (podcast:transcript)."""

    url: str
    type: str | None = None
    language: str | None = None


class Chapter(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of an episode (psc:chapter)."""

    #: from the beginning, as normal play time: `00:01:30.250`
    start: str
    title: str
    url: str | None = None
    image: str | None = None


class Participant(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who is heard in an episode or made it (podcast:person)."""

    name: str
    role: str | None = None
    image: str | None = None
    url: str | None = None


class Podcast(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a channel says of its podcast; whose it is (`itunes:owner`, with an address of mail) is left out."""

    title: str | None = None
    author: str | None = None
    image: str | None = None
    explicit: bool | None = None
    #: `Arts`, and `Arts > Books` for one within another
    categories: tuple[str, ...] = ()


class Episode(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a podcast says of an item (Apple's guide for podcasters; Podcasting 2.0; Podlove Simple Chapters 1.2)."""

    number: int | None = None
    season: int | None = None
    #: full, trailer or bonus
    kind: str | None = None
    explicit: bool | None = None
    #: address of the episode's own picture
    image: str | None = None
    transcripts: tuple[Transcript, ...] = ()
    #: address of a file of chapters (JSON)
    chapter_file: str | None = None
    chapters: tuple[Chapter, ...] = ()
    people: tuple[Participant, ...] = ()
    podcast: Podcast | None = None


class Media(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A picture or another file that goes with an entry."""

    url: str
    #: media type, told from name and medium where the feed is silent
    type: str | None = None
    #: image, audio, video, document or executable (Media RSS)
    medium: str | None = None
    #: bytes
    length: int | None = None
    width: int | None = None
    height: int | None = None
    #: seconds
    duration: int | None = None
    credit: str | None = None
    description: str | None = None
    #: how the feed offers it: to be shown, to be downloaded (`enclosure`), or as a small picture of the item
    role: Literal["content", "enclosure", "thumbnail"] = "content"
    episode: Episode | None = None
    #: a page that plays it (media:player)
    player: str | None = None
    #: of several forms of one film or sound (media:group): which group of the entry, and whether it is the default
    group: int | None = None
    is_default: bool = False


class EntryOrigin(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The feed that an aggregator says an entry came from (`source`, `atom:source`): shown, never counted."""

    id: str | None = None
    title: str | None = None
    url: str | None = None


class Markup(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Text as a feed gave it: HTML or plain, not yet trusted."""

    value: str
    html: bool = True


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
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
    origin: EntryOrigin | None = None
    media: tuple[Media, ...] = ()
    #: the page where the entry is discussed
    comments: str | None = None


class Feed(Struct, frozen=True, kw_only=True, omit_defaults=True):
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
    #: how many more entries the document lists that are known and were not read again, and the newest of their dates
    unread: int = 0
    unread_dates: tuple[datetime, ...] = ()

    @property
    def listed(self) -> int:
        """How many entries the document lists."""
        return len(self.entries) + self.unread


class ArticlePage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The article on its own page, and what the page says of itself: hostile until cleaned."""

    #: where the bytes came from after redirects
    url: str
    #: the article's text as HTML with absolute links
    html: str
    title: str | None = None
    #: the address that the page itself calls the article's own
    canonical: str | None = None
    #: whose page it says it is
    publisher: str | None = None
    #: the page that it says it was taken from (schema.org `isBasedOn`), and who has its rights (`copyrightHolder`)
    based_on: str | None = None
    copyright_holder: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    language: str | None = None


class PageRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The page of an entry that is to be read, and what cleaning the entry anew needs of its feed."""

    url: str
    entry: Entry
    first_seen: datetime
    outlet: str
    feed_title: str | None = None
    feed_language: str | None = None
    title_suffix: str | None = None


class ParseFailed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The document is no feed that can be read."""

    #: one line for a person: what it is instead (HTML, empty, cut off, ...)
    reason: str
