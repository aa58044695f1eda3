"""What the configuration says, as values. Every default that a person may leave out stands here."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Literal

from msgspec import Struct

from feedhub.model import Fulltext, OutputRule, Source
from feedhub.structs import WithSecrets

#: how long a story outlives its newest copy
RETENTION = timedelta(days=30)


class Server(WithSecrets, frozen=True, kw_only=True):
    """Where the hub listens, and the address that its links carry."""

    secrets = frozenset({"admin_token"})

    host: str = "127.0.0.1"
    #: 0 lets the system choose
    port: int = 8080
    #: without a slash at its end; None: `url`
    base_url: str | None = None
    #: other names by which the hub is reached
    hosts: tuple[str, ...] = ()
    admin_token: str | None = None
    #: whether search engines may list the pages of stories
    index: bool = False
    #: WebSub hubs that are told of changes; the feeds name them
    hubs: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """The hub's own address, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.base_url or f"http://{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the hub."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


class Polling(Struct, frozen=True, kw_only=True):
    """How often and how gently sources are asked."""

    interval: timedelta = timedelta(hours=1)
    #: no source is asked more often, whatever it says of itself
    floor: timedelta = timedelta(minutes=15)
    #: requests under way at once, in all and to one host
    concurrency: int = 50
    per_host: int = 1
    #: between two requests to one host
    host_delay: timedelta = timedelta(seconds=1)


class Fetch(WithSecrets, frozen=True, kw_only=True):
    """What fetching may reach."""

    secrets = frozenset({"proxy"})

    #: `host:port` pairs exempt from the ban on private addresses, in lower case
    allow: tuple[str, ...] = ()
    #: resolved folders below which sources may be absolute paths
    paths: tuple[Path, ...] = ()
    proxy: str | None = None
    #: how a publisher reaches who runs the hub: an address of the web or of mail, told in the User-Agent
    contact: str | None = None
    #: bytes of a document, inflated
    max_body: int = 16_000_000


class MatchSettings(Struct, frozen=True, kw_only=True):
    """How far apart in time copies and revisions of one story may lie."""

    window: timedelta = timedelta(hours=72)
    revision: timedelta = timedelta(hours=24)


class Pages(Struct, frozen=True, kw_only=True):
    """How articles' pages are read in order to decide."""

    #: pages of one host in an hour
    per_host_hour: int = 60
    #: how long a story is held back for a page that is awaited
    wait: timedelta = timedelta(minutes=2)


#: what a person may ask to be told
NotificationTopic = Literal["source broken", "stopped", "kill", "disputed", "database"]
TOPICS: tuple[NotificationTopic, ...] = ("source broken", "stopped", "kill", "disputed", "database")


class Notify(WithSecrets, frozen=True, kw_only=True):
    """Whom to tell of what, by way of apprise."""

    secrets = frozenset({"url"})

    url: str
    on: tuple[NotificationTopic, ...] = TOPICS

    @property
    def target(self) -> str:
        """Return what stands for the address, which may be a secret."""
        return _digest("notify", self.url)


class Webhook(WithSecrets, frozen=True, kw_only=True):
    """An address that is told of the new and changed stories of an output."""

    secrets = frozenset({"url", "secret"})

    url: str
    #: the output's name
    feed: str = "all"
    #: signs every message
    secret: str

    @property
    def target(self) -> str:
        """Return what stands for the address and the output."""
        return _digest("webhook", self.url, self.feed)


def _digest(*parts: str) -> str:
    return f"{parts[0]}-{sha256(chr(10).join(parts).encode()).hexdigest()[:16]}"


class Config(WithSecrets, frozen=True, kw_only=True):
    """A configuration without a mistake in it."""

    secrets = frozenset({"database"})

    #: the configuration's file, resolved; relative paths count from its folder
    path: Path
    #: SQLAlchemy URL
    database: str
    #: "authority,date" of every id; None: minted and stored at first start
    identity: str | None = None
    #: what the hub is called, on its pages and in the titles of its outputs
    title: str = "feedhub"
    server: Server = Server()
    polling: Polling = Polling()
    fetch: Fetch = Fetch()
    match: MatchSettings = MatchSettings()
    retention: timedelta = RETENTION
    hold: timedelta = timedelta(0)
    #: of every source by http that says nothing else
    fulltext: Fulltext = Fulltext.DECIDE
    pages: Pages = Pages()
    sources: tuple[Source, ...] = ()
    #: `all` is always among them
    feeds: tuple[OutputRule, ...] = ()
    notify: tuple[Notify, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    #: what is allowed but looks like an oversight, as `FILE:LINE:COL: path: what`
    warnings: tuple[str, ...] = ()
    #: what it was read from: its own file, and those that it names for sources
    files: tuple[Path, ...] = ()

    @property
    def contact(self) -> str | None:
        """Return what the User-Agent tells publishers: the configured contact, else the hub's public address."""
        return self.fetch.contact or self.server.base_url

    @property
    def folder(self) -> Path:
        """Return the folder of the configuration, from which relative paths start."""
        return self.path.parent


def notification_targets(config: Config) -> Mapping[str, tuple[str, ...]]:
    """Return for each topic the targets that are told of it."""
    topics: dict[str, tuple[str, ...]] = {}
    for each in config.notify:
        for topic in each.on:
            topics[topic] = (*topics.get(topic, ()), each.target)
    return topics
