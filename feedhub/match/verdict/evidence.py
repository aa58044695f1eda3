"""Two prepared copies -> Evidence: all that the rules look at, measured once."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from feedhub.match.text.numbers import stated_values
from feedhub.match.text.overlap import SHORT, Overlap
from feedhub.match.text.prepare import Prepared
from feedhub.match.text.tokens import CHAR, NAME, Flags
from feedhub.match.verdict.disagreements import Disagreements
from feedhub.match.verdict.thresholds import DAY
from feedhub.model import MatchWindows


class Evidence(Struct, frozen=True, kw_only=True, eq=False):
    """What speaks for and against one story: what is shared, what differs, how the two stand to each other."""

    left: Prepared
    right: Prepared
    #: seconds between their published dates; 0 where either has none
    gap: float
    windows: MatchWindows
    overlap: Overlap
    #: None until the score is reached: aligning is dear
    disagreements: Disagreements | None = None

    @property
    def d(self) -> Disagreements:
        """The disagreements; rules of the second stage alone ask for them."""
        assert self.disagreements is not None
        return self.disagreements

    # ---------------------------------------------------------------- how they stand to each other

    @property
    def one_outlet(self) -> bool:
        return self.left.outlet == self.right.outlet

    @property
    def one_page(self) -> bool:
        return is_one_page(self.left, self.right)

    @property
    def one_entry(self) -> bool:
        return is_one_entry(self.left, self.right)

    @property
    def side_by_side(self) -> bool:
        """One document of one source listed both, under different pages: they are different items."""
        first, second = sorted((self.left, self.right), key=lambda p: (p.seen or 0.0, p.key))
        if first.key.source != second.key.source or first.listed_until is None or second.seen is None:
            return False
        return first.listed_until > second.seen and _page(first) != _page(second)

    @property
    def marked(self) -> bool:
        """Either carries a wire's revision mark."""
        return any(p.copy.wire.revision is not None for p in (self.left, self.right))

    @property
    def near(self) -> bool:
        """No further apart than two revisions of one text."""
        return self.gap <= self.windows.revision.total_seconds()

    @property
    def half_a_day(self) -> bool:
        return self.gap < DAY / 2

    # ---------------------------------------------------------------- what they share

    @property
    def words(self) -> int:
        return self.overlap.short_words

    @property
    def shared_in_words(self) -> float:
        """Shared words; a character or syllable of a script without spaces is less than half of one."""
        o = self.overlap
        signs = np.count_nonzero(o.short_covered & (o.short.body.kinds == CHAR))
        return o.shared_words - 0.6 * float(signs)

    @property
    def titled(self) -> bool:
        return bool(len(self.overlap.short.title) and len(self.overlap.long.title))

    @property
    def same_frame(self) -> bool:
        """The headlines are alike, or one is missing."""
        return self.overlap.title >= 0.3 or not self.titled

    @property
    def equal(self) -> bool:
        """Nine tenths of either stand in the other."""
        return self.overlap.all > 0.9 and self.overlap.back > 0.9

    @property
    def is_excerpt(self) -> bool:
        return self.overlap.long_words > 2 * self.words

    @property
    def above(self) -> tuple[int, int]:
        """Own words of the shorter and of the longer text in front of the first that is shared."""
        o = self.overlap
        return _in_front(o.short_covered, o.short_masked), _in_front(o.long_covered, o.long_masked)

    @property
    def prose_above(self) -> float:
        """Weight of the plain words of the longer text in front of the first shared one: a lede, not a byline."""
        o = self.overlap
        first = int(o.long_covered.argmax())
        plain = (o.long.body.kinds[:first] != NAME) & ~o.long_masked[:first]
        return float((o.long.body.weights[:first] * plain).sum())

    @property
    def plain_part(self) -> float:
        """How much rarer plain words are among the shared ones than among all of the shorter text; 1 where no rarer."""
        o = self.overlap
        own = ~o.short_masked
        weights = o.short.body.weights
        plain = (o.short.body.kinds != NAME) & own
        total, all_plain = float((weights * own).sum()), float((weights * plain).sum())
        if all_plain < 0.25 * total:
            # a text in capitals has no names to tell
            return 1.0
        shared = float((weights * o.short_covered).sum())
        shared_plain = float((weights * (plain & o.short_covered)).sum())
        return (shared_plain / max(0.1, all_plain)) / max(0.01, shared / max(0.1, total))

    @property
    def is_form(self) -> bool:
        """Furniture took half of either text: it was a form."""
        o = self.overlap
        return any(2 * np.count_nonzero(masked) >= len(masked) > 0 for masked in (o.short_masked, o.long_masked))

    # ---------------------------------------------------------------- numbers

    @property
    def numbers_apart(self) -> bool:
        """Both texts have numbers, and none in common."""
        one, other = stated_values(self.overlap.short.body), stated_values(self.overlap.long.body)
        return bool(one and other and not one & other)

    @property
    def numbers_agree(self) -> bool:
        return bool(stated_values(self.overlap.short.body) & stated_values(self.overlap.long.body))

    @property
    def fresh_numbers(self) -> bool:
        """The shorter text has a number that the longer one has not."""
        return bool(stated_values(self.overlap.short.body) - stated_values(self.overlap.long.body))

    @property
    def conflict(self) -> bool:
        """Numbers, dates or a negation differ in the text, or numbers in headlines that are alike."""
        return self.d.hard > 0 or (self.d.headline_numbers and self.same_frame)

    @property
    def is_short(self) -> bool:
        return self.words < SHORT


def _page(p: Prepared) -> str | None:
    """Return the address of an item's page, or of its file where it has none."""
    if p.copy.url_key is not None:
        return p.copy.url_key
    return p.copy.media[0].url if p.copy.media else None


def is_one_page(a: Prepared, b: Prepared) -> bool:
    """Return whether one outlet shows both at one address."""
    return a.outlet == b.outlet and a.copy.url_key is not None and a.copy.url_key == b.copy.url_key


def is_one_entry(a: Prepared, b: Prepared) -> bool:
    """Return whether an outlet's entry came again: under another guid, or through another of its feeds.

    An equal guid is evidence only where it names one thing in the world, an address or a `tag:` URI (RFC 4151), and
    never over a guard.
    """
    same_guid = a.outlet == b.outlet and a.key.guid == b.key.guid and a.key != b.key
    return is_one_page(a, b) or (same_guid and a.key.guid.startswith(("http://", "https://", "tag:")))


def _in_front(covered: Flags, masked: Flags) -> int:
    return int(np.count_nonzero(~masked[: int(covered.argmax())]))
