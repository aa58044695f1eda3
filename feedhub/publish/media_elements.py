"""Media RSS and the podcast vocabulary, as elements of an entry."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from feedhub.model import Media
from feedhub.publish.elements import add
from feedhub.publish.media_files import is_played, says_more
from feedhub.publish.namespaces import ITUNES_NS, MEDIA_NS
from feedhub.publish.safe_text import twice_safe

Element = etree._Element


def media_rss(entry: Element, files: Sequence[Media], *, enclosed: Sequence[Media], html_titles: bool) -> None:
    """Add `media:content` and `media:thumbnail` (Media RSS 1.5.1) for all of which enclosures do not tell everything.

    `enclosed`: files that the entry's enclosures name.
    `html_titles`: texts are written so that reading them as HTML makes no markup of them.
    """
    for file in files:
        if file.role == "thumbnail":
            sizes = {"width": str(file.width or ""), "height": str(file.height or "")}
            add(entry, f"{{{MEDIA_NS}}}thumbnail", prefix="media", url=file.url, **sizes)
        elif file not in enclosed or says_more(file):
            _content(entry, file, html_titles)


def _content(entry: Element, file: Media, html_titles: bool) -> None:
    content = add(
        entry,
        f"{{{MEDIA_NS}}}content",
        prefix="media",
        url=file.url,
        type=file.type or "",
        medium=file.medium or "",
        fileSize=str(file.length or ""),
        duration=str(file.duration or ""),
        width=str(file.width or ""),
        height=str(file.height or ""),
    )
    for name, text in (("description", file.description), ("credit", file.credit)):
        if text:
            safe = twice_safe(text) if html_titles else text
            made = add(content, f"{{{MEDIA_NS}}}{name}", safe, prefix="media")
            if name == "description":
                made.set("type", "plain")


def podcast(entry: Element, files: Sequence[Media]) -> None:
    """Add what podcast apps read of an episode: duration, numbers, kind, picture."""
    file = next((file for file in files if is_played(file) and (file.episode or file.duration)), None)
    if file is None:
        return
    fields: dict[str, str | int | None] = {"duration": file.duration}
    if episode := file.episode:
        explicit = None if episode.explicit is None else "true" if episode.explicit else "false"
        fields |= {"season": episode.season, "episode": episode.number, "episodeType": episode.kind}
        fields |= {"explicit": explicit}
    for name, value in fields.items():
        if value is not None:
            add(entry, f"{{{ITUNES_NS}}}{name}", str(value), prefix="itunes")
    if file.episode and file.episode.image:
        add(entry, f"{{{ITUNES_NS}}}image", prefix="itunes", href=file.episode.image)
