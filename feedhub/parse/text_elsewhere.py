"""The text of an item that has neither content nor summary: it may stand in other elements."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from feedhub.model import Markup, Media
from feedhub.parse.element_text import looks_like_html
from feedhub.parse.xml_text import text

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
    podcast: Mapping[str, Any], media_text: object, media: Sequence[Media], *, titled: bool
) -> Markup | None:
    """Return the text that a podcast or a film gives of itself; that of its picture for a post without a title.

    `media_text` is the `media:description` of the item or its group. A picture's own is its caption, and no text of an
    article that has a headline.
    """
    caption = next((file.description for file in media if file.description), None)
    for value in (podcast.get("summary"), media_text, None if titled else caption, podcast.get("subtitle")):
        if words := text(value):
            return Markup(value=words, html=looks_like_html(words))
    return None
