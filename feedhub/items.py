"""`feedhub.dedupe`: items of any origin -> the stories that they tell, without a hub, a store or a network."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from feedhub.clean import Agencies, clean_item, url_key
from feedhub.errors import ItemError
from feedhub.match import DedupeRow, match_stream
from feedhub.model import Copy, EntryKey, EntryOrigin, MatchWindows

_DEFAULT_WINDOWS = MatchWindows()
FIELDS = ("title", "summary", "text", "url", "source", "published", "lang")
#: an address that is longer is none; a value that is longer is not shown whole
_LONGEST_URL, _LONGEST_SHOWN = 4000, 60
#: what stands for the first-seen time of an item without a date
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


def dedupe(
    items: Iterable[Mapping[str, Any]],
    windows: MatchWindows = _DEFAULT_WINDOWS,
) -> list[DedupeRow]:
    """Find the stories among items; a row for each item, in their order.

    An item is a mapping with `id` (text, unique) and any of `title`, `summary`, `text`, `url`, `source`,
    `published` (ISO 8601), `lang`, each text or None. An item without `published` has no window, one
    without `source` comes from an outlet of its own. Raises ItemError for the first item that is none.
    """
    return list(match_stream(copies(items), windows))


def copies(items: Iterable[Mapping[str, Any]]) -> Iterator[Copy]:
    """Clean items into copies; raises ItemError for one that cannot be used, naming its place among them."""
    agencies = Agencies.known()
    seen: set[str] = set()
    for number, item in enumerate(items, 1):
        try:
            yield to_copy(item, seen, agencies)
        except ItemError as error:
            raise ItemError(f"item {number}: {error}") from None


def to_copy(item: Mapping[str, Any], seen: set[str], agencies: Agencies) -> Copy:
    """Clean one item into a copy; its id joins `seen`."""
    if not isinstance(item, Mapping):
        raise ItemError(f"expected an object with an id, got {kind_of(item)}")
    name = _id(item, seen)
    for field in FIELDS:
        if not isinstance(item.get(field), str | None):
            raise ItemError(f"{field}: expected text or null, got {kind_of(item[field])}")
    for field in ("source", "url", "lang"):
        _whole(field, item.get(field))
    published = _date(item.get("published"))
    source = item.get("source")
    made = clean_item(
        item.get("title"),
        item.get("summary"),
        item.get("text"),
        agencies=agencies,
        published=published,
        source=source,
        host=_host(item.get("url")),
    )
    seen.add(name)
    return Copy(
        key=EntryKey(source=source or f"\0{name}", guid=name),
        outlet=source or f"\0{name}",
        title=made.title,
        paragraphs=made.paragraphs,
        summary=made.summary,
        wire=made.wire,
        url=item.get("url"),
        origin=EntryOrigin(title=made.origin) if made.origin else None,
        url_key=_url_key(item.get("url")),
        published=published,
        first_seen=published or _UNDATED,
        language=item.get("lang"),
        dropped=made.dropped,
    )


def _id(item: Mapping[str, Any], seen: set[str]) -> str:
    name = item.get("id")
    if isinstance(name, int) and not isinstance(name, bool):
        name = str(name)
    if not isinstance(name, str) or not name:
        raise ItemError("id: missing" if name in (None, "") else f"id: expected text, got {kind_of(name)}")
    _whole("id", name)
    if name in seen:
        raise ItemError(f"id: {_shown(name)} was there before")
    return name


def kind_of(value: object) -> str:
    """Name what a value is, in the words of JSON."""
    kinds = {type(None): "null", bool: "true or false", int: "a number", float: "a number", str: "text"}
    return kinds.get(type(value)) or ("an object" if isinstance(value, Mapping) else "a list")


def _whole(field: str, value: str | None) -> None:
    """Names and addresses are kept as they are, so they must be text that can be written."""
    try:
        (value or "").encode()
    except UnicodeEncodeError:
        raise ItemError(f"{field}: half a surrogate pair is no character") from None


def _shown(text: str) -> str:
    """Write a value as it may stand in a message: in one line, without control characters, not too long."""
    return json.dumps(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}...", ensure_ascii=False)


def _date(text: str | None) -> datetime | None:
    """ISO 8601; without a zone it is UTC; years that no news item has are no date."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        raise ItemError(f"published: {_shown(text)} is out of range") from None
    except ValueError:
        raise ItemError(f"published: expected an ISO 8601 date, got {_shown(text)}") from None
    if not 1800 <= found.year <= 2200:
        raise ItemError(f"published: the year {found.year} is no date of a news item")
    return found


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url).hostname if url and len(url) <= _LONGEST_URL else None
    except ValueError:
        return None


def _url_key(url: str | None) -> str | None:
    if not url or len(url) > _LONGEST_URL:
        return None
    try:
        return url_key(url)
    except ValueError:
        return None
