"""feedparser's dictionaries as the model's values: absolute links, dates read by us, nothing that XML forbids."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from feedhub.model import Entry, EntryOrigin, Feed, Markup, Media
from feedhub.parse.element_rules import LINKS_TO_PAGES
from feedhub.parse.fast_reader import wait
from feedhub.parse.feed_dates import read_date
from feedhub.parse.guid import identify
from feedhub.parse.media import content_file, media_of, thumbnail_part
from feedhub.parse.people import bare_name
from feedhub.parse.podcast import PODCAST_FIELDS, of_podcast, podcast_of
from feedhub.parse.text_elsewhere import OTHER_TEXTS, fuller_text, is_blank, text_elsewhere
from feedhub.parse.xml_text import MOST_ENTRIES, MOST_VALUES, address, base_of, line, text

_HTML = ("text/html", "application/xhtml+xml")
_PLAIN = ("text/plain", "text")
_VOID_END = re.compile(r"</(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)>")
_Dict = Mapping[str, Any]

_SKIP = {
    kind: re.compile(rb"<%s[\s>](?:(?!<%s[\s>]).){0,4000}?</%s\s*>" % (kind, kind, kind), re.IGNORECASE | re.DOTALL)
    for kind in (b"skipHours", b"skipDays")
}


def feed_of(parsed: _Dict, entries: list[_Dict], body: bytes, url: str, remarks: list[str]) -> Feed:
    """Return feedparser's result as a Feed; `entries` are those of its entries that are whole."""
    head, base = parsed["feed"], base_of(url)
    atom = str(parsed.get("version")).startswith("atom")
    if len(entries) > MOST_ENTRIES:
        remarks = [*remarks, f"{len(entries)} entries, the first {MOST_ENTRIES} are read"]
    hours = (int(hour) % 24 for hour in re.findall(rb"<hour>\s*([01]?\d|2[0-4])\s*<", _skip(body, b"skipHours")))
    days = (day.decode().capitalize() for day in re.findall(rb"<day>\s*([A-Za-z]+)\s*<", _skip(body, b"skipDays")))
    link, self_link = address(_get(head, "link"), base), next(iter(_links(head, "self", base)), None)
    # what is read from a path has no address of its own
    around = base or link or self_link
    picture = _get(head, "itunes_image")
    fields = {name: _get(head, f"itunes_{name}") for name in ("author", "explicit")}
    if isinstance(picture, dict):
        fields["image"] = _get(picture, "href") or _get(picture, "url")
    podcast = podcast_of(line(_get(head, "title")), fields, _get(head, "podcast_categories") or (), base)
    return Feed(
        title=line(_get(head, "title")),
        link=link,
        id=line(_get(head, "id")),
        self_link=self_link,
        language=line(_get(head, "language")),
        updated=read_date(line(_get(head, "updated")) or line(_get(head, "published"))),
        authors=_authors(head),
        rights=line(_get(head, "rights")),
        ttl=wait(*(_get(head, key) for key in ("ttl", "sy_updateperiod", "sy_updatefrequency"))),
        skip_hours=frozenset(hours),
        skip_days=frozenset(days),
        hubs=tuple(_links(head, "hub", base)),
        entries=of_podcast(identify([_entry(entry, around, atom) for entry in entries[:MOST_ENTRIES]]), podcast),
        remarks=tuple(remarks),
    )


def _entry(entry: _Dict, base: str | None, atom: bool) -> Entry:
    contents = _contents(entry)
    content = max(contents, key=lambda m: len(m.value), default=None)
    summary = _markup(_get(entry, "summary_detail"), html=True) or _value(_get(entry, "summary"))
    document, base = base, _base(entry, base)
    published, updated, bad = _dates(entry, atom)
    podcast, elsewhere = _podcast(entry), _elsewhere(entry) if atom else None
    media = _media(entry, base, podcast, elsewhere)
    # joined with the bases around it already, of which none need be absolute
    title, link = _title(entry), _link(entry, document)
    if elsewhere and link is None and not content_file(elsewhere):
        link = address(elsewhere[0], base)
    # feedparser copies a content into a missing summary
    if summary and _VOID_END.sub("", summary.value) in [_VOID_END.sub("", m.value) for m in contents]:
        summary = None
    if is_blank(content) and is_blank(summary):
        texts = [_get(entry, key) for key in ("media_words", *(name.replace(":", "_") for name in OTHER_TEXTS))]
        summary = text_elsewhere(podcast, texts, media, titled=title is not None) or summary
    content = fuller_text(podcast, content, summary)
    return Entry(
        guid="",
        raw_guid=line(_get(entry, "id")),
        link=link,
        base=base,
        title=title,
        summary=summary,
        content=content,
        published=published,
        updated=updated,
        bad_date=bad,
        authors=_authors(entry) or ((author,) if (author := line(podcast.get("author"))) else ()),
        categories=_categories(entry),
        language=_language(entry),
        rights=line(_get(entry, "rights")),
        origin=_origin(_get(entry, "source"), base),
        media=media,
        comments=address(_get(entry, "comments") or _replies(entry), base),
    )


def _get(holder: _Dict, key: str) -> Any:
    """Look a key up plainly: feedparser's own `get` falls back from one date to another."""
    return dict.get(holder, key) if isinstance(holder, dict) else None


def _dicts(value: object) -> list[_Dict]:
    return [part for part in value[:MOST_VALUES] if isinstance(part, dict)] if isinstance(value, list) else []


def _title(entry: _Dict) -> Markup | None:
    """Return the item's own title; the detail beside it may be that of a nested image."""
    value = line(_get(entry, "title"))
    return Markup(value=value, html=_get(_get(entry, "title_detail"), "type") in _HTML) if value else None


def _markup(detail: Any, *, html: bool) -> Markup | None:
    if not isinstance(detail, dict) or not (value := text(_get(detail, "value"))):
        return None
    kind = _get(detail, "type") or ("text/html" if html else "text/plain")
    if kind == "application/xhtml+xml":
        # feedparser ends each element, and HTML reads `</br>` as another break
        value = _VOID_END.sub("", value)
    return Markup(value=value, html=kind in _HTML) if kind in _HTML + _PLAIN else None


def _value(value: Any) -> Markup | None:
    plain = text(value)
    return Markup(value=plain) if plain else None


def _contents(entry: _Dict) -> list[Markup]:
    """Return the readable contents, of which the fullest speaks; pictures in base64 and pointers elsewhere are none."""
    return [m for part in _dicts(_get(entry, "content")) if (m := _markup(part, html=True)) is not None]


def _details(entry: _Dict) -> Iterable[_Dict]:
    yield from _dicts(_get(entry, "content"))
    yield from (d for key in ("summary_detail", "title_detail") if isinstance(d := _get(entry, key), dict))


def _base(entry: _Dict, base: str | None) -> str | None:
    inner = next((b for detail in _details(entry) if (b := line(_get(detail, "base")))), None)
    try:
        return base_of(urljoin(base or "", inner)) or base if inner else base
    except ValueError:
        return base


def _language(entry: _Dict) -> str | None:
    inherited = (line(_get(detail, "language")) for detail in _details(entry))
    return line(_get(entry, "language")) or next((language for language in inherited if language), None)


def _links(holder: _Dict, rel: str, base: str | None) -> list[str]:
    hrefs = (address(_get(link, "href"), base) for link in _dicts(_get(holder, "links")) if _get(link, "rel") == rel)
    return list(dict.fromkeys(href for href in hrefs if href))


def _link(entry: _Dict, base: str | None) -> str | None:
    written = line(_get(entry, "feedburner_origlink")) or line(_get(entry, "link"))
    if written and written == line(_get(entry, "id")) and "/" not in written:
        # a guid that calls itself a permalink, but is a bare number
        return None
    return address(written, base) or next(iter(_links(entry, "alternate", base)), None)


def _dates(entry: _Dict, atom: bool) -> tuple[datetime | None, datetime | None, str | None]:
    """Return published, updated, and the date as written where it could not be read.

    In RSS and RDF `dc:date` is the item's one date; feedparser files it under `updated`.
    """
    written = [line(_get(entry, key)) for key in ("published", "created", "updated")]
    dates = written if not atom else written[:2]
    published = next((moment for value in dates if (moment := read_date(value)) is not None), None)
    bad = next((value for value in written if value and read_date(value) is None), None) if published is None else None
    return published, read_date(written[2]), bad[:200] if bad else None


def _authors(holder: _Dict) -> tuple[str, ...]:
    people = _dicts(_get(holder, "authors"))
    names = [bare_name(line(_get(person, "name"))) or line(_get(person, "email")) for person in people]
    known = [name for name in names if name] or [name for name in [line(_get(holder, "author"))] if name]
    return tuple(dict.fromkeys(known))


def _categories(entry: _Dict) -> tuple[str, ...]:
    terms = (line(_get(tag, "label")) or line(_get(tag, "term")) for tag in _dicts(_get(entry, "tags")))
    return tuple(dict.fromkeys(term for term in terms if term))


def _origin(source: Any, base: str | None) -> EntryOrigin | None:
    if not isinstance(source, dict):
        return None
    url = address(_get(source, "link"), base) or address(_get(source, "href"), base)
    origin = EntryOrigin(id=line(_get(source, "id")), title=line(_get(source, "title")), url=url)
    return None if origin == EntryOrigin() else origin


def _replies(entry: _Dict) -> str | None:
    """Return the page of a link to replies (RFC 4685, 4)."""
    links = (link for link in _dicts(_get(entry, "links")) if _get(link, "rel") == "replies")
    pages = (line(_get(link, "href")) for link in links if (_get(link, "type") or _HTML[0]) in LINKS_TO_PAGES)
    return next((page for page in pages if page), None)


def _podcast(entry: _Dict) -> _Dict:
    """Return the elements of the podcast vocabulary by their name."""
    fields = {name: _get(entry, f"itunes_{name}") for name in (*PODCAST_FIELDS, "summary", "subtitle", "author")}
    picture = fields["image"]
    if isinstance(picture, dict):
        fields["image"] = _get(picture, "href") or _get(picture, "url")
    return {name: value for name, value in fields.items() if isinstance(value, str) and value}


def _elsewhere(entry: _Dict) -> tuple[str, str | None] | None:
    """Return address and type of an Atom content that is elsewhere (RFC 4287, 4.1.3.2)."""
    parts = ((_get(part, "src"), line(_get(part, "type"))) for part in _dicts(_get(entry, "content")))
    return next(((src, kind) for src, kind in parts if isinstance(src, str) and src), None)


def _media(
    entry: _Dict, base: str | None, podcast: _Dict, elsewhere: tuple[str, str | None] | None
) -> tuple[Media, ...]:
    """Return files, enclosures and thumbnails, each address once; a lone credit is that of every file."""
    credits = [c for part in _dicts(_get(entry, "media_credit")) if (c := line(_get(part, "content")))]
    enclosures = [
        {**link, "role": "enclosure"} for link in _dicts(_get(entry, "links")) if _get(link, "rel") == "enclosure"
    ]
    if (file := content_file(elsewhere)) is not None:
        enclosures.append({**file, "role": "enclosure"})
    thumbnails = [thumbnail_part(part, _get(part, "group")) for part in _dicts(_get(entry, "media_thumbnail"))]
    contents = tuple(_dicts(_get(entry, "media_content")))
    return media_of((*contents, *enclosures, *thumbnails), credits, base, podcast, _get(entry, "podcast_parts") or ())


def _skip(body: bytes, kind: bytes) -> bytes:
    """Return the block, which stands before the items or after them."""
    block = _SKIP[kind].search(body[:65_536]) or _SKIP[kind].search(body[-65_536:])
    return block[0] if block else b""
