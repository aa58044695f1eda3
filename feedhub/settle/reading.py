"""Pairs that headlines and teasers do not decide -> the pages that are to be read; which of them a process knows.

The index of teasers is worked out anew by every process from what the store has; what was asked for and what was read
stand in the store, so that pages are asked for once whoever settles.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from cachetools import LRUCache

from feedhub.match import ENOUGH_WORDS, U64, OpenPair, Teaser, TeaserIndex, TeaserText, codes, teasers_of, wanted
from feedhub.model import Copy, Entry, Markup, PageRequest
from feedhub.settle.neighbourhood import Neighbourhood
from feedhub.store import Connection, pages, placements
from feedhub.store.placements import StoredCopy

#: copies read at a time, and the newest that a process begins with
_AT_ONCE, _BEGIN_WITH = 2_000, 20_000
#: teasers at hand
_TEASERS = 20_000


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
        self._teasers: LRUCache[int, Teaser] = LRUCache(_TEASERS)

    def ask(
        self, connection: Connection, near: Neighbourhood, waiting: Iterable[int], now: datetime
    ) -> dict[int, datetime]:
        """Ask for the pages that open pairs of these copies, and of those that came since, want next.

        Returns for each copy of a pair whose page is awaited until when its story is held back.
        """
        if not self._readable:
            return {}
        opened = self._refresh(connection, now)
        concerned = {number for pair in opened for number in (pair.left, pair.right)} | {*waiting, *near.reached}
        chosen = {pair for number in concerned for pair in self._pairs.get(number, ())}
        if not chosen:
            return {}
        numbers = {number for pair in chosen for number in (pair.left, pair.right)}
        rows = {row.id: row for row in placements.by_ids(connection, numbers)}
        states = pages.states(connection, rows)
        texts = self._texts(connection, rows, states)
        worth = {n: round(1000 * sum(pair.score for pair in self._pairs.get(n, ()))) for n in numbers}
        asked: dict[int, tuple[int, Copy, PageRequest]] = {}
        held: dict[int, datetime] = {}
        released: set[int] = set()
        for pair in sorted(chosen, key=lambda each: (-each.score, each.left, each.right)):
            sides = (pair.left, pair.right)
            if any(side not in rows for side in sides) or self._is_decided(near, pair):
                self._close(pair)
                continue
            page = wanted(pair, lambda n: self._teaser(rows[n]), texts, worth, self._index.weights)
            number = None if page is None else page.number
            awaited = [states[side].requested_at for side in sides if side in states and states[side].awaited]
            if number is not None and number not in states and not awaited and not asked.keys() & set(sides):
                asked[number] = number, rows[number].copy, _request(rows[number].copy)
                awaited = [now]
            elif number is None and not awaited:
                self._close(pair)
                released.update(sides)
            elif not awaited:
                awaited = [now] if asked.keys() & set(sides) else []
            for side in sides if awaited else ():
                held[side] = max(held.get(side, now), min(awaited) + self.wait)
        pages.request_to_decide(connection, asked.values(), now)
        placements.mark_pending(connection, self._held_back(released - held.keys() - near.reached, now, rows))
        return held

    def _held_back(self, numbers: Collection[int], now: datetime, rows: dict[int, StoredCopy]) -> list[int]:
        """Return those of the copies that may stand in a story that waits for them in vain."""
        return [n for n in numbers if now - rows[n].copy.first_seen < self._window and rows[n].story is not None]

    def _refresh(self, connection: Connection, now: datetime) -> list[OpenPair]:
        """Index the copies that came since, whoever recorded them; return the pairs that they open."""
        if self._last is None:
            self._last = max(0, placements.newest_id(connection) - _BEGIN_WITH)
        self._index.drop_before((now - 2 * self._window).timestamp())
        opened: list[OpenPair] = []
        while rows := placements.page(connection, after=self._last, limit=_AT_ONCE):
            self._last = rows[-1].id
            recent = [row for row in rows if row.copy.first_seen >= now - self._window and not row.withdrawn]
            opened += self._index.add(self._teasers_of(recent))
        for pair in opened:
            for number in (pair.left, pair.right):
                self._pairs.setdefault(number, []).append(pair)
        return opened

    def _close(self, pair: OpenPair) -> None:
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
        self, connection: Connection, rows: dict[int, StoredCopy], states: dict[int, pages.PageState]
    ) -> dict[int, U64 | None]:
        """Return what was read of these copies, coded; None for those whose page brought nothing."""
        read = pages.texts(connection, rows)
        found: dict[int, U64 | None] = {}
        for number, row in rows.items():
            if number in read and read[number][1] == pages.teaser_digest(row.copy):
                found[number] = codes("\n".join(read[number][0].paragraphs))
            elif number in states and not states[number].awaited:
                found[number] = None
            elif not self._teaser(row).has_page and len(row.copy.text.split()) >= ENOUGH_WORDS:
                found[number] = codes(row.copy.text)
        return found

    def _teaser(self, row: StoredCopy) -> Teaser:
        return self._teasers_of([row])[0]

    def _teasers_of(self, rows: Sequence[StoredCopy]) -> list[Teaser]:
        missing = [row for row in rows if row.id not in self._teasers]
        made = {each.number: each for each in teasers_of([self._text(row) for row in missing])}
        self._teasers.update(made)
        return [made.get(row.id) or self._teasers[row.id] for row in rows]

    def _text(self, row: StoredCopy) -> TeaserText:
        copy = row.copy
        when = copy.published if copy.published is not None and not copy.date_doubtful else copy.first_seen
        return TeaserText(
            number=row.id,
            title=copy.title[:1000],
            text=copy.text[:20_000],
            outlet=copy.outlet,
            time=when.timestamp(),
            agency=copy.wire.agency,
            readable=copy.url is not None and copy.key.source in self._readable,
        )


def _request(copy: Copy) -> PageRequest:
    """Make the request for a copy's page; the entry in it says what the page has to carry."""
    entry = Entry(
        guid=copy.key.guid,
        link=copy.url,
        title=Markup(value=copy.title, html=False),
        summary=Markup(value=copy.text, html=False) if copy.text else None,
    )
    return PageRequest(url=copy.url or "", entry=entry, first_seen=copy.first_seen, outlet=copy.outlet)
