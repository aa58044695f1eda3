"""An entry and the page of its article -> the entry with the whole text; pure.

The feed's word goes first wherever it says something; a page that does not carry what the feed told is not the article.
"""

from __future__ import annotations

import html
import re
from itertools import pairwise
from urllib.parse import urlsplit

from feedhub.model import ArticlePage, Entry, EntryOrigin, Markup
from feedhub.registrable import registrable
from feedhub.structs import replace

_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"\w+")
#: scripts that put no spaces between words
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
#: a teaser of fewer words says too little by itself: the title is asked too
_FEW = 8
#: words of so few letters stand everywhere, and of the others so many two entries on one thing have in common
_SHORT_WORD, _ALIKE = 3, 0.25
#: of what the feed told, so much must stand on the page
_SHARE = 0.5


def filled(entry: Entry, page: ArticlePage) -> Entry | None:
    """Return the entry with the page's text as its content; None where the page is not that of this article."""
    feed_words = _words(_plain(entry))
    words_here = _words(_text(page.html)) | _words(page.title or "")
    if len(feed_words) < _FEW:
        feed_words |= _words(_text(entry.title.value) if entry.title else "")
    if not feed_words or len(feed_words & words_here) < _SHARE * len(feed_words):
        return None
    return replace(
        entry,
        link=_link(entry, page),
        content=Markup(value=page.html),
        summary=entry.content if _longer(entry.content, entry.summary) else entry.summary,
        authors=entry.authors or page.authors,
        published=entry.published or page.published,
        bad_date=None if page.published else entry.bad_date,
        language=entry.language or page.language,
        origin=entry.origin or _origin(page),
    )


def share_words(one: Entry, other: Entry) -> bool:
    """Tell whether two entries' headlines and teasers may tell of one thing: they share words that say something."""
    left, right = (_telling(entry) for entry in (one, other))
    return len(left & right) >= _ALIKE * min(len(left), len(right))


def _telling(entry: Entry) -> set[str]:
    words = _words(_plain(entry)) | _words(_text(entry.title.value) if entry.title else "")
    return {word for word in words if len(word) > _SHORT_WORD or _UNSPACED.search(word)}


def _link(entry: Entry, page: ArticlePage) -> str | None:
    """Return the address that the page calls its own where it is one of the same site, else the entry's."""
    return page.canonical if page.canonical and _site(page.canonical) == _site(page.url) else entry.link


def _origin(page: ArticlePage) -> EntryOrigin | None:
    """Return another site's page that this one names as the article's own, or its source: it took the article there."""
    for named in (page.canonical, page.based_on):
        if named is not None and _site(named) != _site(page.url):
            return EntryOrigin(url=named)
    return None


def _site(url: str) -> str:
    return registrable(urlsplit(url).hostname or "")


def _longer(one: Markup | None, other: Markup | None) -> bool:
    return one is not None and (other is None or len(one.value) > len(other.value))


def _plain(entry: Entry) -> str:
    return " ".join(_text(part.value) if part.html else part.value for part in (entry.summary, entry.content) if part)


def _text(markup: str) -> str:
    return html.unescape(_TAG.sub(" ", markup))


def _words(text: str) -> set[str]:
    """Split a text into words in small letters; where a script has no spaces, into pairs of its characters."""
    words_here: set[str] = set()
    for word in _WORD.findall(text.lower()):
        if _UNSPACED.search(word):
            words_here.update(a + b for a, b in pairwise(word))
        else:
            words_here.add(word)
    return words_here
