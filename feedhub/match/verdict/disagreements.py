"""Two overlapping items -> Disagreements: where numbers, dates, names, negation and headlines differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Literal, NamedTuple, TypeVar

import numpy as np
from msgspec import Struct
from rapidfuzz.distance import LCSseq

from feedhub.languages import relative_days
from feedhub.match.text.hashing import token_hash
from feedhub.match.text.numbers import read_numbers, stated_values
from feedhub.match.text.overlap import Overlap
from feedhub.match.text.prepare import Prepared
from feedhub.match.text.spelling import fold, without_marks
from feedhub.match.text.tokens import (
    CHAR,
    COUNT,
    DAY,
    I64,
    KIND,
    NAME,
    NEGATION,
    NUMBER,
    U8,
    U64,
    Flags,
    Tokens,
    spelling_of,
)
from feedhub.match.verdict.headlines import days, denies, is_name, lonely
from feedhub.structs import replace

T = TypeVar("T")
Kind = Literal["number", "hour", "date", "relative-day", "negation", "name", "word"]

#: words of each text that are aligned
_ALIGNED = 1500
#: likeness of two headlines of which one denies what the other says
DENIED = 0.8
#: words that a text may put in the place of others and still tell the same sentence
_SLOT = 6
#: ... and with figures on either side ("at least 34 people", "thirty-six people, nine of them children,")
_COUNTED_SLOT = 9


class Disagreement(Struct, frozen=True, kw_only=True):
    """What stands in the same place of two texts and differs: word positions in the shorter and the longer one."""

    kind: Kind
    short: tuple[int, ...]
    long: tuple[int, ...]


class Disagreements(Struct, frozen=True, kw_only=True):
    """Everything in which two overlapping items disagree."""

    body: tuple[Disagreement, ...]
    #: places by the way in which they differ
    counts: Mapping[Kind, int]
    #: places with other numbers, dates or a negation
    hard: int
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
    #: the same of a single plain word: a house may say it so, or it is the verdict
    headline_opposed: bool
    #: one headline says today, the other tomorrow
    headline_forward: bool
    #: one headline says with a negation what the other says without
    headline_negation: bool
    #: either headline, or each of them, has a weighty word that occurs nowhere in the other item
    headline_words: bool
    headline_words_both: bool

    def count(self, kind: Kind) -> int:
        """Return the places that differ in one way."""
        return self.counts.get(kind, 0)

    @property
    def dates(self) -> int:
        """Places where another day of the week stands with another number: another date in full."""
        if "date" not in self.counts:
            return 0
        days = {each.short + each.long for each in self.body if each.kind == "date"}
        return sum(each.kind == "number" and each.short + each.long in days for each in self.body)

    @property
    def places(self) -> int:
        """Places with another number, date, name or a negation; one with a number and a name counts once."""
        sides = [each for each in self.body if each.kind not in ("word", "hour", "relative-day")]
        return len({each.short + each.long for each in sides})


def disagreements(o: Overlap) -> Disagreements:
    """Align two texts and look where they disagree."""
    body, aligned, equal = _align(o)
    short, long = o.short, o.long
    lone_s, lone_l = lonely(short, long), lonely(long, short)
    both = bool(lone_s and lone_l)
    counts = Counter(each.kind for each in body)
    names_s, names_l = (
        ([k for k in lone_s if is_name(short, k)], [k for k in lone_l if is_name(long, k)]) if both else ([], [])
    )
    return Disagreements(
        body=tuple(body),
        counts=counts,
        hard=counts["number"] + counts["date"] + counts["negation"],
        aligned=aligned,
        numbers=equal + counts["number"],
        headline_numbers=_disjoint(stated_values(short.title), stated_values(long.title)),
        headline_days=_disjoint(days(short.title), days(long.title)),
        headline_names=bool(names_s and names_l),
        headline_swapped=both and _swapped(o, body, names_s, names_l),
        headline_opposed=both and _opposed(o, body, lone_s, lone_l),
        headline_forward=is_forward(short.title.hashes.tolist(), long.title.hashes.tolist()),
        headline_negation=o.title > DENIED and denies(short.title) != denies(long.title),
        headline_words=bool(lone_s or lone_l),
        headline_words_both=both,
    )


def raw_disagreements(o: Overlap) -> Disagreements:
    """Align two texts with their furniture in place: what a form fills in is compared as it stands."""
    bare = {name: np.zeros_like(getattr(o, name)) for name in ("short_masked", "long_masked")}
    return disagreements(replace(o, **bare))


class _Side(Struct, frozen=True):
    """The words of a text that are aligned: their places, and what each is."""

    places: I64
    hashes: U64
    signs: U8

    @classmethod
    def of(cls, words: Tokens, masked: Flags) -> _Side:
        if not masked.any():
            count = min(len(masked), _ALIGNED)
            return cls(np.arange(count), words.hashes[:count], words.signs[:count])
        at = (~masked).nonzero()[0][:_ALIGNED]
        return cls(at, words.hashes[at], words.signs[at])

    def part(self, begin: int, end: int) -> _Part:
        """Return what stands between two places of the alignment."""
        at = slice(begin, end)
        return _Part(self.places[at].tolist(), self.hashes[at].tolist(), self.signs[at].tolist())


class _Part(NamedTuple):
    """Some words of a side."""

    places: list[int]
    hashes: list[int]
    signs: list[int]


def _align(o: Overlap) -> tuple[list[Disagreement], float, int]:
    """Disagreements inside aligned passages, the words that were aligned, and the equal numbers among them."""
    short, long = _Side.of(o.short.body, o.short_masked), _Side.of(o.long.body, o.long_masked)
    result: list[Disagreement] = []
    inside = np.zeros(len(short.places), dtype=bool)
    fewest = min(len(short.places), len(long.places))
    if bool((short.hashes[:fewest] == long.hashes[:fewest]).all()):
        inside[:fewest] = True
    else:
        end_s, end_l = 0, 0
        letters = _letters(short.hashes), _letters(long.hashes)
        for start_s, start_l, size in LCSseq.editops(*letters).as_matching_blocks():
            # the last block is empty: it stands behind both texts
            if size < 2 and (size or not end_s):
                continue
            inside[start_s : start_s + size] = True
            if _may_be_slot(start_s - end_s, start_l - end_l):
                part_s, part_l = short.part(end_s, start_s), long.part(end_l, start_l)
                if _is_slot(part_s.signs, part_l.signs):
                    differs = _compare(part_s, part_l)
                    # before the first run and behind the last other words may go on: only figures and days count there
                    if not (end_s and size):
                        differs = [each for each in differs if each.kind in ("number", "date")]
                    result += differs
            end_s, end_l = start_s + size, start_l + size
    kinds = short.signs[inside] & np.uint8(KIND)
    aligned = len(kinds) - np.count_nonzero(kinds == CHAR) / 2
    return result, aligned, int(np.count_nonzero(kinds == NUMBER))


def _may_be_slot(short: int, long: int) -> bool:
    """Whether as many words may be said in the place of one another, whatever they are."""
    return 0 < max(short, long) <= 2 * _SLOT


def _is_slot(short: list[int], long: list[int]) -> bool:
    """Whether what stands between two shared runs may be said in the place of one another; figures in a row are one."""
    most = max(len(short), len(long))
    figures = all(2 * sum(sign & KIND == NUMBER for sign in signs) > len(signs) for signs in (short, long))
    counted = all(any(sign & KIND == NUMBER for sign in signs) for signs in (short, long))
    return 0 < most <= (2 * _SLOT if figures else _COUNTED_SLOT if counted else _SLOT)


def _letters(hashes: U64) -> str:
    """Return a character for each word: what aligns sequences is fastest with characters."""
    letters = (hashes >> np.uint64(33)) % np.uint64(0x110000 - 0xE000) + np.uint64(0xE000)
    return letters.astype("<u4").tobytes().decode("utf-32-le")


def _compare(short: _Part, long: _Part) -> Iterable[Disagreement]:
    signs_s, signs_l = short.signs, long.signs
    hashes_s, hashes_l = short.hashes, long.hashes
    any_s, any_l = _any(signs_s), _any(signs_l)
    kinds: list[Kind] = []
    if any_s & any_l & COUNT and _other_numbers(short, long):
        kinds.append("number")
    if "number" in kinds and _clock(hashes_s) and _clock(hashes_l):
        kinds.append("hour")
    if any_s & any_l & DAY and _disjoint(_with(DAY, hashes_s, signs_s), _with(DAY, hashes_l, signs_l)):
        kinds.append("date")
    if is_forward(hashes_s, hashes_l):
        kinds.append("relative-day")
    if _denies(signs_s) != _denies(signs_l) and len(signs_s) + len(signs_l) <= 3:
        kinds.append("negation")
    names_s, names_l = _names(hashes_s, signs_s), _names(hashes_l, signs_l)
    if _disjoint(names_s, names_l) and names_l.isdisjoint(hashes_s) and names_s.isdisjoint(hashes_l):
        kinds.append("name")
    if not kinds and _weighs(signs_s) and _weighs(signs_l):
        kinds.append("word")
    for kind in kinds:
        yield Disagreement(kind=kind, short=tuple(short.places), long=tuple(long.places))


#: what stands behind the hour of a time of day
_HOURS = frozenset(token_hash(word) for word in ("時", "时", "點", "点", "pm", "p", "a", "am", "uhr", "h"))


def _clock(hashes: Sequence[int]) -> bool:
    """Whether a time of day stands here: `21:45`, `6 a.m.`, `6時42分`."""
    numbers = [place for place, value in enumerate(hashes) if spelling_of(value)]
    return any(
        ":" in spelling_of(hashes[place]) or (place + 1 < len(hashes) and hashes[place + 1] in _HOURS)
        for place in numbers
    )


#: words that say today, and words that say tomorrow
_TODAY, _TOMORROW = (
    frozenset(token_hash(without_marks(fold(word))) for word, day in relative_days().items() if day in days)
    for days in ((0,), (1, 2))
)


def is_forward(a: Iterable[int], b: Iterable[int]) -> bool:
    """Return whether one of two runs of words says today where the other says tomorrow."""
    one, other = set(a), set(b)
    return (_says(one, _TODAY, _TOMORROW) and _says(other, _TOMORROW, _TODAY)) or (
        _says(one, _TOMORROW, _TODAY) and _says(other, _TODAY, _TOMORROW)
    )


def _says(run: Set[int], words: Set[int], never: Set[int]) -> bool:
    return not words.isdisjoint(run) and never.isdisjoint(run)


def _any(signs: Iterable[int]) -> int:
    result = 0
    for sign in signs:
        result |= sign
    return result


def _denies(signs: Iterable[int]) -> bool:
    """Whether a negation stands here; one with a capital may be a name (a firm's sign at the exchange)."""
    return any(sign & NEGATION and sign & KIND != NAME for sign in signs)


def _weighs(signs: Iterable[int]) -> bool:
    return any(sign & 16 for sign in signs)


def _with(bit: int, hashes: Iterable[int], signs: Iterable[int]) -> set[int]:
    return {value for value, sign in zip(hashes, signs, strict=True) if sign & bit}


def _other_numbers(short: _Part, long: _Part) -> bool:
    """Whether other values stand there: `1,180`, `1 180` and `1천180` are one, for they have the same digits."""
    stated = []
    for part in (short, long):
        counts = [k for k, sign in enumerate(part.signs) if sign & COUNT]
        hashes = [part.hashes[k] for k in counts]
        digits = "".join(c for value in hashes for c in spelling_of(value) if c.isdigit())
        stated.append((read_numbers([part.places[k] for k in counts], hashes), digits))
    (one, digits_s), (other, digits_l) = stated
    return _disjoint(one, other) and digits_s != digits_l


def _disjoint(a: Set[T], b: Set[T]) -> bool:
    return bool(a) and bool(b) and not a & b


def _names(hashes: Iterable[int], signs: Iterable[int]) -> set[int]:
    return {value for value, sign in zip(hashes, signs, strict=True) if sign & KIND == NAME and not sign & DAY}


def _opposed(o: Overlap, body: Iterable[Disagreement], lone_s: list[int], lone_l: list[int]) -> bool:
    """Whether one word that only the one headline has stands in the text where the other has one of its headline."""
    only_s, only_l = (set(p.title.hashes[lone].tolist()) for p, lone in ((o.short, lone_s), (o.long, lone_l)))
    return any(
        each.kind == "word"
        and len(each.short) == len(each.long) == 1
        and int(o.short.body.hashes[each.short[0]]) in only_s
        and int(o.long.body.hashes[each.long[0]]) in only_l
        for each in body
    )


def _swapped(o: Overlap, body: Iterable[Disagreement], at_s: list[int], at_l: list[int]) -> bool:
    """Whether a place of the text is filled with what only the one headline says, and in the other with the other's.

    `at_s`, `at_l`: where the headlines have names that occur nowhere in the other item.
    """
    names_s, names_l = (set(p.title.hashes[at].tolist()) for p, at in ((o.short, at_s), (o.long, at_l)))
    said_s, said_l = set(o.short.title.hashes.tolist()), set(o.long.title.hashes.tolist())
    for each in body:
        here_s, here_l = (
            set(o.short.body.hashes[list(each.short)].tolist()),
            set(o.long.body.hashes[list(each.long)].tolist()),
        )
        if each.kind == "name" and not names_s.isdisjoint(here_s) and not names_l.isdisjoint(here_l):
            return True
        # one word may be the house's for the same thing, two are another thing
        whole = here_s <= said_s - said_l and here_l <= said_l - said_s
        if whole and min(_extent(o.short, each.short), _extent(o.long, each.long)) > 1:
            return True
    return False


def _extent(p: Prepared, places: Sequence[int]) -> float:
    """How many words stand at these places; a character of a script without spaces is less than half of one."""
    chars = np.count_nonzero(p.body.kinds[list(places)] == CHAR)
    return len(places) - 0.6 * float(chars)
