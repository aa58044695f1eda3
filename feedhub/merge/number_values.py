"""Numbers as values, in figures and in the words of every language of the catalogue: `3` and `three` are one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from feedhub import languages
from feedhub.text_cache import remember_short

#: figures, with what parts thousands and decimals
_FIGURES = re.compile(r"\d+(?:[.,:/'’-]\d+)*")
_GROUPED = re.compile(r"\d{1,3}(?:([.,'’\u202f])\d{3})(?:\1\d{3})*")
#: numerals of China and Japan; `_HAN_COUNTED`: with a word for what is counted behind them
_HAN = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "兩": 2, "两": 2}
_HAN_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "萬": 10_000, "億": 10**8, "亿": 10**8}
_HAN_SIGNS = "".join((*_HAN, *_HAN_POWERS))
_HAN_COUNTED = re.compile(rf"([{_HAN_SIGNS}]{{1,9}})(?=[人名個个件年月日時时分歳岁円元票台艘隻棟校頭条%％亡死伤傷])")
_THAI = re.compile(r"[\u0e00-\u0e7f]{3,}")

#: the language of figures, which are worth the same in all
_FIGURES_ALONE = ""
#: what a word may be worth, by language
Values = frozenset[tuple[str, float]]


def differ(gone: Sequence[str], come: Sequence[str]) -> bool:
    """Tell whether the words that went and those that came state other numbers, whichever language they are in."""
    gone, come = _without_percent(gone), _without_percent(come)
    words = (*gone, *come)
    sure = [word for word in words if is_number(word)]
    if not sure:
        # Words that are other words too (elf, on) are numbers only where one takes the place of another.
        names = {name for word in gone for name, _ in values(word)} & {
            name for word in come for name, _ in values(word)
        }
        return any(_stated(gone, name) != _stated(come, name) for name in names)
    names = {name for word in words for name, _ in values(word)} | {_FIGURES_ALONE}
    names = {name for name in names if all(_is_in(word, name) for word in sure)}
    return not any(_stated(gone, name) == _stated(come, name) for name in names)


def _without_percent(words: Sequence[str]) -> list[str]:
    """Leave out the hundred of `por ciento`, `per cento`, `pour cent`: a sign (17%), and no number."""
    keys = [languages.key(word) for word in words]
    return [
        word for word, pair in zip(words, zip(["", *keys], keys, strict=False), strict=True) if pair not in _percent()
    ]


@cache
def _percent() -> frozenset[tuple[str, str]]:
    return frozenset(
        (languages.key(per), languages.key(hundred)) for per, hundred in languages.table("percent_words").values()
    )


def is_number(word: str) -> bool:
    """Tell whether a word is a number and no other word, in figures or in the words of some language."""
    if any(sign.isdigit() for sign in word):
        return True
    folded = languages.key(word)
    return folded not in _homographs() and (folded in _sure_scales() or bool(values(word)))


def _is_in(word: str, name: str) -> bool:
    """Whether a word is a number in a language, or in figures."""
    return languages.key(word) in _scales(name) or any(other in (name, _FIGURES_ALONE) for other, _ in values(word))


@cache
def _homographs() -> frozenset[str]:
    return frozenset(languages.key(str(word)) for word in languages.word_list("number_homographs"))


@cache
def _sure_scales() -> frozenset[str]:
    """Return the words that multiply (million) and are long enough to be nothing else."""
    return frozenset(word for word in _scales(_FIGURES_ALONE) if len(word) > 4 or not word.isascii())


def _stated(words: Sequence[str], name: str) -> list[float]:
    """Return the numbers of a run of words in one language; neighbours make one number (two hundred and ten)."""
    stated: list[float] = []
    follows = False
    for word in words:
        scale = _scales(name).get(languages.key(word))
        worth = [value for language, value in values(word) if language in (name, _FIGURES_ALONE)]
        if scale is not None:
            stated[-1:] = [(stated[-1] if follows else 1.0) * scale]
            follows = True
        elif worth:
            number = worth[0]
            joins = follows and stated[-1] % 10 ** len(str(int(number))) == 0 and stated[-1] > number > 0
            stated[-1:] = [stated[-1] + number] if joins else [*stated[-1:], number]
            follows = True
        else:
            follows = follows and languages.key(word) in _links()
    return stated


@cache
def _links() -> frozenset[str]:
    return frozenset(map(languages.key, languages.word_list("number_links")))


@cache
def _scales(name: str) -> Mapping[str, float]:
    """Return the words of a language that multiply, of all languages where only figures tell."""
    scales = languages.table("number_scales")
    rows = scales.values() if name == _FIGURES_ALONE else [scales.get(name, {})]
    return {languages.key(word): float(value) for row in rows for word, value in row.items()}


@remember_short(20_000, 50)
def values(word: str) -> Values:
    """Return what a word is worth in each language in which it is a number; figures are worth the same in all."""
    text = unicodedata.normalize("NFKC", word)
    if any(sign.isdigit() for sign in text):
        return frozenset((_FIGURES_ALONE, value) for value in _figures(text))
    found: set[tuple[str, float]] = set()
    folded = languages.key(word)
    for name, table in languages.numbers().items():
        value = table.get(folded)
        value = _compound(folded, name) if value is None and len(folded) > 4 else value
        value = _leading(folded, table) if value is None and "-" in folded else value
        if value is not None:
            found.add((name, float(value)))
    found |= {(_FIGURES_ALONE, value) for value in _han(text)}
    if _THAI.search(text) and "th" not in dict(found):
        found |= {("th", float(value)) for value in _inside(text, languages.numbers()["th"])}
    return frozenset(found)


def _figures(text: str) -> Iterator[float]:
    for match in _FIGURES.finditer(text):
        digits = match[0]
        if _GROUPED.fullmatch(digits):
            digits = re.sub(r"\D", "", digits)
        try:
            yield float(digits.replace(",", "."))
        except ValueError:
            # 21:45, 3-2, 2026/27: told apart by how they are written
            yield from (float(part) for part in re.findall(r"\d+", digits))


def _compound(word: str, name: str) -> int | None:
    """thirty-nine, dreiundzwanzig, trentaquattro, tjugotre -> 39, 23, 34, 23"""
    if not word.startswith(_heads(name)):
        return None
    table = languages.numbers()[name]
    joint = languages.table("number_joints").get(name, "")
    for place in range(2, len(word) - 1):
        head, rest = word[:place], word[place:]
        if joint and rest.startswith(joint):
            units, tens = table.get(head, _ONE.get(head)), table.get(rest[len(joint) :])
            if units and tens and units < 10 <= tens:
                return tens + units
        tens, units = table.get(head, _STEMS.get(name, {}).get(head)), _unit(table, rest.lstrip("-"))
        if tens and units and tens >= 20 and tens % 10 == 0 and units < 10:
            return tens + units
    return None


def _leading(word: str, table: Mapping[str, int]) -> int | None:
    """nine-year-old, three-day -> 9, 3; one-off, half-time, four-fifths state no number by which they begin"""
    head, *others = word.split("-")
    value = table.get(head)
    is_alone = not any(other in table or other.rstrip("s") in table for other in others)
    return value if value is not None and value > 1 and is_alone else None


@cache
def _heads(name: str) -> tuple[str, ...]:
    """Return the words that a compound of a language can begin with: hardly any word does, and asking is cheap."""
    table = languages.numbers()[name]
    units = {*table, *_ONE} if languages.table("number_joints").get(name) else set()
    tens = {word for word, value in table.items() if value >= 20 and value % 10 == 0}
    return tuple(units | tens | set(_STEMS.get(name, {})))


def _unit(table: Mapping[str, int], word: str) -> int | None:
    """Return the value of a unit in a compound, which may have an accent of its own (veintitrés)."""
    bare = "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))
    return table.get(word, table.get(bare))


#: one, as it stands in compounds; tens that lose their last vowel before a unit
_ONE = {"ein": 1, "een": 1, "en": 1, "eenen": 1}
_STEMS = {
    "it": {"vent": 20, "trent": 30, "quarant": 40, "cinquant": 50, "sessant": 60},
    "es": {"veinti": 20},
    "hu": {"huszon": 20},
}


def _han(text: str) -> Iterable[float]:
    for match in _HAN_COUNTED.finditer(text):
        if (value := _han_value(match[1])) > 0:
            yield float(value)


def _han_value(signs: str) -> int:
    """三十四 -> 34, 二〇 -> 20, 千二百 -> 1200; a lone 一 counts as 1."""
    total, section, digit = 0, 0, 0
    for sign in signs:
        if sign in _HAN:
            digit = digit * 10 + _HAN[sign]
        elif (power := _HAN_POWERS[sign]) >= 10_000:
            total, section, digit = total + (section + digit or 1) * power, 0, 0
        else:
            section, digit = section + (digit or 1) * power, 0
    return total + section + digit


def _inside(text: str, table: Mapping[str, int]) -> Iterable[int]:
    """Return the values of number words inside a text without spaces."""
    return [value for word, value in table.items() if word in text]
