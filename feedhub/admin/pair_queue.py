"""Which pairs of the store a person may label next, in the order of what they teach."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from feedhub.admin.pair_labelling import agreed
from feedhub.model import Verdict
from feedhub.store import Connection, counts, label_candidates, pair_labels
from feedhub.store.pair_labels import PairLabel
from feedhub.store.verdicts import StoredVerdict
from feedhub.tuning import Agreement, Label, TaughtPair, TeachingPair, agreement, in_order_of_worth

#: the newest verdicts among which pairs are looked for
MOST_VERDICTS = 2_000
#: a source is new for so many days
_NEW_DAYS = 14
#: people who are held against each other: the work grows with the square
COMPARED_PEOPLE = 20


class QueuedPair(Struct, frozen=True, kw_only=True):
    """A pair to label: the numbers of its copies, and why it stands where it does."""

    stored: StoredVerdict
    taught: TaughtPair


def pairs_to_label(connection: Connection, by: str, now: datetime) -> list[QueuedPair]:
    """Return the pairs that a person has not labelled yet, what teaches most first."""
    verdicts = {_pair(each.match): each for each in label_candidates.newest_verdicts(connection, MOST_VERDICTS)}
    done = {each.pair for each in pair_labels.all_labels(connection) if each.labelled_by == by}
    candidates = [
        TeachingPair(
            pair=pair,
            sources=(each.match.left.source, each.match.right.source),
            margin=each.match.score - each.match.threshold,
            rules=rules_of(each.match),
        )
        for pair, each in verdicts.items()
    ]
    ordered = in_order_of_worth(candidates, _new_sources(connection, now))
    return [
        QueuedPair(stored=verdicts[each.candidate.pair], taught=each)
        for each in ordered
        if each.candidate.pair not in done
    ]


def rules_of(match: Verdict) -> tuple[str, ...]:
    """Return the names of the rules that spoke against a merge."""
    return tuple(sorted({veto.partition(":")[0] for veto in match.vetoes}))


def kind_of_pair(match: Verdict | None) -> str:
    """Return what the matcher made of a pair, as the kind of its label."""
    if match is None:
        return ""
    return f"{match.relation or 'merged'} {match.method}" if match.merged else f"apart {match.method}"


def _pair(match: Verdict) -> tuple[str, str]:
    left, right = sorted((str(match.left), str(match.right)))
    return left, right


def _new_sources(connection: Connection, now: datetime) -> set[str]:
    """Return the sources that came of late, not with the hub itself."""
    first = label_candidates.first_days(connection)
    oldest = min(first.values(), default=0)
    return {name for name, day in first.items() if day > oldest and day > counts.day_of(now) - _NEW_DAYS}


def agreements(connection: Connection) -> list[Agreement]:
    """Compare what each two people say of the pairs that both have labelled; those with the most pairs first.

    Those who have labelled most are compared, `COMPARED_PEOPLE` of them: an import may name any number.
    """
    people: dict[str, dict[tuple[str, str], str]] = {}
    for each in pair_labels.all_labels(connection):
        people.setdefault(each.labelled_by, {})[each.pair] = each.judgement
    names = sorted(sorted(people, key=lambda name: (-len(people[name]), name))[:COMPARED_PEOPLE])
    made = [
        agreement((one, people[one]), (other, people[other]))
        for place, one in enumerate(names)
        for other in names[place + 1 :]
    ]
    return sorted((each for each in made if each.pairs), key=lambda each: (-each.pairs, each.people))


def judged_labels(connection: Connection) -> list[Label]:
    """Return what people agree on of pairs, those left out of which nobody is sure or opinions differ."""
    grouped: dict[tuple[str, str], list[PairLabel]] = {}
    for each in pair_labels.all_labels(connection):
        grouped.setdefault(each.pair, []).append(each)
    return [
        Label(a=pair[0], b=pair[1], is_same=said == "same", kind=some[-1].kind)
        for pair, some in grouped.items()
        if (said := agreed(some)) != "unclear"
    ]


def counts_of_people(connection: Connection) -> Mapping[str, int]:
    """Return how many pairs each person has labelled."""
    numbers: dict[str, int] = {}
    for each in pair_labels.all_labels(connection):
        numbers[each.labelled_by] = numbers.get(each.labelled_by, 0) + 1
    return numbers
