"""Dates as datelines write them: in many languages, most without a year."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta

from feedhub import languages

_WORD = r"[^\W\d_][^\s\d.,;:()\[\]/|=<>\-–—]{1,13}"
_YEAR = r"(?:(?:,|/| de| del| г\.?)?\s?(?:19|20|१९|२०|১৯|২০|١٩|٢٠|۱۹|۲۰)\d\d(?: (?:г|года)\b\.?)?)?"
#: A date inside a pattern; `read` tells whether it is one.
DATE = (
    rf"(?:{_WORD}\.?\s\d{{1,2}}(?:st|nd|rd|th)?\b{_YEAR}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|º|ª)?\.?\s(?:de |of )?{_WORD}\.?{_YEAR}"
    rf"|\d{{4}}\.\s{_WORD}\s\d{{1,2}}\.?"
    r"|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d\d-\d\d"
    r"|(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日)"
)
#: A date that has no year and nothing to take it from.
UNDATED = ""
_EAST = re.compile(r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日$")
_NUMERIC = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{2,4})$|(\d{4})-(\d\d)-(\d\d)$")
# มี.ค. -> มีค
_THAI_DOT = re.compile(r"(?<=[\u0e01-\u0e4e])\.\s?")
# Thai years count from the Buddha.
_BUDDHIST = 543
_PART = re.compile(r"\d+|[^\W\d_][^\s\d.,/]*")


def read(text: str, around: datetime | None) -> str | None:
    """Return a dateline's date in ISO, its year the one closest to `around`; UNDATED without any, None for no date."""
    text = _THAI_DOT.sub("", unicodedata.normalize("NFKC", text).strip())
    parsed = _eastern(text, around) or _numeric(text) or _worded(text)
    if parsed is None:
        return None
    year, month, day = parsed
    return _iso(year, month, day, around)


def _eastern(text: str, around: datetime | None) -> tuple[int | None, int, int] | None:
    if not (match := _EAST.match(text)):
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    if month is None and around and day:
        near = around + timedelta(hours=12)
        month = near.month if day <= near.day else (near.month - 2) % 12 + 1
    return (year, month, day) if month and day else None


def _numeric(text: str) -> tuple[int | None, int, int] | None:
    if not (match := _NUMERIC.match(text)):
        return None
    if match[4]:
        return int(match[4]), int(match[5]), int(match[6])
    year = int(match[3])
    return year if year > 99 else 2000 + year, int(match[2]), int(match[1])


def _worded(text: str) -> tuple[int | None, int, int] | None:
    year = month = day = None
    for part in _PART.findall(text.casefold()):
        if part.isdigit() and len(part) == 4:
            year = int(part) - (_BUDDHIST if int(part) > 2400 else 0)
        elif part.isdigit():
            day = day or int(part)
        elif part in languages.months():
            month = month or languages.months()[part]
    return (year, month, day) if month and day else None


def _iso(year: int | None, month: int, day: int, around: datetime | None) -> str | None:
    if year is not None or around is None:
        if (parsed := _date(year or 2000, month, day)) is None:
            return None
        return parsed.isoformat() if year else UNDATED
    near = around.date()
    valid = [parsed for step in (-1, 0, 1) if (parsed := _date(near.year + step, month, day))]
    return min(valid, key=lambda d: abs(d - near)).isoformat() if valid else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
