"""Two short texts of one form: the same words of another day, place, score or verdict. Only where no mark tells of a
revision; each number stands with the case that fixed it.
"""

from __future__ import annotations

from collections.abc import Iterator

from feedhub.match.text.overlap import SHORT, Overlap
from feedhub.match.verdict.guards import Doubts

#: texts below so many words are told by their day: who edits a brief leaves the weekday, a form changes it
DATED = 150
#: numbers, or names with numbers, that a short form changes; a rising toll changes one, or is the smaller part
CHANGED, NUMBERS = 2, 0.5
#: ... once in so many words at least (a traffic notice: two roads, two pairs of towns, two delays in 40)
EVERY = 50


def told_apart(o: Overlap, d: Doubts) -> Iterator[str]:
    """Why two texts in which nothing but a few places differs are two stories all the same."""
    numbers, names = d.count("number"), d.count("name")
    # a character of a script without spaces is less than a word
    words = min(o.short_words, o.short.size)
    if words < DATED and d.count("date") and numbers + names:
        yield "the same words of another day, with other numbers or names"
    if words < SHORT:
        if numbers >= CHANGED and numbers >= NUMBERS * d.numbers:
            yield "few words, and most of the numbers others: a template"
        if names and d.places >= CHANGED and EVERY * d.places > d.aligned:
            yield "few words, and other names: a template"
    if words < DATED and d.headline_opposed and len(d.body) > 1:
        yield "the headlines name opposites, and more of the text differs"
    if d.count("negation") and (words < DATED or d.headline_words_both):
        yield "one denies what the other says"
