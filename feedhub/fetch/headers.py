"""What response headers ask of us: how long to wait, and what to ask again with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from feedhub.model import Freshness, Validators

#: a publisher may slow us down this far and no further
_MAX_AGE_CAP = timedelta(hours=24)
_RETRY_CAP = timedelta(hours=48)
#: a header value longer than this is an attack on our store, not a validator
_LONGEST_VALIDATOR = 1024
_LONGEST_LINKS = 8192
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w!#$%&*+.^|~-]+\s*(?:=\s*(?:"[^"]*"|[^\s",;]+))?)*)')
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))', re.IGNORECASE)


def plain(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return response headers by lower-case name, repeated ones joined."""
    values: dict[str, str] = {}
    for key, value in raw:
        # what is no UTF-8 is marked by surrogates
        name, text = key.decode("latin-1").lower(), value.decode("utf-8", "surrogateescape")
        values[name] = f"{values[name]}, {text}" if name in values else text
    return values


def freshness(headers: Mapping[str, str], status: int, received: datetime) -> Freshness:
    """Return the waits that a response asks for, each clamped; Retry-After counts on 429 and 503 alone."""
    retry = _retry_after(headers.get("retry-after"), received) if status in (429, 503) else None
    return Freshness(max_age=_max_age(headers, received), retry_after=retry)


def response_validators(headers: Mapping[str, str], url: str) -> Validators:
    """Return ETag and Last-Modified exactly as they came, a character for each byte."""
    return Validators(etag=_opaque(headers.get("etag")), last_modified=_opaque(headers.get("last-modified")), url=url)


def validator_bytes(validator: str) -> bytes:
    """Encode a validator as the header's value: byte for byte what the publisher gave."""
    return validator.encode("latin-1", "ignore")


def merged_validators(fresh: Validators, older: Validators) -> Validators:
    """Merge the validators of a 304 with the older ones, which count where it carried none."""
    return Validators(
        etag=fresh.etag or older.etag,
        last_modified=fresh.last_modified or older.last_modified,
        url=fresh.url,
    )


def _opaque(value: str | None) -> str | None:
    text = (value or "").encode("utf-8", "surrogateescape").decode("latin-1")
    return text if 0 < len(text) <= _LONGEST_VALIDATOR and not _CONTROL.search(text) else None


def _max_age(headers: Mapping[str, str], received: datetime) -> timedelta | None:
    control = headers.get("cache-control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return None
    if ages := re.findall(r'(?:^|[\s,])max-age\s*=\s*"?(\d{1,12})', control):
        age = re.match(r"\d{1,9}", headers.get("age", "").strip())
        longest = max(map(int, ages))
        return _clamp(timedelta(seconds=longest - (int(age[0]) if age else 0)), _MAX_AGE_CAP)
    expires = http_date(headers.get("expires"))
    if expires is None:
        return None
    # relative to the server's own clock: ours may differ from it
    return _clamp(expires - (http_date(headers.get("date")) or received), _MAX_AGE_CAP)


def _retry_after(value: str | None, received: datetime) -> timedelta | None:
    text = (value or "").strip()
    # a header that came twice is joined by a comma: the longer wait holds
    if re.fullmatch(r"\d+(?:\.\d+)?(?:\s*,\s*\d+(?:\.\d+)?)*", text):
        waits = (float(each) for each in text.split(","))
        return _clamp(timedelta(seconds=min(max(waits), _RETRY_CAP.total_seconds())), _RETRY_CAP)
    moment = http_date(text)
    return None if moment is None else _clamp(moment - received, _RETRY_CAP)


def http_date(value: str | None) -> datetime | None:
    """Read an HTTP date as aware UTC; return None where it is none (`Expires: 0`)."""
    try:
        moment = parsedate_to_datetime(value or "")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _clamp(wait: timedelta, cap: timedelta) -> timedelta | None:
    return min(wait, cap) if wait > timedelta(0) else None


def link_targets(headers: Mapping[str, str], relation: str, kind: str = "") -> tuple[str, ...]:
    """Return the addresses that Link headers (RFC 8288) name under a relation, as written; `kind` is part of a type."""
    targets = []
    for target, parameters in _LINK.findall(headers.get("link", "")[:_LONGEST_LINKS]):
        rel = _REL.search(parameters)
        if rel and relation in (rel[1] or rel[2]).lower().split() and kind in parameters.lower():
            targets.append(target.strip())
    return tuple(dict.fromkeys(targets))
