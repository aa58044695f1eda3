"""Which copy's headline speaks: the canonical copy's, unless it shouts and another says the same in sentence case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from feedhub.merge.aligned_facts import words_of
from feedhub.merge.members import Member

#: fewer words in capitals are a name or an acronym (NATO, "UN: WHO")
_FEWEST = 3
#: words of the headline in capitals that the other must share
_SHARED = 0.6


def title_of(canonical: Member, speaking: Sequence[Member]) -> Member:
    """Return the member whose headline the story has.

    A headline in capitals gives way to one in sentence case of the same revision that has most of its words: the
    likest, and among equals the one that stands first. A source of low trust lends none.
    """
    if not is_shouted(canonical.copy.title):
        return canonical
    words = Counter(words_of(canonical.copy.title))
    best, most = canonical, 0.0
    for member in sorted(speaking, key=lambda member: (member.rank, member.time, member.copy.key)):
        title = member.copy.title
        if member is canonical or member.publisher.trust == "low" or is_shouted(title) or title.islower():
            continue
        other = Counter(words_of(title))
        share = sum((words & other).values()) / max(words.total(), other.total())
        if share >= _SHARED and share > most:
            best, most = member, share
    return best


def is_shouted(title: str) -> bool:
    """Tell whether a headline of several words is all in capitals, in a script that has small letters."""
    return title.isupper() and sum(word.isalpha() and len(word) > 1 for word in words_of(title)) >= _FEWEST
