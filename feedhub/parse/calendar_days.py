"""The day of a date as feeds write it, in the languages of the catalogue; what could be two days is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache

from feedhub import languages

_NAME = r"(?P<name>[^\W\d_][^\s\d,،/_-]{1,24})"
#: 2nd, 1er, 2º (as NFKC writes it), 2.
_ORDINAL = r"(?:(?:st|nd|rd|th|er|e|o|a)(?![^\W\d_])|\.)?"
_OF = r"(?:(?:de|del|di|of)\s+)?"
#: the word for a year that some languages put behind it
_YEAR_WORD = r"(?:\s*(?:г|год|года|р|року|m)\.?)?"
_NAMED = (
    re.compile(
        rf"(?P<d>\d{{1,2}}){_ORDINAL}[\s,./-]*{_OF}{_NAME}[\s,./-]*{_OF}(?P<y>\d{{4}}|'?\d{{2}})\.?{_YEAR_WORD}",
    ),
    re.compile(rf"{_NAME}[\s.-]+(?P<d>\d{{1,2}}){_ORDINAL}(?:,\s*|\s+|-)(?P<y>\d{{4}})"),
    re.compile(rf"(?P<y>\d{{4}})[\s.,-]+{_NAME}[\s.-]+(?P<d>\d{{1,2}})\.?"),
)
_YEAR_FIRST = (
    re.compile(r"(?P<y>\d{4})\s?([-/.])\s?(?P<mo>0?\d{1,2})\s?\2\s?(?P<d>\d{1,2})\.?"),
    re.compile(r"(?P<y>\d{4})\s*[年년]\s*(?P<mo>\d{1,2})\s*[月월]\s*(?P<d>\d{1,2})\s*[日일][^\d]{0,8}"),
    re.compile(r"(?P<y>\d{4})(?:-(?P<mo>\d{2}))?(?P<d>)"),
)
_DAY_FIRST = (
    # with four digits of a year, dots are day, month, year wherever they are written
    re.compile(rf"(?P<d>\d{{1,2}})\.\s?(?P<mo>\d{{1,2}})\.\s?(?P<y>\d{{4}}){_YEAR_WORD}"),
    re.compile(r"(?:ngày\s+)?(?P<d>\d{1,2})\s*tháng\s*(?P<mo>\d{1,2})[\s,]+(?:năm\s*)?(?P<y>\d{4})"),
)
#: 10/11/2026 is two days, 25/12/2026 is one
_EITHER = re.compile(r"(?P<a>\d{1,2})\s?([/-])\s?(?P<b>\d{1,2})\s?\2\s?(?P<y>\d{4})")
_FIRST_WORDS = (
    re.compile(r"(?P<word>[^\s\d,،.]{2,24})(?:[.,،]+\s*|\s+)(?P<rest>\S.*)"),
    # יום שלישי, thứ ba
    re.compile(r"(?P<word>[^\s\d,،.]{2,24}\s[^\s\d,،.]{2,24})(?:[.,،]+\s*|\s+)(?P<rest>\S.*)"),
)
_LAST_WORD = re.compile(r"(?P<rest>.*\d[.,،]{0,2})[\s,،(]+(?P<word>[^\s\d,،.()]{2,24})\)?")
#: years of the Buddhist era, which Thai papers write
_BUDDHIST_ERA = 543


@cache
def month_numbers() -> dict[str, int]:
    """Return the names of months and their short forms in all languages, without dots -> 1 to 12."""
    names = {**languages.months(), **languages.short_months()}
    return {name.replace(".", ""): number for name, number in names.items()}


def read_day(text: str) -> date | None:
    """Read a day, with or without its weekday; None where it is unreadable or ambiguous. Raise ValueError as `date`.

    `text` is as `languages.key` writes it.
    """
    if (day := _day(text, None)) is not None:
        return day
    for form in _FIRST_WORDS:
        if (match := form.fullmatch(text)) and (day := _day(match["rest"], _weekday(match["word"]))) is not None:
            return day
    # 10 Kasım 2026 Salı
    if (match := _LAST_WORD.fullmatch(text)) and (weekday := _weekday(match["word"])):
        return _day(match["rest"].rstrip(",،"), weekday)
    return None


def _day(text: str, weekday: int | None) -> date | None:
    for form in (*_YEAR_FIRST, *_DAY_FIRST):
        if match := form.fullmatch(text):
            return date(int(match["y"]), int(match["mo"] or 1), int(match["d"] or 1))
    for form in _NAMED:
        if (match := form.fullmatch(text)) and (month := month_numbers().get(match["name"].replace(".", ""))):
            return date(_year(match["y"], match["name"]), month, int(match["d"]))
    if match := _EITHER.fullmatch(text):
        a, b, year = int(match["a"]), int(match["b"]), int(match["y"])
        return _only((lambda: date(year, b, a), lambda: date(year, a, b)), weekday)
    return None


def _only(readings: Iterable[Callable[[], date]], weekday: int | None) -> date | None:
    """Return the one day that the readings leave open, by their weekday where one is known."""
    days = set()
    for reading in readings:
        try:
            days.add(reading())
        except ValueError:
            continue
    if weekday is not None and len(days) > 1:
        days = {day for day in days if day.isoweekday() == weekday}
    return days.pop() if len(days) == 1 else None


def _weekday(word: str) -> int | None:
    return languages.weekdays().get(word) or languages.short_weekdays().get(word)


def _year(digits: str, month: str) -> int:
    year = int(digits.removeprefix("'"))
    if len(digits) < 4:
        return year + (2000 if year < 70 else 1900)
    return year - _BUDDHIST_ERA if "\u0e00" <= month[0] <= "\u0e7f" and year > 2400 else year
