"""The fields of a story: each from the best copy that has it, with the copy that it was taken from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from feedhub.merge.members import Member
from feedhub.model import EntryKey, Media, Rights, StoryCopy

#: share of the canonical text that a longer body must contain to stand in for it
CONTAINS = 0.9
#: share of each extra paragraph that a second outlet must run to confirm it
CONFIRMS = 0.6

T = TypeVar("T")
#: share of the first text's words that stand in the second, 0 to 1
Shares = Callable[[str, str], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What is composed from several copies; `provenance` says from which."""

    authors: tuple[str, ...]
    media: tuple[Media, ...]
    agency: str | None
    place: str | None
    date: str | None
    language: str | None
    cited: tuple[str, ...]
    categories: tuple[str, ...]
    provenance: Mapping[str, EntryKey]


def fields_of(canonical: Member, speaking: Sequence[Member], everyone: Sequence[Member]) -> Fields:
    """Compose the canonical copy's fields; what it lacks comes from copies whose rights allow it, the best first.

    Nothing is borrowed for a restricted canonical copy, and nothing from one: the text stands under its name alone.
    """
    found: dict[str, EntryKey] = {}
    lenders = sorted((m for m in speaking if m.is_free and m is not canonical), key=lambda m: m.rank)
    own = [canonical, *(lenders if canonical.is_free else ())]
    # what stands in the text itself is text
    read = own if canonical.publisher.rights is not Rights.HEADLINE else []

    def first(name: str, members: Iterable[Member], value: Callable[[Member], T]) -> T | None:
        for member in members:
            if taken := value(member):
                found[name] = member.copy.key
                return taken
        return None

    authors = first("authors", own[:1], lambda m: m.copy.authors) or first("authors", read, _byline)
    agency = first("agency", everyone, lambda m: m.publisher.agency) or first(
        "agency", everyone, lambda m: m.copy.wire.agency
    )
    return Fields(
        authors=authors or (),
        media=first("media", own, _media) or () if canonical.is_free else (),
        agency=agency,
        place=first("place", read, lambda m: m.copy.wire.place),
        date=first("date", read, lambda m: m.copy.wire.date),
        language=first("language", [canonical, *everyone], lambda m: m.copy.language),
        cited=first("cited", read, lambda m: m.copy.wire.cited) or (),
        categories=_union(m.copy.categories for m in everyone),
        provenance=found,
    )


def body_of(canonical: Member, speaking: Sequence[Member], shares: Shares) -> Member:
    """Choose whose text is shown: a longer one only if it contains the canonical and another outlet confirms it."""
    if not canonical.is_free or canonical.pinned or len(speaking) == 1:
        return canonical
    own = canonical.copy.text
    size = len(own.split())
    longer = [
        m
        for m in speaking
        if m is not canonical and m.is_free and len(m.copy.text.split()) > size and shares(own, m.copy.text) >= CONTAINS
    ]
    for candidate in sorted(longer, key=lambda m: m.rank):
        others = [m for m in speaking if m.copy.outlet not in (candidate.copy.outlet, canonical.copy.outlet)]
        extra = [p for p in candidate.copy.paragraphs if shares(p, own) < CONFIRMS]
        if any(all(shares(p, other.copy.text) >= CONFIRMS for p in extra) for other in others):
            return candidate
    return canonical


def summary_of(canonical: Member) -> str | None:
    """Return the teaser, as far as the canonical copy's rights allow."""
    rights, copy = canonical.publisher.rights, canonical.copy
    return rights.permit(copy.summary if rights is Rights.FULL else copy.summary or copy.text)


def listed(members: Sequence[Member]) -> tuple[StoryCopy, ...]:
    """List the copies of a story; one page seen through several sources of one outlet is one copy."""
    seen: dict[tuple[str, str | None], Member] = {}
    for member in members:
        seen.setdefault((member.copy.outlet, member.copy.url_key or str(member.copy.key)), member)
    return tuple(_listed(member) for member in seen.values())


def _listed(member: Member) -> StoryCopy:
    copy = member.copy
    return StoryCopy(
        key=copy.key,
        outlet=copy.outlet,
        name=member.publisher.name,
        agency_own=member.publisher.agency is not None,
        title=copy.title,
        url=copy.url,
        published=member.time,
        first_seen=copy.first_seen,
        relation=member.relation,
        score=member.score,
        ground=member.ground,
        categories=copy.categories,
        language=copy.language,
        agency=member.publisher.agency or copy.wire.agency,
    )


def _byline(member: Member) -> tuple[str, ...]:
    return (member.copy.wire.byline,) if member.copy.wire.byline else ()


def _media(member: Member) -> tuple[Media, ...]:
    """Return a copy's pictures; one without a credit is credited to whoever ran it."""
    return tuple(replace(each, credit=each.credit or member.publisher.name) for each in member.copy.media)


def _union(groups: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in groups for name in group))
