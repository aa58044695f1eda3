"""The data of this stage (`feedhub/catalogue/*.yaml`), read once and checked; mistakes are told by file and rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeVar

import yaml

from feedhub import languages
from feedhub.errors import ConfigError
from feedhub.model import RevisionKind

T = TypeVar("T")
Where = Literal["any", "top", "end", "tail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FurnitureRule:
    """A kind of furniture: what such a line looks like, with lines that go and prose that stays."""

    name: str
    where: Where
    pattern: re.Pattern[str]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A revision mark: a pattern at the start (or end) of a title or first line; group `n` is its number."""

    name: str
    kind: RevisionKind | None
    pattern: re.Pattern[str]
    goes: tuple[str, ...]
    stays: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """A kind of block in which a site speaks to its readers: how many of its terms tell it."""

    name: str
    where: Literal["any", "end"]
    needs: int
    #: it must speak to the reader
    addressed: bool
    cues: tuple[str, ...]
    terms: tuple[re.Pattern[str], ...]
    goes: tuple[str, ...]
    stays: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRules:
    """Which parameters and pictures only count readers."""

    parameters: frozenset[str]
    prefixes: tuple[str, ...]
    own_host: frozenset[str]
    pixel_hosts: tuple[str, ...]
    pixel_names: re.Pattern[str]


@cache
def agencies() -> tuple[Agency, ...]:
    """Return the news agencies of the world that the catalogue knows."""
    return tuple(_each("agencies.yaml", _agency))


@cache
def rules() -> tuple[FurnitureRule, ...]:
    """Return the furniture rules in the order of the file."""
    return tuple(_each("furniture.yaml", _rule))


@cache
def marks() -> tuple[Mark, ...]:
    """Return the revision marks in the order of the file."""
    return tuple(_each("revisions.yaml", _mark))


@cache
def appeals() -> tuple[Appeal, ...]:
    """Return the kinds of blocks in which a site speaks to its readers."""
    return tuple(_each("appeals.yaml", _appeal))


@cache
def link_rules() -> LinkRules:
    """Return the rules for addresses."""
    raw = _load("links.yaml", dict)
    lists = {key: tuple(map(str, raw[key])) for key in ("parameters", "prefixes", "own_host", "pixel_hosts")}
    return LinkRules(
        parameters=frozenset(lists["parameters"]),
        prefixes=lists["prefixes"],
        own_host=frozenset(lists["own_host"]),
        pixel_hosts=lists["pixel_hosts"],
        pixel_names=_pattern("links.yaml: pixel_names", raw["pixel_names"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRules:
    """Where pages that load their pictures late keep the real address."""

    #: attributes with an address, before which `src` is a placeholder
    late: tuple[str, ...]
    #: attributes with a srcset
    late_sets: tuple[str, ...]
    #: attributes that count only where there is no other address
    spare: tuple[str, ...]
    #: names of placeholders
    placeholders: re.Pattern[str]


@cache
def picture_rules() -> PictureRules:
    """Return the rules for pictures that are loaded late."""
    raw = _load("links.yaml", dict)
    where = "links.yaml: late_pictures"
    return PictureRules(
        late=_strings(where, raw["late_pictures"], "late"),
        late_sets=_strings(where, raw["late_pictures"], "sets"),
        spare=_strings(where, raw["late_pictures"], "spare"),
        placeholders=_pattern("links.yaml: placeholders", raw["placeholders"]),
    )


@cache
def embed_rules() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return, for embedded addresses, a pattern each and the page that a person opens instead."""

    def build(where: str, raw: dict[str, Any]) -> tuple[re.Pattern[str], str]:
        _only(where, raw, {"name", "pattern", "page"}, needs={"name", "pattern", "page"})
        return _pattern(where, raw["pattern"]), str(raw["page"])

    return tuple(_each("embeds.yaml", build))


@cache
def quotations() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """How texts quote agencies that no list knows: a cue, and a pattern with groups `name...` to try round it."""
    entries = []
    for number, raw in enumerate(languages.word_list("quoted")):
        patterns = _strings("words.yaml: quoted", raw, "patterns")
        apart = [p.replace("(?P<name", f"(?P<name_{n}_") for n, p in enumerate(patterns)]
        pattern = _pattern(f"words.yaml: quoted {number}", "|".join(apart))
        entries += [(cue, pattern) for cue in _strings("words.yaml: quoted", raw, "cues")]
    return tuple(entries)


def _agency(where: str, raw: dict[str, Any]) -> Agency:
    _only(where, raw, {"name", "short", "aliases", "domains", "ambiguous", "examples"}, needs={"name", "short"})
    for example in raw.get("examples", ()):
        _only(f"{where}: examples", example, {"text", "title", "place", "date", "credit", "desk", "body", "byline"})
    if not raw.get("examples"):
        raise ConfigError([f"{where}: examples: needs at least one, in that agency's style"])
    return Agency(
        name=str(raw["name"]),
        short=str(raw["short"]),
        aliases=_strings(where, raw, "aliases"),
        domains=_strings(where, raw, "domains"),
        ambiguous=bool(raw.get("ambiguous")),
        examples=tuple(raw["examples"]),
    )


def _rule(where: str, raw: dict[str, Any]) -> FurnitureRule:
    allowed = {"name", "where", "patterns", "starts", "cues", "action", "longest", "weak", "foreign", "goes", "stays"}
    _only(where, raw, allowed, needs={"name", "patterns", "goes", "stays"})
    place, action = raw.get("where", "any"), raw.get("action", "drop")
    if place not in ("any", "top", "end", "tail") or action not in ("drop", "rights", "credit", "list"):
        raise ConfigError([f"{where}: where is any, top, end or tail; action is drop, rights, credit or list"])
    return FurnitureRule(
        name=str(raw["name"]),
        where=place,
        pattern=_pattern(f"{where}: patterns", "|".join(map(_scoped, _strings(where, raw, "patterns")))),
        starts=frozenset(start.casefold() for start in _strings(where, raw, "starts")),
        cues=tuple(cue.casefold() for cue in _strings(where, raw, "cues")),
        action=action,
        longest=int(raw.get("longest", 240)),
        weak=bool(raw.get("weak")),
        foreign=bool(raw.get("foreign")),
        goes=_strings(where, raw, "goes"),
        stays=_strings(where, raw, "stays"),
    )


def _appeal(where: str, raw: dict[str, Any]) -> Appeal:
    allowed = {"name", "where", "needs", "addressed", "cues", "terms", "goes", "stays"}
    _only(where, raw, allowed, needs=allowed - {"where", "addressed"})
    return Appeal(
        name=str(raw["name"]),
        where=raw.get("where", "any"),
        needs=int(raw["needs"]),
        addressed=bool(raw.get("addressed")),
        cues=_strings(where, raw, "cues"),
        terms=tuple(_pattern(f"{where}: terms", term) for term in _strings(where, raw, "terms")),
        goes=_strings(where, raw, "goes"),
        stays=_strings(where, raw, "stays"),
    )


def _mark(where: str, raw: dict[str, Any]) -> Mark:
    _only(where, raw, {"name", "kind", "pattern", "goes", "stays"}, needs={"name", "pattern", "goes", "stays"})
    kind = raw.get("kind")
    if kind is not None and kind not in set(RevisionKind):
        raise ConfigError([f"{where}: kind: expected one of {', '.join(RevisionKind)}, got {kind!r}"])
    return Mark(
        name=str(raw["name"]),
        kind=RevisionKind(kind) if kind else None,
        pattern=_pattern(where, raw["pattern"]),
        goes=_strings(where, raw, "goes"),
        stays=_strings(where, raw, "stays"),
    )


def _each(file: str, build: Callable[[str, dict[str, Any]], T]) -> list[T]:
    entries = []
    for number, raw in enumerate(_load(file, list), 1):
        name = raw.get("name", "?") if isinstance(raw, dict) else "?"
        if not isinstance(raw, dict):
            raise ConfigError([f"{file}: entry {number}: expected a table, got {type(raw).__name__}"])
        entries.append(build(f"{file}: entry {number} ({name})", raw))
    return entries


def _load(file: str, kind: type) -> Any:
    try:
        data = yaml.load(_text(file), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise ConfigError([f"{file}: {' '.join(str(error).split())}"]) from error
    if not isinstance(data, kind):
        raise ConfigError([f"{file}: expected a {kind.__name__}"])
    return data


def _text(file: str) -> str:
    return files("feedhub").joinpath("catalogue", file).read_text(encoding="utf-8")


def _only(where: str, raw: Mapping[str, Any], allowed: set[str], *, needs: Set[str] = frozenset()) -> None:
    unknown, missing = sorted(set(raw) - allowed), sorted(needs - set(raw))
    if unknown or missing:
        mistakes = [f"{where}: {key}: unknown key" for key in unknown] + [f"{where}: {key}: missing" for key in missing]
        raise ConfigError(mistakes)


def _strings(where: str, raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = raw.get(key, ())
    if isinstance(value, str) or not all(isinstance(item, str) for item in value):
        raise ConfigError([f"{where}: {key}: expected a list of texts (quote words such as no, on, 12)"])
    return tuple(value)


def _scoped(pattern: str) -> str:
    """One of several patterns -> a group; a leading (?i) holds for this one only."""
    return f"(?i:{pattern[4:]})" if pattern.startswith("(?i)") else f"(?:{pattern})"


def _pattern(where: str, source: str) -> re.Pattern[str]:
    try:
        return re.compile(source)
    except re.error as error:
        raise ConfigError([f"{where}: bad pattern: {error}"]) from error
