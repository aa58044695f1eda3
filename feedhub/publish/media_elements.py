"""Media RSS and the podcast vocabulary, as elements of an entry."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from feedhub.model import Media
from feedhub.publish.elements import add
from feedhub.publish.media_files import says_more
from feedhub.publish.namespaces import MEDIA_NS
from feedhub.publish.safe_text import twice_safe

Element = etree._Element


def media_rss(entry: Element, files: Sequence[Media], *, enclosed: Sequence[Media], html_titles: bool) -> None:
    """Add `media:content` and `media:thumbnail` (Media RSS 1.5.1) for all of which enclosures do not tell everything.

    `enclosed`: files that the entry's enclosures name.
    `html_titles`: texts are written so that reading them as HTML makes no markup of them.
    """
    groups: dict[int, Element] = {}
    for file in files:
        if file.role == "thumbnail":
            sizes = {"width": str(file.width or ""), "height": str(file.height or "")}
            add(entry, f"{{{MEDIA_NS}}}thumbnail", prefix="media", url=file.url, **sizes)
        elif file.group is not None:
            if file.group not in groups:
                groups[file.group] = add(entry, f"{{{MEDIA_NS}}}group", prefix="media")
            _content(groups[file.group], file, html_titles)
        elif file not in enclosed or says_more(file):
            _content(entry, file, html_titles)


def _content(parent: Element, file: Media, html_titles: bool) -> None:
    is_page = file.player == file.url
    content = add(
        parent,
        f"{{{MEDIA_NS}}}content",
        prefix="media",
        url="" if is_page else file.url,
        type=file.type or "",
        medium=file.medium or "",
        fileSize=str(file.length or ""),
        duration=str(file.duration or ""),
        width=str(file.width or ""),
        height=str(file.height or ""),
        isDefault="true" if file.is_default else "",
    )
    if file.player:
        add(content, f"{{{MEDIA_NS}}}player", prefix="media", url=file.player)
    for name, text in (("description", file.description), ("credit", file.credit)):
        if text:
            safe = twice_safe(text) if html_titles else text
            made = add(content, f"{{{MEDIA_NS}}}{name}", safe, prefix="media")
            if name == "description":
                made.set("type", "plain")
