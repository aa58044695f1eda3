"""Pictures and other files of an item: Media RSS, enclosures, thumbnails, each address once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from feedhub.model import Media
from feedhub.parse.element_text import Scope, text_of
from feedhub.parse.media_types import is_dead, medium_of, type_of
from feedhub.parse.picture_sizes import Offered, one_size
from feedhub.parse.podcast import PODCAST_FIELDS, Part, episode_of, seconds_of
from feedhub.parse.xml_text import MOST_VALUES, address, line
from feedhub.structs import replace

_Part = Mapping[str, Any]


class Files:
    """An item's files in the order in which they are listed: contents, enclosures, thumbnails."""

    _contents: tuple[dict[str, Any], ...] = ()
    _enclosures: tuple[_Part, ...] = ()
    _thumbnails: tuple[_Part, ...] = ()
    _credits: tuple[str, ...] = ()
    #: number of the last `media:group`, and of the one that is open
    _groups = 0
    _group: int | None = None

    def open_group(self) -> None:
        """Begin a `media:group`: what stands in it is one thing in several forms (Media RSS 1.5.1)."""
        self._groups += 1
        self._group = self._groups

    def close_group(self) -> None:
        """End the `media:group`."""
        self._group = None

    def content(self, attrs: dict[str, str], node: Any, scope: Scope) -> None:
        """Take a `media:content`."""
        self._contents += () if len(self._contents) >= MOST_VALUES else ({**attrs, "group": self._group},)

    def enclosure(self, attrs: _Part) -> None:
        """Take an `enclosure`, or a link that calls itself one."""
        self._enclosures += (
            ()
            if len(self._enclosures) >= MOST_VALUES
            else ({**attrs, "url": attrs.get("url") or attrs.get("uri") or attrs.get("href"), "role": "enclosure"},)
        )

    def thumbnail(self, attrs: dict[str, str], node: Any, scope: Scope) -> None:
        """Take a `media:thumbnail`; some write its address as text."""
        url = attrs.get("url") or text_of(node, scope)
        self._thumbnails += (
            () if len(self._thumbnails) >= MOST_VALUES else (thumbnail_part({**attrs, "url": url}, self._group),)
        )

    def player(self, attrs: dict[str, str], node: Any, scope: Scope) -> None:
        """Take a `media:player`: of the last file before it, or a film that is only played on its page."""
        self._contents = with_player(self._contents, attrs)

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

    def media(self, base: str | None, podcast: Mapping[str, Any], parts: Sequence[Part]) -> tuple[Media, ...]:
        """Return the files; a lone credit is that of every one."""
        if not (self._contents or self._enclosures or self._thumbnails or podcast):
            return ()
        files = (*self._contents, *self._enclosures, *self._thumbnails)
        credits = [credit for part in self._credits if (credit := line(part))]
        return media_of(files, credits, base, podcast, parts)


def content_file(elsewhere: tuple[str, str | None] | None) -> _Part | None:
    """Return an Atom content that is elsewhere as a file; None where it is a page, or there is none."""
    if elsewhere is None:
        return None
    url, declared = elsewhere
    # feedparser calls what has no type plain text
    kind = type_of(None, None, url) if declared in (None, "text", "text/plain") else declared
    return None if kind is None or "html" in kind else {"url": url, "type": kind}


def with_player(contents: tuple[dict[str, Any], ...], attrs: _Part) -> tuple[dict[str, Any], ...]:
    """Return the `media:content`s with a player for the last of them, or with one that has nothing but its player."""
    player = attrs.get("url")
    if not player or (not contents and attrs.get("content")):
        return contents
    if not contents:
        return ({"player": player, "medium": "video", "group": None},)
    contents[-1].setdefault("player", player)
    return contents


def thumbnail_part(attrs: _Part, group: int | None = None) -> _Part:
    """Return a thumbnail's attributes as those of a file."""
    return {**attrs, "medium": "image", "role": "thumbnail", "group": group}


def media_of(
    parts: Iterable[_Part], credits: list[str], base: str | None, podcast: Mapping[str, Any], details: Sequence[Part]
) -> tuple[Media, ...]:
    """Make Media of the parts: each address once, each picture in one size, what a podcast says with its episode.

    `podcast` has the item's elements of the podcast vocabulary by name, `details` those that stand several times; a
    lone credit is that of every file.
    """
    shared = credits[0] if len(credits) == 1 else None
    files: dict[str, Offered] = {}
    for part in parts:
        url = address(part.get("url") or part.get("href") or part.get("player"), base)
        if url is None or is_dead(part.get("type"), url):
            continue
        file = _offered(part, url, shared, base)
        files[url] = _joined(files[url], file) if url in files else file
    media = one_size(files.values())
    if details or any(name in podcast for name in PODCAST_FIELDS):
        return _with_episode(media, podcast, details, base)
    return media


def _offered(part: _Part, url: str, credit: str | None, base: str | None) -> Offered:
    medium = medium_of(line(part.get("medium")), line(part.get("type")))
    kind = type_of(line(part.get("type")), medium, url)
    role = part.get("role")
    media = Media(
        url=url,
        type=kind,
        medium=medium or medium_of(None, kind),
        length=number(part.get("filesize") or part.get("length")) or None,
        width=number(part.get("width")),
        height=number(part.get("height")),
        duration=seconds_of(part.get("duration")),
        credit=line(part.get("credit")) or credit,
        description=line(part.get("caption")),
        role=role if role in ("enclosure", "thumbnail") else "content",
        player=address(part.get("player"), base),
    )
    if media.player == url:
        # nothing but a page that plays it
        media = replace(media, type=None)
    return Offered(media=media, group=part.get("group"), is_default=part.get("isdefault") == "true")


def _joined(first: Offered, second: Offered) -> Offered:
    """Join two mentions of one address: the first tells of it, the second what the first did not tell."""
    one, other = first.media, second.media
    joined = replace(
        one,
        length=one.length or other.length,
        width=one.width or other.width,
        height=one.height or other.height,
        duration=one.duration or other.duration,
        description=one.description or other.description,
        role=other.role if other.role == "enclosure" else one.role,
    )
    return replace(first, media=joined)


def _with_episode(
    media: tuple[Media, ...], podcast: Mapping[str, Any], details: Sequence[Part], base: str | None
) -> tuple[Media, ...]:
    """Return the files, the first that is heard or seen with what the podcast says of it."""
    episode, duration = episode_of(podcast, details, base)
    played = next((file for file in media if file.medium in ("audio", "video")), None)
    files = [
        replace(file, episode=episode, duration=file.duration or duration) if file is played else file for file in media
    ]
    if episode and episode.image and not any(file.medium == "image" for file in media):
        files.append(
            Media(url=episode.image, type=type_of(None, "image", episode.image), medium="image", role="thumbnail")
        )
    return tuple(files)


def number(value: object) -> int | None:
    """Return a whole number as feeds write it, or None."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value.strip()) else None
