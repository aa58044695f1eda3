"""Two prepared copies -> Explanation: what `judge` saw, laid out side by side for a person."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from feedhub.match.index.learned_furniture import Furniture
from feedhub.match.text.overlap import Overlap
from feedhub.match.text.prepare import MOST_CHARACTERS, MOST_WORDS, SHINGLE, Prepared
from feedhub.match.text.tokens import CHAR, NAME, NUMBER, WORD, Tokens, spellings
from feedhub.match.verdict.disagreements import Disagreement
from feedhub.match.verdict.evidence import Evidence
from feedhub.match.verdict.judge import Comparison, verdict_of, weigh
from feedhub.match.verdict.rule import RULES, Rule, Stage
from feedhub.match.verdict.thresholds import THRESHOLDS
from feedhub.model import MatchWindows, Verdict

#: passages shown, and words round a disagreement
PASSAGES = 12
AROUND = 3
_MEASURES = (
    *("out", "all", "back", "weighty", "top", "stretch"),
    *("short_lead", "long_lead", "order", "title", "quotation"),
)


class Passage(Struct, frozen=True, kw_only=True):
    """A place of both texts: the same words in both, or what each says where they differ."""

    #: "same" | "number" | "date" | "negation" | "name"
    kind: str
    left: str
    right: str


class RuleNote(Struct, frozen=True, kw_only=True):
    """A rule of the table that had something to say of a pair."""

    name: str
    #: "raises" | "forbids"
    effect: str
    says: str
    #: the sameness to which it yielded; empty where it spoke
    yielded_to: str = ""


class Explanation(Struct, frozen=True, kw_only=True):
    """Why two items are one story or not; every field is plain data, so `msgspec.to_builtins` makes JSON of it."""

    match: Verdict
    titles: tuple[str, str]
    words: tuple[int, int]
    #: words of each that are furniture of either source
    furniture_words: tuple[int, int]
    #: the measures that the score is made of, 0 to 1
    measures: dict[str, float]
    passages: tuple[Passage, ...]
    #: (in both, only in the left one, only in the right one)
    numbers: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    names: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    #: the rules that raised the threshold or forbade the merge, and those that had to yield
    rules: tuple[RuleNote, ...]
    #: what raised the threshold, and what forbade the merge, a line each
    raised: tuple[str, ...]
    vetoes: tuple[str, ...]


def explain_pair(a: Prepared, b: Prepared, furniture: Furniture, windows: MatchWindows) -> Explanation:
    """Lay out the comparison of two copies: verdict, rules, passages, numbers, names."""
    made = weigh(a, b, furniture, windows)
    o = made.evidence.overlap if made.evidence else None
    turned = o is not None and o.short is not a
    return Explanation(
        match=verdict_of(made),
        titles=(a.copy.title, b.copy.title),
        words=(round(a.size), round(b.size)),
        furniture_words=_furniture_words(o, turned),
        measures=_measures(o),
        passages=tuple(_passages(made.evidence, turned)) if made.evidence else (),
        numbers=_sorted_out(a, b, NUMBER),
        names=_sorted_out(a, b, NAME),
        rules=tuple(_notes(made)),
        raised=tuple(map(str, made.raised)),
        vetoes=tuple(map(str, made.vetoes)),
    )


def _notes(made: Comparison) -> Iterator[RuleNote]:
    """Return the rules that spoke, then those that applied and were overruled."""
    for each in (*made.vetoes, *made.raised):
        yield _note(each)
    e = made.evidence
    for each in RULES.values() if e else ():
        if e is None or (each.stage is Stage.ALIGNED and e.disagreements is None):
            continue
        if each.overruled_by and each.applies(e, THRESHOLDS):
            stronger = next((s for s in each.overruled_by if s.holds(e, THRESHOLDS)), None)
            if stronger is not None:
                yield _note(each, stronger.name)


def _note(each: Rule, yielded_to: str = "") -> RuleNote:
    return RuleNote(name=each.name, effect=each.effect, says=each.says, yielded_to=yielded_to)


def _measures(o: Overlap | None) -> dict[str, float]:
    if o is None:
        return {}
    return {name: round(float(getattr(o, name)), 3) for name in _MEASURES}


def _furniture_words(o: Overlap | None, turned: bool) -> tuple[int, int]:
    if o is None:
        return 0, 0
    short, long = int(o.short_masked.sum()), int(o.long_masked.sum())
    return (long, short) if turned else (short, long)


def _spelled(p: Prepared) -> list[str]:
    return spellings(p.copy.text[:MOST_CHARACTERS])[:MOST_WORDS]


def _passages(e: Evidence, turned: bool) -> Iterator[Passage]:
    """Return what stands in both, longest first in the order of the text; then what differs in the same place."""
    o = e.overlap
    short, long = _spelled(o.short), _spelled(o.long)
    spaceless = bool((o.short.body.kinds == CHAR).any())
    for start, end, place in _stretches(o)[:PASSAGES]:
        pair = _joined(short[start:end], spaceless), _joined(long[place : place + end - start], spaceless)
        yield _passage("same", pair, turned)
    for each in (e.disagreements.body if e.disagreements else ())[:PASSAGES]:
        yield _passage(each.kind, _around(each, short, long, spaceless), turned)


def _passage(kind: str, pair: tuple[str, str], turned: bool) -> Passage:
    left, right = reversed(pair) if turned else pair
    return Passage(kind=kind, left=left, right=right)


def _joined(spelling: list[str], spaceless: bool) -> str:
    return ("" if spaceless else " ").join(spelling)


def _stretches(o: Overlap) -> list[tuple[int, int, int]]:
    """Return runs of covered words: where each begins and ends in the shorter text, and its place in the longer one."""
    finding: list[tuple[int, int, int]] = []
    said, other, total = o.short.body.hashes, o.long.body.hashes, len(o.short.shingles)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], o.short_covered.view(np.int8), [0]])))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        while start < end:
            at = np.flatnonzero(o.long.shingles == o.short.shingles[min(start, total - 1)])
            place = int(at[0]) if len(at) else 0
            most = min(end - start, len(other) - place)
            unlike = np.flatnonzero(said[start : start + most] != other[place : place + most])
            size = int(unlike[0]) if len(unlike) else most
            if size >= SHINGLE:
                finding.append((start, start + size, place))
            start += max(size, 1)
    return finding


def _around(each: Disagreement, short: list[str], long: list[str], spaceless: bool) -> tuple[str, str]:
    sides = []
    for places, spelling in ((each.short, short), (each.long, long)):
        first, last = (places[0], places[-1] + 1) if places else (0, 0)
        sides.append(_joined(spelling[max(0, first - AROUND) : last + AROUND], spaceless) if places else "(nothing)")
    return sides[0], sides[1]


def _sorted_out(a: Prepared, b: Prepared, kind: int) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    one, other = _of_kind(a, kind), _of_kind(b, kind)
    if kind == NAME:
        # what either item writes without a capital too only began a sentence
        common = _of_kind(a, WORD).keys() | _of_kind(b, WORD).keys()
        one, other = ({h: name for h, name in names.items() if h not in common} for names in (one, other))
    both = [one[h] for h in one if h in other]
    return (
        tuple(both),
        tuple(spelling for h, spelling in one.items() if h not in other),
        tuple(spelling for h, spelling in other.items() if h not in one),
    )


def _of_kind(p: Prepared, kind: int) -> dict[int, str]:
    finding: dict[int, str] = {}
    parts: tuple[tuple[Tokens, list[str]], ...] = ((p.title, spellings(p.copy.title)), (p.body, _spelled(p)))
    for words, spelling in parts:
        for place in np.flatnonzero(words.kinds == kind).tolist():
            if place < len(spelling):
                finding.setdefault(int(words.hashes[place]), spelling[place])
    return finding
