"""Where two overlapping items disagree: numbers, dates, names, negation, headlines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from rapidfuzz.distance import LCSseq

from feedhub.match.compare import Overlap
from feedhub.match.numbers import values
from feedhub.match.prepare import Prepared
from feedhub.match.words import CHAR, I64, NAME, NUMBER, Words, fold, hash_of, spelling_of, tokens

T = TypeVar("T")
Kind = Literal["number", "date", "negation", "name", "word"]

#: words of each text that are aligned
_ALIGNED = 1500
#: words that a text may put in the place of others and still tell the same sentence
_SLOT = 6


def _hashes(spellings: str) -> frozenset[int]:
    return frozenset(hash_of(fold(token)) for token in spellings.split())


_DAYS = _hashes("""
    monday tuesday wednesday thursday friday saturday sunday lunes martes miércoles jueves viernes sábado domingo
    lundi mardi mercredi jeudi vendredi samedi dimanche montag dienstag mittwoch donnerstag freitag samstag sonntag
    segunda terça quarta quinta sexta lunedì martedì mercoledì giovedì venerdì sabato domenica
    понедельник вторник среду среда четверг пятницу пятница субботу суббота воскресенье
    सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد""")
_NEGATIONS = _hashes("""
    not no never without neither nor cannot t nicht kein keine keinen nie pas jamais aucun sans nunca jamás sin não nem
    non mai senza не нет никогда без नहीं न बिना لا ليس ليست لم لن غير 不 未 没 無 ไม่""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """What stands in the same place of two texts and differs: word positions in the shorter and the longer one."""

    kind: Kind
    short: tuple[int, ...]
    long: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """Everything in which two overlapping items disagree."""

    body: tuple[Disagreement, ...]
    #: words that were aligned
    aligned: float
    #: numbers that stand in the same place of both, equal or not
    numbers: int
    #: both headlines have numbers, and none in common
    headline_numbers: bool
    #: both headlines name a day of the week, and none in common
    headline_days: bool
    #: each headline has a name that occurs nowhere in the other item
    headline_names: bool
    #: what the one headline names stands in its text just where the other text has what the other headline names
    headline_swapped: bool
    #: either headline, or each of them, has a weighty word that occurs nowhere in the other item
    headline_words: bool
    headline_words_both: bool

    def count(self, *kinds: Kind) -> int:
        found = Counter(each.kind for each in self.body)
        return sum(found[kind] for kind in kinds)

    @property
    def dates(self) -> int:
        """Places where another day of the week stands with another number: another date in full."""
        days = {each.short + each.long for each in self.body if each.kind == "date"}
        return sum(each.kind == "number" and each.short + each.long in days for each in self.body)

    @property
    def hard(self) -> int:
        """Places with other numbers, dates or a negation."""
        return self.count("number", "date", "negation")


def doubts(o: Overlap) -> Doubts:
    """Align two texts and look where they disagree."""
    body, aligned, equal = _align(o)
    a, b = (o.short, o.long) if o.short.key <= o.long.key else (o.long, o.short)
    lone_a, lone_b = _lonely(a, b), _lonely(b, a)
    one, other = values(a.title), values(b.title)
    return Doubts(
        body=tuple(body),
        aligned=aligned,
        numbers=equal + sum(each.kind == "number" for each in body),
        headline_numbers=bool(one and other and not one & other),
        headline_days=_disjoint(_DAYS & set(a.title.hashes.tolist()), _DAYS & set(b.title.hashes.tolist())),
        headline_names=any(_is_name(a, k) for k in lone_a) and any(_is_name(b, k) for k in lone_b),
        headline_swapped=_swapped(o, body),
        headline_words=bool(lone_a or lone_b),
        headline_words_both=bool(lone_a and lone_b),
    )


def _align(o: Overlap) -> tuple[list[Disagreement], float, int]:
    """Disagreements inside aligned passages, the words that were aligned, and the equal numbers among them."""
    short, long = o.short.body, o.long.body
    at_s, at_l = np.flatnonzero(~o.short_masked)[:_ALIGNED], np.flatnonzero(~o.long_masked)[:_ALIGNED]
    found: list[Disagreement] = []
    aligned, equal, end_s, end_l = 0.0, 0, -1, -1
    for op in LCSseq.opcodes(short.hashes[at_s].tolist(), long.hashes[at_l].tolist()):
        if op.tag != "equal" or op.src_end - op.src_start < 2:
            continue
        aligned += op.src_end - op.src_start - np.count_nonzero(short.kinds[at_s[op.src_start : op.src_end]] == CHAR) / 2
        equal += int(np.count_nonzero(short.kinds[at_s[op.src_start : op.src_end]] == NUMBER))
        gap_s, gap_l = op.src_start - end_s, op.dest_start - end_l
        if end_s >= 0 and 0 < max(gap_s, gap_l) <= _SLOT:
            found += _compare(short, long, at_s[end_s : op.src_start], at_l[end_l : op.dest_start])
        end_s, end_l = op.src_end, op.dest_end
    return found, aligned, equal


def _compare(short: Words, long: Words, at_s: I64, at_l: I64) -> Iterable[Disagreement]:
    kinds: list[Kind] = []
    words_s, words_l = set(short.hashes[at_s].tolist()), set(long.hashes[at_l].tolist())
    if _disjoint(values(short, at_s), values(long, at_l)) and _read(short, at_s) != _read(long, at_l):
        kinds.append("number")
    if _disjoint(words_s & _DAYS, words_l & _DAYS):
        kinds.append("date")
    if bool(words_s & _NEGATIONS) != bool(words_l & _NEGATIONS) and len(at_s) + len(at_l) <= 3:
        kinds.append("negation")
    names_s, names_l = _names(short, at_s), _names(long, at_l)
    if _disjoint(names_s, names_l) and not words_s & names_l and not words_l & names_s:
        kinds.append("name")
    if not kinds and len(at_s) and len(at_l) and min(short.weights[at_s].max(), long.weights[at_l].max()) > 0.5:
        kinds.append("word")
    for kind in kinds:
        yield Disagreement(kind=kind, short=tuple(at_s.tolist()), long=tuple(at_l.tolist()))


def _read(words: Words, at: I64) -> str:
    """The digits that stand at these places one after the other: `1,180`, `1 180` and `1천180` say the same."""
    spelled = (spelling_of(value) for value in words.hashes[at[words.kinds[at] == NUMBER]].tolist())
    return "".join(c for text in spelled for c in text if c.isdigit())


def _disjoint(a: Set[T], b: Set[T]) -> bool:
    return bool(a) and bool(b) and not a & b


def _names(words: Words, at: I64) -> set[int]:
    return set(words.hashes[at[words.kinds[at] == NAME]].tolist()) - _DAYS


def _lonely(p: Prepared, other: Prepared) -> list[int]:
    """Positions of weighty headline words that occur nowhere in the other item."""
    said = {*other.title.hashes.tolist(), *other.body.hashes.tolist()}
    weighty = zip(p.title.hashes.tolist(), (p.title.weights > 0.5).tolist(), strict=True)
    return [place for place, (value, heavy) in enumerate(weighty) if heavy and value not in said]


def _swapped(o: Overlap, body: Iterable[Disagreement]) -> bool:
    short = {int(o.short.title.hashes[place]) for place in _lonely(o.short, o.long)}
    long = {int(o.long.title.hashes[place]) for place in _lonely(o.long, o.short)}
    return any(
        not short.isdisjoint(o.short.body.hashes[list(each.short)].tolist())
        and not long.isdisjoint(o.long.body.hashes[list(each.long)].tolist())
        for each in body
        if each.kind == "name"
    )


def _is_name(p: Prepared, place: int) -> bool:
    """Whether a headline word is a name: its own body writes it with a capital, never without."""
    kind = p.title.kinds[place]
    if kind == NUMBER:
        return False
    at = np.flatnonzero(p.body.hashes == p.title.hashes[place])
    if kind == CHAR:
        # no capitals to go by: what the headline and its own body say, and the other item nowhere, is a name enough
        return bool(len(at))
    if len(at):
        return bool((p.body.kinds[at] == NAME).all())
    plain = np.count_nonzero((p.title.kinds != NAME) & (p.title.weights > 0.5))
    return bool(kind == NAME and plain >= 2)


def owns_headline(p: Prepared, other: Prepared) -> bool:
    """Whether a headline shares at least a word's beginning with its own text or the other."""
    if not len(p.title) or not len(p.body):
        return True
    weighty = p.title.hashes[p.title.weights > 0.5]
    said = {*p.body.hashes.tolist(), *other.body.hashes.tolist()}
    if not len(weighty) or any(value in said for value in weighty.tolist()):
        return True
    text = p.copy.text[:5000] + "\n" + other.copy.text[:5000]
    stems = {fold(token)[:4] for token in tokens(text) if len(token) > 3}
    return any(fold(token)[:4] in stems for token in tokens(p.copy.title) if len(token) > 3)
