"""What a headline can say where a text cannot: link lists, bare headlines, teasers too short to decide.

On big sites equal headlines of one day are copies six times of ten, so that a headline decides alone only where one
side has nothing else, or where it is long and the teasers are a few words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from feedhub.match.text.numbers import stated_values
from feedhub.match.text.overlap import title_likeness
from feedhub.match.text.prepare import Prepared
from feedhub.match.text.tokens import CHAR, Tokens, codes, decoded
from feedhub.match.verdict.thresholds import DAY, Thresholds

#: “headline - Paper”, as aggregators write it
_SUFFIX = re.compile(r"^(?P<headline>.{10,}?)\s+[-–—|]\s+(?P<name>[^|–—]{2,40})$", re.DOTALL)
_DOMAIN = re.compile(r"^(?:www\.)?([\w-]+)\.(?:com|co|org|net|info|[a-z]{2})(?:\.[a-z]{2})?$")


class Named(Protocol):
    """A rule that forbade the merge."""

    @property
    def name(self) -> str: ...


def headline_ground(a: Prepared, b: Prepared, vetoes: Sequence[Named], t: Thresholds) -> str:
    """Return why two copies are one story by headline or address alone; empty where they are not."""
    if a.outlet == b.outlet or not (len(a.title) and len(b.title)):
        return ""
    bare = _is_bare(a, t) or _is_bare(b, t)
    fewest = min(len(a.title), len(b.title))
    linked = a.copy.url_key is not None and a.copy.url_key == b.copy.url_key
    over_teasers = fewest >= t.headline_words and min(a.size, b.size) < t.teaser
    if fewest < 3 or not (linked or bare or over_teasers):
        return ""
    one, other = _headline(a), _headline(b)
    likeness = title_likeness(one, other)
    if linked and likeness >= 0.5 and (bare or min(a.size, b.size) < t.teaser) and not _agencies_differ(a, b):
        return "one article address under like headlines"
    if likeness < t.same_headline or not _is_one_day(a, b) or stated_values(one) != stated_values(other):
        return ""
    if (not bare and _numbers_apart(a, b)) or _agencies_differ(a, b):
        return ""
    extent, signs = min(_extent(p) for p in (a, b))
    what = "signs" if signs else "words"
    if not bare:
        enough = extent >= (t.headline_signs if signs else t.headline_words)
        return f"one headline of {extent} {what} over short teasers" if enough else ""
    named = _names_other(a, b) or _names_other(b, a)
    if signs:
        enough = extent >= (t.named_headline_signs if named else t.headline_signs)
    else:
        enough = extent >= (t.named_headline_words if named else t.headline_words)
    if not enough:
        return ""
    return f"one headline of {extent} {what}, and one side has nothing else{', which names the other' if named else ''}"


def _is_bare(p: Prepared, t: Thresholds) -> bool:
    """Whether a copy says nothing but its headline and a name."""
    if len(p.body) > len(p.title) + t.nothing:
        return False
    own = ~(p.body.hashes[:, None] == p.title.hashes).any(axis=1) if len(p.body) else np.zeros(0, dtype=bool)
    return int(np.count_nonzero(own)) <= t.nothing and (not len(p.body) or own.mean() <= 0.5)


def _headline(p: Prepared) -> Tokens:
    """Return a headline without the name of an outlet behind it."""
    suffix = _SUFFIX.match(p.copy.title)
    return decoded(codes(suffix["headline"])) if suffix else p.title


def _extent(p: Prepared) -> tuple[int, bool]:
    """Words of a headline, or its signs (marks too) where its script sets no spaces; and whether these were counted."""
    headline = _headline(p)
    if 2 * int(np.count_nonzero(headline.kinds == CHAR)) <= len(headline):
        return len(headline), False
    suffix = _SUFFIX.match(p.copy.title)
    return len("".join((suffix["headline"] if suffix else p.copy.title).split())), True


def _is_one_day(a: Prepared, b: Prepared) -> bool:
    """Whether two copies are known to be no more than a day apart; no date is no evidence."""
    one, other = (p.published if p.published is not None else p.seen for p in (a, b))
    return one is not None and other is not None and abs(one - other) <= DAY


def _numbers_apart(a: Prepared, b: Prepared) -> bool:
    return _disjoint(stated_values(a.body), stated_values(b.body))


def _disjoint(a: frozenset[float], b: frozenset[float]) -> bool:
    return bool(a and b and not a & b)


def _agencies_differ(a: Prepared, b: Prepared) -> bool:
    one, other = a.copy.wire.agency, b.copy.wire.agency
    return one is not None and other is not None and one.casefold() != other.casefold()


def _names_other(bare: Prepared, other: Prepared) -> bool:
    """Whether a copy names the outlet or agency of the other, by origin, title's suffix, text or credit."""
    return not _plain([*_credited(bare), _rest(bare)]).isdisjoint(
        _plain([other.outlet, other.key.source, *_credited(other)])
    )


def _credited(p: Prepared) -> list[str | None]:
    """Whom a copy names as its origin: agency, credit, the aggregator's `source`, a name behind the headline."""
    suffix, origin = _SUFFIX.match(p.copy.title), p.copy.origin
    wire = p.copy.wire
    return [wire.agency, wire.credit, origin.title if origin else None, suffix["name"] if suffix else None]


def _rest(p: Prepared) -> str | None:
    """Return what a bare text says behind its headline."""
    text, title = p.copy.text.strip(), p.copy.title.strip()
    return text[len(title) :].strip(" -–—|\n") if text.startswith(title) else None


def _plain(names: Iterable[str | None]) -> set[str]:
    """Names without what writers do differently: capitals, spaces, the article, a domain's ending."""
    result = set()
    for name in filter(None, names):
        domain = _DOMAIN.match(name.strip().casefold())
        plain = "".join(c for c in (domain[1] if domain else name).casefold() if c.isalnum())
        result.add(plain.removeprefix("the").removesuffix("news") or plain)
    return result - {""}
