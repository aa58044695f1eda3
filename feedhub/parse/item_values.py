"""The values of one item's elements, and the Entry that they make together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from feedhub.model import Entry, EntryOrigin, Markup
from feedhub.parse.element_text import PLAIN, Construct, Scope, join
from feedhub.parse.feed_dates import read_date
from feedhub.parse.media import Files, content_file
from feedhub.parse.people import Person, names_of
from feedhub.parse.podcast import Part
from feedhub.parse.text_elsewhere import OTHER_TEXTS, fuller_text, is_blank, text_elsewhere
from feedhub.parse.xml_text import MOST_VALUES, address, base_of, line

Read = Callable[[Any, "ItemValues"], None]


class ItemValues:
    """The values of an item's elements so far; None where there was none."""

    id: str | None = None
    link: str | None = None
    origlink: str | None = None
    title: Construct | None = None
    summary: Construct | None = None
    #: a summary is known, even if it is only a content's copy
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
    comments: str | None = None
    #: the page of a link to replies
    replies: str | None = None
    #: address and type of an Atom content that is elsewhere
    elsewhere: tuple[str, str | None] | None = None
    #: the `media:description` of the item or of a group
    media_text: str | None = None
    #: texts of other vocabularies by their name
    other_texts: Mapping[str, str] = MappingProxyType({})
    #: elements of the podcast vocabulary by their name
    podcast: Mapping[str, str] = MappingProxyType({})
    podcast_parts: tuple[Part, ...] = ()

    def __init__(self, scope: Scope, base: str | None, read: Read) -> None:
        self.scope = scope
        self.base = base
        #: applies the rules to the elements within another
        self.read = read
        self.files = Files()


def entry_of(item: ItemValues) -> Entry:
    """Combine the values of an item's elements into an Entry."""
    base = _base(item)
    content = _fullest(item.contents)
    summary = _markup(item.summary) if item.summary else None
    published, updated, bad = _dates(item)
    if (file := content_file(item.elsewhere)) is not None:
        item.files.enclosure(file)
    media = item.files.media(base, item.podcast, item.podcast_parts)
    title = _title(item.title)
    if is_blank(content) and is_blank(summary):
        texts = (item.media_text, *(item.other_texts.get(name) for name in OTHER_TEXTS))
        summary = text_elsewhere(item.podcast, texts, media, titled=title is not None) or summary
    content = fuller_text(item.podcast, content, summary)
    return Entry(
        guid="",
        raw_guid=line(item.id),
        link=_link(item, base),
        base=base,
        title=title,
        # as feedparser's reader, where a summary that repeats a content is that content's copy
        summary=None if summary and any(summary.value == part.value for part in item.contents) else summary,
        content=content,
        published=published,
        updated=updated,
        bad_date=bad,
        authors=_authors(item),
        categories=_categories(item),
        language=_language(item),
        rights=line(item.rights),
        origin=item.origin,
        media=media,
        comments=address(item.comments or item.replies, base),
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


def _base(item: ItemValues) -> str | None:
    """Return the base of the article's markup: that of the content, else of what stands for it."""
    inner = next((part.base for part in item.contents if part.base), "")
    inner = inner or (item.summary.base if item.summary else "") or (item.title.base if item.title else "")
    return base_of(join(item.base or "", inner)) or item.base if inner else item.base


def _language(item: ItemValues) -> str | None:
    if own := line(item.language):
        return own
    inherited = next((part.lang for part in item.contents if part.lang), None)
    inherited = inherited or (item.summary and item.summary.lang) or (item.title and item.title.lang)
    return line(inherited)


def _link(item: ItemValues, base: str | None) -> str | None:
    """Return the item's page: its link, else an Atom content that is a page elsewhere."""
    # joined with the bases around it already, of which none need be absolute
    if link := _own_link(item, item.base):
        return link
    return address(item.elsewhere[0], base) if item.elsewhere and not content_file(item.elsewhere) else None


def _own_link(item: ItemValues, base: str | None) -> str | None:
    written = line(item.origlink) or line(item.link)
    if written and "/" not in written and written == line(item.id):
        # a guid that calls itself a permalink, but is a bare number
        return None
    return address(written, base) or next((a for link in item.alternates if (a := address(link, base))), None)


def _dates(item: ItemValues) -> tuple[datetime | None, datetime | None, str | None]:
    """Return published, updated, and the date as written where it could not be read."""
    published = read_date(item.published) or read_date(item.created)
    updated = read_date(item.updated)
    if published is None and not item.scope.atom:
        published = updated
    if published is not None:
        return published, updated, None
    tried = (line(value) for value in (item.published, item.created, item.updated))
    bad = next((value for value in tried if value and read_date(value) is None), None)
    return None, updated, bad[:200] if bad else None


def _authors(item: ItemValues) -> tuple[str, ...]:
    if (item.people or item.author) and (names := names_of(item.people, item.author)):
        return names
    name = line(item.podcast.get("author"))
    return (name,) if name else ()


def _categories(item: ItemValues) -> tuple[str, ...]:
    if not item.categories:
        return ()
    terms = (line(label) or line(term) for term, _, label in item.categories[:MOST_VALUES])
    return tuple(dict.fromkeys(term for term in terms if term))
