"""The podcast vocabularies (itunes:, podcast:, psc:), as elements of an entry and of a channel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lxml import etree

from feedhub.model import Episode, Media, Podcast
from feedhub.publish.elements import add
from feedhub.publish.media_files import episode_file
from feedhub.publish.namespaces import CHAPTERS_NS, ITUNES_NS, PODCAST_NS
from feedhub.publish.safe_text import twice_safe

Element = etree._Element


def episode(entry: Element, files: Sequence[Media]) -> None:
    """Add what podcast apps read of an episode: duration, numbers, kind, picture, transcripts, chapters, people."""
    if (file := episode_file(files)) is None:
        return
    details = file.episode or Episode()
    podcast = details.podcast or Podcast()
    explicit = podcast.explicit if details.explicit is None else details.explicit
    fields: dict[str, str | int | None] = {
        "duration": file.duration,
        "season": details.season,
        "episode": details.number,
        "episodeType": details.kind,
        "explicit": None if explicit is None else "true" if explicit else "false",
    }
    for name, value in fields.items():
        if value is not None:
            add(entry, f"{{{ITUNES_NS}}}{name}", str(value), prefix="itunes")
    if image := details.image or podcast.image:
        add(entry, f"{{{ITUNES_NS}}}image", prefix="itunes", href=image)
    _apart(entry, details)


def _apart(entry: Element, details: Episode) -> None:
    for one in details.transcripts:
        fields = {"url": one.url, "type": one.type or "text/plain", "language": one.language or ""}
        add(entry, f"{{{PODCAST_NS}}}transcript", prefix="podcast", **fields)
    if details.chapter_file:
        kind = "application/json+chapters"
        add(entry, f"{{{PODCAST_NS}}}chapters", prefix="podcast", url=details.chapter_file, type=kind)
    for who in details.people:
        fields = {"role": who.role or "", "img": who.image or "", "href": who.url or ""}
        add(entry, f"{{{PODCAST_NS}}}person", twice_safe(who.name), prefix="podcast", **fields)
    if details.chapters:
        chapters = add(entry, f"{{{CHAPTERS_NS}}}chapters", prefix="psc", version="1.2")
        for each in details.chapters:
            fields = {"start": each.start, "title": each.title, "href": each.url or "", "image": each.image or ""}
            add(chapters, f"{{{CHAPTERS_NS}}}chapter", prefix="psc", **fields)


def channel(head: Element, stories: Iterable[Sequence[Media]]) -> None:
    """Add what directories read of a podcast, where the output holds episodes: those of one podcast tell it whole."""
    files = [file for media in stories if (file := episode_file(media)) and file.episode and file.episode.podcast]
    podcasts = list(dict.fromkeys(file.episode.podcast for file in files if file.episode and file.episode.podcast))
    if not podcasts:
        return
    only = podcasts[0] if len(podcasts) == 1 else Podcast()
    explicit = any(each.explicit for each in podcasts) or any(file.episode and file.episode.explicit for file in files)
    if only.author:
        add(head, f"{{{ITUNES_NS}}}author", twice_safe(only.author), prefix="itunes")
    add(head, f"{{{ITUNES_NS}}}explicit", "true" if explicit else "false", prefix="itunes")
    if only.image:
        add(head, f"{{{ITUNES_NS}}}image", prefix="itunes", href=only.image)
    outer: dict[str, Element] = {}
    for category in only.categories:
        name, _, inner = category.partition(" > ")
        if name not in outer:
            outer[name] = add(head, f"{{{ITUNES_NS}}}category", prefix="itunes", text=name)
        if inner:
            add(outer[name], f"{{{ITUNES_NS}}}category", prefix="itunes", text=inner)
