"""The podcast vocabulary (itunes:): what it says of an episode."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from feedhub.model import Episode
from feedhub.parse.xml_text import address, line

#: elements of an item that say something of its file; `itunes:summary`, `itunes:subtitle` and `itunes:author` stand in
#: for the item's own where it has none
PODCAST_FIELDS = ("duration", "episode", "season", "episodetype", "explicit", "image")
_CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?([0-5]?\d):)?([0-5]?\d)(?:[.,]\d+)?")
_SECONDS = re.compile(r"(\d{1,6})(?:\.\d+)?")
_KINDS = ("full", "trailer", "bonus")
_EXPLICIT = {"yes": True, "true": True, "explicit": True, "no": False, "false": False, "clean": False}


def episode_of(podcast: Mapping[str, Any], base: str | None) -> tuple[Episode | None, int | None]:
    """Return what the elements say of an episode, None where that is nothing, and its duration in seconds."""
    kind = (line(podcast.get("episodetype")) or "").lower()
    episode = Episode(
        number=_whole(podcast.get("episode")),
        season=_whole(podcast.get("season")),
        kind=kind if kind in _KINDS else None,
        explicit=_EXPLICIT.get((line(podcast.get("explicit")) or "").lower()),
        image=address(podcast.get("image"), base),
    )
    return (None if episode == Episode() else episode), seconds_of(podcast.get("duration"))


def seconds_of(duration: object) -> int | None:
    """Read a duration, `1:02:03`, `62:03` or `3723`, in seconds; None where it is none or nothing."""
    text = line(duration) or ""
    if match := _SECONDS.fullmatch(text):
        return int(match[1]) or None
    if match := re.fullmatch(r"(\d{1,3}):([0-5]\d)", text):
        return (int(match[1]) * 60 + int(match[2])) or None
    if match := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return (hours * 60 + minutes) * 60 + seconds or None
    return None


def _whole(value: object) -> int | None:
    text = line(value) or ""
    return int(text) if re.fullmatch(r"[1-9]\d{0,5}", text) else None
