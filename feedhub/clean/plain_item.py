"""The lean way: plain-text items of `feedhub dedupe`, same rules, no HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from feedhub.clean.agencies import Agencies
from feedhub.clean.article import strip_draft, wire_of
from feedhub.clean.draft import Draft
from feedhub.clean.html import MAX_MARKUP, has_markup, plain_lines, read
from feedhub.clean.text import plain
from feedhub.clean.titles import Headline, clean_title, drop_repeated_title, headline, named_outlet
from feedhub.model import Markup, WireMarks


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanItem:
    """An item without junk, furniture and wire marks."""

    title: str
    paragraphs: tuple[str, ...] = ()
    summary: str | None = None
    #: the outlet that title and teaser name, where they hold nothing else
    origin: str | None = None
    wire: WireMarks = field(default_factory=WireMarks)
    dropped: Mapping[str, int] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Return the whole text, a line a paragraph."""
        return "\n".join(self.paragraphs) or (self.summary or "")


def clean_text(
    text: str,
    *,
    title: str | None = None,
    source: str | None = None,
    url: str | None = None,
    published: datetime | None = None,
) -> CleanItem:
    """Clean one text, plain or HTML: its furniture goes, the wire's marks (`wire`) are lifted out.

    `source` is its outlet's name: no agency that the text credits, and no part of its title; `url` is the address
    of its page; `published` gives the year to a dateline. Of a text at most 400,000 characters are read.
    """
    try:
        host = urlsplit(url).hostname if url else None
    except ValueError:
        host = None
    agencies = Agencies.known()
    return clean_item(title, None, text, agencies=agencies, published=published, source=source, host=host)


def clean_item(
    title: str | None,
    summary: str | None,
    text: str | None,
    *,
    agencies: Agencies,
    published: datetime | None = None,
    source: str | None = None,
    host: str | None = None,
) -> CleanItem:
    """Clean title, summary and text of an item, each plain or None; of a huge text its first part.

    `source` is its outlet's name, `host` that of its page.
    """
    is_cut = text is not None and len(text) > MAX_MARKUP
    text = text[:MAX_MARKUP] if text else None
    origin = named_outlet(title, summary) if title and summary else None
    names = (source, origin, host, host.removeprefix("www.") if host else None)
    agencies = agencies.seen_from((source, host), host)
    first = headline(plain(title), agencies, names) if title else Headline(text="")
    titles = tuple(t for t in (clean_title(title), first.text) if t) if title else ()
    body = strip_draft(_titled(text, titles, published), agencies) if text else None
    side = strip_draft(_titled(summary, titles, published), agencies) if summary else None
    if side and origin:
        drop_repeated_title(side, title or "", first.text, (origin,))
    draft = body or side or Draft([])
    if side and body:
        draft.adopt(side)
    draft.note(agency=first.agency, credit=first.credit)
    if origin:
        draft.note_hint(agencies.find(origin), origin if agencies.find(origin) else None)
    for revision in first.revisions:
        draft.note_revision(revision)
    return CleanItem(
        title=first.text or draft.headline or "",
        paragraphs=tuple(piece.text for piece in body.pieces) if body else (),
        summary=" ".join(piece.text for piece in side.pieces) or None if side else None,
        wire=wire_of(draft, agencies),
        origin=origin,
        dropped=dict(draft.dropped) | ({"oversize": 1} if is_cut else {}),
    )


def _titled(text: str, titles: tuple[str, ...], published: datetime | None) -> Draft:
    draft = Draft.from_texts(_lines(text), around=published)
    draft.titles = titles
    return draft


def _lines(text: str) -> list[str]:
    if has_markup(text):
        return [line.text for line in read(Markup(value=text), None) if line.text]
    return plain_lines(plain(text))
