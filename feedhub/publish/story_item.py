"""Story -> Item: what every format says of a story, with nothing left to decide or to distrust."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from msgspec import Struct

from feedhub.model import (
    BARE_CORRECTION,
    Dispute,
    EntryStyle,
    EventReport,
    Media,
    Publisher,
    RelatedStory,
    Story,
    StoryCopy,
)
from feedhub.publish.media_files import files_of
from feedhub.publish.safe_text import excerpt, language, legal, line, link, picture_text, plain, repeats, seconds

EXCERPT_WORDS = 60
#: markup that is worth showing without a word
_SEEN_OR_HEARD = ("<img", "<video", "<audio")
#: outlets that the block at the end of a text names; the rest is counted
ALSO_NAMED = 5
#: reports of an event that an entry lists
REPORTS_NAMED = 8


class AtomSource(Struct, frozen=True, kw_only=True):
    """The feed that the canonical copy came from (RFC 4287, 4.2.11), as far as it may be shown."""

    id: str
    title: str
    updated: datetime
    site: str | None
    feed: str | None
    authors: tuple[str, ...]


class CopyLine(Struct, frozen=True, kw_only=True):
    """One outlet's copy in the machine-readable list."""

    outlet: str
    source: str
    name: str
    title: str
    href: str | None
    published: datetime
    relation: str
    standing: str


class Item(Struct, frozen=True, kw_only=True):
    """A story ready to write: legal characters, http(s) links, at least one author."""

    id: str
    title: str
    #: HTML with the correction and the other outlets, None where there is no text but a teaser
    content: str | None
    #: HTML of the teaser; None where it would repeat the content
    summary: str | None
    #: the same in plain words
    teaser: str | None
    #: HTML of a short description, for formats that want one beside the content
    description: str
    url: str | None
    via: str | None
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    language: str | None
    rights: str | None
    media: tuple[Media, ...]
    #: the page where the story is discussed
    comments: str | None
    agency: str | None
    place: str | None
    date: str | None
    cited: tuple[str, ...]
    revision: str | None
    correction: str | None
    published: datetime
    updated: datetime
    origin: AtomSource
    copies: tuple[CopyLine, ...]
    disputes: tuple[Dispute, ...]
    related: tuple[RelatedStory, ...]
    #: the id that stories of one happening have in common
    event: str | None
    reports: tuple[EventReport, ...]


def item(story: Story, style: EntryStyle, event: str | None = None, reports: tuple[EventReport, ...] = ()) -> Item:
    """Make an item of the story in the style of an output; its text ends in the `reports` that stand inside it."""
    text = plain(story.html or "")
    teaser = line(story.summary) or None
    title = headline(story)
    url = link(story.url)
    content, summary = _texts(story, title, text, teaser, url, style, reports)
    if teaser and content and repeats(text, teaser):
        teaser = None
    return Item(
        id=line(story.id),
        title=title,
        content=content,
        summary=summary,
        teaser=teaser,
        description=summary or html.escape(teaser or excerpt(text, EXCERPT_WORDS) or title, quote=False),
        url=url,
        via=_other(story.via, url),
        authors=_authors(story, style),
        categories=_lines(story.categories),
        language=language(story.language),
        rights=line(story.rights) or None,
        media=files_of(story.media),
        comments=_other(story.comments, url),
        agency=line(story.agency) or None,
        place=line(story.place) or None,
        date=line(story.date) or None,
        cited=_lines(story.cited),
        revision=line(story.revision) or None,
        correction=_correction(story),
        published=seconds(story.published),
        updated=seconds(story.updated),
        origin=_origin(story),
        copies=tuple(_copy(copy) for copy in story.copies),
        disputes=story.disputes,
        related=story.related,
        event=event,
        reports=reports,
    )


def headline(story: Story) -> str:
    """Return what a story is headed with: its title, else the first words of its text."""
    if title := line(story.title):
        return title
    words = plain(story.html or "") or line(story.summary) or picture_text(story.html or "")
    return excerpt(words, 12) or "Untitled"


def _texts(
    story: Story,
    title: str,
    text: str,
    teaser: str | None,
    url: str | None,
    style: EntryStyle,
    reports: tuple[EventReport, ...],
) -> tuple[str | None, str | None]:
    """Return content and summary: Atom wants content where there is no page to link to."""
    if text or any(tag in (story.html or "") for tag in _SEEN_OR_HEARD):
        apart = teaser if teaser and not repeats(text, teaser) else None
        return _dressed(story, legal(story.html or ""), style, reports), html.escape(
            apart, quote=False
        ) if apart else None
    if url is None:
        return _dressed(story, _paragraph(teaser or title), style, reports), None
    return None, _dressed(story, _paragraph(teaser) if teaser else "", style, reports) or None


def _dressed(story: Story, body: str, style: EntryStyle, reports: tuple[EventReport, ...]) -> str:
    """Put the body under its correction and over the other outlets, for no reader shows provenance elements."""
    correction = _correction(story)
    noted = html.escape(correction or "", quote=False)
    if correction and not correction.endswith(BARE_CORRECTION):
        noted = f"<strong>Corrected:</strong> {noted}"
    also = _also(story, style.pages) if style.also else ""
    return (f"<p>{noted}</p>\n" if correction else "") + body + _more(reports) + also


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(text, quote=False)}</p>"


def _also(story: Story, pages: str | None) -> str:
    """Return `Also published by: A, B, C and 4 more`: some outlets by name, the others counted.

    Each name links to the outlet's earliest copy; the beginning links to the story's page, where there is one.
    """
    first: dict[str, StoryCopy] = {}
    for copy in sorted(story.copies, key=lambda copy: (copy.published, copy.first_seen, copy.key)):
        if copy.outlet != _canonical_outlet(story):
            first.setdefault(copy.outlet, copy)
    if not first:
        return ""
    earliest = list(first.values())[:ALSO_NAMED]
    names = [(line(copy.name) or line(copy.outlet), link(copy.url) or "") for copy in earliest]
    names.sort(key=lambda pair: (pair[0].casefold(), pair))
    shown = ", ".join(_named(name, url) for name, url in names)
    more = f" and {len(first) - ALSO_NAMED} more" if len(first) > ALSO_NAMED else ""
    page = link(f"{pages}{quote(line(story.id).rpartition(':')[2], safe='')}") if pages else None
    lead = f'<a href="{html.escape(page)}">Also published by</a>' if page else "Also published by"
    return f"\n<p>{lead}: {shown}{more}</p>"


def _more(reports: tuple[EventReport, ...]) -> str:
    """Return `More:` and the reports of other newsrooms, some by name, the others counted."""
    if not reports:
        return ""
    rows = "".join(
        f"<li>{_named(line(one.title), link(one.url) or '')} ({html.escape(line(one.name), quote=False)})</li>"
        for one in reports[:REPORTS_NAMED]
    )
    rest = len(reports) - REPORTS_NAMED
    return f"\n<p>More:</p>\n<ul>{rows}{f'<li>and {rest} more</li>' if rest > 0 else ''}</ul>"


def _named(name: str, url: str) -> str:
    shown = html.escape(name, quote=False)
    return f'<a href="{html.escape(url)}">{shown}</a>' if url else shown


def _canonical_outlet(story: Story) -> str:
    outlets = (copy.outlet for copy in story.copies if copy.key == story.canonical)
    return next(outlets, story.publisher.outlet)


def _correction(story: Story) -> str | None:
    return line(story.correction) or None


def _other(address: str | None, url: str | None) -> str | None:
    """Return an address that is safe to show, None where it is the story's own."""
    other = link(address)
    return None if other == url else other


def _authors(story: Story, style: EntryStyle) -> tuple[str, ...]:
    """Return who wrote it, else who runs it; in the form `outlet` both: "R. Patel, Meridian Wire"."""
    outlet = _name(story.publisher)
    names = _lines(story.authors) or _lines(story.publisher.authors) or (outlet,)
    if style.author == "byline" or outlet.casefold() in {name.casefold() for name in names}:
        return names
    return (*names[:-1], f"{names[-1]}, {outlet}")


def _lines(values: Sequence[str]) -> tuple[str, ...]:
    """Return the values that are not empty, each once, in their order."""
    return tuple(dict.fromkeys(text for value in values if (text := line(value))))


def _name(publisher: Publisher) -> str:
    return line(publisher.name) or line(publisher.outlet) or line(publisher.source) or "Unknown"


def _copy(copy: StoryCopy) -> CopyLine:
    return CopyLine(
        outlet=line(copy.outlet),
        source=line(copy.key.source),
        name=line(copy.name),
        title=line(copy.title),
        href=link(copy.url),
        published=seconds(copy.published),
        relation=copy.relation.value,
        standing=copy.standing.value,
    )


def _origin(story: Story) -> AtomSource:
    """Return the publisher without what could betray a private polled address (user info, a query)."""
    publisher, private = story.publisher, story.publisher.self_link is None
    source_id = line(_unsecret(publisher.id, private))
    authority = line(story.id).rpartition(":")[0] or "tag:feedhub.example,2026"
    return AtomSource(
        id=source_id or f"{authority}:source/{quote(publisher.source, safe='')}",
        title=line(publisher.title) or _name(publisher),
        updated=seconds(source_updated(story)),
        site=link(_unsecret(publisher.link, private)),
        feed=link(publisher.self_link),
        authors=_lines(publisher.authors) or (_name(publisher),),
    )


def source_updated(story: Story) -> datetime:
    """Return the source's date as of the story's last change: a busy feed must not change its old entries' bytes."""
    return min(story.publisher.updated or story.updated, story.updated)


def _unsecret(url: str | None, private: bool) -> str | None:
    """Return an address that is safe to show: none with user info, nor with a query where the polled one is private."""
    if not url or "@" in url.partition("://")[2].partition("/")[0] or (private and "?" in url):
        return None
    return url
