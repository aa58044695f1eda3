"""What the app is given: its settings, and a backend that has the stories."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Protocol

from msgspec import Struct, field

from feedhub.model import MetricValue, Story, StoryVersion, Tombstone
from feedhub.serve.http_document import Document


class ServerSettings(Struct, frozen=True, kw_only=True):
    """Where the hub is reached and who may see its details."""

    #: the public address, None where the hub is only reached at its own port
    base_url: str | None = None
    #: the host of the bound port, as configured
    host: str = "127.0.0.1"
    #: other names by which it is reached: a container's, one of the local network
    hosts: tuple[str, ...] = ()
    #: without one, details are shown on loopback only
    admin_token: str | None = None
    title: str = "feedhub"
    #: of the program, for the collector
    version: str = ""
    #: whether search engines may list the pages of stories
    index: bool = False


class OutputInfo(Struct, frozen=True, kw_only=True):
    """An output as the pages list it."""

    name: str
    title: str
    #: `token_digest` of its token; such an output is never listed
    token_digest: str | None = None
    #: how many stories it shows, None where that is not known
    stories: int | None = None
    updated: datetime | None = None
    #: one line for a person: what the output takes
    about: str | None = None


class StoryList(Struct, frozen=True, kw_only=True):
    """A page of an output's stories as people read them, newest first: stories of one event in one group."""

    #: of each group the story that stands for it comes first
    groups: tuple[tuple[Story, ...], ...]
    page: int = 1
    pages: int = 1


class SearchPage(Struct, frozen=True, kw_only=True):
    """Stories that a query finds, those founded last first."""

    stories: tuple[Story, ...] = ()
    #: where the next page begins, None after the last
    next: int | None = None
    #: parts of the query that mean nothing
    ignored: tuple[str, ...] = ()


class SourceLine(Struct, frozen=True, kw_only=True):
    """A source as the page of sources lists it."""

    name: str
    site: str | None = None
    agency: str | None = None
    #: a word for a person: polled, failing, stopped, waiting
    state: str
    last_success: datetime | None = None
    #: new entries a day over the last week, and the share of them that were copies of what others ran
    daily: float = 0.0
    copies: float = 0.0


class HealthStatus(Struct, frozen=True, kw_only=True):
    """Whether the hub can serve, in a line, and the report for those who may see it (JSON values)."""

    ready: bool
    reason: str = "ready"
    report: Mapping[str, object] = field(default_factory=dict)
    numbers: tuple[MetricValue, ...] = ()


class Backend(Protocol):
    """Reads the stored stories. May raise FeedhubError, served as 503. Never blocks the event loop."""

    async def outputs(self) -> Mapping[str, OutputInfo]:
        """Return all outputs by name, those with a token too, in the order of the configuration."""

    async def public_outputs(self) -> Sequence[OutputInfo]:
        """Return those without a token as the front page lists them: rule in words, stories, last change."""

    async def document(self, name: str, suffix: str) -> Document | None:
        """Return the current version of a document; None where the output or the format does not exist."""

    async def page(self, name: str, suffix: str, number: int) -> Document | None:
        """Return a page of an output, 1 being the document itself; None where it has no such page."""

    async def archived(self, name: str, number: int) -> Document | None:
        """Return an archived document of an output, in Atom; None where there is none of this number."""

    async def delta(self, name: str, suffix: str, known: Sequence[str]) -> Document | None:
        """Return the current version with only what is new since one of `known`; None if none is known."""

    async def verify_subscription(self, key: str, parameters: Mapping[str, str]) -> str | None:
        """Return the challenge of a WebSub hub that verifies a subscription; None where we did not ask for it."""

    async def receive_notification(self, key: str, signature: str, body: AsyncIterable[bytes]) -> bool:
        """Receive news from a WebSub hub, ignored unless rightly signed.

        False where the callback is nobody's: then the body is not read.
        """

    async def story(self, key: str) -> Story | None:
        """Return the story of this `story_key`; None where there is none or no output without a token carries it."""

    async def history(self, key: str) -> Sequence[StoryVersion]:
        """Return the versions of a story, the oldest first and its present form last, each within its rights.

        Of very many only the newest, one more than a page shows.
        """

    async def story_list(self, name: str, page: int) -> StoryList | None:
        """Return a page of an output's stories, the first being 1; None where there is no such output or page."""

    async def search(self, query: str, before: int | None) -> SearchPage:
        """Return what a person's query finds in outputs without a token; `before` goes on after an earlier page."""

    async def search_feed(self, query: str, suffix: str) -> Document | None:
        """Return the same as a document to subscribe to; None for a format that there is none of."""

    async def sources(self) -> Sequence[SourceLine]:
        """Return the sources, in the order of their names."""

    async def tombstone(self, key: str) -> Tombstone | None:
        """Return what became of a story that was published under this key and is no more."""

    async def readiness(self) -> HealthStatus:
        """Tell whether the hub can serve; asked often, so without the report."""

    async def health(self) -> HealthStatus:
        """Return the health report and the numbers."""

    async def health_feed(self) -> bytes:
        """Render the conditions of the sources as Atom."""


def story_key(story_id: str) -> str:
    """Return what stands for a story in the address of its page: the id after its last colon."""
    return story_id.rpartition(":")[2]


def token_digest(token: str) -> str:
    """Return the digest of a token, by which it is compared."""
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def token_matches(token: str | None, digest: str) -> bool:
    """Whether the token is the one of this digest; compared in constant time."""
    return token is not None and compare_digest(token_digest(token), digest)
