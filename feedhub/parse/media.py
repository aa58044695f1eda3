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
    """An item's files in the order in which they are listed: contents, enclosures, thumbnails."""

    _contents: tuple[dict[str, str], ...] = ()
    _enclosures: tuple[_Part, ...] = ()
    _thumbnails: tuple[_Part, ...] = ()
    _credits: tuple[str, ...] = ()

    def content(self, attrs: dict[str, str], node: Any, scope: Scope) -> None:
        """Take a `media:content`."""
        self._contents += () if len(self._contents) >= MOST_VALUES else (attrs,)

    def enclosure(self, attrs: _Part) -> None:
        """Take an `enclosure`, or a link that calls itself one."""
        self._enclosures += (
            ()
            if len(self._enclosures) >= MOST_VALUES
            else ({**attrs, "url": attrs.get("url") or attrs.get("uri") or attrs.get("href")},)
        )

    def thumbnail(self, attrs: dict[str, str], node: Any, scope: Scope) -> None:
        """Take a `media:thumbnail`; some write its address as text."""
        self._thumbnails += (
            ()
            if len(self._thumbnails) >= MOST_VALUES
            else ({**attrs, "url": attrs.get("url") or text_of(node, scope), "medium": "image"},)
        )

    def credit(self, attrs: dict[str, str], node: Any, scope: Scope) -> None:
        """Take a `media:credit`: that of the last file before it."""
        if who := text_of(node, scope):
            self._credits += () if len(self._credits) >= MOST_VALUES else (who,)
            if self._contents:
                self._contents[-1].setdefault("credit", who)

    def description(self, attrs: dict[str, str], node: Any, scope: Scope) -> None:
        """Take a `media:description`: the caption of the last file before it."""
        if self._contents and (caption := text_of(node, scope)):
            self._contents[-1].setdefault("caption", caption)

    def media(self, base: str | None) -> tuple[Media, ...]:
        """Return the files; a lone credit is that of every one."""
        if not (self._contents or self._enclosures or self._thumbnails):
            return ()
        credits = [credit for part in self._credits if (credit := line(part))]
        return media_of(
            (*self._contents, *self._enclosures, *self._thumbnails),
            credits,
            base,
        )


def media_of(parts: tuple[_Part, ...], credits: list[str], base: str | None) -> tuple[Media, ...]:
    """Make Media of the parts, each address once, by the first that names it; a lone credit is every file's."""
    shared = credits[0] if len(credits) == 1 else None
    files: dict[str, Media] = {}
    for part in parts:
        url = address(part.get("url") or part.get("href"), base)
        if url and url not in files:
            files[url] = _file(part, url, shared)
    return tuple(files.values())


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
    """Return a whole number as feeds write it, or None."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value.strip()) else None
