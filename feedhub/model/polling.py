"""A source and what a poll of it brings: the document, "not modified", or the reason why there is none."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Literal

from msgspec import Struct, field

from feedhub.model.filters import Filters
from feedhub.model.rights import Rights
from feedhub.structs import WithSecrets

#: what a source may do to stories that others have, too
Trust = Literal["low", "normal", "high"]
#: new entries of a source that are taken in one round
QUOTA = 200


class Fulltext(StrEnum):
    """What the articles' own pages of a source are read for."""

    #: no page is asked for
    NEVER = "never"
    #: read where headlines and teasers do not decide; the text is never shown
    DECIDE = "decide"
    #: every new entry's page becomes the copy's text
    PUBLISH = "publish"


class Source(WithSecrets, frozen=True, kw_only=True, omit_defaults=True):
    """A feed that we poll, as the configuration tells it."""

    secrets = frozenset({"headers", "proxy"})

    id: str
    #: http(s) URL, or the resolved path of a file or folder
    url: str
    name: str
    #: who publishes it; None where the addresses decide (`ingest.outlet`)
    outlet: str | None = None
    #: the address of its site, as the configuration or an OPML list tells it
    site: str | None = None
    #: set only where the source *is* that agency's own feed
    agency: str | None = None
    #: the agency whose copy an all-agency section runs
    credit: str | None = None
    priority: int = 0
    trust: Trust = "normal"
    language: str | None = None
    category: str | None = None
    interval: timedelta = timedelta(hours=1)
    #: new entries taken in a round, the newest first; None: `QUOTA` where strangers serve it, all of a file
    quota: int | None = None
    #: entries that pass one of these are not taken
    exclude: Filters = field(default_factory=Filters)
    rights: Rights = Rights.FULL
    fulltext: Fulltext = Fulltext.NEVER
    #: the polled URL may be shown although it carries user info or a query
    public: bool = False
    #: in place of our own name
    user_agent: str | None = None
    #: sent with every request for its document, to the owner of its address alone; they may be secrets
    headers: tuple[tuple[str, str], ...] = ()
    #: in place of `fetch.proxy`
    proxy: str | None = None

    @property
    def entries_a_round(self) -> int | None:
        """Return how many new entries are taken in a round; None where all are."""
        return self.quota if self.quota is not None or self.is_path else QUOTA

    @property
    def is_path(self) -> bool:
        """Return whether the source is a file or folder."""
        return not self.url.startswith(("http://", "https://"))


class Validators(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the server gave to ask again with; opaque, sent back exactly as received."""

    etag: str | None = None
    last_modified: str | None = None
    #: the address that gave them: they mean nothing to another one
    url: str | None = None


class Freshness(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How long the publisher asks us to wait, each None where nothing was said."""

    max_age: timedelta | None = None
    retry_after: timedelta | None = None


class Fetched(Struct, frozen=True, kw_only=True, omit_defaults=True):
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
    #: feeds that its Link headers offer in its place
    alternates: tuple[str, ...] = ()
    #: the files of a folder in name order, each read or failed (`body` is empty then); else ()
    parts: tuple[Fetched | FetchFailed, ...] = ()


class NotModified(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The source said (304) or showed (same bytes) that nothing changed."""

    source: str
    validators: Validators = Validators()
    freshness: Freshness = Freshness()
    #: as in Fetched
    moved_to: str | None = None


class FetchFailed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The source could not be had this time."""

    source: str
    #: one line for a person: what happened and, where known, what to do
    reason: str
    status: int | None = None
    #: 410: stop for good
    gone: bool = False
    #: never asked: the host had told us to wait (`freshness.retry_after` says how long); no fault of the source
    deferred: bool = False
    freshness: Freshness = Freshness()


FetchResult = Fetched | NotModified | FetchFailed
