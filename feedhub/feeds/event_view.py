"""OutputItem... -> the same, those that tell of one happening marked or put together; stories know nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from feedhub.model import EventReport, OutputItem, Story
from feedhub.sized_cache import IdleCache
from feedhub.structs import replace

if TYPE_CHECKING:
    from feedhub.match import Teaser, TeaserText

#: the newest stories of a document that are compared
MOST = 1_000
#: how far apart the reports of one event may lie
WINDOW = timedelta(hours=72)
#: words of a story that are compared, beside its headline
_TEASER_WORDS = 60
#: bytes of all teasers, 4,000 of them, and of one beside its words
_CACHED_TEASERS, _TEASER = 4_800_000, 700
#: a teaser that no document had for so many seconds in which others were asked for is made anew
_IDLE_SECONDS = 60


class EventView:
    """Groups the stories of a document into events; caches their words. Safe between threads."""

    def __init__(self) -> None:
        self._teasers: IdleCache[tuple[str, str | None], Teaser] = IdleCache(_CACHED_TEASERS, _size, _IDLE_SECONDS)
        self._lock = Lock()

    def groups(self, items: Sequence[OutputItem]) -> list[tuple[OutputItem, ...]]:
        """Return the items in their order, those of one event as one group at the place of its first."""
        compared = items[:MOST]
        events = {at: group for group in self._groups(compared) for at in group}
        return [
            tuple(compared[each] for each in events.get(at, (at,)))
            for at in range(len(compared))
            if events.get(at, (at,))[0] == at
        ] + [(one,) for one in items[MOST:]]

    def marked(self, items: Sequence[OutputItem]) -> tuple[OutputItem, ...]:
        """Return the items in their order, each with its event."""
        events = {one.story.id: _event(group) for group in self.groups(items) if len(group) > 1 for one in group}
        return tuple(replace(one, event=events.get(one.story.id)) for one in items)

    def joined(self, items: Sequence[OutputItem]) -> tuple[OutputItem, ...]:
        """Return an item an event: the story that entered first, with the others as its reports.

        So a reader who has seen an event does not see it again when another newsroom reports it.
        """
        shown = {one.story.id: one for one in map(_joined, self.groups(items))}
        return tuple(shown[one.story.id] for one in items if one.story.id in shown)

    def _groups(self, items: Sequence[OutputItem]) -> list[tuple[int, ...]]:
        if len(items) < 2:
            return []
        from feedhub.match import group_events

        teasers = [replace(teaser, number=at, has_page=True) for at, teaser in enumerate(self._teasers_of(items))]
        return group_events(teasers, WINDOW.total_seconds())

    def _teasers_of(self, items: Sequence[OutputItem]) -> list[Teaser]:
        from feedhub.match import teasers_of

        with self._lock:
            known = {at: self._teasers.get(_key(one)) for at, one in enumerate(items) if one.version is not None}
        missing = [at for at in range(len(items)) if known.get(at) is None]
        made = dict(zip(missing, teasers_of([_text(items[at].story) for at in missing]), strict=True))
        with self._lock:
            for at, teaser in made.items():
                self._teasers[_key(items[at])] = teaser
        return [known.get(at) or made[at] for at in range(len(items))]


def _size(teaser: Teaser) -> int:
    return _TEASER + teaser.words.nbytes + teaser.counts.nbytes


def _key(one: OutputItem) -> tuple[str, str | None]:
    return one.story.id, one.version


def lead(group: Sequence[OutputItem]) -> OutputItem:
    """Return the story that stands for an event on a page: run by most outlets, then the fullest, then the earliest."""
    return min(group, key=lambda one: (-_outlets(one.story), -one.story.words, one.story.published, one.story.id))


def _outlets(story: Story) -> int:
    return len({copy.outlet for copy in story.copies})


def _event(group: Sequence[OutputItem]) -> str:
    return min(group, key=lambda one: (one.story.published, one.story.id)).story.id


def _joined(group: tuple[OutputItem, ...]) -> OutputItem:
    if len(group) == 1:
        return group[0]
    first = min(group, key=lambda one: (one.entered, one.story.published, one.story.id))
    others = sorted(
        (one for one in group if one is not first), key=lambda one: (one.entered, one.story.published, one.story.id)
    )
    return replace(first, event=_event(group), reports=tuple(_report(one.story) for one in others))


def _report(story: Story) -> EventReport:
    from feedhub.publish import headline

    return EventReport(id=story.id, title=headline(story), url=story.url, name=story.publisher.name)


def _text(story: Story) -> TeaserText:
    from feedhub.match import TeaserText
    from feedhub.publish import excerpt, first_paragraphs, headline

    return TeaserText(
        number=0,
        title=headline(story),
        text=excerpt(story.summary or " ".join(first_paragraphs(story.html or "", 3)), _TEASER_WORDS),
        outlet=story.publisher.outlet,
        time=story.published.timestamp(),
        agency=None,
        readable=True,
    )
