"""Items and the pages of their articles -> copies that say what their pages say, where the items' words ask for it.

items
| spool      item and copy to disk, its words counted
| index      teasers -> pairs that words do not decide
| read       pages, most promising pair first, each once
| copies     in the order in which they came, those read with their pages' text
"""

from __future__ import annotations

import dataclasses
import json
import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import IO, Any

from feedhub.bounded_files import LONGEST_LINE_MB, TOO_LONG, bounded_lines
from feedhub.clean import Agencies, clean_item, url_key
from feedhub.errors import UsageError
from feedhub.match import (
    ENOUGH_WORDS,
    U64,
    DedupeRow,
    OpenPair,
    Teaser,
    TeaserIndex,
    are_alike,
    codes,
    hash64,
    is_own_page,
    match_stream,
    read_pages,
    teaser_of,
)
from feedhub.model import Copy, MatchWindows
from feedhub.structs import replace

_DEFAULT_WINDOWS = MatchWindows()
_BATCH = 2_048
#: the greatest share of the pages that is read, the most promising first
SHARE = 0.25
#: texts and teasers that are at hand while pairs are looked at
_AT_HAND = 4_096


class PageFile:
    """A file of pages, `{"url" or "id", "text"}` a line, of which only the places are kept in memory."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        """Note where each page stands; raises UsageError that names the first line that is none."""
        self._file = file
        self._places: dict[int, int] = {}
        self.lines = 0
        place = 0
        for number, line in enumerate(bounded_lines(file), 1):
            if line.strip():
                for key in _names(line, f"{name}:{number}"):
                    self._places.setdefault(key, place)
                self.lines += 1
            place += len(line)

    def has(self, item: Mapping[str, Any]) -> bool:
        """Tell whether an item's page is here."""
        return self._place(item) is not None

    def text(self, item: Mapping[str, Any]) -> str:
        """Return the text of an item's page; empty where there is none."""
        place = self._place(item)
        if place is None:
            return ""
        self._file.seek(place)
        return str(json.loads(self._file.readline(LONGEST_LINE_MB << 20)).get("text") or "")

    def _place(self, item: Mapping[str, Any]) -> int | None:
        keys = [_key("id", str(item["id"]))]
        if item.get("url"):
            keys.append(_key("url", _address(item["url"])))
        return next((self._places[key] for key in keys if key in self._places), None)


def _names(line: bytes, where: str) -> list[int]:
    if line is TOO_LONG:
        raise UsageError(f"{where}: longer than {LONGEST_LINE_MB} MB")
    try:
        page = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where}: not JSON: {error}") from None
    if not isinstance(page, dict) or not isinstance(page.get("text"), str | None):
        raise UsageError(f"{where}: expected an object with url or id, and text")
    found = [_key("id", str(page["id"]))] if page.get("id") not in (None, "") else []
    if isinstance(page.get("url"), str):
        found.append(_key("url", _address(page["url"])))
    if not found:
        raise UsageError(f"{where}: names no item: expected url or id")
    return found


def _key(kind: str, value: str) -> int:
    return hash64(f"{kind}\0{value}")


def _address(url: str) -> str:
    try:
        return url_key(url) or url
    except ValueError:
        return url


class PagedItems:
    """Items with their pages, read where their words ask for it; `read` of `pages` were looked at."""

    def __init__(self, pages: PageFile, windows: MatchWindows = _DEFAULT_WINDOWS, *, budget: float = SHARE) -> None:
        """Take pages, and the greatest share of them that may be read."""
        self.pages = 0
        self.read = 0
        self._pages = pages
        self._budget = budget
        self._windows = windows
        self._spool = tempfile.TemporaryFile(prefix="feedhub-items-")  # noqa: SIM115
        self._places: list[int] = []
        self._index = TeaserIndex(windows.window.total_seconds())
        self._chosen: set[int] = set()
        #: outlet and text of each page that was read -> the first item that has it
        self._first_with: dict[tuple[int, int], int] = {}
        self._read_ids: set[int] = set()
        self._agencies = Agencies.known()

    def rows(
        self, items: Iterable[tuple[Mapping[str, Any], Copy]], progress: Callable[[str, int, int], None] | None = None
    ) -> Iterator[DedupeRow]:
        """Return the rows of `feedhub dedupe`; the ground of those that rest on a page names it."""
        try:
            self._take(items)
            self._choose()
            for row in match_stream(self._copies(), self._windows, progress=progress):
                pages = [name for name in (row.id, row.matched) if name and hash64(name) in self._read_ids]
                yield (
                    dataclasses.replace(row, ground=f"{row.ground}; on the page of {' and '.join(pages)}")
                    if (pages and row.matched)
                    else row
                )
        finally:
            self._spool.close()

    def _take(self, items: Iterable[tuple[Mapping[str, Any], Copy]]) -> None:
        words = []
        for item, copy in items:
            self._places.append(self._spool.tell())
            pickle.dump((item, copy), self._spool, protocol=5)
            self.pages += self._pages.has(item)
            words.append(self._teaser(len(self._places) - 1, item, copy).words)
            if len(words) == _BATCH:
                self._index.weights.learn(words)
                words = []
        self._index.weights.learn(words)

    def _choose(self) -> None:
        pairs: list[OpenPair] = []
        batch: list[Teaser] = []
        for number in range(len(self._places)):
            batch.append(self._teaser(number, *self._at(number)))
            if len(batch) == _BATCH or number == len(self._places) - 1:
                pairs += self._index.candidates(batch)
                batch = []
        teaser = lru_cache(_AT_HAND)(lambda number: self._teaser(number, *self._at(number)))
        for _ in read_pages(self._index.nearest(pairs), teaser, lambda n: self._page(n, teaser), self._index.weights):
            if self.read >= self._budget * self.pages:
                break
            self.read += 1

    def _page(self, number: int, teaser: Callable[[int], Teaser]) -> Any:
        """Return a page's text, coded; None where it is not the article that its item announces."""
        item, _ = self._at(number)
        text = codes(self._pages.text(item))
        if not is_own_page(text, teaser(number), self._index.weights) or self._is_shared(number, text, teaser):
            return None
        self._chosen.add(number)
        return text

    def _is_shared(self, number: int, text: U64, teaser: Callable[[int], Teaser]) -> bool:
        """Tell whether an unlike item of the same outlet has the very same page: it is nobody's text."""
        key = teaser(number).outlet, hash(text.tobytes())
        other = self._first_with.setdefault(key, number)
        if other == number or are_alike(teaser(number), teaser(other), self._index.weights):
            return False
        self._chosen.discard(other)
        return True

    def _copies(self) -> Iterator[Copy]:
        for number in range(len(self._places)):
            item, copy = self._at(number)
            if number in self._chosen:
                self._read_ids.add(hash64(copy.key.guid))
                copy = self._with_page(item, copy)
            yield copy

    def _with_page(self, item: Mapping[str, Any], copy: Copy) -> Copy:
        made = clean_item(
            item.get("title"),
            item.get("summary"),
            self._pages.text(item),
            agencies=self._agencies,
            published=copy.published,
            source=item.get("source"),
        )
        if len(" ".join(made.paragraphs)) <= len(copy.text):
            return copy
        return replace(copy, paragraphs=made.paragraphs, summary=made.summary, wire=made.wire, dropped=made.dropped)

    def _at(self, number: int) -> tuple[Mapping[str, Any], Copy]:
        self._spool.seek(self._places[number])
        found: tuple[Mapping[str, Any], Copy] = pickle.load(self._spool)
        return found

    def _teaser(self, number: int, item: Mapping[str, Any], copy: Copy) -> Teaser:
        when = copy.published
        body = codes(copy.text[:20_000])
        return teaser_of(
            number,
            codes(copy.title[:1000]),
            body,
            outlet=copy.outlet,
            time=None if when is None else when.timestamp(),
            agency=copy.wire.agency,
            has_page=len(body) < ENOUGH_WORDS and self._pages.has(item),
        )
