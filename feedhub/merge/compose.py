"""What a story says: its canonical copy chosen by policy, its fields composed within each copy's rights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from feedhub.merge.change import changed, correction
from feedhub.model import Copy, EntryKey, Publisher, RelatedStory, Relation, RevisionKind, Story, StoryCopy

#: rights `summary` show at most this many words
SUMMARY_WORDS = 60
#: share of the canonical text that a longer body must contain to stand in for it
CONTAINS = 0.9
#: share of each extra paragraph that a second outlet must run to confirm it
CONFIRMS = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A copy in a cluster, with its publisher and the ground on which it is there."""

    copy: Copy
    publisher: Publisher
    relation: Relation
    score: float | None = None
    ground: str = ""
    #: which accepted revision of the story it belongs to; the highest is the newest
    revision: int = 0


#: share of the first text's words that stand in the second, 0 to 1
Shares = Callable[[str, str], float]


def compose(
    tag: str,
    members: Sequence[Member],
    *,
    previous: Story | None,
    now: datetime,
    released: datetime,
    shares: Shares,
    related: Sequence[RelatedStory] = (),
) -> Story:
    """The story that these copies tell; `previous` is what subscribers have seen of it so far."""
    newest = max(member.revision for member in members)
    speaking = [member for member in members if member.revision == newest]
    canonical = min(speaking, key=_rank)
    body = _body(canonical, speaking, shares)
    everyone = [canonical, *sorted((m for m in members if m is not canonical), key=_time)]
    summary = _summary(canonical)
    provenance = {"title": canonical.copy.key, "html": body.copy.key}
    story = Story(
        id=tag,
        canonical=canonical.copy.key,
        title=canonical.copy.title,
        html=body.copy.html or None if canonical.publisher.rights == "full" else None,
        summary=summary,
        url=canonical.copy.url,
        via=_via(canonical, everyone),
        authors=canonical.copy.authors or _byline(canonical.copy),
        categories=_union(m.copy.categories for m in everyone),
        language=canonical.copy.language,
        rights=canonical.copy.rights,
        media=canonical.copy.media if canonical.publisher.rights == "full" else (),
        agency=_first(m.publisher.agency or m.copy.wire.agency for m in everyone),
        place=_first(m.copy.wire.place for m in [canonical, *speaking]),
        date=_first(m.copy.wire.date for m in [canonical, *speaking]),
        cited=next((m.copy.wire.cited for m in everyone if m.copy.wire.cited), ()),
        revision=_mark(speaking),
        published=min(_time(m) for m in members),
        updated=_time(canonical),
        released=released,
        publisher=canonical.publisher,
        copies=tuple(_listed(m) for m in _distinct(everyone)),
        related=tuple(related),
        words=len(body.copy.text.split()),
        provenance=provenance,
    )
    return _dated(story, canonical, previous, now)


def _rank(member: Member) -> tuple[bool, int, int, datetime, EntryKey]:
    """The agency's own feed, then priority, then the most complete text, then the earliest."""
    publisher, copy = member.publisher, member.copy
    return (publisher.agency is None, -publisher.priority, -len(copy.text.split()), _time(member), copy.key)


def _time(member: Member) -> datetime:
    return member.copy.published or member.copy.first_seen


def _body(canonical: Member, speaking: Sequence[Member], shares: Shares) -> Member:
    """The member whose text is shown: a longer one only if it contains the canonical and another outlet confirms it."""
    if canonical.publisher.rights != "full":
        return canonical
    own = canonical.copy.text
    longer = [
        m
        for m in speaking
        if m.publisher.rights == "full"
        and len(m.copy.text.split()) > len(own.split())
        and shares(own, m.copy.text) >= CONTAINS
    ]
    for candidate in sorted(longer, key=_rank):
        others = [m for m in speaking if m.copy.outlet not in (candidate.copy.outlet, canonical.copy.outlet)]
        extra = [p for p in candidate.copy.paragraphs if shares(p, own) < CONFIRMS]
        if any(all(shares(p, other.copy.text) >= CONFIRMS for p in extra) for other in others):
            return candidate
    return canonical


def _summary(canonical: Member) -> str | None:
    rights, copy = canonical.publisher.rights, canonical.copy
    if rights == "headline":
        return None
    if rights == "full":
        return copy.summary
    words = (copy.summary or copy.text).split()
    return " ".join(words[:SUMMARY_WORDS]) + (" …" if len(words) > SUMMARY_WORDS else "") if words else None


def _via(canonical: Member, everyone: Sequence[Member]) -> str | None:
    own = next((m for m in everyone if m.publisher.agency), None)
    return None if own is None or own is canonical else own.copy.url


def _byline(copy: Copy) -> tuple[str, ...]:
    return (copy.wire.byline,) if copy.wire.byline else ()


def _mark(speaking: Sequence[Member]) -> str | None:
    marks = [m.copy.wire.revision for m in speaking if m.copy.wire.revision is not None]
    order = list(RevisionKind)
    return str(max(marks, key=lambda r: (order.index(r.kind), r.number or 0))) if marks else None


def _union(groups: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in groups for name in group))


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)


def _distinct(members: Sequence[Member]) -> list[Member]:
    """One page seen through several sources of one outlet is one copy: the first of them stands for it."""
    seen: dict[tuple[str, str | None], Member] = {}
    for member in members:
        page = member.copy.url_key or str(member.copy.key)
        seen.setdefault((member.copy.outlet, page), member)
    return list(seen.values())


def _listed(member: Member) -> StoryCopy:
    copy = member.copy
    return StoryCopy(
        key=copy.key,
        outlet=copy.outlet,
        name=member.publisher.name,
        agency_own=member.publisher.agency is not None,
        title=copy.title,
        url=copy.url,
        published=_time(member),
        first_seen=copy.first_seen,
        relation=member.relation,
        score=member.score,
        ground=member.ground,
    )


def _dated(story: Story, canonical: Member, previous: Story | None, now: datetime) -> Story:
    """`updated` moves only for material change; a correction says what it changed."""
    corrected = story.revision is not None and story.revision.startswith(RevisionKind.CORRECTION)
    if previous is None:
        note = correction(None, canonical.publisher.name) if corrected else None
        return replace(story, correction=note)
    change = changed(previous, story)
    note = previous.correction
    if corrected and previous.revision != story.revision:
        note = correction(change, canonical.publisher.name)
    material = change.material or note != previous.correction
    return replace(story, updated=max(now, previous.updated) if material else previous.updated, correction=note)
