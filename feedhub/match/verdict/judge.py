"""Two prepared copies -> Verdict: score, threshold, rules that spoke, relation. Pure, the same for (a, b) and (b, a).

overlap            what two texts share
| score            how much of a story that is, and how much is asked for
| shared rules     where it stands, what it is made of      (rules_shared)
| read rules       its words and headlines, if it still merges
| disagreements    the texts aligned, if the score is reached
| aligned rules    forms, numbers, names, one outlet        (rules_form, rules_differing)
| headline         what a headline alone can say            (bare_headline)
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from feedhub.match.index.learned_furniture import Furniture
from feedhub.match.text.overlap import SHORT, overlap
from feedhub.match.text.prepare import Prepared
from feedhub.match.verdict import rules_differing, rules_form, rules_shared
from feedhub.match.verdict.bare_headline import headline_ground
from feedhub.match.verdict.disagreements import disagreements
from feedhub.match.verdict.evidence import Evidence
from feedhub.match.verdict.rule import RULES, Effect, Rule, Stage
from feedhub.match.verdict.thresholds import THRESHOLDS, Thresholds
from feedhub.model import MatchWindows, Relation, Verdict
from feedhub.structs import replace

#: the modules that fill the table of rules
TABLES = (rules_shared, rules_form, rules_differing)
_SHARED = tuple(rule for rule in RULES.values() if rule.stage is Stage.SHARED)
_READ = tuple(rule for rule in RULES.values() if rule.stage is Stage.READ)
_ALIGNED = tuple(rule for rule in RULES.values() if rule.stage is Stage.ALIGNED)


#: a pair that is apart is a near miss from this share of its threshold on, and with so many words in common
NEAR, NEAR_WORDS = 0.7, 12


class Comparison(Struct, frozen=True, kw_only=True):
    """A comparison with all that it rests on; `explain` shows it, `judge` makes a Verdict of it."""

    left: Prepared
    right: Prepared
    evidence: Evidence | None = None
    method: str = "none"
    relation: Relation | None = None
    score: float = 0.0
    threshold: float = 1.0
    #: rules that raised the threshold, and rules that forbade the merge
    raised: tuple[Rule, ...] = ()
    vetoes: tuple[Rule, ...] = ()
    ground: str = "nothing shared"

    @property
    def merged(self) -> bool:
        """Whether the two are one story."""
        return self.method not in ("none", "window") and self.score >= self.threshold and not self.vetoes


def judge(a: Prepared, b: Prepared, furniture: Furniture, windows: MatchWindows) -> Verdict:
    """Decide whether two copies tell the same story, and on what ground."""
    return verdict_of(weigh(a, b, furniture, windows))


def verdict_of(made: Comparison) -> Verdict:
    """Return a comparison as the verdict that is kept."""
    shared = made.evidence.overlap.shared_words if made.evidence else 0
    return Verdict(
        left=made.left.key,
        right=made.right.key,
        merged=made.merged,
        relation=made.relation if made.merged else None,
        method=made.method,
        score=round(min(1.0, made.score), 4),
        threshold=round(made.threshold, 4),
        ground=made.ground,
        vetoes=tuple(map(str, (*made.vetoes, *made.raised))),
        shared_words=shared,
    )


def is_near_miss(verdict: Verdict) -> bool:
    """Tell whether two copies nearly merged: much in common, and the score or a rule stood against it."""
    if verdict.merged or verdict.method in ("none", "window"):
        return False
    return verdict.score >= NEAR * verdict.threshold and verdict.shared_words >= NEAR_WORDS


def weigh(
    a: Prepared,
    b: Prepared,
    furniture: Furniture,
    windows: MatchWindows,
    thresholds: Thresholds | None = None,
    *,
    without: str = "",
) -> Comparison:
    """Compare two copies; without `thresholds` by those of the program, `without` the rule of this name."""
    t = thresholds or THRESHOLDS
    gap = _between(a.published, b.published)
    made = Comparison(left=a, right=b)
    # two published dates decide alone: a source that is added today brings its backlog
    known = a.published is not None and b.published is not None
    if (gap if known else _between(a.seen, b.seen)) > windows.window.total_seconds():
        return replace(made, method="window", ground="further apart in time than the window")
    o = overlap(a, b, furniture.of(a.key.source, b.key.source))
    if o is not None:
        evidence = Evidence(left=a, right=b, gap=gap, windows=windows, overlap=o)
        made = _on_what_is_shared(made, evidence, t, without)
        if made.merged or evidence.one_entry:
            made = _asked(made, _READ, evidence, t, without)
        if made.merged or evidence.one_entry:
            made = _on_what_differs(made, replace(evidence, disagreements=disagreements(o)), t, without)
    if not made.merged and (ground := headline_ground(a, b, made.vetoes, t)):
        return replace(
            made,
            method="title",
            score=1.0,
            threshold=t.same_headline,
            relation=Relation.COPY,
            raised=(),
            vetoes=(),
            ground=ground,
        )
    return made


def _between(a: float | None, b: float | None) -> float:
    return abs(a - b) if a is not None and b is not None else 0.0


def _on_what_is_shared(made: Comparison, e: Evidence, t: Thresholds, without: str) -> Comparison:
    method, score, threshold = _score(e, t)
    raised, vetoes = _ask(_SHARED, e, t, without)
    return replace(
        made,
        evidence=e,
        method=method,
        score=score,
        threshold=threshold + sum(getattr(t, rule.raises_by) for rule in raised),
        raised=raised,
        vetoes=vetoes,
        ground=f"{e.overlap.shared_words} of {e.words} words in shared runs",
    )


def _score(e: Evidence, t: Thresholds) -> tuple[str, float, float]:
    """How much is shared, and how much of it is asked for."""
    o, n = e.overlap, e.words
    excerpt = e.is_excerpt
    if n >= SHORT:
        # an excerpt takes the quotations along: what only borrows is found less than half
        share = min(o.out, o.all) if excerpt else o.out
        threshold = t.excerpt_untitled if excerpt else t.full
        score = share + t.title_helps * o.title + t.lead_helps * o.lead
    else:
        threshold = (t.excerpt if e.titled else t.excerpt_untitled) if excerpt else t.short
        if not (excerpt and o.title >= t.same_headline):
            threshold += t.rise * max(0, t.brief - n)
        score = 0.5 * o.weighty + 0.5 * (o.stretch if excerpt else o.top) + 0.3 * o.title
    if e.one_entry:
        return "url", score, min(threshold, t.page)
    return "excerpt" if excerpt else "text", score, threshold


def _on_what_differs(made: Comparison, e: Evidence, t: Thresholds, without: str) -> Comparison:
    return replace(_asked(made, _ALIGNED, e, t, without), evidence=e, relation=_relation(e))


def _asked(made: Comparison, rules: Sequence[Rule], e: Evidence, t: Thresholds, without: str) -> Comparison:
    """Return the comparison with what these rules say."""
    raised, vetoes = _ask(rules, e, t, without)
    if not (raised or vetoes):
        return made
    return replace(
        made,
        threshold=made.threshold + sum(getattr(t, rule.raises_by) for rule in raised),
        raised=(*made.raised, *raised),
        vetoes=(*made.vetoes, *vetoes),
    )


def _ask(rules: Sequence[Rule], e: Evidence, t: Thresholds, without: str) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Return the rules that raise the threshold, and those that forbid."""
    speaking = [rule for rule in rules if rule.applies(e, t) and rule.name != without and not rule.is_overruled(e, t)]
    if not speaking:
        return (), ()
    raised = tuple(rule for rule in speaking if rule.effect is Effect.RAISES)
    return raised, tuple(rule for rule in speaking if rule.effect is Effect.FORBIDS)


def _relation(e: Evidence) -> Relation:
    o = e.overlap
    if e.one_entry:
        return Relation.SAME
    if e.conflict or o.short.copy.wire.revision != o.long.copy.wire.revision:
        return Relation.REVISION
    if o.long_words >= 2 * o.short_words and o.out >= 0.8:
        return Relation.EXCERPT
    return Relation.COPY
