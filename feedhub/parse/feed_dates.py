"""Dates as feeds write them, read strictly: feedparser makes the year 1793 out of epoch seconds."""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

#: no feed is older than this; what reads as earlier is a misreading
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST_YEAR = 2200

#: English, and then Europe's larger languages, Indonesian, Turkish, Hindi
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january jänner januar januari janvier janv enero ene janeiro gennaio gen ocak oca stycznia ledna"
            " января янв जनवरी",
            "feb february februar februari février févr fév febrero fevereiro fev febbraio şubat şub lutego února"
            " февраля фев फ़रवरी फरवरी",
            "mar march märz mär mrz mars marzo março maart mrt maret mart marca března марта мар मार्च",
            "apr april avril avr abril abr aprile nisan nis kwietnia dubna апреля апр अप्रैल",
            "may mai mayo maio maggio mag mei mayıs maja května мая май मई",
            "jun june juni juin junio junho giugno giu haziran haz czerwca června июня июн जून",
            "jul july juli juillet juil julio julho luglio lug temmuz tem lipca července июля июл जुलाई",
            "aug august août aou agosto ago augustus agustus agt ağustos ağu sierpnia srpna августа авг अगस्त",
            "sep sept september septembre septiembre setembro set settembre eylül eyl września září сентября сен"
            " सितंबर सितम्बर",
            "oct october oktober okt octobre octubre outubro out ottobre ott ekim eki października října октября окт"
            " अक्टूबर",
            "nov november novembre noviembre novembro kasım kas listopada listopadu ноября ноя नवंबर नवम्बर",
            "dec december dezember dez décembre déc diciembre dic dezembro dicembre desember des aralık ara grudnia"
            " prosince декабря дек दिसंबर दिसम्बर",
        ),
        start=1,
    )
    for name in names.split()
}

#: minutes east of Greenwich. Where a name has several meanings, the one that news feeds use
_ZONES = {
    **dict.fromkeys(("", "z", "ut", "utc", "gmt", "wet", "etc/gmt", "etc/utc"), 0),
    **{"ast": -240, "at": -240, "adt": -180, "est": -300, "et": -300, "edt": -240, "cst": -360, "ct": -360},
    **{"cdt": -300, "mst": -420, "mt": -420, "mdt": -360, "pst": -480, "pt": -480, "pdt": -420, "akst": -540},
    **{"akdt": -480, "hst": -600, "nst": -210, "ndt": -150, "brt": -180, "art": -180},
    **{"bst": 60, "ist": 330, "west": 60, "cet": 60, "met": 60, "mez": 60, "cest": 120, "mest": 120, "mesz": 120},
    **{"eet": 120, "sast": 120, "cat": 120, "wat": 60, "eat": 180, "eest": 180, "msk": 180, "trt": 180, "gst": 240},
    **{"pkt": 300, "npt": 345, "ict": 420, "wib": 420, "hkt": 480, "sgt": 480, "pht": 480, "myt": 480, "wita": 480},
    **{"awst": 480, "jst": 540, "kst": 540, "wit": 540, "aest": 600, "acst": 570, "aedt": 660, "nzst": 720},
    "nzdt": 780,
}

_CLOCK = r"(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?(?:\s*(?P<half>[ap])\.?m\.?)?"
_ZONE = r"\s*(?P<zone>[A-Za-z/]*\s*[+-]\d{1,2}:?\d{2}|[+-]\d{2}|[A-Za-z][A-Za-z/]*|)(?:\s*\([^)]*\))?"
_WEEKDAY = r"(?:[^\W\d_]{2,12}(?:\.?,\s*|\.?\s+))?"

_ISO = re.compile(
    rf"{_WEEKDAY}(?P<y>\d{{4}})([-/.])(?P<mo>0?\d{{1,2}})\2(?P<d>\d{{1,2}})(?:[Tt\s]+(?:at\s+)?{_CLOCK}{_ZONE})?"
)
_COMPACT = re.compile(
    r"(?P<y>\d{4})(?P<mo>\d\d)(?P<d>\d\d)"
    rf"(?:[Tt ]?(?P<h>\d\d)(?P<mi>\d\d)(?:(?P<s>\d\d)(?:[.,]\d+)?)?(?P<half>){_ZONE})?"
)
_RFC822 = re.compile(
    rf"{_WEEKDAY}(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?(?:[\s-]+|\s+de\s+)"
    rf"(?P<name>[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u0900-\u094d]){{1,12}})\.?,?(?:[\s-]+|\s+de\s+)(?P<y>\d{{2}}|\d{{4}}),?(?:\s+(?:at\s+)?{_CLOCK}{_ZONE})?"
)
_AMERICAN = re.compile(
    rf"{_WEEKDAY}(?P<name>[A-Za-z]{{3,9}})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})(?:,?\s+(?:at\s+|-\s+)?{_CLOCK}{_ZONE})?"
)
_ASCTIME = re.compile(rf"{_WEEKDAY}(?P<name>[A-Za-z]{{3,9}})\s+(?P<d>\d{{1,2}})\s+{_CLOCK}{_ZONE}\s+(?P<y>\d{{4}})")
_HAN = re.compile(
    r"(?P<y>\d{4})\s*年\s*(?P<mo>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日"
    r"(?:[^\d]{0,6}(?P<h>\d{1,2})[:时時点點](?P<mi>\d{2})分?(?:[:]?(?P<s>\d{2})秒?)?)?(?P<half>)(?P<zone>)"
)
_PLAIN_ISO = re.compile(
    r"\d{4}-[01]\d-[0-3]\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)"
)
_PLAIN_RFC = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) ([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))? "
    r"(?:(GMT|UTC|Z)|([+-])(\d\d)([0-5]\d))"
)
_MONTH_ONLY = re.compile(r"(?P<y>\d{4})(?:-(?P<mo>\d{2}))?")
_FORMS = (_ISO, _RFC822, _COMPACT, _AMERICAN, _ASCTIME, _HAN, _MONTH_ONLY)


def read_date(written: str | None) -> datetime | None:
    """Read a feed's date as a moment in UTC; return None where it is missing, unreadable, or before 1990."""
    if not written:
        return None
    text = " ".join(written.split()) if len(written) < 1000 else ""
    if not text or len(text) > 100:
        return None
    try:
        moment = _plain(text) or _epoch(text) or _in_known_form(text) or _guessed(text)
    # LookupError: feedparser's readers look names up that they only take to be days and months
    except (ValueError, OverflowError, LookupError):
        return None
    return moment if moment is not None and moment >= _EARLIEST and moment.year < _LATEST_YEAR else None


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


def _in_known_form(text: str) -> datetime | None:
    for form in _FORMS:
        if match := form.fullmatch(text):
            return _moment({name: value or "" for name, value in match.groupdict().items()})
    return None


def _moment(part: dict[str, str]) -> datetime | None:
    month = _MONTHS.get(part["name"].lower()) if "name" in part else int(part.get("mo") or 1)
    offset = _offset(part.get("zone", ""))
    if month is None or offset is None:
        return None
    hour, minute, second = (int(part.get(name) or 0) for name in ("h", "mi", "s"))
    if half := part.get("half"):
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    midnight = hour == 24 and not minute and not second
    # a leap second is the last moment that the calendar knows
    clock = (0 if midnight else hour, minute, 59 if second == 60 else second)
    moment = datetime(_year(part["y"]), month, int(part.get("d") or 1), *clock)
    return (moment + timedelta(days=midnight)).replace(tzinfo=timezone(timedelta(minutes=offset))).astimezone(UTC)


def _year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (2000 if int(digits) < 70 else 1900)


def _offset(zone: str) -> int | None:
    """Minutes east; an unknown name counts as UTC (RFC 5322, 4.3), a malformed offset as unreadable."""
    text = zone.strip().lower()
    numeric = re.fullmatch(r"(?:[a-z/]*\s*)([+-])(\d{1,2}):?(\d{2})?", text)
    if not numeric:
        return _ZONES.get(text, 0 if len(text) <= 5 else None)
    hours, minutes = int(numeric[2]), int(numeric[3] or 0)
    if hours > 15 or minutes > 59:
        return None
    return (hours * 60 + minutes) * (1 if numeric[1] == "+" else -1)


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
