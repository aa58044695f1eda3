"""The copies of one connected component -> stories, the same in every order of arrival.

Copies are taken fullest first. A copy joins the story with one of whose representatives it agrees best, else it begins
a story. A story's representatives are its fullest copy and the fullest copy of every accepted revision, so that two
half-stories meet in the full copy that shows them to be one, and no chain of half-matches is followed. A text whose
excerpts share nothing is a digest and is parted from them. A bare headline joins the copy that it repeats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from math import inf

from msgspec import Struct, field

from feedhub.match.cluster.digests import is_digest
from feedhub.match.text.prepare import Prepared
from feedhub.match.verdict.thresholds import THRESHOLDS
from feedhub.model import EntryKey, Place, Relation, Verdict

Agree = Callable[[Prepared, Prepared], Verdict]

#: a copy that agrees this well and yet is another text tells a version of its own (fnc-train-1040/fnc-train-1807)
VERSION = (0.7, 0.97)
#: representatives of one story
MOST_REPRESENTATIVES = 8


class _Version(Struct, eq=False):
    representative: Prepared
    #: it disagrees in substance with the others: a revision, not only another cut
    revises: bool
    members: list[tuple[Prepared, Verdict | None]] = field(default_factory=list)


def partition(
    items: Iterable[Prepared], agree: Agree, *, window: timedelta | None = None
) -> list[list[Place[EntryKey]]]:
    """Part one component into stories; each lists its founder first, then the others by first seen."""
    waiting = sorted(items, key=_fullest)
    stories: list[list[_Version]] = []
    while waiting:
        formed = _form_without_digests(waiting, agree)
        waiting = sorted((item for story in formed for item in _take_late(story, window)), key=_fullest)
        stories += formed
    return [_places(story, agree) for story in sorted(stories, key=lambda story: min(map(_order, _items(story))))]


def _fullest(item: Prepared) -> tuple[float, float, EntryKey]:
    return (-item.size, *_order(item))


def _order(item: Prepared) -> tuple[float, EntryKey]:
    time = item.seen if item.seen is not None else item.published
    return (inf if time is None else time), item.key


def _time(item: Prepared) -> float | None:
    return item.published if item.published is not None else item.seen


def _form_without_digests(items: list[Prepared], agree: Agree) -> list[list[_Version]]:
    """Form stories; a digest that is found is set aside, and the others are formed anew."""
    aside: list[Prepared] = []
    while True:
        formed = _form(items, agree)
        digests = {item.key for story in formed for item in _digests(story, agree)}
        if not digests:
            break
        aside += [item for item in items if item.key in digests]
        items = [item for item in items if item.key not in digests]
    return formed + (_form(sorted(aside, key=_fullest), agree) if aside else [])


def _digests(story: list[_Version], agree: Agree) -> list[Prepared]:
    """Return the representatives of a story whose members would not accept one another."""
    members = _items(story)
    if len(members) < 3:
        return []
    wholes = (version.representative for version in story)
    return [whole for whole in wholes if is_digest(whole, [each for each in members if each is not whole], agree)]


def _form(items: Iterable[Prepared], agree: Agree) -> list[list[_Version]]:
    stories: list[list[_Version]] = []
    for item in items:
        best = _best(item, stories, agree)
        if best is None:
            stories.append([_Version(item, False, [(item, None)])])
        else:
            _join(item, *best)
    if len(stories) > 1:
        _reassign(stories, agree)
        _attach_headlines(stories, agree)
    return stories


def _best(
    item: Prepared, stories: list[list[_Version]], agree: Agree
) -> tuple[Verdict, list[_Version], _Version] | None:
    """Return the version with which a copy agrees best, and its story."""
    best: tuple[tuple[bool, float], Verdict, list[_Version], _Version] | None = None
    for story in stories:
        for version in story:
            match = agree(item, version.representative)
            # the revision that it tells comes before one that it revises
            worth = match.relation is not Relation.REVISION, match.score
            if match.merged and (best is None or worth > best[0]):
                best = worth, match, story, version
    return best[1:] if best else None


def _join(item: Prepared, match: Verdict, story: list[_Version], version: _Version) -> None:
    revises = match.relation is Relation.REVISION
    if len(story) < MOST_REPRESENTATIVES and (revises or VERSION[0] <= match.score < VERSION[1]):
        story.append(_Version(item, revises, [(item, match)]))
    else:
        version.members.append((item, match))


def _reassign(stories: list[list[_Version]], agree: Agree) -> None:
    """Let copies go where they agree almost word for word: that story may have begun after they joined another."""
    joined = [(item, match, version) for story in stories for version in story for item, match in version.members[1:]]
    for item, match, version in joined:
        if match is not None and match.score < VERSION[1]:
            best = _best(item, stories, agree)
            if best is not None and best[0].score >= VERSION[1]:
                version.members.remove((item, match))
                best[2].members.append((item, best[0]))


def _attach_headlines(stories: list[list[_Version]], agree: Agree) -> None:
    """Let a bare headline that found no representative join the copy that it repeats."""
    for story in [story for story in stories if len(story) == 1 and len(story[0].members) == 1]:
        item = story[0].representative
        if len(item.body) > len(item.title) + THRESHOLDS.nothing:
            continue
        result = [
            (match, version)
            for other in stories
            if other is not story
            for version in other
            for member, _ in version.members
            if (match := agree(item, member)).merged
        ]
        if result:
            match, version = max(result, key=lambda each: (each[0].score, _newness(each[1].representative)))
            version.members.append((item, match))
            stories.remove(story)


def _take_late(story: list[_Version], window: timedelta | None) -> list[Prepared]:
    """Take out the copies that come after the window of their revision's first copy."""
    if window is None:
        return []
    late = []
    for version in story:
        dated = [time for item, _ in version.members if (time := _time(item)) is not None]
        end = min(dated, default=inf) + window.total_seconds()
        late += [item for item, _ in version.members if (_time(item) or -inf) > end]
        version.members = [member for member in version.members if (_time(member[0]) or -inf) <= end]
    story[:] = [version for version in story if version.members]
    return late


def _items(story: list[_Version]) -> list[Prepared]:
    return [item for version in story for item, _ in version.members]


def _places(story: list[_Version], agree: Agree) -> list[Place[EntryKey]]:
    members = [(item, match, version) for version in story for item, match in version.members]
    members.sort(key=lambda member: _order(member[0]))
    founder = members[0][0]
    numbers = _revisions(story)
    places = [Place(copy=founder.key, relation=Relation.FIRST, revision=numbers[id(members[0][2])])]
    for item, match, version in members[1:]:
        places.append(_place(item, match or agree(item, founder), numbers[id(version)]))
    return places


def _place(item: Prepared, match: Verdict, revision: int) -> Place[EntryKey]:
    matched = match.right if match.left == item.key else match.left
    relation = match.relation or Relation.COPY
    return Place(
        copy=item.key, relation=relation, matched=matched, score=match.score, ground=match.ground, revision=revision
    )


def _revisions(story: list[_Version]) -> dict[int, int]:
    """Return the number of each version's revision: only those that differ in substance count up, oldest first."""
    apart = [version for version in story if version.revises or version is story[0]]
    apart.sort(key=lambda version: _newness(version.representative))
    numbers = {id(version): number for number, version in enumerate(apart)}
    return {id(version): numbers.get(id(version), numbers[id(story[0])]) for version in story}


def _newness(item: Prepared) -> tuple[int, int, float, EntryKey]:
    mark = item.copy.wire.revision
    rank = list(type(mark.kind)).index(mark.kind) + 1 if mark else 0
    time = _time(item)
    return rank, (mark.number or 1) if mark else 0, inf if time is None else time, item.key
