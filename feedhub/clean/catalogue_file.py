"""Read a file of the catalogue; every mistake names file and entry."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Set
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import yaml

from feedhub.errors import ConfigError
from feedhub.parsed_yaml import parsed_yaml

T = TypeVar("T")


def entries_of(file: str, build: Callable[[str, dict[str, Any]], T]) -> list[T]:
    """Build a value of each entry of a file that is a list; raise ConfigError where one is no table."""
    entries = []
    for number, raw in enumerate(load_file(file, list), 1):
        name = raw.get("name", "?") if isinstance(raw, dict) else "?"
        if not isinstance(raw, dict):
            raise ConfigError([f"{file}: entry {number}: expected a table, got {type(raw).__name__}"])
        entries.append(build(f"{file}: entry {number} ({name})", raw))
    return entries


def load_file(file: str, kind: type) -> Any:
    """Read a file of the catalogue; raise ConfigError where it is no YAML or not of this kind."""
    try:
        data = parsed_yaml(_path(file))
    except yaml.YAMLError as error:
        raise ConfigError([f"{file}: {' '.join(str(error).split())}"]) from error
    if not isinstance(data, kind):
        raise ConfigError([f"{file}: expected a {kind.__name__}"])
    return data


def _path(file: str) -> Path:
    return Path(__file__).parents[1] / "catalogue" / file


def check_keys(where: str, raw: Mapping[str, Any], allowed: set[str], *, needs: Set[str] = frozenset()) -> None:
    """Raise ConfigError for keys that are unknown or missing."""
    unknown, missing = sorted(set(raw) - allowed), sorted(needs - set(raw))
    if unknown or missing:
        mistakes = [f"{where}: {key}: unknown key" for key in unknown] + [f"{where}: {key}: missing" for key in missing]
        raise ConfigError(mistakes)


def strings_of(where: str, raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Return a list of texts; raise ConfigError where it holds anything else."""
    value = raw.get(key, ())
    if isinstance(value, str) or not all(isinstance(item, str) for item in value):
        raise ConfigError([f"{where}: {key}: expected a list of texts (quote words such as no, on, 12)"])
    return tuple(value)


def scoped(pattern: str) -> str:
    """Return one of several patterns as a group; a leading (?i) holds for this one only."""
    return f"(?i:{pattern[4:]})" if pattern.startswith("(?i)") else f"(?:{pattern})"


class CataloguePattern:
    """A pattern that is compiled when it is first tried: most stand behind cues that few texts have."""

    def __init__(self, where: str, source: str) -> None:
        self._where, self._source = where, source

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """Return the pattern; raise ConfigError where it is none."""
        return compile_pattern(self._where, self._source)


def compile_pattern(where: str, source: str) -> re.Pattern[str]:
    """Compile a pattern; raise ConfigError where it is none."""
    try:
        return re.compile(source)
    except re.error as error:
        raise ConfigError([f"{where}: bad pattern: {error}"]) from error
