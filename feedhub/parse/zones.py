"""The zone of a date as feeds write it -> minutes east of Greenwich."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

#: minutes east of Greenwich. Where a name has several meanings, the one that news feeds use
_NAMED = {
    **dict.fromkeys(("", "z", "ut", "utc", "gmt", "wet"), 0),
    **{"ast": -240, "at": -240, "adt": -180, "est": -300, "et": -300, "edt": -240, "cst": -360, "ct": -360},
    **{"cdt": -300, "mst": -420, "mt": -420, "mdt": -360, "pst": -480, "pt": -480, "pdt": -420, "akst": -540},
    **{"akdt": -480, "hst": -600, "nst": -210, "ndt": -150, "brt": -180, "art": -180, "clt": -240, "clst": -180},
    **{"cot": -300, "pet": -300, "bot": -240, "vet": -240, "uyt": -180},
    **{"bst": 60, "ist": 330, "west": 60, "cet": 60, "met": 60, "mez": 60, "cest": 120, "mest": 120, "mesz": 120},
    **{"eet": 120, "sast": 120, "cat": 120, "wat": 60, "eat": 180, "eest": 180, "msk": 180, "мск": 180, "trt": 180},
    **{"irst": 210, "gst": 240, "samt": 240, "azt": 240, "aft": 270, "pkt": 300, "uzt": 300, "yekt": 300, "npt": 345},
    **{"omst": 360, "btt": 360, "mmt": 390, "ict": 420, "wib": 420, "krat": 420, "hkt": 480, "sgt": 480, "pht": 480},
    **{"myt": 480, "wita": 480, "awst": 480, "irkt": 480, "jst": 540, "kst": 540, "wit": 540, "yakt": 540},
    **{"aest": 600, "vlat": 600, "acst": 570, "acdt": 630, "aedt": 660, "nzst": 720, "nzdt": 780},
}
#: `+0100`, `+01:00`, `+1`, `GMT+2`, `-0500 EST`, and what Go adds: `+0000 UTC m=+0.01`
_NUMERIC = re.compile(
    r"(?P<before>[a-z]{0,5})\s*(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?"
    r"(?:\s*[a-z]{1,5})?(?:\s+m=[+-][\d.]+)?"
)
_GREENWICH = frozenset(("", "z", "ut", "utc", "gmt"))
#: `Europe/Berlin`; a path of a tz database holds nothing else
_TZ_NAME = re.compile(r"[a-z_]{2,20}(?:/[a-z0-9_+-]{2,30}){1,2}")


def offset_minutes(zone: str, local: datetime) -> int | None:
    """Return the minutes east of Greenwich that a zone means at a local time; None where it is not known.

    An unknown name is not Greenwich: it would move the date by up to half a day.
    """
    text = zone.strip().strip(".").lower()
    if text in _NAMED:
        return _NAMED[text]
    if numeric := _NUMERIC.fullmatch(text):
        return _numeric(numeric)
    return _from_tz_database(text, local) if _TZ_NAME.fullmatch(text) else None


def _numeric(match: re.Match[str]) -> int | None:
    hours, minutes = int(match["hours"]), int(match["minutes"] or 0)
    if hours > 15 or minutes > 59:
        return None
    offset = (hours * 60 + minutes) * (1 if match["sign"] == "+" else -1)
    name = match["before"]
    # `EST-0500` says one thing twice; `EST+5` may mean either side of Greenwich
    return offset if name in _GREENWICH or _NAMED.get(name) == offset else None


def preload() -> None:
    """Read all zones of the tz database, for a process that can open no file later."""
    for name in files("tzdata").joinpath("zones").read_text(encoding="utf-8").split():
        _zone(name)


def _from_tz_database(name: str, local: datetime) -> int | None:
    zone = _zone("/".join("_".join(_capital(word) for word in part.split("_")) for part in name.split("/")))
    offset = None if zone is None else local.replace(tzinfo=zone).utcoffset()
    return None if offset is None else round(offset.total_seconds() / 60)


@lru_cache(2_048)
def _zone(name: str) -> ZoneInfo | None:
    """Return a zone by its name, None where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _capital(word: str) -> str:
    """Spell a word of a zone's name as the tz database does."""
    return word.upper() if word.startswith(("gmt", "utc")) else word if word in ("of", "es") else word.capitalize()
