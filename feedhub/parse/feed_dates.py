"""Dates as feeds write them, read strictly: feedparser makes the year 1793 out of epoch seconds.

a date = a day (calendar_days), and where it has one a clock and its zone (zones)
"""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from feedhub import languages
from feedhub.parse import zones
from feedhub.parse.calendar_days import read_day
from feedhub.parse.zones import offset_minutes

#: no feed is older than this; what reads as earlier is a misreading
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST_YEAR = 2200
#: as RFC 5322 (3.3) spells them
_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}

_PLAIN_ISO = re.compile(
    r"\d{4}-[01]\d-[0-3]\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)"
)
_PLAIN_RFC = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) ([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))? "
    r"(?:(GMT|UTC|Z)|([+-])(\d\d)([0-5]\d))"
)
_COMPACT = re.compile(
    r"(?P<y>\d{4})(?P<mo>\d\d)(?P<d>\d\d)(?:[t ]?(?P<h>\d\d)(?P<mi>\d\d)(?:(?P<s>\d\d)(?:[.,]\d+)?)?(?P<zone>\D.*|))?"
)
#: Mon Nov 02 10:00:00 +0000 2026
_ASCTIME = re.compile(r"(?P<day>(?:[^\s\d]+\s+)?[^\s\d]+\s+\d{1,2})\s+(?P<clock>\d{1,2}:\d\d.*?)\s+(?P<y>\d{4})")
#: a date in Korean words needs no zone: there is but one
_KOREAN = re.compile("[가-힣]")
#: `(CET)` and RFC 9557's `[Europe/Berlin]` behind a date
_COMMENT = re.compile(r"(?P<date>.+?)\s*[(\[](?P<comment>[^()\[\]]{0,60})[)\]]")


def read_date(text: str | None) -> datetime | None:
    """Read a feed's date as a moment in UTC; return None where it is missing, unreadable, or before 1990.

    Without a zone it is UTC; with one that is not known, or where it could be two days, it is unreadable.
    """
    if not text:
        return None
    text = " ".join(text.split()) if len(text) < 1000 else ""
    if not text or len(text) > 100:
        return None
    try:
        moment = _plain(text) or _epoch(text) or _in_words(languages.key(text).replace("\u2212", "-")) or _guessed(text)
    # LookupError: feedparser's readers look names up that they only take to be days and months
    except (ValueError, OverflowError, LookupError):
        return None
    return moment if moment is not None and moment >= _EARLIEST and moment.year < _LATEST_YEAR else None


def preload() -> None:
    """Read the words and zones that dates may name, for a process that can open no file later."""
    zones.preload()
    read_day("1 january 2026")
    _clocks()
    _halves()


def _plain(text: str) -> datetime | None:
    """Read the two forms that nearly all feeds use, without detours; all else is left to the other readers."""
    if text[4:5] == "-" and _PLAIN_ISO.fullmatch(text):
        return datetime.fromisoformat(text).astimezone(UTC)
    if not (match := _PLAIN_RFC.fullmatch(text)):
        return None
    day, name, year, hour, minute, second, zone, sign, hours, minutes = match.groups()
    month = _MONTHS.get(name.lower())
    if month is None or (hours and int(hours) > 14):
        return None
    moment = datetime(int(year), month, int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC)
    if zone or not int(hours + minutes):
        return moment
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return moment - offset if sign == "+" else moment + offset


def _epoch(text: str) -> datetime | None:
    """Read seconds or milliseconds since 1970; eight and fourteen digits are calendar dates."""
    if not re.fullmatch(r"\d{9,10}(?:\.\d+)?|\d{12,13}", text):
        return None
    seconds = float(text)
    return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)


def _in_words(text: str) -> datetime | None:
    """Read a day, then a clock and a zone where it has them, in any language of the catalogue."""
    if match := _COMPACT.fullmatch(text):
        compact = date(int(match["y"]), int(match["mo"]), int(match["d"]))
        return _moment(compact, match["h"] or "0", match["mi"], match["s"], half="", zone=match["zone"] or "")
    comment = ""
    if match := _COMMENT.fullmatch(text):
        text, comment = match["date"], match["comment"]
    if match := _ASCTIME.fullmatch(text):
        text = f"{match['day']} {match['y']} {match['clock']}"
    if (only := _day_of(text)) is not None:
        return _moment(only, "0", None, None, half="", zone="")
    for form in _clocks():
        if (match := form.fullmatch(text)) and (day := read_day(match["day"])) is not None:
            part = {name: value or "" for name, value in match.groupdict().items()}
            half = _halves().get((part.get("before", "") or part["after"]).replace(".", "").replace(" ", ""), "")
            zone = part.get("zone", "").strip() or (comment if _is_zone(comment) else "")
            if not zone and _KOREAN.search(text):
                zone = "kst"
            return _moment(day, part["h"], part.get("mi"), part.get("s"), half=half, zone=zone)
    return None


def _day_of(text: str) -> date | None:
    try:
        return read_day(text)
    except ValueError:
        return None


def _is_zone(comment: str) -> bool:
    return offset_minutes(comment, datetime(2026, 1, 1)) is not None


def _moment(day: date, hour: str, minute: str | None, second: str | None, *, half: str, zone: str) -> datetime | None:
    """Return the moment in UTC; None for an hour that its half of the day has not, or an unknown zone."""
    hours, minutes, seconds = int(hour), int(minute or 0), int(second or 0)
    if half:
        if hours > 12 and half == "am":
            return None
        hours = hours if hours > 12 else hours % 12 + (12 if half == "pm" else 0)
    midnight = hours == 24 and not minutes and not seconds
    # a leap second is the last moment that the calendar knows
    clock = time(0 if midnight else hours, minutes, 59 if seconds == 60 else seconds)
    local = datetime.combine(day, clock) + timedelta(days=midnight)
    offset = offset_minutes(zone, local)
    return None if offset is None else (local - timedelta(minutes=offset)).replace(tzinfo=UTC)


@cache
def _halves() -> dict[str, str]:
    """Return the names of the halves of a day, without dots and blanks -> `am` or `pm`."""
    return {_squeezed(word): half for half, words in languages.table("half_days").items() for word in words}


def _squeezed(word: str) -> str:
    return languages.key(word).replace(".", "").replace(" ", "")


@cache
def _clocks() -> tuple[re.Pattern[str], ...]:
    """Return the forms of a day with a clock: behind it, with the half of the day alone, and before it."""
    words = languages.table("clock_words")
    before, after = ("|".join(re.escape(languages.key(word)) for word in words[place]) for place in ("before", "after"))
    half = "|".join(
        r"\.?\s?".join(map(re.escape, _squeezed(word))) + r"\.?" if word.isascii() else re.escape(languages.key(word))
        for forms in languages.table("half_days").values()
        for word in forms
    )
    gap = rf"(?:t(?=\d)|(?<=[日일)])|(?<=\d{{4}}):|[\s,،;|@–-]+)(?:(?:{before})\.?\s+)?"
    clock = (
        r"(?P<h>\d{1,2})(?:[:.]|\s?h\s?|\s?[時时點点시]\s?)(?P<mi>\d{2}|\d(?=\s?[分분]))"
        r"(?:(?:[:.m]|\s?[分분]\s?)(?P<s>\d{2}|\d(?=[秒초]))(?:[.,]\d{1,9})?[秒초]?|\s?[分분])?"
    )
    behind = rf"(?:\s*(?P<after>{half})(?![^\W\d_]))?(?:\s*(?:{after})\.?(?![^\W\d_]))?"
    return (
        re.compile(rf"(?P<day>.+?){gap}(?:(?P<before>{half})\s*)?{clock}{behind}(?P<zone>(?:[^\d.:].*)?)"),
        re.compile(rf"(?P<day>.+?){gap}(?P<h>\d{{1,2}})\s*(?P<after>{half})(?P<zone>(?:[\W\s].*)?)"),
        re.compile(rf"(?P<day>.+?){gap}(?P<h>\d{{1,2}})(?P<after>)\s?(?:uhr|h)"),
        re.compile(rf"{clock}{behind}[\s,،;|@–-]+(?P<day>.+)"),
    )


def _guessed(text: str) -> datetime | None:
    """feedparser's readers one by one, for the scripts and shortened forms that they know: in a row they misread."""
    from feedparser.datetimes import greek, hungarian, iso8601, korean

    readers: tuple[Callable[[str], Any], ...]
    if not text.isascii():
        readers = (
            korean._parse_date_onblog,
            korean._parse_date_nate,
            greek._parse_date_greek,
            hungarian._parse_date_hungarian,
        )
    elif re.fullmatch(r"-\d\d-?\d\d|\d{6}|0\d(?:[0-2]\d\d|3[0-6]\d)|\d\d-\d\d-\d\d", text):
        readers = (iso8601._parse_date_iso8601,)
    else:
        return None
    for reader in readers:
        if parts := reader(text):
            return datetime.fromtimestamp(timegm(parts), UTC)
    return None
