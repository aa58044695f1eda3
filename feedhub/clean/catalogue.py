"""The data of this stage (`feedhub/catalogue/*.yaml`), read once and checked; mistakes are told by file and rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from msgspec import Struct

from feedhub import languages
from feedhub.clean.catalogue_file import (
    CataloguePattern,
    check_keys,
    compile_pattern,
    entries_of,
    load_file,
    scoped,
    strings_of,
)
from feedhub.errors import ConfigError
from feedhub.model import RevisionKind

Where = Literal["any", "top", "end", "tail"]


class Agency(Struct, frozen=True, kw_only=True):
    """A news agency: how it is credited and cited."""

    name: str
    short: str
    #: other names and spellings, in any script, as they stand in credits
    aliases: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    #: its short name is also a party, a firm or a word: cited only where "news agency" stands beside it
    ambiguous: bool = False
    #: {text, title?, place?, date?, credit?, desk?, body?}: invented copy in its style
    examples: tuple[Mapping[str, Any], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return every name and spelling of the agency."""
        return (self.short, self.name, *self.aliases)


class FurnitureRule(Struct, frozen=True, kw_only=True):
    """A kind of furniture: what such a line looks like, with lines that go and prose that stays."""

    name: str
    where: Where
    pattern: CataloguePattern
    #: first words (or first two characters in scripts without spaces) of such lines; empty: any
    starts: frozenset[str]
    #: one of these must stand in the line before its pattern is tried; empty: none
    cues: tuple[str, ...]
    #: "drop" | "rights" (the line is copyright) | "credit" (group `name` is one) | "list" (heads a list of links)
    action: Literal["drop", "rights", "credit", "list"]
    longest: int
    #: an article may say the same; such a line needs more than its form to go
    weak: bool
    #: a list whose links lead to other sites
    foreign: bool
    goes: tuple[str, ...]
    stays: tuple[str, ...]


class Mark(Struct, frozen=True, kw_only=True):
    """A revision mark: a pattern at the start (or end) of a title or first line; group `n` is its number."""

    name: str
    kind: RevisionKind | None
    pattern: re.Pattern[str]
    goes: tuple[str, ...]
    stays: tuple[str, ...]


class Appeal(Struct, frozen=True, kw_only=True):
    """A kind of block in which a site speaks to its readers: how many of its terms tell it."""

    name: str
    where: Literal["any", "end"]
    needs: int
    #: it must speak to the reader
    addressed: bool
    cues: tuple[str, ...]
    terms: tuple[CataloguePattern, ...]
    goes: tuple[str, ...]
    stays: tuple[str, ...]


class LinkRules(Struct, frozen=True, kw_only=True):
    """Which parameters and pictures only count readers."""

    parameters: frozenset[str]
    prefixes: tuple[str, ...]
    own_host: frozenset[str]
    from_feed: frozenset[str]
    pixel_hosts: tuple[str, ...]
    pixel_names: re.Pattern[str]


@cache
def agencies() -> tuple[Agency, ...]:
    """Return the news agencies of the world that the catalogue knows."""
    return tuple(entries_of("agencies.yaml", _agency))


@cache
def rules() -> tuple[FurnitureRule, ...]:
    """Return the furniture rules in the order of the file."""
    return tuple(entries_of("furniture.yaml", _rule))


@cache
def marks() -> tuple[Mark, ...]:
    """Return the revision marks in the order of the file."""
    return tuple(entries_of("revisions.yaml", _mark))


@cache
def appeals() -> tuple[Appeal, ...]:
    """Return the kinds of blocks in which a site speaks to its readers."""
    return tuple(entries_of("appeals.yaml", _appeal))


@cache
def link_rules() -> LinkRules:
    """Return the rules for addresses."""
    raw = load_file("links.yaml", dict)
    lists = {
        key: tuple(map(str, raw[key])) for key in ("parameters", "prefixes", "own_host", "from_feed", "pixel_hosts")
    }
    return LinkRules(
        parameters=frozenset(lists["parameters"]),
        prefixes=lists["prefixes"],
        own_host=frozenset(lists["own_host"]),
        from_feed=frozenset(lists["from_feed"]),
        pixel_hosts=lists["pixel_hosts"],
        pixel_names=compile_pattern("links.yaml: pixel_names", raw["pixel_names"]),
    )


class PictureRules(Struct, frozen=True, kw_only=True):
    """Where pages that load their pictures late keep the real address."""

    #: attributes with an address, before which `src` is a placeholder
    late: tuple[str, ...]
    #: attributes with a srcset
    late_sets: tuple[str, ...]
    #: attributes that count only where there is no other address
    spare: tuple[str, ...]
    #: names of placeholders
    placeholders: re.Pattern[str]
    #: all of the attributes
    names: frozenset[str]


@cache
def picture_rules() -> PictureRules:
    """Return the rules for pictures that are loaded late."""
    raw = load_file("links.yaml", dict)
    where = "links.yaml: late_pictures"
    late, sets, spare = (strings_of(where, raw["late_pictures"], key) for key in ("late", "sets", "spare"))
    return PictureRules(
        late=late,
        late_sets=sets,
        spare=spare,
        names=frozenset((*late, *sets, *spare)),
        placeholders=compile_pattern("links.yaml: placeholders", raw["placeholders"]),
    )


@cache
def embed_rules() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return, for embedded addresses, a pattern each and the page that a person opens instead."""

    def build(where: str, raw: dict[str, Any]) -> tuple[re.Pattern[str], str]:
        check_keys(where, raw, {"name", "pattern", "page"}, needs={"name", "pattern", "page"})
        # `.*` at the end takes whatever comes: where it stopped at a line break, what precedes it were tried anew
        return compile_pattern(where, f"(?s:{raw['pattern']})"), str(raw["page"])

    return tuple(entries_of("embeds.yaml", build))


@cache
def quotations() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """How texts quote agencies that no list knows: a cue, and a pattern with groups `name...` to try round it."""
    entries = []
    for number, raw in enumerate(languages.word_list("quoted")):
        patterns = strings_of("words.yaml: quoted", raw, "patterns")
        apart = [p.replace("(?P<name", f"(?P<name_{n}_") for n, p in enumerate(patterns)]
        pattern = compile_pattern(f"words.yaml: quoted {number}", "|".join(apart))
        entries += [(cue, pattern) for cue in strings_of("words.yaml: quoted", raw, "cues")]
    return tuple(entries)


_EXAMPLE = {"text", "title", "place", "date", "credit", "desk", "body", "byline"}


def _agency(where: str, raw: dict[str, Any]) -> Agency:
    check_keys(where, raw, {"name", "short", "aliases", "domains", "ambiguous", "examples"}, needs={"name", "short"})
    for example in raw.get("examples", ()):
        check_keys(
            f"{where}: examples", example, {"text", "title", "place", "date", "credit", "desk", "body", "byline"}
        )
    if not raw.get("examples"):
        raise ConfigError([f"{where}: examples: needs at least one, in that agency's style"])
    return Agency(
        name=str(raw["name"]),
        short=str(raw["short"]),
        aliases=strings_of(where, raw, "aliases"),
        domains=strings_of(where, raw, "domains"),
        ambiguous=bool(raw.get("ambiguous")),
        examples=tuple(raw["examples"]),
    )


def _rule(where: str, raw: dict[str, Any]) -> FurnitureRule:
    allowed = {"name", "where", "patterns", "starts", "cues", "action", "longest", "weak", "foreign", "goes", "stays"}
    check_keys(where, raw, allowed, needs={"name", "patterns", "goes", "stays"})
    place, action = raw.get("where", "any"), raw.get("action", "drop")
    if place not in ("any", "top", "end", "tail") or action not in ("drop", "rights", "credit", "list"):
        raise ConfigError([f"{where}: where is any, top, end or tail; action is drop, rights, credit or list"])
    return FurnitureRule(
        name=str(raw["name"]),
        where=place,
        pattern=CataloguePattern(f"{where}: patterns", "|".join(map(scoped, strings_of(where, raw, "patterns")))),
        starts=frozenset(start.casefold() for start in strings_of(where, raw, "starts")),
        cues=tuple(cue.casefold() for cue in strings_of(where, raw, "cues")),
        action=action,
        longest=int(raw.get("longest", 240)),
        weak=bool(raw.get("weak")),
        foreign=bool(raw.get("foreign")),
        goes=strings_of(where, raw, "goes"),
        stays=strings_of(where, raw, "stays"),
    )


def _appeal(where: str, raw: dict[str, Any]) -> Appeal:
    allowed = {"name", "where", "needs", "addressed", "cues", "terms", "goes", "stays"}
    check_keys(where, raw, allowed, needs=allowed - {"where", "addressed"})
    return Appeal(
        name=str(raw["name"]),
        where=raw.get("where", "any"),
        needs=int(raw["needs"]),
        addressed=bool(raw.get("addressed")),
        cues=strings_of(where, raw, "cues"),
        terms=tuple(CataloguePattern(f"{where}: terms", term) for term in strings_of(where, raw, "terms")),
        goes=strings_of(where, raw, "goes"),
        stays=strings_of(where, raw, "stays"),
    )


def _mark(where: str, raw: dict[str, Any]) -> Mark:
    check_keys(where, raw, {"name", "kind", "pattern", "goes", "stays"}, needs={"name", "pattern", "goes", "stays"})
    kind = raw.get("kind")
    if kind is not None and kind not in set(RevisionKind):
        raise ConfigError([f"{where}: kind: expected one of {', '.join(RevisionKind)}, got {kind!r}"])
    return Mark(
        name=str(raw["name"]),
        kind=RevisionKind(kind) if kind else None,
        pattern=compile_pattern(where, raw["pattern"]),
        goes=strings_of(where, raw, "goes"),
        stays=strings_of(where, raw, "stays"),
    )
