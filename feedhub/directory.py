"""What the outputs of a hub are, and where they are reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from msgspec import Struct, field

from feedhub.config import Config
from feedhub.model import EntryStyle, OutputRule
from feedhub.structs import replace


class OutputDirectory(Struct, frozen=True, kw_only=True):
    """What the outputs are and where they are reached."""

    identity: str
    base_url: str
    rules: tuple[OutputRule, ...]
    retention: timedelta
    title: str = "feedhub"
    #: the configured address of the stories' pages, None where the hub has none that all can reach
    pages: str | None = None
    #: the WebSub hubs that are pinged for changes, and that subscribers are sent to
    hubs: tuple[str, ...] = ()
    #: what people call the sources, by id
    names: Mapping[str, str] = field(default_factory=dict)
    #: where a folder of static files is reached, which holds the outputs side by side
    folder: str | None = None

    @property
    def home(self) -> str:
        """Return the address of the hub's own page; empty where it has none."""
        return f"{self.folder or self.base_url}/" if self.folder or self.base_url else ""

    def rule(self, name: str) -> OutputRule | None:
        """Return the rule of an output, None where there is none of this name."""
        return next((rule for rule in self.rules if rule.name == name), None)

    @property
    def public(self) -> frozenset[str]:
        """Return the names of the outputs that need no token."""
        return frozenset(rule.name for rule in self.rules if rule.token is None)

    def address(self, rule: OutputRule) -> str:
        """Return where an output is reached, without the suffix of its format."""
        if self.folder is not None:
            return f"{self.folder}/{rule.name}"
        return "/".join(part for part in (self.base_url, "feeds", rule.token, rule.name) if part)

    def style(self, rule: OutputRule) -> EntryStyle:
        """Return how an output dresses its entries; only what needs no token may link to the stories' pages."""
        return EntryStyle(also=rule.also, author=rule.author, pages=self.pages if rule.token is None else None)

    def heading(self, rule: OutputRule) -> str:
        """Return what an output is called."""
        return rule.title or (self.title if rule.name == "all" else f"{self.title}: {rule.name}")


def output_directory(config: Config, identity: str, base_url: str | None = None) -> OutputDirectory:
    """Make the directory of a configuration, reached at its own address or at `base_url`."""
    return OutputDirectory(
        identity=identity,
        base_url=base_url or config.server.url,
        rules=config.feeds,
        retention=config.retention,
        title=config.title,
        pages=f"{config.server.base_url}/story/" if config.server.base_url else None,
        hubs=config.server.hubs,
        names={source.id: source.name for source in config.sources},
    )


def static_directory(config: Config, identity: str, folder: str | None) -> OutputDirectory:
    """Make the directory of static files, which lie at `folder`; without it and a `base_url` they name no address."""
    made = output_directory(config, identity)
    return replace(made, base_url=config.server.base_url or "", folder=folder)


def describe(rule: OutputRule) -> str:
    """Describe what an output takes, in a line for people."""
    what = [
        *([f"in {_or(rule.categories)}"] if rule.categories else []),
        *([f"from {_or(rule.agencies)}"] if rule.agencies else []),
        *([f"run by {_or(rule.outlets)}"] if rule.outlets else []),
        *([f"in the language {_or(rule.languages)}"] if rule.languages else []),
        *([f"that speak of {_or([f'“{word}”' for word in rule.words])}"] if rule.words else []),
    ]
    if rule.min_copies > 1:
        within = "" if rule.within is None else f" within {rule.within / timedelta(hours=1):g} hours"
        what.append(f"that {rule.min_copies} outlets or more have run{within}")
    return f"Stories {', '.join(what)}." if what else "Every story."


def _or(names: Sequence[str]) -> str:
    return " or ".join(names)
