"""What one source can do to a story that others have, too: which revision speaks, whose copy, and what is lent.

low      is listed, and nothing else while another copy exists
normal   revises over the agency's own feed, or over a copy of higher priority, once a second outlet says the same;
         lends a byline, a credit or a category once a second outlet has it, too; lends a picture
high     does all this alone, and so does the agency's own feed
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from feedhub.merge.members import Member
from feedhub.model import CopyStanding
from feedhub.structs import replace

T = TypeVar("T")
#: share of the first text's words that stand in the second, 0 to 1
Shares = Callable[[str, str], float]
#: share of the shorter text that a longer one must contain to be the same told more fully
CONTAINS = 0.9
#: share of each extra paragraph that a second outlet must run to confirm it
CONFIRMS = 0.6
#: a text so many times as long is the full text of an excerpt
FULLER = 1.5


def counted(members: Sequence[Member]) -> list[Member]:
    """Return the members that count: all but those of low trust, unless there are no others."""
    rest = [member for member in members if member.publisher.trust != "low" or member.pinned]
    return rest or list(members)


def with_standing(members: Sequence[Member]) -> list[Member]:
    """Tell of each member whether it tells the revision that speaks, an earlier one, a disputed one, or nothing."""
    if len(members) == 1:
        return [_standing_as(members[0], CopyStanding.CURRENT)]
    ours = counted(members)
    speaking = _speaking(ours)
    keys = {member.copy.key for member in ours}
    return [_standing_as(each, _standing(each, speaking, each.copy.key in keys)) for each in members]


def _standing_as(member: Member, standing: CopyStanding) -> Member:
    return member if member.standing is standing else replace(member, standing=standing)


def _standing(member: Member, speaking: int, counts: bool) -> CopyStanding:
    if not counts:
        return CopyStanding.UNCOUNTED
    if member.revision == speaking:
        return CopyStanding.CURRENT
    return CopyStanding.EARLIER if member.revision < speaking else CopyStanding.DISPUTED


def _speaking(members: Sequence[Member]) -> int:
    """Return the newest revision that may speak over all older ones."""
    numbers = sorted({member.revision for member in members}, reverse=True)
    for number in numbers:
        holders = [member for member in members if member.revision == number]
        if stands(holders, [member for member in members if member.revision < number]):
            return number
    return numbers[-1]


def stands(holders: Sequence[Member], others: Iterable[Member]) -> bool:
    """Tell whether what these members say counts against others: nobody outranks them, or they are believed."""
    if any(member.pinned for member in holders) or is_believed(holders):
        return True
    priority = max((member.publisher.priority for member in holders), default=0)
    return not any(member.is_own or member.publisher.priority > priority for member in others)


def is_believed(holders: Iterable[Member]) -> bool:
    """Tell whether these members are believed by themselves: a trusted one, the agency's own feed, or two outlets."""
    outlets = set()
    for member in holders:
        if member.is_own or member.publisher.trust == "high":
            return True
        if member.publisher.trust == "normal":
            outlets.add(member.outlet)
    return len(outlets) >= 2


def best_of(members: Sequence[Member], shares: Shares) -> Member:
    """Choose who speaks: a person's choice, the agency's own feed, priority, the more complete text, the earliest."""
    best = min(member.rank for member in members)
    first, *others = sorted((m for m in members if m.rank == best), key=lambda m: (m.time, m.copy.key))
    for other in others:
        if _is_fuller(other, first, members, shares):
            first = other
    return first


def _is_fuller(longer: Member, shorter: Member, members: Sequence[Member], shares: Shares) -> bool:
    """Tell whether a text is the shorter one told more fully: half as long again, or its extra confirmed."""
    if longer.size <= shorter.size or shares(shorter.text, longer.text) < CONTAINS:
        return False
    return longer.size >= FULLER * shorter.size or confirms(longer, shorter, members, shares)


def confirms(longer: Member, shorter: Member, members: Iterable[Member], shares: Shares) -> bool:
    """Tell whether an outlet other than both has all the paragraphs that the longer text has more."""
    extra = [p for p in longer.copy.paragraphs if shares(p, shorter.text) < CONFIRMS]
    others = [m for m in members if m.outlet not in (longer.outlet, shorter.outlet)]
    return bool(extra) and any(all(shares(p, m.text) >= CONFIRMS for p in extra) for m in others)


def lent(members: Sequence[Member], value: Callable[[Member], T | None]) -> tuple[T, Member] | None:
    """Return the first value, in the order of the members, that a trusted one or two outlets have, and its lender."""
    holders: dict[T, list[Member]] = {}
    for member in members:
        if (given := value(member)) is not None:
            holders.setdefault(given, []).append(member)
    return next(((given, some[0]) for given, some in holders.items() if is_believed(some)), None)
