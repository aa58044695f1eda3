"""Which id a cluster of copies has: ids are minted once and then only kept, joined or given back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from feedhub.model import EntryKey


class Standing(Struct, frozen=True, kw_only=True):
    """A story as far as identity goes."""

    id: int
    tag: str
    founded: datetime
    founder: EntryKey
    #: the copy that spoke for it last; None where it never spoke
    canonical: EntryKey | None
    live: bool
    #: it ended (joined to another, withdrawn, its kill taken back) and may live again
    revivable: bool = False

    @property
    def age(self) -> tuple[datetime, EntryKey, int]:
        """Older stories sort first."""
        return (self.founded, self.founder, self.id)


class Founder(Struct, frozen=True, kw_only=True):
    """A copy as a candidate for founding a story: the smallest (first seen, source, entry) does."""

    first_seen: datetime
    key: EntryKey


class Assignment(Struct, frozen=True, kw_only=True):
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
    """Mint the `tag:` URI (RFC 4151) of a story founded by an entry; `again` counts further stories of one founder."""
    seed = f"{founder.source}\0{founder.guid}" + (f"\0{again}" if again else "")
    return f"tag:{identity}:{hashlib.sha256(seed.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}"


def assign(
    groups: Sequence[Sequence[Founder]],
    standings: Collection[Standing],
    current: Mapping[EntryKey, int],
    *,
    edited: Collection[EntryKey] = (),
    homes: Mapping[EntryKey, int] | None = None,
    sealed: Mapping[int, int] | None = None,
    identity: str,
    taken: Callable[[str], bool],
) -> tuple[Assignment, ...]:
    """Give every cluster its story.

    `current` says in which story each copy stood until now, `homes` in which one before that was joined to another. A
    story goes with its canonical copy, unless that copy was edited and left the others behind; of several stories in
    one cluster the oldest stays. A cluster without a story gets back an id that its copies had before, or a new one.
    `sealed`: clusters (by place) that tell a killed story; they are that one, and what else they were ends in it.
    """
    ordered = [sorted(group, key=lambda f: (f.first_seen, f.key)) for group in groups]
    known = {standing.id: standing for standing in standings}
    revivable = {standing.id for standing in standings if standing.revivable}
    guests = {key for key, number in (homes or {}).items() if number in revivable}
    owned = _claims(ordered, [s for s in standings if s.live], current, frozenset(edited), guests)
    keepers = {place: known[number] for place, number in (sealed or {}).items()}
    keepers |= {
        place: min(found, key=lambda s: s.age) for place, found in enumerate(owned) if found and place not in keepers
    }
    keepers |= _given_back(ordered, keepers, standings, current, homes or {})
    used = {standing.tag for standing in keepers.values()}
    result = []
    for place, group in enumerate(ordered):
        if place in keepers:
            owner = keepers[place]
            result.append(
                _assign_kept(
                    group, owner, tuple(s.id for s in sorted(owned[place], key=lambda s: s.age) if s is not owner)
                )
            )
            continue
        founder, tag = _new_tag(group, identity, lambda t: t in used or taken(t))
        used.add(tag)
        keys = tuple(f.key for f in group)
        result.append(Assignment(members=keys, story=None, tag=tag, founder=founder.key, founded=founder.first_seen))
    return tuple(result)


def _assign_kept(group: Sequence[Founder], standing: Standing, joined: tuple[int, ...]) -> Assignment:
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
    guests: Collection[EntryKey],
) -> list[list[Standing]]:
    """Find for each group the live stories that go with it; every story goes with exactly one.

    Guests came with a story that was joined to theirs: where others are there, they take nothing along but that.
    """
    place = {founder.key: index for index, group in enumerate(groups) for founder in group}
    standing_in: dict[int, list[EntryKey]] = {}
    for key in place:
        if key in current:
            standing_in.setdefault(current[key], []).append(key)
    claims: list[list[Standing]] = [[] for _ in groups]
    for standing in sorted(standings, key=lambda s: s.age):
        members = standing_in.get(standing.id, [])
        if not members:
            continue
        members = [key for key in members if key not in guests] or members
        unedited = [key for key in members if key not in edited]
        speaker = standing.canonical
        if speaker in members and (speaker in unedited or not unedited):
            claims[place[speaker]].append(standing)
            continue
        # The speaker was edited or withdrawn: the story stays where most of its other copies are.
        voters = unedited or members
        votes: dict[int, int] = {}
        for key in voters:
            votes[place[key]] = votes.get(place[key], 0) + 1
        claims[min(votes, key=lambda index: (-votes[index], index))].append(standing)
    return claims


def _given_back(
    groups: Sequence[Sequence[Founder]],
    keepers: Mapping[int, Standing],
    standings: Collection[Standing],
    current: Mapping[EntryKey, int],
    homes: Mapping[EntryKey, int],
) -> dict[int, Standing]:
    """Give clusters without a story back one which their copies had: its founder's first, then most copies'."""
    bids = []
    for place, group in enumerate(groups):
        if place in keepers:
            continue
        keys = {founder.key for founder in group}
        for former in standings:
            if not former.revivable:
                continue
            votes = sum(former.id in (homes.get(key), current.get(key)) for key in keys)
            if former.founder in keys or votes:
                bids.append((former.founder not in keys, -votes, former.age, place, former))
    given: dict[int, Standing] = {}
    for *_, place, former in sorted(bids, key=lambda bid: bid[:4]):
        if place not in given and all(former.id != other.id for other in given.values()):
            given[place] = former
    return given


def _new_tag(group: Sequence[Founder], identity: str, used: Callable[[str], bool]) -> tuple[Founder, str]:
    """Choose the smallest copy whose tag no story has as founder; a group of used founders counts on."""
    for founder in group:
        tag = mint(identity, founder.key)
        if not used(tag):
            return founder, tag
    again = 1
    while used(tag := mint(identity, group[0].key, again)):
        again += 1
    return group[0], tag
