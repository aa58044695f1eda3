"""Labels and the items that they are of -> what the matcher gets right, what each rule does, what would do better."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import sqrt
from typing import Protocol

from msgspec import Struct

from feedhub.match import Furniture, Prepared
from feedhub.match.verdict.judge import weigh
from feedhub.match.verdict.rule import RULES
from feedhub.match.verdict.thresholds import THRESHOLDS, Thresholds
from feedhub.model import MatchWindows
from feedhub.structs import replace
from feedhub.tuning.labels import Label

#: the normal quantile of an interval of 95 %
_Z = 1.959964
#: by what each threshold is tried
STEPS = (0.8, 0.9, 1.1, 1.25)


class MatchedItems(Protocol):
    """A run over items that can be asked for the two of a label: `feedhub.match.Replay` is one."""

    @property
    def furniture(self) -> Furniture:
        """Return what the sources were learned to repeat."""

    @property
    def windows(self) -> MatchWindows:
        """Return the windows of the run."""

    def item(self, name: str) -> Prepared:
        """Return an item prepared."""

    def story(self, name: str) -> str:
        """Return the story that the run puts an item into."""


class Share(Struct, frozen=True, kw_only=True):
    """So many of so many, with the interval in which the true share lies at 95 %."""

    count: int
    total: int
    low: float
    high: float

    @classmethod
    def of(cls, count: int, total: int) -> Share:
        """Return a share with Wilson's interval."""
        low, high = wilson(count, total)
        return cls(count=count, total=total, low=low, high=high)


class RuleBalance(Struct, frozen=True, kw_only=True):
    """What a rule of the table does on the labels: pairs that would be another verdict without it."""

    name: str
    #: pairs of one story that it keeps apart
    costs: tuple[Label, ...]
    #: pairs of two stories that it alone keeps apart
    earns: tuple[Label, ...]


class Proposal(Struct, frozen=True, kw_only=True):
    """A change that would get more of the labels right, with every pair that it flips."""

    #: `without RULE`, or `THRESHOLD 0.55 -> 0.6`
    change: str
    mended: tuple[Label, ...]
    broken: tuple[Label, ...]


class LabelReport(Struct, frozen=True, kw_only=True):
    """What the matcher gets right of labels; read off the stories, as a reader sees them."""

    #: pairs of one story that are in one, and pairs of two stories that are in one all the same
    recall: Share
    false_merges: Share
    #: the same by kind of case: right of all
    kinds: Mapping[str, Share]
    missed: tuple[Label, ...]
    wrong: tuple[Label, ...]
    rules: tuple[RuleBalance, ...]
    proposals: tuple[Proposal, ...]


def wilson(count: int, total: int) -> tuple[float, float]:
    """Return the interval of 95 % of a share (Wilson, 1927); (0, 1) of nothing."""
    if not total:
        return 0.0, 1.0
    share, square = count / total, _Z * _Z
    middle = share + square / (2 * total)
    spread = _Z * sqrt(share * (1 - share) / total + square / (4 * total * total))
    return max(0.0, (middle - spread) / (1 + square / total)), min(1.0, (middle + spread) / (1 + square / total))


def evaluate(
    labels: Sequence[Label], run: MatchedItems, progress: Callable[[str, int, int], None] | None = None
) -> LabelReport:
    """Hold a run against labels. Stories decide what is right; rules and proposals are told of the pairs alone."""
    same = [label for label in labels if label.is_same]
    other = [label for label in labels if not label.is_same]
    missed = tuple(label for label in same if run.story(label.a) != run.story(label.b))
    wrong = tuple(label for label in other if run.story(label.a) == run.story(label.b))
    failed = {*missed, *wrong}
    kinds = {}
    for kind in sorted({label.kind for label in labels}):
        some = [label for label in labels if label.kind == kind]
        kinds[kind] = Share.of(sum(label not in failed for label in some), len(some))
    pairs = _Pairs(labels, run)
    changes = list(_changes())
    results = []
    for number, (name, without, thresholds) in enumerate(changes):
        results.append((name, pairs.flips(without, thresholds)))
        if progress:
            progress("trying", number + 1, len(changes))
    rules = [
        RuleBalance(name=name.removeprefix("without "), costs=mended, earns=broken)
        for name, (mended, broken) in results
        if name.startswith("without ") and (mended or broken)
    ]
    proposals = [
        Proposal(change=name, mended=mended, broken=broken)
        for name, (mended, broken) in results
        if len(mended) > len(broken)
    ]
    return LabelReport(
        recall=Share.of(len(same) - len(missed), len(same)),
        false_merges=Share.of(len(wrong), len(other)),
        kinds=kinds,
        missed=missed,
        wrong=wrong,
        rules=tuple(sorted(rules, key=lambda rule: (-len(rule.earns), rule.name))),
        # a false merge weighs more than any that is missed: those that make none come first
        proposals=tuple(sorted(proposals, key=lambda p: (_false(p), -len(p.mended), p.change))),
    )


def _false(proposal: Proposal) -> int:
    return sum(not label.is_same for label in proposal.broken)


def _changes() -> Iterator[tuple[str, str, Thresholds]]:
    """Return what is tried: each rule left out, each threshold a step lower and higher."""
    for name in RULES:
        yield f"without {name}", name, THRESHOLDS
    for name in THRESHOLDS.__struct_fields__:
        now = getattr(THRESHOLDS, name)
        for step in STEPS:
            value = type(now)(round(now * step, 4))
            if value != now:
                yield f"{name} {now:g} -> {value:g}", "", replace(THRESHOLDS, **{name: value})


class _Pairs:
    """The labelled pairs, judged as they are and with one thing changed."""

    def __init__(self, labels: Sequence[Label], run: MatchedItems) -> None:
        self._run = run
        self._merged = {label: self._judge(label, "", THRESHOLDS) for label in labels}

    def flips(self, without: str, thresholds: Thresholds) -> tuple[tuple[Label, ...], tuple[Label, ...]]:
        """Return the pairs that a change would judge otherwise: to the right, to the wrong."""
        flipped = [label for label, merged in self._merged.items() if self._judge(label, without, thresholds) != merged]
        mended = tuple(label for label in flipped if self._merged[label] != label.is_same)
        return mended, tuple(label for label in flipped if self._merged[label] == label.is_same)

    def _judge(self, label: Label, without: str, thresholds: Thresholds) -> bool:
        one, other = self._run.item(label.a), self._run.item(label.b)
        return weigh(one, other, self._run.furniture, self._run.windows, thresholds, without=without).merged
