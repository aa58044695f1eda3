"""The text of an item that has neither content nor summary: it may stand in other elements."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from feedhub.model import Markup, Media
from feedhub.parse.element_text import looks_like_html
from feedhub.parse.xml_text import text

#: elements in which the text stands in other vocabularies, by their usual prefix, the fullest first
OTHER_TEXTS = ("turbo:content", "yandex:full-text", "googleplay:description", "dcterms:abstract", "excerpt:encoded")
#: a podcast's summary is the text where it is so many times as long as the description, and no mere line
_FULLER, _LEAST = 1.5, 100
#: markup that is worth showing without a word
_SEEN = ("<img", "<video", "<audio", "<iframe", "<object", "<embed", "<svg", "<math", "<picture")
#: matched as far as it goes: a text with a word at its beginning costs nothing
_TAGS_AND_SPACES = re.compile(r"(?>(?:\s|<[^>]*>|&nbsp;|&#160;)*)")


def is_blank(markup: Markup | None) -> bool:
    """Return whether a text shows nothing: no word, no picture, nothing to play."""
    if markup is None:
        return True
    if not markup.html or not _TAGS_AND_SPACES.fullmatch(markup.value[:2_000]):
        return False
    return not any(tag in markup.value for tag in _SEEN)


def text_elsewhere(
    podcast: Mapping[str, Any], texts: Sequence[object], media: Sequence[Media], *, titled: bool
) -> Markup | None:
    """Return the text that a podcast or a film gives of itself; that of its picture for a post without a title.

    `texts` are the `media:description` of the item or its group, and OTHER_TEXTS. A picture's own description is its
    caption, and no text of an article that has a headline.
    """
    caption = next((file.description for file in media if file.description), None)
    for value in (podcast.get("summary"), *texts, None if titled else caption, podcast.get("subtitle")):
        if words := text(value):
            return Markup(value=words, html=looks_like_html(words))
    return None


def fuller_text(podcast: Mapping[str, Any], content: Markup | None, summary: Markup | None) -> Markup | None:
    """Return the content of an item: its own, else a podcast's summary that says far more than the description."""
    words = None if content or not podcast else text(podcast.get("summary"))
    if words is None or summary is None or len(words) < max(_LEAST, _FULLER * len(summary.value)):
        return content
    return Markup(value=words, html=looks_like_html(words))
