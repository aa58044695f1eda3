"""What a rule of the judge is, and the ways in which two texts can be so near that a rule has to yield.

A rule is a named function over Evidence and Thresholds. It forbids a merge or raises the score that is asked for. What
overrules it stands beside it, as names of `Sameness`; so does the case that fixed it, and an example on either side.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, StrEnum

from msgspec import Struct

from feedhub.match.verdict.evidence import Evidence
from feedhub.match.verdict.thresholds import Thresholds

Predicate = Callable[[Evidence, Thresholds], bool]


class Effect(StrEnum):
    """What a rule does when it applies."""

    FORBIDS = "forbids"
    RAISES = "raises"


class Stage(Enum):
    """When a rule is asked: what costs more is asked only where nothing has spoken against the merge so far."""

    #: what two texts share
    SHARED = 1
    #: their words and letters looked at
    READ = 2
    #: the texts aligned
    ALIGNED = 3


class Sameness(Struct, frozen=True, kw_only=True):
    """A way in which two copies are near to one text, or known to be one item."""

    name: str
    says: str
    holds: Predicate


class Rule(Struct, frozen=True, kw_only=True):
    """One guard of the judge."""

    name: str
    effect: Effect
    stage: Stage
    #: the ground that `explain` shows
    says: str
    #: what it yields to
    overruled_by: tuple[Sameness, ...]
    #: the case that fixed it
    case: str
    #: one line each: a pair for which it speaks, and one for which it is silent
    fires: str
    silent: str
    applies: Predicate
    #: field of Thresholds by which the score is raised
    raises_by: str = ""

    def speaks(self, evidence: Evidence, thresholds: Thresholds) -> bool:
        """Return whether the rule applies and nothing overrules it."""
        return self.applies(evidence, thresholds) and not self.is_overruled(evidence, thresholds)

    def is_overruled(self, evidence: Evidence, thresholds: Thresholds) -> bool:
        """Return whether the two are so near that the rule yields."""
        return any(sameness.holds(evidence, thresholds) for sameness in self.overruled_by)

    def __str__(self) -> str:
        return f"{self.name}: {self.says}"


#: all rules by name, in the order in which they are asked
RULES: dict[str, Rule] = {}


def rule(
    name: str,
    stage: Stage,
    says: str,
    *,
    case: str,
    fires: str,
    silent: str,
    overruled_by: tuple[Sameness, ...] = (),
    raises_by: str = "",
) -> Callable[[Predicate], Predicate]:
    """Register the decorated function as a rule; with `raises_by` it raises the threshold, else it forbids."""

    def register(applies: Predicate) -> Predicate:
        assert name not in RULES, name
        RULES[name] = Rule(
            name=name,
            effect=Effect.RAISES if raises_by else Effect.FORBIDS,
            stage=stage,
            says=says,
            overruled_by=overruled_by,
            case=case,
            fires=fires,
            silent=silent,
            applies=applies,
            raises_by=raises_by,
        )
        return applies

    return register


# ---------------------------------------------------------------- what overrules


def _equal_text(e: Evidence, t: Thresholds) -> bool:
    return e.words >= t.reprint and e.equal


def _whole_teaser(e: Evidence, t: Thresholds) -> bool:
    o = e.overlap
    return o.all > t.equal and o.back > 0.8 and min(e.words, o.short.size) >= t.brief


def _long_reprint(e: Evidence, t: Thresholds) -> bool:
    o = e.overlap
    return e.shared_in_words >= t.long_reprint and o.all >= t.equal and o.back >= 0.5


def _mostly_one_text(e: Evidence, t: Thresholds) -> bool:
    o = e.overlap
    return e.shared_in_words >= t.mostly and o.all >= t.mostly_part and o.back >= 0.6


def _teaser_of_headline(e: Evidence, t: Thresholds) -> bool:
    o = e.overlap
    if e.words > t.teaser_of or o.all < t.equal - 0.05 or o.order < 0.9:
        return False
    return o.title >= t.sentence_title or (o.title >= t.teaser_title and e.words >= t.teaser_floor)


def _nothing_above(e: Evidence, t: Thresholds) -> bool:
    o = e.overlap
    return o.all >= t.equal and o.order >= 0.9 and e.words >= t.teaser_floor and e.prose_above < t.above


def _one_headline(e: Evidence, t: Thresholds) -> bool:
    o = e.overlap
    return o.title >= t.same_headline and len(o.short.title) >= t.named_headline_words and o.all >= 0.8


ONE_PAGE = Sameness(
    name="one page", says="one outlet shows both at one address", holds=lambda evidence, _: evidence.one_page
)
MARKED = Sameness(
    name="revision mark", says="either carries a wire's mark of a revision", holds=lambda evidence, _: evidence.marked
)
EQUAL_TEXT = Sameness(
    name="equal text", says="60 words or more, and nine tenths of either stand in the other", holds=_equal_text
)
WHOLE_TEASER = Sameness(
    name="whole teaser", says="36 words or more, and nearly all of either stand in the other", holds=_whole_teaser
)
LONG_REPRINT = Sameness(
    name="long reprint",
    says="200 words in common, nine tenths of the shorter and half of the longer text",
    holds=_long_reprint,
)
MOSTLY_ONE_TEXT = Sameness(
    name="mostly one text", says="100 words in common, most of either text", holds=_mostly_one_text
)
TEASER_OF_HEADLINE = Sameness(
    name="teaser under its headline",
    says="a teaser, found whole, under a headline like the text's",
    holds=_teaser_of_headline,
)
NOTHING_ABOVE = Sameness(
    name="nothing above",
    says="what stands above the shared text is a byline, a credit or figures, not a lede",
    holds=_nothing_above,
)
ONE_HEADLINE = Sameness(
    name="one headline", says="a headline of eight words or more, word for word, over shared text", holds=_one_headline
)
SAMENESSES = (
    ONE_PAGE,
    MARKED,
    EQUAL_TEXT,
    WHOLE_TEASER,
    LONG_REPRINT,
    MOSTLY_ONE_TEXT,
    TEASER_OF_HEADLINE,
    NOTHING_ABOVE,
    ONE_HEADLINE,
)
