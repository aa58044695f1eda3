"""What the app is told and what it asks: its settings, and the reader over the stored stories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Protocol

from feedhub.model import Gauge, OutputFeed, Story, StoryVersion, Tombstone
from feedhub.serve.http_document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the hub is reached and who may see its details."""

    #: the public address, None where the hub is only reached at its own port
    base_url: str | None = None
    #: the host of the bound port, as configured
    host: str = "127.0.0.1"
    #: without one, details are shown on loopback only
    admin_token: str | None = None
    title: str = "feedhub"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputInfo:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether the hub can serve, in a line, and the report for those who may see it (JSON values)."""

    ready: bool
    reason: str = "ready"
    report: Mapping[str, object] = field(default_factory=dict)
    numbers: tuple[Gauge, ...] = ()


class Reader(Protocol):
    """Over the stored stories. May raise FeedhubError, answered 503. Never waits long in the event loop itself."""

    async def outputs(self) -> Mapping[str, OutputInfo]:
        """All outputs by name, those with a token too, in the order of the configuration."""

    async def listed(self) -> Sequence[OutputInfo]:
        """Those without a token, as the front page tells of them: what each takes, its stories, its last change."""

    async def document(self, name: str, suffix: str) -> Document | None:
        """The current version of a document; None where the output or the format does not exist."""

    async def page(self, name: str, suffix: str, number: int) -> Document | None:
        """A page of an output, 1 being the document itself; None where it has no such page."""

    async def archived(self, name: str, number: int) -> Document | None:
        """An archived document of an output, in Atom; None where there is none of this number."""

    async def lacking(self, name: str, suffix: str, held: Sequence[str]) -> Document | None:
        """The current version with only what is new since one of the versions held; None where none is known."""

    async def confirm(self, key: str, said: Mapping[str, str]) -> str | None:
        """A WebSub hub asks whether we want what it was asked for: its challenge back, None where we do not."""

    async def told(self, key: str, signature: str, body: bytes) -> bool:
        """A WebSub hub brings news; False where the callback is nobody's. What is not rightly signed is passed over."""

    async def story(self, key: str) -> Story | None:
        """The story of this `story_key`; None where there is none or where no output without a token carries it."""

    async def history(self, key: str) -> Sequence[StoryVersion]:
        """What a story said, the oldest first and its present form last, each within its rights."""

    async def preview(self, name: str) -> OutputFeed | None:
        """An output's stories, for a page that shows them; None where there is no such output."""

    async def tombstone(self, key: str) -> Tombstone | None:
        """What became of a story that was published under this key and is no more."""

    async def ready(self) -> Health:
        """Whether the hub can serve; asked often, so without the report."""

    async def health(self) -> Health:
        """How the hub does."""

    async def health_feed(self) -> bytes:
        """The troubles of the sources as Atom."""


def story_key(story_id: str) -> str:
    """What stands for a story in the address of its page: the id after its last colon."""
    return story_id.rpartition(":")[2]


def token_digest(token: str) -> str:
    """What is kept of a token and compared."""
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def opens(token: str | None, digest: str) -> bool:
    """Whether the token is the one of this digest; takes as long when it is not."""
    return token is not None and compare_digest(token_digest(token), digest)
