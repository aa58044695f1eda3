"""Pictures and other files of an item: Media RSS, enclosures, thumbnails, each address once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from feedhub.model import Media
from feedhub.parse.element_text import Scope, text_of
from feedhub.parse.xml_text import MOST_VALUES, address, line

_Part = Mapping[str, Any]


class Files:
    """An item's files in the order in which they will be told: contents, enclosures, thumbnails."""

    found = False
    _contents: tuple[dict[str, str], ...] = ()
    _enclosures: tuple[_Part, ...] = ()
    _thumbnails: tuple[_Part, ...] = ()
    _credits: tuple[str, ...] = ()

    def content(self, given: dict[str, str], node: Any, scope: Scope) -> None:
        """A `media:content`."""
        self.found = True
        self._contents += () if len(self._contents) >= MOST_VALUES else (given,)

    def enclosure(self, given: _Part) -> None:
        """An `enclosure`, or a link that calls itself one."""
        self.found = True
        self._enclosures += (
            ()
            if len(self._enclosures) >= MOST_VALUES
            else ({**given, "url": given.get("url") or given.get("uri") or given.get("href")},)
        )

    def thumbnail(self, given: dict[str, str], node: Any, scope: Scope) -> None:
        """A `media:thumbnail`; some write its address as text."""
        self.found = True
        self._thumbnails += (
            ()
            if len(self._thumbnails) >= MOST_VALUES
            else ({**given, "url": given.get("url") or text_of(node, scope), "medium": "image"},)
        )

    def credit(self, given: dict[str, str], node: Any, scope: Scope) -> None:
        """A `media:credit`: that of the last file before it."""
        if who := text_of(node, scope):
            self._credits += () if len(self._credits) >= MOST_VALUES else (who,)
            if self._contents:
                self._contents[-1].setdefault("credit", who)

    def description(self, given: dict[str, str], node: Any, scope: Scope) -> None:
        """A `media:description`: the caption of the last file before it."""
        if self._contents and (caption := text_of(node, scope)):
            self._contents[-1].setdefault("caption", caption)

    def media(self, base: str | None) -> tuple[Media, ...]:
        """The files; a lone credit is that of every one."""
        credits = [credit for part in self._credits if (credit := line(part))]
        return media_of(
            (*self._contents, *self._enclosures, *self._thumbnails),
            credits,
            base,
        )


def media_of(parts: tuple[_Part, ...], credits: list[str], base: str | None) -> tuple[Media, ...]:
    """Each address once, told by the first part that names it; a lone credit is that of every file."""
    shared = credits[0] if len(credits) == 1 else None
    found: dict[str, Media] = {}
    for part in parts:
        url = address(part.get("url") or part.get("href"), base)
        if url and url not in found:
            found[url] = _file(part, url, shared)
    return tuple(found.values())


def _file(part: _Part, url: str, credit: str | None) -> Media:
    return Media(
        url=url,
        type=line(part.get("type")),
        medium=line(part.get("medium")),
        length=number(part.get("filesize") or part.get("length")),
        width=number(part.get("width")),
        height=number(part.get("height")),
        credit=line(part.get("credit")) or credit,
        description=line(part.get("caption")),
    )


def number(value: object) -> int | None:
    """A whole number as feeds write it, or None."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value.strip()) else None
