"""What the elements of one item said, and the Entry that they make together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from feedhub.model import Entry, EntryOrigin, Markup
from feedhub.parse.element_text import PLAIN, Construct, Scope, join
from feedhub.parse.feed_dates import read_date
from feedhub.parse.media import Files
from feedhub.parse.people import Person, names_of
from feedhub.parse.xml_text import MOST_VALUES, address, base_of, line

Read = Callable[[Any, "ItemValues"], None]


class ItemValues:
    """What an item's elements said so far; None where none spoke."""

    id: str | None = None
    link: str | None = None
    origlink: str | None = None
    title: Construct | None = None
    summary: Construct | None = None
    #: a summary is known, be it only a content's copy
    summed: bool = False
    contents: tuple[Construct, ...] = ()
    published: str | None = None
    created: str | None = None
    updated: str | None = None
    author: str | None = None
    people: tuple[Person, ...] = ()
    categories: tuple[tuple[str | None, str | None, str | None], ...] = ()
    language: str | None = None
    rights: str | None = None
    origin: EntryOrigin | None = None
    alternates: tuple[str, ...] = ()

    def __init__(self, scope: Scope, base: str | None, read: Read) -> None:
        self.scope = scope
        self.base = base
        #: applies the rules to the elements within another
        self.read = read
        self.files = Files()


def entry_of(found: ItemValues) -> Entry:
    """What the elements of an item say together."""
    base = _base(found)
    content = _fullest(found.contents)
    summary = _markup(found.summary) if found.summary else None
    published, updated, bad = _dates(found)
    return Entry(
        guid="",
        raw_guid=line(found.id),
        link=_link(found, base),
        base=base,
        title=_title(found.title),
        # as feedparser's reader, where a summary that repeats a content is that content's copy
        summary=None if summary and any(summary.value == part.value for part in found.contents) else summary,
        content=content,
        published=published,
        updated=updated,
        bad_date=bad,
        authors=_authors(found),
        categories=_categories(found),
        language=_language(found),
        rights=line(found.rights),
        origin=found.origin,
        media=found.files.media(base) if found.files.found else (),
    )


def _title(title: Construct | None) -> Markup | None:
    value = line(title.value) if title else None
    return Markup(value=value, html=title.kind != PLAIN) if title and value else None


def _markup(detail: Construct) -> Markup | None:
    value = detail.value.strip()
    return Markup(value=value, html=detail.kind != PLAIN) if value else None


def _fullest(contents: tuple[Construct, ...]) -> Markup | None:
    if len(contents) == 1:
        return _markup(contents[0])
    return max((m for part in contents if (m := _markup(part))), key=lambda m: len(m.value), default=None)


def _base(found: ItemValues) -> str | None:
    """The base of the article's markup: that of the content, else of what stands for it."""
    inner = next((part.base for part in found.contents if part.base), "")
    inner = inner or (found.summary.base if found.summary else "") or (found.title.base if found.title else "")
    return base_of(join(found.base or "", inner)) or found.base if inner else found.base


def _language(found: ItemValues) -> str | None:
    if own := line(found.language):
        return own
    inherited = next((part.lang for part in found.contents if part.lang), None)
    inherited = inherited or (found.summary and found.summary.lang) or (found.title and found.title.lang)
    return line(inherited)


def _link(found: ItemValues, base: str | None) -> str | None:
    written = line(found.origlink) or line(found.link)
    if written and "/" not in written and written == line(found.id):
        return None
    return address(written, base) or next((a for link in found.alternates if (a := address(link, base))), None)


def _dates(found: ItemValues) -> tuple[datetime | None, datetime | None, str | None]:
    """Published, updated, and the date as written where it could not be read."""
    published = read_date(found.published) or read_date(found.created)
    updated = read_date(found.updated)
    if published is None and not found.scope.atom:
        published = updated
    if published is not None:
        return published, updated, None
    tried = (line(value) for value in (found.published, found.created, found.updated))
    bad = next((value for value in tried if value and read_date(value) is None), None)
    return None, updated, bad[:200] if bad else None


def _authors(found: ItemValues) -> tuple[str, ...]:
    if not found.people and not found.author:
        return ()
    return names_of(found.people, found.author)


def _categories(found: ItemValues) -> tuple[str, ...]:
    if not found.categories:
        return ()
    terms = (line(label) or line(term) for term, _, label in found.categories[:MOST_VALUES])
    return tuple(dict.fromkeys(term for term in terms if term))
