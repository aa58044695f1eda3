"""Which id a cluster of copies has: ids are minted once and then only kept, joined or given back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from feedhub.model import EntryKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A story as far as identity goes."""

    id: int
    tag: str
    founded: datetime
    founder: EntryKey
    #: the copy that spoke for it last; None where it never spoke
    canonical: EntryKey | None
    live: bool
    #: it was joined to another and may be given back
    revivable: bool = False

    @property
    def age(self) -> tuple[datetime, EntryKey, int]:
        """Older stories sort first."""
        return (self.founded, self.founder, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Founder:
    """A copy as a candidate for founding a story: the smallest (first seen, source, entry) does."""

    first_seen: datetime
    key: EntryKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What becomes of one cluster."""

    #: the cluster's copies
    members: tuple[EntryKey, ...]
    #: the story that it is, None where a new one is to be minted under `tag`
    story: int | None
    tag: str
    founder: EntryKey
    founded: datetime
    #: live stories that were found to be this one
    joined: tuple[int, ...] = ()


def mint(identity: str, founder: EntryKey, again: int = 0) -> str:
    """The `tag:` URI (RFC 4151) of a story founded by an entry; `again` counts further stories of one founder."""
    seed = f"{founder.source}\0{founder.guid}" + (f"\0{again}" if again else "")
    return f"tag:{identity}:{hashlib.sha256(seed.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}"


def assign(
    groups: Sequence[Sequence[Founder]],
    standings: Collection[Standing],
    current: Mapping[EntryKey, int],
    *,
    edited: Collection[EntryKey] = (),
    identity: str,
    taken: Callable[[str], bool],
) -> tuple[Assignment, ...]:
    """Give every cluster its story.

    `current` says in which story each copy stood until now. A story goes with its canonical copy, unless that
    copy was edited and left the others behind; of several stories in one cluster the oldest stays. A cluster
    without a story gets back an id that one of its copies had founded before a join, or a new one.
    """
    ordered = [sorted(group, key=lambda f: (f.first_seen, f.key)) for group in groups]
    claims = _claims(ordered, [s for s in standings if s.live], current, frozenset(edited))
    used = {standing.tag for owned in claims for standing in owned}
    given: set[int] = {standing.id for owned in claims for standing in owned}
    result = []
    for group, owned in zip(ordered, claims, strict=True):
        if owned:
            keeper, *others = sorted(owned, key=lambda s: s.age)
            result.append(_kept(group, keeper, tuple(s.id for s in others)))
            continue
        returned = _given_back(group, standings, given)
        if returned is not None:
            given.add(returned.id)
            result.append(_kept(group, returned, ()))
            continue
        founder, tag = _new_tag(group, identity, lambda t: t in used or taken(t))
        used.add(tag)
        result.append(
            Assignment(
                members=tuple(f.key for f in group),
                story=None,
                tag=tag,
                founder=founder.key,
                founded=founder.first_seen,
            )
        )
    return tuple(result)


def _kept(group: Sequence[Founder], standing: Standing, joined: tuple[int, ...]) -> Assignment:
    return Assignment(
        members=tuple(f.key for f in group),
        story=standing.id,
        tag=standing.tag,
        founder=standing.founder,
        founded=standing.founded,
        joined=joined,
    )


def _claims(
    groups: Sequence[Sequence[Founder]],
    standings: Sequence[Standing],
    current: Mapping[EntryKey, int],
    edited: frozenset[EntryKey],
) -> list[list[Standing]]:
    """For each group the live stories that go with it; every story goes with exactly one."""
    place = {founder.key: index for index, group in enumerate(groups) for founder in group}
    claims: list[list[Standing]] = [[] for _ in groups]
    for standing in sorted(standings, key=lambda s: s.age):
        members = [key for key in place if current.get(key) == standing.id]
        if not members:
            continue
        unedited = [key for key in members if key not in edited]
        speaker = standing.canonical
        if speaker in place and (speaker in unedited or not unedited):
            claims[place[speaker]].append(standing)
            continue
        # The speaker was edited or withdrawn: the story stays where most of its other copies are.
        voters = unedited or members
        votes: dict[int, int] = {}
        for key in voters:
            votes[place[key]] = votes.get(place[key], 0) + 1
        claims[min(votes, key=lambda index: (-votes[index], index))].append(standing)
    return claims


def _given_back(group: Sequence[Founder], standings: Collection[Standing], given: Collection[int]) -> Standing | None:
    keys = {founder.key for founder in group}
    former = [s for s in standings if s.revivable and s.founder in keys and s.id not in given]
    return min(former, key=lambda s: s.age, default=None)


def _new_tag(group: Sequence[Founder], identity: str, used: Callable[[str], bool]) -> tuple[Founder, str]:
    """The founder is the smallest copy whose tag no story has; a group of used founders counts on."""
    for founder in group:
        tag = mint(identity, founder.key)
        if not used(tag):
            return founder, tag
    again = 1
    while used(tag := mint(identity, group[0].key, again)):
        again += 1
    return group[0], tag
