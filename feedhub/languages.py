"""The words that several stages look up, one table for all of them: `catalogue/words.yaml`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from feedhub.errors import ConfigError
from feedhub.parsed_yaml import parsed_yaml

#: scripts that set no space between words, as the inside of a character class: Thai, Lao, Burmese, Khmer, Chinese,
#: Japanese
NO_SPACE_SCRIPTS = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f"
    r"\U00020000-\U0003ffff"
)
#: the entry of `weekdays` that is no language: forms that count only where a day is expected
_SHORT = "short"


@cache
def table(name: str) -> Mapping[str, Any]:
    """Return a table of words.yaml by its name; raise ConfigError where it is missing or none."""
    value = _file().get(name)
    if not isinstance(value, dict):
        raise ConfigError([f"words.yaml: {name}: expected a table"])
    return value


@cache
def word_list(name: str) -> tuple[Any, ...]:
    """Return a list of words.yaml by its name; raise ConfigError where it is missing or none."""
    value = _file().get(name)
    if not isinstance(value, list):
        raise ConfigError([f"words.yaml: {name}: expected a list"])
    return tuple(value)


@cache
def negations() -> frozenset[str]:
    """Return the words of all languages that turn a sentence round, as `key` writes them."""
    return frozenset(key(word) for words in table("negations").values() for word in words)


@cache
def months() -> Mapping[str, int]:
    """Return the names of the months in all languages, without dots -> 1 to 12."""
    return _merged(table("months").values())


@cache
def short_months() -> Mapping[str, int]:
    """Return shortened names of months, which are other words as well -> 1 to 12."""
    return _merged(table("short_months").values())


@cache
def weekdays() -> Mapping[str, int]:
    """Return the names of the days of the week in all languages -> 1 (Monday) to 7."""
    return _merged(words for language, words in table("weekdays").items() if language != _SHORT)


@cache
def short_weekdays() -> Mapping[str, int]:
    """Return shortened names of the days of the week, which are other words as well -> 1 (Monday) to 7."""
    return _merged([table("weekdays")[_SHORT]])


@cache
def relative_days() -> Mapping[str, int]:
    """Return the words for yesterday, today and tomorrow in all languages -> days from the day of writing."""
    return _merged(table("relative_days").values())


@cache
def numbers() -> Mapping[str, Mapping[str, int]]:
    """Return for each language its number words -> their values; `one` and its kin are left out."""
    return {language: _merged([words]) for language, words in table("numbers").items()}


@cache
def number_words() -> Mapping[str, int]:
    """Return the number words of all languages -> their values, without those that are other words as well."""
    shared = {key(str(word)) for word in word_list("number_homographs")}
    return {word: value for word, value in _merged(table("numbers").values()).items() if word not in shared}


def key(word: str) -> str:
    """Return a word as the tables have it: NFKC, case-folded."""
    return unicodedata.normalize("NFKC", word.casefold())


def _merged(tables: Iterable[Mapping[str, int]]) -> dict[str, int]:
    return {key(str(word)): int(value) for words in tables for word, value in words.items()}


@cache
def _file() -> Mapping[str, Any]:
    try:
        data = parsed_yaml(Path(__file__).parent / "catalogue" / "words.yaml")
    except yaml.YAMLError as error:
        raise ConfigError([f"words.yaml: {' '.join(str(error).split())}"]) from error
    if not isinstance(data, dict):
        raise ConfigError(["words.yaml: expected a table"])
    return data
