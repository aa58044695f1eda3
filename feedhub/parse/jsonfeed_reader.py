"""JSON Feed 1 and 1.1, by hand: feedparser reads none of it and says nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from feedhub.model import Entry, Feed, Markup, Media, ParseFailed
from feedhub.parse.feed_dates import read_date
from feedhub.parse.guid import identify
from feedhub.parse.media_types import is_dead, medium_of, type_of
from feedhub.parse.people import bare_name
from feedhub.parse.xml_text import MOST_ENTRIES, MOST_VALUES, address, base_of, line, text

_Object = Mapping[str, Any]


def parse_json(body: bytes, url: str) -> Feed | ParseFailed:
    """Read a JSON document as a Feed; items that the format forbids are left out with a remark."""
    remarks: list[str] = []
    try:
        document = json.loads(_decoded(body, remarks))
    except (ValueError, RecursionError) as error:
        return ParseFailed(reason=f"broken JSON: {str(error)[:200]}")
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        return ParseFailed(reason="JSON, but no JSON Feed: it has no list of items")
    if "jsonfeed.org/version" not in str(document.get("version")):
        remarks.append("no JSON Feed version given")
    items = document["items"]
    # relative addresses are the feed's; what is read from a path has to say where that is
    base = base_of(url) or address(document.get("feed_url"), None) or address(document.get("home_page_url"), None)
    if len(items) > MOST_ENTRIES:
        remarks.append(f"{len(items)} items, the first {MOST_ENTRIES} are read")
    entries = [
        entry for n, item in enumerate(items[:MOST_ENTRIES], 1) if (entry := _entry(item, n, base, remarks)) is not None
    ]
    hubs = (address(hub.get("url"), base) for hub in _objects(document.get("hubs")))
    return Feed(
        title=line(document.get("title")),
        link=address(document.get("home_page_url"), base),
        id=line(document.get("feed_url")),
        self_link=address(document.get("feed_url"), base),
        language=line(document.get("language")),
        authors=_authors(document),
        hubs=tuple(hub for hub in hubs if hub),
        expired=document.get("expired") is True,
        entries=identify(entries),
        remarks=tuple(remarks),
    )


def _decoded(body: bytes, remarks: list[str]) -> str:
    try:
        return body.decode(json.detect_encoding(body), "strict").removeprefix("\ufeff")
    except UnicodeDecodeError:
        remarks.append("bytes that are no UTF-8 were replaced")
        return body.decode("utf-8", "replace").removeprefix("\ufeff")


def _entry(item: object, number: int, base: str | None, remarks: list[str]) -> Entry | None:
    if not isinstance(item, dict):
        remarks.append(f"item {number}: no object, left out")
        return None
    guid = _id(item.get("id"))
    if guid is None:
        remarks.append(f"item {number}: no id, left out as JSON Feed demands")
        return None
    published, bad = _date(item.get("date_published"))
    updated, _ = _date(item.get("date_modified"))
    title, html = line(item.get("title")), text(item.get("content_html"))
    plain, summary = text(item.get("content_text")), text(item.get("summary"))
    return Entry(
        guid=guid,
        raw_guid=guid,
        link=address(item.get("url"), base) or address(item.get("external_url"), base),
        base=base,
        title=Markup(value=title, html=False) if title else None,
        summary=Markup(value=summary, html=False) if summary else None,
        content=Markup(value=html) if html else Markup(value=plain, html=False) if plain else None,
        published=published,
        updated=updated,
        bad_date=bad,
        authors=_authors(item),
        categories=tuple(tag for value in _list(item.get("tags")) if (tag := line(value))),
        language=line(item.get("language")),
        media=_media(item, base),
    )


def _id(value: object) -> str | None:
    """Return an id as a string, numbers too, as the format says; a whole float is the integer that JSON meant."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int | float) else line(value)


def _date(value: object) -> tuple[datetime | None, str | None]:
    """Return the moment, and the text where it could not be read."""
    written = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else line(value)
    moment = read_date(written)
    return moment, None if moment else (written or None) and str(written)[:200]


def _authors(holder: _Object) -> tuple[str, ...]:
    people = [*_objects(holder.get("authors")), *_objects([holder.get("author")])]
    names = (bare_name(line(person.get("name"))) for person in people)
    return tuple(dict.fromkeys(name for name in names if name))


def _media(item: _Object, base: str | None) -> tuple[Media, ...]:
    files = [
        Media(url=url, medium="image", type=type_of(None, "image", url))
        for key in ("image", "banner_image")
        if (url := address(item.get(key), base)) is not None
    ]
    files += [file for part in _objects(item.get("attachments")) if (file := _attachment(part, base)) is not None]
    return tuple({media.url: media for media in reversed(files)}.values())[::-1]


def _attachment(part: _Object, base: str | None) -> Media | None:
    url, declared = address(part.get("url"), base), line(part.get("mime_type"))
    if url is None or is_dead(declared, url):
        return None
    kind = type_of(declared, medium_of(None, declared), url)
    return Media(
        url=url,
        type=kind,
        medium=medium_of(None, kind),
        length=_whole(part.get("size_in_bytes")),
        duration=_whole(part.get("duration_in_seconds")),
        description=line(part.get("title")),
        role="enclosure",
    )


def _whole(value: object) -> int | None:
    """Return a number of bytes or seconds, None for what is none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 53 else None


def _list(value: object) -> list[Any]:
    return value[:MOST_VALUES] if isinstance(value, list) else []


def _objects(value: object) -> list[_Object]:
    return [part for part in _list(value) if isinstance(part, dict)]
