"""The tables of words that several stages read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from feedhub import languages
from feedhub.errors import ConfigError


def test_an_unknown_table_or_list_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"words\.yaml: nonsense: expected a table"):
        languages.table("nonsense")
    with pytest.raises(ConfigError, match=r"words\.yaml: nonsense: expected a list"):
        languages.word_list("nonsense")


def test_a_month_has_one_number_in_all_languages() -> None:
    numbers: dict[str, set[int]] = {}
    for names in languages.table("months").values():
        for name, number in names.items():
            numbers.setdefault(languages.key(name), set()).add(number)
    assert not {name: known for name, known in numbers.items() if len(known) > 1}
    assert set(languages.months().values()) == set(range(1, 13))


def test_a_day_and_a_number_word_have_one_value_in_all_languages() -> None:
    assert set(languages.weekdays().values()) == set(range(1, 8)) == set(languages.short_weekdays().values())
    for tables in (languages.table("weekdays").values(), languages.table("numbers").values()):
        values: dict[str, set[int]] = {}
        for names in tables:
            for name, value in names.items():
                values.setdefault(languages.key(str(name)), set()).add(value)
        assert not {name: known for name, known in values.items() if len(known) > 1}


def test_a_word_that_is_another_word_too_is_a_number_in_its_language_alone() -> None:
    assert languages.numbers()["de"]["elf"] == 11
    assert "elf" not in languages.number_words()
    assert languages.number_words()["zwölf"] == 12


def test_yaml_reads_no_word_as_yes_or_no() -> None:
    words = [word for kind in ("negations", "numbers", "weekdays", "months") for word in _all(languages.table(kind))]
    assert not [word for word in (*words, *languages.word_list("number_homographs")) if not isinstance(word, str)]


def _all(tables: Mapping[str, Iterable[str]]) -> list[str]:
    return [word for names in tables.values() for word in names]
