"""Values -> what stands on a page: dates, how long ago, directions, addresses that are safe to show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

from markupsafe import Markup

_RIGHT_TO_LEFT = frozenset({"ar", "arc", "azb", "ckb", "dv", "fa", "he", "iw", "ji", "ps", "sd", "ug", "ur", "yi"})
_SPANS = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "min"))
#: what is older is told by its date
_RECENT = timedelta(days=7)


def date(when: datetime) -> Markup:
    """Return an instant in full, as a `time` element."""
    when = when.astimezone(UTC).replace(microsecond=0)
    return Markup('<time datetime="{}">{}</time>').format(_stamp(when), _in_full(when))


def ago(when: datetime, now: datetime) -> Markup:
    """Return how long ago an instant was, or its day, as a `time` element that tells the instant when pointed at."""
    when = when.astimezone(UTC).replace(microsecond=0)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(_stamp(when), _in_full(when), _ago(when, now))


def direction(language: str | None) -> str:
    """Return the text direction of a language; `auto` leaves it to the first letters."""
    if not language:
        return "auto"
    return "rtl" if language.replace("_", "-").partition("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"


def tag(language: str | None) -> str:
    """Return a value for `lang`; empty says that the language is not known."""
    return (language or "").replace("_", "-")


def segment(text: str) -> str:
    """Return a text as a part of a path or of a query."""
    return quote(text, safe="")


def web(url: str | None) -> str | None:
    """Return the address if it is a web page's, else None: should a `javascript:` link get this far, it stops here."""
    return url if url and urlsplit(url).scheme in ("http", "https") else None


def _stamp(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")


def _in_full(when: datetime) -> str:
    return f"{when.day} {when:%B %Y, %H:%M} UTC"


def _ago(when: datetime, now: datetime) -> str:
    passed = now - when
    if passed >= _RECENT or passed < -timedelta(minutes=1):
        return f"{when.day} {when:%B}" if when.year == now.year else f"{when.day} {when:%B %Y}"
    for span, name in _SPANS:
        if passed >= span:
            return f"{passed // span} {name} ago"
    return "just now"
