"""Story -> a row of a page that lists stories: headline, picture, a line of text, who ran it, what others report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from feedhub.model import CopyStanding, Story
from feedhub.publish import excerpt, first_paragraphs, headline, picture_of
from feedhub.serve.backend import story_key
from feedhub.serve.page_filters import web

#: words of a story's line of text, outlets that are named, reports that stand under it
_TEASER_WORDS, _NAMED, _REPORTS = 40, 5, 5


class ReportLine(Struct, frozen=True, kw_only=True):
    """Another newsroom's report of the same event."""

    headline: str
    name: str
    #: its page here, or the outlet's own where it has none here
    url: str | None
    language: str | None
    published: datetime


class ListedRow(Struct, frozen=True, kw_only=True):
    """A story as a list of stories shows it."""

    story: Story
    headline: str
    #: its page here, or the outlet's own where it has none here
    url: str | None
    teaser: str
    #: a picture's address and what it shows
    picture: tuple[str, str] | None
    outlets: tuple[str, ...]
    #: outlets beyond those that are named
    more_outlets: int
    reports: tuple[ReportLine, ...] = ()
    more_reports: int = 0


def story_row(group: Sequence[Story], pages: str | None) -> ListedRow:
    """Make the row of an event's stories, the first standing for it; `pages` is what stands before a story's key."""
    story, *others = group
    outlets = _outlets(story)
    teaser = excerpt(story.summary or " ".join(first_paragraphs(story.html or "", 1)), _TEASER_WORDS)
    return ListedRow(
        story=story,
        headline=headline(story),
        url=_page(story, pages),
        teaser="" if teaser == headline(story) else teaser,
        picture=picture_of(story),
        outlets=outlets[:_NAMED],
        more_outlets=max(0, len(outlets) - _NAMED),
        reports=tuple(_report(other, pages) for other in others[:_REPORTS]),
        more_reports=max(0, len(others) - _REPORTS),
    )


def _report(story: Story, pages: str | None) -> ReportLine:
    return ReportLine(
        headline=headline(story),
        name=story.publisher.name,
        url=_page(story, pages),
        language=story.language,
        published=story.published,
    )


def _page(story: Story, pages: str | None) -> str | None:
    return web(story.url) if pages is None else f"{pages}{story_key(story.id)}"


def _outlets(story: Story) -> tuple[str, ...]:
    """Return who ran a story, the canonical copy's first; the agency's own feed counts only alone."""
    names: dict[str, str] = {}
    for copy in story.copies:
        if copy.standing is not CopyStanding.UNCOUNTED and not copy.agency_own:
            names.setdefault(copy.outlet, copy.name)
    return tuple(names.values()) or (story.publisher.name,)
