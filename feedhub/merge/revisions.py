"""Which of a story's revisions is the newest: by time, overruled by the wire's own numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from feedhub.merge.members import Member
from feedhub.merge.text_agreement import TextAgreement
from feedhub.merge.trust import counted, is_believed, stands
from feedhub.model import Copy, EntryKey, Revision, RevisionKind
from feedhub.structs import replace

_KINDS = list(RevisionKind)


def in_order(members: Sequence[Member], check: Callable[[], None] = lambda: None) -> list[Member]:
    """Give the revisions of members numbers, from the oldest to the newest.

    A revision is as old as its first copy, or as an edited entry that said the same before: a late copy of an old
    revision makes it no newer. Revisions that carry numbers of one mark take their places in the order of the numbers.
    `check` is called between the steps of every comparison, and may raise to end it.
    """
    groups: dict[int, list[Member]] = {}
    for member in counted(members):
        groups.setdefault(member.revision, []).append(member)
    if len(groups) == 1:
        return [member if member.revision == 0 else replace(member, revision=0) for member in members]
    pinned = next((member.revision for member in members if member.pinned), None)
    agreement = TextAgreement(check=check)
    times = {number: _began(group, members, agreement) for number, group in groups.items()}
    places = sorted(groups, key=lambda number: times[number])
    marks = {number: mark_of(group) for number, group in groups.items()}
    for kind in _KINDS:
        numbered = [n for n in places if (m := marks[n]) is not None and m.kind is kind and m.number is not None]
        right = iter(sorted(numbered, key=lambda n: (_number(marks[n]), times[n])))
        places = [next(right) if number in numbered else number for number in places]
    places.sort(key=lambda number: number == pinned)
    ranks = {number: rank for rank, number in enumerate(places)}
    # what only uncounted copies tell has no place among the revisions
    return [replace(member, revision=ranks.get(member.revision, 0)) for member in members]


def mark_of(members: Sequence[Member]) -> Revision | None:
    """Return the wire's mark of a revision: the furthest that any of its copies carries which may say so."""
    holders: dict[Revision, list[Member]] = {}
    for member in members:
        mark = member.copy.wire.revision
        if mark is not None and mark.kind is not RevisionKind.KILL:
            holders.setdefault(mark, []).append(member)
    for mark in sorted(holders, key=lambda mark: (_KINDS.index(mark.kind), mark.number or 0), reverse=True):
        if stands(holders[mark], [member for member in members if member not in holders[mark]]):
            return mark
    return None


def _number(mark: Revision | None) -> int:
    return 0 if mark is None else mark.number or 0


def _began(group: Sequence[Member], everyone: Sequence[Member], agreement: TextAgreement) -> tuple[datetime, EntryKey]:
    """Tell when this was first said, by a copy that says it now or by one that said it before."""
    # a copy that dates itself back makes no revision of the agency's older
    believed = [member for member in group if is_believed([member])] or group
    now = min((_since(member, agreement), member.copy.key) for member in believed)
    speaker = min(group, key=lambda member: (member.rank, -member.size, member.time, member.copy.key)).copy
    before = sorted(
        ((_time(former.copy), member.copy.key, former.copy) for member in everyone for former in member.formers),
        key=lambda version: version[:2],
    )
    for began, key, former in before:
        if (began, key) >= now:
            break
        if _is_as(former, speaker, agreement):
            return began, key
    return now


def _since(member: Member, agreement: TextAgreement) -> datetime:
    """Tell when an entry began to say what it says: its date, or the edit that last changed something in substance."""
    for former in reversed(member.formers):
        if not _is_as(former.copy, member.copy, agreement):
            return former.until
    return member.time


def _is_as(former: Copy, copy: Copy, agreement: TextAgreement) -> bool:
    """Whether a former version of some entry told this revision: a new mark makes it another, whatever it adds."""
    mark = copy.wire.revision
    return (mark is None or former.wire.revision == mark) and agreement.says_same(former.text, copy.text)


def _time(copy: Copy) -> datetime:
    return copy.published or copy.first_seen
