"""Two prepared copies -> Match: score, bar, guards, relation. Pure, and the same for (a, b) and (b, a).

Each number below stands with the case that fixed it; the ids are of the judged pairs in the sets for tuning.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from feedhub.match.index.learned_furniture import Furniture
from feedhub.match.text.numbers import stated_values
from feedhub.match.text.overlap import LEAD, SHORT, Overlap, overlap, title_likeness
from feedhub.match.text.prepare import Prepared
from feedhub.match.verdict.forms import told_apart
from feedhub.match.verdict.guards import Doubts, doubts
from feedhub.match.verdict.headlines import owns_headline
from feedhub.model import EntryKey, MatchWindows, Relation, Verdict

#: full texts: share outside quotation plus a little for headline and lead (containment of an abridged copy)
FULL_BAR = 0.55
TITLE_HELPS, LEAD_HELPS = 0.07, 0.1
#: texts below 80 words: weighty share, share of the other's top, headline (odu-e938d84ab9161212/odu-f213597cd8161212)
SHORT_BAR = 0.54
#: the bar rises as texts get shorter than this (ag-5668/ag-5764: one headline, two reports in 21 words)
BRIEF, RISE = 36, 0.005
#: against a text of twice the length nothing was cut away: an excerpt is found almost whole
#: (odu-2311396528161106/odu-7e91e4c608161106 reaches .67, true excerpts 1.08 and more); the lower bar also where the
#: shorter one is not short, but borrows from a long report (odu-3a8b6c36fa161210/odu-59da418649161211, .65)
EXCERPT_BAR, EXCERPT_BAR_UNTITLED = 0.8, 0.7
#: mostly quotation, in either text (fnc-train-1214/fnc-train-16)
QUOTATION = 0.6
#: a headline that belongs to neither text (ag-2115/ag-2760: the page's teaser under it is another's)
FOREIGN_RAISES = 0.5
FOREIGN = "a headline belongs to neither text"
#: numbers of headlines, or of two short texts, have nothing in common (ag-5600/ag-5618)
NUMBERS_RAISE = 0.15
#: a headline of so many words, alike this much, is a shared text by itself where a teaser of few words cannot decide
#: (odu-59a0ce2461161208/odu-b661b74109161208; at eleven words independent reports share one)
LONG_HEADLINE, SAME_HEADLINE, TEASER = 12, 0.95, 25
#: a lede is another's when less than this of it is shared; then the middle alone must carry the merge
#: (partial wire and follow-ups with old background: odu-4f14712452161207/odu-b47b186b31161207)
LEDE, OWN_LEDE_RAISES = 0.3, 0.12
#: ... and on another day than a revision's not even as much as this (odu-c153f2a116161206/odu-c69d42b19f161204)
FOLLOWED = 0.5
#: ... unless more is shared than anybody borrows (write-throughs: fnc-train-1489/fnc-train-872)
INSERT = 250
#: below so many words a text that stands whole in a longer one is an insert there, not the story told at length
BRIEF_REPORT = 150
#: shared words below which nothing is said: one phrase is no text (odu-1b7a605388161105/odu-270881942b161105)
FLOOR = 8
#: a template changes numbers or names more often than once in so many words, at three places or more
TEMPLATE_EVERY, TEMPLATE_PLACES = 25, 3
#: ... or this share of all the numbers that stand in the same place of both, once in so many words (a toll that rises
#: takes the injured and the missing along, but not the hour and the place)
TEMPLATE_NUMBERS, NUMBERS_EVERY = 0.4, 45
DAY = 86400.0


@dataclass(slots=True)
class Finding:
    """A comparison while it is made; `explain` reads it, `judge` makes a Match of it."""

    left: Prepared
    right: Prepared
    gap: float
    overlap: Overlap | None = None
    doubts: Doubts | None = None
    method: str = "none"
    relation: Relation | None = None
    score: float = 0.0
    bar: float = 1.0
    #: why the bar is higher than usual
    raised: list[str] = field(default_factory=list)
    vetoes: list[str] = field(default_factory=list)
    ground: str = "nothing shared"

    @property
    def merged(self) -> bool:
        return self.method not in ("none", "window") and self.score >= self.bar and not self.vetoes


def judge(a: Prepared, b: Prepared, furniture: Furniture, windows: MatchWindows) -> Verdict:
    """Whether two copies tell the same story, on what ground, and what spoke against it."""
    found = weigh(a, b, furniture, windows)
    return Verdict(
        left=a.key,
        right=b.key,
        merged=found.merged,
        relation=found.relation if found.merged else None,
        method=found.method,
        score=round(min(1.0, found.score), 4),
        threshold=round(found.bar, 4),
        ground=found.ground,
        vetoes=(*found.vetoes, *found.raised),
        shared_words=found.overlap.shared_words if found.overlap else 0,
    )


def weigh(a: Prepared, b: Prepared, furniture: Furniture, windows: MatchWindows) -> Finding:
    """The whole comparison, step by step."""
    found = Finding(left=a, right=b, gap=_between(a.published, b.published))
    if max(found.gap, _between(a.seen, b.seen)) > windows.window.total_seconds():
        found.method, found.ground = "window", "further apart in time than the window"
        return found
    o = found.overlap = overlap(a, b, furniture.of(a.key.source, b.key.source))
    if o is not None:
        _score(found, o)
    if (o is None or not found.merged) and _same_headline(found):
        return found
    if o is not None and (found.merged or _same_page(found)):
        d = found.doubts = doubts(o)
        _guard(found, o, d, windows.revision)
    return found


def _between(a: float | None, b: float | None) -> float:
    return abs(a - b) if a is not None and b is not None else 0.0


def _score(found: Finding, o: Overlap) -> None:
    n = o.short_words
    titled = bool(len(o.short.title) and len(o.long.title))
    found.method = "text"
    excerpt = o.long_words > 2 * n
    found.method = "excerpt" if excerpt else "text"
    if n >= SHORT:
        # an excerpt takes the quotations along: what only borrows is found less than half
        share = min(o.out, o.all) if excerpt else o.out
        found.bar = EXCERPT_BAR_UNTITLED if excerpt else FULL_BAR
        found.score = share + TITLE_HELPS * o.title + LEAD_HELPS * o.lead
    else:
        found.bar = (EXCERPT_BAR if titled else EXCERPT_BAR_UNTITLED) if excerpt else SHORT_BAR
        found.bar += RISE * max(0, BRIEF - n)
        found.score = 0.5 * o.weighty + 0.5 * o.top + 0.3 * o.title
    found.ground = f"{o.shared_words} of {n} words in shared runs"
    if _same_page(found):
        found.bar = min(found.bar, 0.3)
        found.method = "url"
    # more than a teaser, word for word, is one text under whatever headline (a pun, a label)
    whole = o.all > 0.9 and o.back > 0.8 and min(n, o.short.size) >= BRIEF
    owned = owns_headline(o.short, o.long) and owns_headline(o.long, o.short)
    if titled and o.title < 0.2 and not (whole or owned):
        _raise(found, FOREIGN_RAISES, FOREIGN)
    if n >= SHORT and min(o.short_lead, o.long_lead) < LEDE and o.out < 0.8 and o.shared_words < INSERT:
        _raise(found, OWN_LEDE_RAISES, "one begins with a lede of its own")
    inside = o.long_lead < LEDE if LEAD <= n < BRIEF_REPORT else o.top < 0.3 and o.long_words > 2 * n
    if inside and o.back < 0.5 and (o.title < 0.3 or n < BRIEF_REPORT):
        found.vetoes.append("stands inside a longer text under another lede")
    if o.back < 0.6 and o.quotation > QUOTATION:
        found.vetoes.append("what one quotes is no more than a part of the other")
    if o.order < 0.5:
        found.vetoes.append("what is shared comes in another order")
    if min(n, max(o.shared_words, o.shared_back)) < FLOOR and not (o.title > 0.9 and o.all > 0.9 and o.back > 0.9):
        found.vetoes.append("too few words")


def _raise(found: Finding, by: float, why: str) -> None:
    found.bar += by
    found.raised.append(why)


def _same_page(found: Finding) -> bool:
    """Return whether an outlet's entry came again: under another guid, or through another of its feeds."""
    a, b = found.left, found.right
    same_guid = a.outlet == b.outlet and a.key.guid == b.key.guid and a.key != b.key
    return _same_address(found) or (same_guid and _names_one_thing(a.key))


def _same_address(found: Finding) -> bool:
    a, b = found.left, found.right
    return a.outlet == b.outlet and a.copy.url_key is not None and a.copy.url_key == b.copy.url_key


def _names_one_thing(key: EntryKey) -> bool:
    """Return whether a guid is one that only one thing in the world has: an address or a `tag:` URI (RFC 4151)."""
    return key.guid.startswith(("http://", "https://", "tag:"))


def _same_headline(found: Finding) -> bool:
    """A long headline word for word, over teasers too short to decide, within a day, from two outlets."""
    a, b = found.left, found.right
    n = min(len(a.title), len(b.title))
    if n < LONG_HEADLINE or min(a.size, b.size) >= TEASER or a.outlet == b.outlet or not _same_day(a, b):
        return False
    likeness = title_likeness(a.title, b.title)
    one, other = stated_values(a.body), stated_values(b.body)
    if (
        likeness < SAME_HEADLINE
        or stated_values(a.title) != stated_values(b.title)
        or (one and other and not one & other)
    ):
        return False
    found.method, found.score, found.bar = "title", likeness, SAME_HEADLINE
    found.vetoes, found.raised = [], []
    found.relation, found.ground = Relation.COPY, f"one headline of {n} words over short teasers"
    return True


def _same_day(a: Prepared, b: Prepared) -> bool:
    """Whether two copies are known to be no more than a day apart; no date is no evidence."""
    one, other = (p.published if p.published is not None else p.seen for p in (a, b))
    return one is not None and other is not None and abs(one - other) <= DAY


def _guard(found: Finding, o: Overlap, d: Doubts, revision_window: timedelta) -> None:
    """Numbers, dates, names and negation against revisions; the rules inside one source; the relation."""
    marked = any(p.copy.wire.revision is not None for p in (o.short, o.long))
    near = found.gap <= revision_window.total_seconds()
    equal = o.all > 0.9 and o.back > 0.9
    same_frame = o.title >= 0.3 or not (len(o.short.title) and len(o.long.title))
    conflict = d.hard > 0 or (d.headline_numbers and same_frame)
    if o.short_words < SHORT and (_numbers_apart(o) or (d.headline_numbers and not _numbers_agree(o))):
        _raise(found, NUMBERS_RAISE, "numbers differ")
    # an equal guid is evidence, and never over a guard
    if not _same_address(found):
        if not (near or marked) and o.short_words >= SHORT and o.lead < FOLLOWED:
            found.vetoes.append("another day, under a lede of its own: a follow-up")
        if conflict:
            _guard_conflict(found, o, d, marked, near)
        others = d.headline_names or (d.headline_words_both and d.hard and _replaced(d) >= 3)
        if (o.title >= 0.3 or d.count("hour")) and others and not (equal and o.short_words >= 60):
            found.vetoes.append("the headlines name others")
        if d.headline_swapped and not marked:
            found.vetoes.append("each headline names what stands in the other's place in the text")
        if not marked:
            found.vetoes += told_apart(o, d)
        if d.headline_negation and not marked:
            found.vetoes.append("one headline denies what the other says")
        if found.left.outlet == found.right.outlet:
            _guard_source(found, o, d, marked, equal)
    found.relation = _relation(found, o, conflict)


def _numbers_apart(o: Overlap) -> bool:
    one, other = stated_values(o.short.body), stated_values(o.long.body)
    return bool(one and other and not one & other)


def _numbers_agree(o: Overlap) -> bool:
    return bool(stated_values(o.short.body) & stated_values(o.long.body))


def _replaced(d: Doubts) -> int:
    """Places where something else is said, if plain words are among them."""
    return d.hard + d.count("word") if d.count("word") else 0


def _guard_conflict(found: Finding, o: Overlap, d: Doubts, marked: bool, near: bool) -> None:
    places = d.hard + d.count("name")
    if places >= TEMPLATE_PLACES and TEMPLATE_EVERY * places > d.aligned:
        found.vetoes.append("same words, other numbers or names: a template")
    others = d.count("number")
    if others >= TEMPLATE_PLACES and others > TEMPLATE_NUMBERS * d.numbers and NUMBERS_EVERY * others > d.aligned:
        found.vetoes.append("same words, most of the numbers others: a template")
    if d.dates and not marked:
        found.vetoes.append("the same words of another date")
    if d.count("hour") and others + d.headline_numbers > 1 and not marked:
        found.vetoes.append("the same words of another hour, with other numbers")
    if not (marked or near):
        found.vetoes.append("numbers, dates or negation differ, further apart than a revision")
    if o.shared_words < 12 or (o.short_words < BRIEF and d.count("negation") and not marked):
        found.vetoes.append("numbers, dates or negation differ and little else is shared")
    running = near and o.title >= 0.5 and o.short_words >= 40 and 40 * d.hard <= d.aligned
    if found.left.outlet == found.right.outlet and not (marked or running):
        found.vetoes.append("one source, other numbers, dates or negation")


def _guard_source(found: Finding, o: Overlap, d: Doubts, marked: bool, equal: bool) -> None:
    """One source seldom runs a story twice: more is asked (payouts, earnings, briefings of one wire)."""
    if o.title < 0.4 and not (equal and found.gap < DAY / 2):
        found.vetoes.append("one source, unlike headlines")
    if FOREIGN in found.raised:
        found.vetoes.append("one source shows this text under headlines that have nothing to do with it")
    fresh = stated_values(o.short.body) - stated_values(o.long.body)
    if found.gap >= DAY / 2 and not marked and (o.out < 0.8 or fresh):
        found.vetoes.append("one source, another day, new text or numbers")
    sure = equal and o.short_words >= 40 and not d.hard and found.gap < DAY / 2
    if o.short_words < SHORT and d.headline_words and o.title < 0.95 and not marked and not sure:
        found.vetoes.append("one source, a headline word that the other never says")
    if d.headline_days:
        found.vetoes.append("one source, headlines of different days")
    if o.title > 0.8 and found.gap > 1.2 * DAY and stated_values(o.short.body) != stated_values(o.long.body):
        found.vetoes.append("one source, a headline that recurs")


def _relation(found: Finding, o: Overlap, conflict: bool) -> Relation:
    if _same_page(found):
        return Relation.SAME
    if conflict or o.short.copy.wire.revision != o.long.copy.wire.revision:
        return Relation.REVISION
    if o.long_words >= 2 * o.short_words and o.out >= 0.8:
        return Relation.EXCERPT
    return Relation.COPY
