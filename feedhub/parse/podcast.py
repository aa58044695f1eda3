"""The podcast vocabularies (itunes:, podcast:, psc:): what they say of an episode, and of the podcast that it is of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from feedhub.model import Chapter, Entry, Episode, Participant, Podcast, Transcript
from feedhub.parse.xml_text import address, line
from feedhub.structs import replace

#: elements of an item that say something of its file; `itunes:summary`, `itunes:subtitle` and `itunes:author` stand in
#: for the item's own where it has none
PODCAST_FIELDS = ("duration", "episode", "season", "episodetype", "explicit", "image")
#: elements that tell by their attributes or stand several times in an item
PODCAST_PARTS = (
    "podcast:transcript", "podcast:chapters", "podcast:person", "podcast:season", "podcast:episode", "psc:chapter",
)  # fmt: skip
#: of an item, one name
MOST_PARTS = 300
#: an element's name, its attributes, and its text as `text`
Part = tuple[str, Mapping[str, str]]
_CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?([0-5]?\d):)?([0-5]?\d)(?:[.,]\d+)?")
_SECONDS = re.compile(r"(\d{1,6})(?:\.\d+)?")
_PLAY_TIME = re.compile(r"(?:(?:\d{1,3}:)?\d{1,3}:)?\d{1,6}(?:\.\d{1,6})?")
_KINDS = ("full", "trailer", "bonus")
_EXPLICIT = {"yes": True, "true": True, "explicit": True, "no": False, "false": False, "clean": False}


def episode_of(
    podcast: Mapping[str, Any], parts: Sequence[Part], base: str | None
) -> tuple[Episode | None, int | None]:
    """Return what the elements say of an episode, None where that is nothing, and its duration in seconds."""
    kind = (line(podcast.get("episodetype")) or "").lower()
    texts = {name: attributes.get("text") for name, attributes in parts}
    files = (address(attrs.get("url"), base) for name, attrs in parts if name == "podcast:chapters")
    episode = Episode(
        number=_whole(podcast.get("episode")) or _whole(texts.get("podcast:episode")),
        season=_whole(podcast.get("season")) or _whole(texts.get("podcast:season")),
        kind=kind if kind in _KINDS else None,
        explicit=_EXPLICIT.get((line(podcast.get("explicit")) or "").lower()),
        image=address(podcast.get("image"), base),
        transcripts=tuple(_all(parts, "podcast:transcript", base, _transcript)),
        chapter_file=next((url for url in files if url), None),
        chapters=tuple(_all(parts, "psc:chapter", base, _chapter)),
        people=tuple(_all(parts, "podcast:person", base, _participant)),
    )
    return (None if episode == Episode() else episode), seconds_of(podcast.get("duration"))


def _all(parts: Sequence[Part], name: str, base: str | None, read: Any) -> Iterable[Any]:
    made = (read(attributes, base) for each, attributes in parts if each == name)
    return dict.fromkeys(one for one in made if one is not None)


def _transcript(attributes: Mapping[str, str], base: str | None) -> Transcript | None:
    url = address(attributes.get("url"), base)
    if url is None:
        return None
    return Transcript(url=url, type=line(attributes.get("type")), language=line(attributes.get("language")))


def _chapter(attributes: Mapping[str, str], base: str | None) -> Chapter | None:
    start, title = line(attributes.get("start")) or "", line(attributes.get("title"))
    if title is None or not _PLAY_TIME.fullmatch(start):
        return None
    url, image = address(attributes.get("href"), base), address(attributes.get("image"), base)
    return Chapter(start=start, title=title, url=url, image=image)


def _participant(attributes: Mapping[str, str], base: str | None) -> Participant | None:
    name = line(attributes.get("text"))
    if name is None or "@" in name:
        return None
    url, image = address(attributes.get("href"), base), address(attributes.get("img"), base)
    return Participant(name=name, role=line(attributes.get("role")), image=image, url=url)


def podcast_of(
    title: str | None, fields: Mapping[str, Any], categories: Iterable[object], base: str | None
) -> Podcast | None:
    """Return what a channel says of its podcast; None where none of its elements is of that vocabulary."""
    podcast = Podcast(
        author=line(fields.get("author")),
        image=address(fields.get("image"), base),
        explicit=_EXPLICIT.get((line(fields.get("explicit")) or "").lower()),
        categories=tuple(dict.fromkeys(name for each in categories if (name := line(each)))),
    )
    return None if podcast == Podcast() else replace(podcast, title=title)


def of_podcast(entries: Iterable[Entry], podcast: Podcast | None) -> tuple[Entry, ...]:
    """Return the entries, those that are heard or seen as episodes of the podcast."""
    return tuple(entries) if podcast is None else tuple(_of_podcast(entry, podcast) for entry in entries)


def _of_podcast(entry: Entry, podcast: Podcast) -> Entry:
    played = next((file for file in entry.media if file.medium in ("audio", "video")), None)
    if played is None:
        return entry
    episode = replace(played.episode or Episode(), podcast=podcast)
    return replace(entry, media=tuple(replace(f, episode=episode) if f is played else f for f in entry.media))


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
