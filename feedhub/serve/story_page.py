"""Story -> what its page says beside its text: the copies in the order of time, and a picture of when each came."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from feedhub.model import CopyStanding, Relation, Story, StoryCopy
from feedhub.serve.page_filters import web

_RELATIONS = {
    Relation.FIRST: "whole text",
    Relation.SAME: "the same entry again",
    Relation.COPY: "whole text",
    Relation.EXCERPT: "an excerpt",
    Relation.REVISION: "another version",
}
_STANDINGS = {
    CopyStanding.CURRENT: "",
    CopyStanding.EARLIER: "not updated yet",
    CopyStanding.DISPUTED: "differs in facts",
    CopyStanding.UNCOUNTED: "not counted",
}
#: rows that a picture of copies has room for, the height of one in pixels, and letters of a name beside half a phone
_MOST_DOTS, _ROW, _NAME = 24, 20, 24
#: where the first and the last copy stand, in parts of a hundred of the width: a dot stays whole
_FIRST, _LAST = 3, 97


class CopyRow(Struct, frozen=True, kw_only=True):
    """A copy as a story's page lists it."""

    copy: StoryCopy
    url: str | None
    #: what it is in an editor's words, such as "whole text, other headline"
    about: str
    #: what it tells where that is not the story as shown
    standing: str = ""


class CopyDot(Struct, frozen=True, kw_only=True):
    """A copy in the picture: where it stands, what it is called, and how it is drawn."""

    #: from the left in parts of a hundred of the width, so that letters keep their size on a narrow page
    percent: int
    y: int
    name: str
    kind: str
    #: its name stands before the dot, where behind it there is no room
    is_late: bool


class CopyPicture(Struct, frozen=True, kw_only=True):
    """When each copy came, from left to right."""

    height: int
    dots: tuple[CopyDot, ...]
    start: datetime
    end: datetime


def copy_rows(story: Story) -> list[CopyRow]:
    """List the copies of a story, the earliest first."""
    ordered = sorted(story.copies, key=lambda copy: (copy.published, copy.first_seen, copy.key))
    return [
        CopyRow(copy=copy, url=web(copy.url), about=_about(copy, story), standing=_STANDINGS[copy.standing])
        for copy in ordered
    ]


def copy_picture(story: Story) -> CopyPicture | None:
    """Draw when each copy came; None where there is one alone, or more than a picture has room for."""
    copies = sorted(story.copies, key=lambda copy: (copy.published, copy.first_seen, copy.key))
    if not 1 < len(copies) <= _MOST_DOTS:
        return None
    start, end = copies[0].published, copies[-1].published
    span = max(end - start, timedelta(minutes=1))
    dots = []
    for row, copy in enumerate(copies):
        percent = _FIRST + round((_LAST - _FIRST) * ((copy.published - start) / span))
        kind = "canonical" if copy.key == story.canonical else copy.standing.value
        dots.append(
            CopyDot(percent=percent, y=_ROW * row + 12, name=_short(copy.name), kind=kind, is_late=percent > 50)
        )
    return CopyPicture(height=_ROW * len(copies) + 6, dots=tuple(dots), start=start, end=end)


def _short(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1].rstrip()}…"


def outlet_count(story: Story) -> int:
    """Return how many outlets ran a story, counted as filters count them: the agency's own feed only alone."""
    counting = [copy for copy in story.copies if copy.standing is not CopyStanding.UNCOUNTED]
    return len({copy.outlet for copy in counting if not copy.agency_own}) or 1


def _about(copy: StoryCopy, story: Story) -> str:
    words = ["the story as shown" if copy.key == story.canonical else _RELATIONS[copy.relation]]
    if copy.relation is Relation.FIRST and copy.key != story.canonical:
        words[0] += ", seen first"
    if copy.title.casefold().split() != story.title.casefold().split():
        words.append("other headline")
    if copy.agency_own:
        words.append("the agency’s own feed")
    return ", ".join(words)
