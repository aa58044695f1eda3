"""Pairs that headlines and teasers do not decide -> the pages that are to be read; which of them a process knows.

The index of teasers is worked out anew by every process from what the store has; what was asked for and what was read
stand in the store, so that pages are asked for once whoever settles.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field

from feedhub.match import (
    ENOUGH_WORDS,
    U64,
    OpenPair,
    Teaser,
    TeaserIndex,
    WantedPage,
    codes,
    wanted,
)
from feedhub.model import Copy, Entry, Markup, PageRequest
from feedhub.settle.neighbourhood import Neighbourhood
from feedhub.settle.teaser_memory import TeaserMemory
from feedhub.store import Connection, page_texts, pages, placements, teaser_segments
from feedhub.store.pages import DecidingPage
from feedhub.store.placements import StoredCopy

#: copies indexed at a time, and the newest that a process begins with
_AT_ONCE, _BEGIN_WITH = 2_000, 20_000
#: an entry that is edited has its page read again so often
_MOST_REQUESTS = 3


class _Plan(Struct, kw_only=True):
    """What is known of the copies of open pairs, and what is asked for now."""

    rows: Mapping[int, StoredCopy]
    #: of pages that were asked for, as far as what they were asked for still stands
    states: Mapping[int, pages.PageState]
    texts: Mapping[int, U64 | None]
    worth: Mapping[int, int]
    teaser: Callable[[int], Teaser]
    asked: dict[int, DecidingPage] = field(default_factory=dict)
    #: since when copies wait for a page of one of their pairs
    since: dict[int, datetime] = field(default_factory=dict)
    released: set[int] = field(default_factory=set)

    def ask(self, pair: OpenPair, page: WantedPage, now: datetime) -> None:
        """Ask for a page, unless one of the pair is awaited; the stories of both copies wait for it."""
        if self.is_awaited(pair, now):
            return
        row = self.rows[page.number]
        self.asked[page.number] = DecidingPage(
            copy=row.id, value=row.copy, wanted=_request(row.copy), promise=round(page.promise, 4)
        )
        self._hold(pair, now)

    def is_awaited(self, pair: OpenPair, now: datetime) -> bool:
        """Tell whether a page of a pair was asked for and may still come; its copies wait if it has not failed yet."""
        sides = (pair.left, pair.right)
        awaited = [self.states[side] for side in sides if side in self.states and self.states[side].awaited]
        moments = [state.requested_at for state in awaited if not state.failed]
        if self.asked.keys() & set(sides):
            moments.append(now)
        if moments:
            self._hold(pair, min(moments))
        return bool(awaited or moments)

    def _hold(self, pair: OpenPair, moment: datetime) -> None:
        for side in (pair.left, pair.right):
            self.since[side] = max(self.since.get(side, moment), moment)


class PageWishes:
    """What one process knows of teasers and their open pairs."""

    def __init__(self, window: timedelta, readable: Collection[str], wait: timedelta) -> None:
        """Take the sources whose pages may be read, and how long a story is held back for one."""
        self.wait = wait
        self._window = window
        self._readable = frozenset(readable)
        self._index = TeaserIndex(window.total_seconds())
        self._last: int | None = None
        #: open pairs of each copy, the most promising first
        self._pairs: dict[int, list[OpenPair]] = {}
        #: those whose page failed, and whose stories were told so
        self._failed: set[OpenPair] = set()
        self._memory = TeaserMemory(self._readable, _BEGIN_WITH)

    def ask(
        self, connection: Connection, near: Neighbourhood, waiting: Iterable[int], now: datetime
    ) -> dict[int, datetime]:
        """Ask for the pages that open pairs of these copies, and of those that came since, want next.

        Returns for each copy of a pair whose page is awaited until when its story is held back.
        """
        numbers = set(waiting)
        if not self._may_be_asked(connection, near, numbers):
            return {}
        opened = self._refresh(connection, near, now) + self._reindex(connection, near, numbers)
        concerned = {number for pair in opened for number in (pair.left, pair.right)} | numbers | near.reached
        chosen = {pair for number in concerned for pair in self._pairs.get(number, ())}
        if not chosen:
            return {}
        plan = self._plan(connection, chosen)
        queue = [(-pair.score, pair.left, pair.right, pair) for pair in chosen]
        heapq.heapify(queue)
        while queue:
            *_, pair = queue[0]
            if any(side not in plan.rows for side in (pair.left, pair.right)) or self._is_decided(near, pair):
                self._close(pair)
                heapq.heappop(queue)
                continue
            page = wanted(pair, plan.teaser, plan.texts, plan.worth, self._index.weights)
            if page is None or page.number in plan.states:
                self._await_or_close(pair, plan, now)
            elif page.promise < -queue[0][0]:
                heapq.heapreplace(queue, (-page.promise, pair.left, pair.right, pair))
                continue
            else:
                plan.ask(pair, page, now)
            heapq.heappop(queue)
        pages.request_to_decide(connection, plan.asked.values(), now)
        vain = plan.released - plan.since.keys() - near.reached
        placements.mark_pending(connection, self._held_back(vain, now, plan.rows))
        return {number: since + self.wait for number, since in plan.since.items()}

    def _may_be_asked(self, connection: Connection, near: Neighbourhood, waiting: Iterable[int]) -> bool:
        """Tell whether there is anything to ask for: a pair is open only where the page of one side may be read.

        As long as every entry comes with its text, no teaser is made by any process; the first that comes without
        begins the index, with what came before in it.
        """
        if not self._readable:
            return False
        if self._last is not None or teaser_segments.are_stored(connection):
            return True
        copies = ((number, near.stored[number].copy) for number in waiting if number in near.stored)
        return any(
            copy.url is not None and copy.key.source in self._readable and near.words(number) < ENOUGH_WORDS
            for number, copy in copies
        )

    def _plan(self, connection: Connection, chosen: Collection[OpenPair]) -> _Plan:
        """Bring together what is known of the copies of these pairs."""
        numbers = {number for pair in chosen for number in (pair.left, pair.right)}
        rows = {row.id: row for row in placements.by_ids(connection, numbers)}
        digests = {number: pages.teaser_digest(row.copy) for number, row in rows.items()}
        states = {
            number: state
            for number, state in pages.states(connection, rows).items()
            if state.teaser in (None, digests[number]) or state.requests >= _MOST_REQUESTS
        }
        return _Plan(
            rows=rows,
            states=states,
            texts=self._texts(connection, rows, states),
            worth={n: round(1000 * sum(pair.score for pair in self._pairs.get(n, ()))) for n in numbers},
            teaser=lambda number: self._memory.of([rows[number]])[0],
        )

    def _await_or_close(self, pair: OpenPair, plan: _Plan, now: datetime) -> None:
        """Go on waiting for a page that a pair has asked for; one that nothing more can be read for is closed."""
        sides = (pair.left, pair.right)
        if not plan.is_awaited(pair, now):
            self._close(pair)
            plan.released.update(sides)
        elif not plan.since.keys() & set(sides) and pair not in self._failed:
            # it is tried again, but nobody waits for that
            self._failed.add(pair)
            plan.released.update(sides)

    def _held_back(self, numbers: Collection[int], now: datetime, rows: Mapping[int, StoredCopy]) -> list[int]:
        """Return those of the copies that may stand in a story that waits for them in vain."""
        return [n for n in numbers if now - rows[n].copy.first_seen < self._window and rows[n].story is not None]

    def _refresh(self, connection: Connection, near: Neighbourhood, now: datetime) -> list[OpenPair]:
        """Index the copies that came since, whoever recorded them; return the pairs that they open."""
        begins = self._last is None
        if self._last is None:
            self._last = max(0, placements.newest_id(connection) - _BEGIN_WITH)
            self._memory.load(connection, self._last)
        self._index.drop_before((now - 2 * self._window).timestamp())
        opened: list[OpenPair] = []
        since = now - self._window
        while copies := placements.newer(connection, self._last, seen_since=since, limit=_AT_ONCE):
            self._last = copies[-1].id
            opened += self._open(self._memory.note(connection, near.stored, copies))
        if begins:
            self._memory.unload()
        return opened

    def _reindex(self, connection: Connection, near: Neighbourhood, waiting: Collection[int]) -> list[OpenPair]:
        """Index edited copies by what they say now, in place of what they said; return the pairs that they open."""
        rows = [near.stored[number] for number in sorted(waiting) if number in near.stored]
        edited = [row for row in rows if row.edited]
        changed = self._memory.changed(edited)
        self._memory.renew(connection, edited)
        for row in changed:
            for pair in tuple(self._pairs.get(row.id, ())):
                self._close(pair)
        self._index.discard([row.id for row in changed])
        return self._open(self._memory.of([row for row in changed if not row.withdrawn]))

    def _open(self, teasers: Sequence[Teaser]) -> list[OpenPair]:
        opened = self._index.add(teasers)
        for pair in opened:
            for number in (pair.left, pair.right):
                self._pairs.setdefault(number, []).append(pair)
        return opened

    def _close(self, pair: OpenPair) -> None:
        self._failed.discard(pair)
        for number in (pair.left, pair.right):
            remaining = [each for each in self._pairs.get(number, ()) if each != pair]
            if remaining:
                self._pairs[number] = remaining
            else:
                self._pairs.pop(number, None)

    def _is_decided(self, near: Neighbourhood, pair: OpenPair) -> bool:
        """Tell whether the entries' own words have made them one story."""
        if pair.left not in near.stored or pair.right not in near.stored:
            return False
        return near.verdict(pair.left, pair.right).merged

    def _texts(
        self, connection: Connection, rows: Mapping[int, StoredCopy], states: Mapping[int, pages.PageState]
    ) -> dict[int, U64 | None]:
        """Return what was read of these copies, coded; None for those whose page brought nothing."""
        read = page_texts.of_copies(connection, {number: row.copy for number, row in rows.items()})
        found: dict[int, U64 | None] = {}
        for number, row in rows.items():
            if number in read:
                found[number] = codes("\n".join(read[number].article.paragraphs))
            elif number in states and not states[number].awaited:
                found[number] = None
            elif not self._memory.of([row])[0].has_page and len(row.copy.text.split()) >= ENOUGH_WORDS:
                found[number] = codes(row.copy.text)
        return found


def _request(copy: Copy) -> PageRequest:
    """Make the request for a copy's page; the entry in it says what the page has to carry."""
    entry = Entry(
        guid=copy.key.guid,
        link=copy.url,
        title=Markup(value=copy.title, html=False),
        summary=Markup(value=copy.text, html=False) if copy.text else None,
    )
    return PageRequest(url=copy.url or "", entry=entry, first_seen=copy.first_seen, outlet=copy.outlet)
