"""What a feed carries, in the figures by which a person chooses; and which of several is the best."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from statistics import median

from msgspec import Struct

from feedhub.model import Entry, Feed

_TAG = re.compile(r"<[^<>]*>")
_COMMENTS = re.compile(r"\bcomments?\b|/comments/|kommentare|commentaires|comentarios", re.IGNORECASE)
#: a feed whose newest entry is older is hardly kept any more
_STALE = timedelta(days=90)
#: words of an entry from which on it is an article rather than a teaser
_ARTICLE = 150
#: of long entries so many are looked at
_MOST_READ, _LONGEST = 50, 100_000


class FeedOffer(Struct, frozen=True, kw_only=True):
    """A feed that answers, and what it carries."""

    url: str
    title: str | None
    language: str | None
    entries: int
    #: when its newest entry was published, None where no entry tells
    newest: datetime | None
    #: words of the middle one of its entries by length
    words: int
    #: the place among those that the page names
    rank: int = 0

    @property
    def is_comments(self) -> bool:
        """Whether readers speak in it rather than the paper."""
        return bool(_COMMENTS.search(f"{self.title or ''} {self.url}"))


def feed_offer(url: str, feed: Feed, rank: int = 0) -> FeedOffer:
    """Return what a feed that was read at `url` carries."""
    dates = [date for entry in feed.entries if (date := entry.published or entry.updated)]
    return FeedOffer(
        url=url,
        title=feed.title,
        language=feed.language,
        entries=feed.listed,
        newest=max(dates, default=feed.updated),
        words=int(median([_words(entry) for entry in feed.entries[:_MOST_READ]] or [0])),
        rank=rank,
    )


def best_first(offers: Iterable[FeedOffer], now: datetime) -> list[FeedOffer]:
    """Return the offers, the best first: the paper's own, alive, with whole articles; then in the page's order."""

    def order(offer: FeedOffer) -> tuple[bool, bool, bool, bool, int]:
        stale = offer.newest is not None and now - offer.newest > _STALE
        return (offer.is_comments, not offer.entries, stale, offer.words < _ARTICLE, offer.rank)

    return sorted(offers, key=order)


def _words(entry: Entry) -> int:
    text = entry.content or entry.summary
    return len(_TAG.sub(" ", text.value[:_LONGEST]).split()) if text else 0
