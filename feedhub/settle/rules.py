"""What the configuration says about matching and publishing, as the stages below need it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from msgspec import Struct, field

from feedhub.config import Config, notification_targets
from feedhub.model import Fulltext, MatchWindows, OutputRule


class SettleRules(Struct, frozen=True, kw_only=True):
    """The operator's choices that decide what a story is and where it is shown."""

    #: authority and date of `tag:` URIs (RFC 4151)
    identity: str
    windows: MatchWindows
    hold: timedelta
    outputs: tuple[OutputRule, ...]
    #: agencies that have a source of their own
    own_feeds: frozenset[str] = frozenset()
    #: sources whose articles' pages are read in order to decide, and how long a story is held back for one
    readable: frozenset[str] = frozenset()
    page_wait: timedelta = timedelta(0)
    #: (target, output) of each webhook
    webhooks: tuple[tuple[str, str], ...] = ()
    #: topic -> the targets that are told of it
    notifications: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def rules_of(config: Config, identity: str) -> SettleRules:
    """Take the rules from a configuration, under the hub's identity."""
    return SettleRules(
        identity=identity,
        windows=MatchWindows(window=config.match.window, revision=config.match.revision),
        hold=config.hold,
        outputs=config.feeds,
        own_feeds=frozenset(source.agency for source in config.sources if source.agency),
        readable=frozenset(source.id for source in config.sources if source.fulltext is Fulltext.DECIDE),
        page_wait=config.pages.wait,
        webhooks=tuple((each.target, each.feed) for each in config.webhooks),
        notifications=notification_targets(config),
    )
