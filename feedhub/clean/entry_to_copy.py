"""Turn an Entry into a Copy."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from feedhub.clean.agencies import Agencies, fold
from feedhub.clean.article import strip_draft, wire_of
from feedhub.clean.draft import Draft
from feedhub.clean.html import read_bounded, render
from feedhub.clean.lines import Line, Tag
from feedhub.clean.links import absolute, host_of, is_tracker, url_key
from feedhub.clean.pieces import pieces_of, remaining_lines, towards_reader
from feedhub.clean.text import tidy
from feedhub.clean.titles import Headline, clean_title, drop_repeated_title, headline, named_outlet
from feedhub.model import Copy, Entry, EntryKey, EntryOrigin, Media, Source
from feedhub.structs import replace
from feedhub.text_cache import remember_short

_WEB = ("http", "https")
#: what stands before a country's ending, and the parts of a host that has both
_SECOND_LEVEL, _COUNTRY_PARTS = frozenset(("co", "com", "net", "org", "ac", "gov", "edu", "or", "ne", "go")), 2
_SHORTEST_LABEL = 3
_AHEAD = timedelta(minutes=10)
#: a summary is the text where it is so many times as long as the content
FULLER = 1.5
#: what is remembered of dropped furniture: lines, and characters of each
_MOST_REMOVED, _LONGEST_REMOVED = 20, 80


def clean(
    entry: Entry,
    *,
    source: Source,
    feed_title: str | None,
    feed_language: str | None,
    outlet: str,
    first_seen: datetime,
    now: datetime,
    agencies: Agencies,
    title_suffix: str | None = None,
) -> Copy:
    """Turn an entry as the feed gave it into a copy: safe, without furniture, the wire marks in fields of their own."""
    # a quarter of all Atom entries have no other date
    written = entry.published or entry.updated
    url = absolute(entry.link, entry.base, _WEB)
    base = _document_base(entry.base) or url
    lines, teaser, is_cut = _bodies(entry, base if entry.base else url or base, url)
    names = (*_names(entry, source, outlet, feed_title, url), title_suffix)
    agencies = agencies if source.agency else agencies.seen_from(names, host_of(url))
    raw = entry.title.value if entry.title else ""
    origin = _origin(entry.origin, base) or _named_origin(raw, lines)
    names = (*names, origin.title) if origin else names
    first = headline(raw, agencies, names)
    hosts = tuple(host for host in (host_of(url), host_of(source.url)) if host)
    draft = strip_draft(_draft(lines, written or first_seen, raw, first, hosts), agencies)
    _adopt(draft, first)
    side = strip_draft(Draft.from_texts(teaser, around=written or first_seen), agencies) if teaser else None
    for part in filter(None, (draft, side) if origin else ()):
        drop_repeated_title(part, raw, first.text, names)
    if side:
        draft.adopt(side)
    authors = _unique(map(clean_title, entry.authors))
    _note_authors(draft, authors, agencies)
    wire = wire_of(draft, agencies, source)
    title = first.text
    if not raw or wire.agency is not None:
        # the text's agency, and a headline that stands in the text, are known only now
        title = headline(raw or draft.headline or "", agencies, names, agency=wire.agency).text
    doubtful, published = _published(written, first_seen, now)
    paragraphs = tuple(_composed(piece.text) for piece in draft.pieces)
    return Copy(
        key=EntryKey(source=source.id, guid=entry.guid),
        outlet=outlet,
        title=title,
        paragraphs=paragraphs,
        html=_html(lines, draft),
        summary=_summary(side, paragraphs),
        url=url,
        url_key=url_key(url) if url else None,
        published=published,
        date_doubtful=doubtful,
        first_seen=first_seen,
        language=entry.language or source.language or feed_language,
        authors=authors,
        origin=origin,
        wire=wire,
        dropped=dict(draft.dropped) | ({"oversize": 1} if is_cut else {}),
        removed=tuple((rule, piece.text[:_LONGEST_REMOVED]) for rule, piece in draft.removed[:_MOST_REMOVED]),
        **_beside_text(entry, base, draft),
    )


# all entries of a document have one, or nearly
@remember_short(64, 500)
def _document_base(base: str | None) -> str | None:
    return absolute(base, None, _WEB)


def _beside_text(entry: Entry, base: str | None, draft: Draft) -> dict[str, Any]:
    """Return what an entry says outside its text: categories, rights, files and where it is discussed."""
    return {
        "categories": _unique(map(clean_title, entry.categories)),
        "rights": "\n".join(_unique([clean_title(entry.rights or ""), *draft.rights])) or None,
        "media": tuple(m for media in entry.media if (m := _media(media, base))),
        "comments": absolute(entry.comments, base, _WEB),
    }


def _html(lines: list[Line], draft: Draft) -> str:
    """Return the markup of what remains of the lines."""
    remaining = towards_reader(remaining_lines(lines, draft))
    return render(remaining) if remaining else ""


def _note_authors(draft: Draft, authors: Iterable[str], agencies: Agencies) -> None:
    """Note the agencies that stand among the authors."""
    for author in authors:
        if agency := agencies.in_byline(author):
            draft.note_hint(agency, author)


def _named_origin(raw: str, lines: list[Line]) -> EntryOrigin | None:
    """Return the outlet that a headline and the one line below it name, as aggregators without `<source>` write."""
    shown = [line.text for line in lines if line.text]
    name = named_outlet(raw, shown[0]) if len(shown) == 1 else None
    return EntryOrigin(title=name) if name else None


def _bodies(entry: Entry, base: str | None, page: str | None) -> tuple[list[Line], list[str], bool]:
    """Return the fuller of content and summary as lines, the other's texts, and whether a part was cut off.

    A summary that says hardly more than the content is the same text without its markup and its pictures.
    """
    texts = [markup for markup in (entry.content, entry.summary) if markup and markup.value.strip()]
    given = [read_bounded(markup, base, page) for markup in texts]
    both, is_cut = [lines for lines, _ in given], any(cut for _, cut in given)
    if len(both) < 2:
        return both[0] if both else [], [], is_cut
    sizes = [sum(len(line.text) for line in lines) for lines in both]
    body, other = both if sizes[0] * FULLER >= sizes[1] else both[::-1]
    plain = [line.text for line in other if line.text and not line.caption]
    return _illustrated(body, other), plain or [line.text for line in other if line.text], is_cut


def _illustrated(body: list[Line], teaser: list[Line]) -> list[Line]:
    """Put the teaser's picture on top of a body that shows none."""
    if any(line.picture for line in body):
        return body
    lead = next((line for line in teaser if line.picture), None)
    return body if lead is None else [Line("p", -1, (), [Tag(lead.picture)]), *body]


def _draft(lines: list[Line], around: datetime, raw: str, first: Headline, hosts: tuple[str, ...]) -> Draft:
    pieces = pieces_of(lines, captions=False) or pieces_of(lines, captions=True)
    title = clean_title(raw)
    return Draft(pieces, around=around, titles=tuple(t for t in (title, first.text) if t), hosts=hosts)


def _adopt(draft: Draft, title: Headline) -> None:
    """Note what the title says where the text says nothing."""
    draft.note(agency=title.agency, credit=title.credit)
    for revision in title.revisions:
        draft.note_revision(revision)


def _summary(side: Draft | None, paragraphs: tuple[str, ...]) -> str | None:
    """Return the teaser, None where the body begins with it."""
    text = " ".join(piece.text for piece in side.pieces) if side else ""
    if not text:
        return None
    start = text.rstrip(".… []")
    # most teasers are the first paragraph word for word
    is_start = start[:1].isalnum() and bool(paragraphs) and paragraphs[0].startswith(start)
    return None if is_start or _begins(paragraphs, fold(start)) else _composed(text)


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _begins(paragraphs: tuple[str, ...], start: str) -> bool:
    """Whether a text begins with a folded one; no more of it is folded than that takes."""
    folded = ""
    for paragraph in paragraphs:
        folded += fold(paragraph)
        if not start.startswith(folded[: len(start)]):
            return False
        if len(folded) >= len(start):
            return bool(start)
    return False


def _published(published: datetime | None, first_seen: datetime, now: datetime) -> tuple[bool, datetime | None]:
    if published is None:
        return True, None
    return (True, first_seen) if published > now + _AHEAD else (False, published)


def _media(media: Media, base: str | None) -> Media | None:
    url = absolute(media.url, base, _WEB)
    is_picture = media.medium == "image" or (media.type or "").startswith("image")
    small = is_picture and any(size is not None and size <= 2 for size in (media.width, media.height))
    if not url or small or is_tracker(url):
        return None
    credit, description = (clean_title(text or "") or None for text in (media.credit, media.description))
    return replace(media, url=url, credit=credit, description=description)


def _origin(origin: EntryOrigin | None, base: str | None) -> EntryOrigin | None:
    if origin is None:
        return None
    title = clean_title(origin.title) if origin.title else None
    return replace(origin, title=title, url=absolute(origin.url, base, _WEB), id=tidy(origin.id) if origin.id else None)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _names(
    entry: Entry, source: Source, outlet: str, feed_title: str | None, url: str | None
) -> tuple[str | None, ...]:
    """Return what the outlet is called: as configured, by the feed, by its own host and by that of `<source>`."""
    hosts = (host_of(url), host_of(source.url), host_of(entry.origin.url) if entry.origin else None)
    origin = clean_title(entry.origin.title) if entry.origin and entry.origin.title else None
    return (outlet, feed_title, source.name, source.outlet, origin, *_host_names(hosts))


# the articles of a source stand on one host or a few
@lru_cache(256)
def _host_names(hosts: tuple[str | None, ...]) -> tuple[str | None, ...]:
    bare = [host.removeprefix("www.") for host in hosts if host]
    return (*hosts, *bare, *map(_label, hosts))


def _label(host: str | None) -> str | None:
    """Return the name in a host: news.example.com is example, www.bbc.co.uk is bbc."""
    parts = (host or "").split(".")
    if len(parts) > _COUNTRY_PARTS and parts[-2] in _SECOND_LEVEL:
        parts = parts[:-1]
    return parts[-2] if len(parts) > 1 and len(parts[-2]) >= _SHORTEST_LABEL else None
