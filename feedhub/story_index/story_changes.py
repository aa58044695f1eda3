"""Stories before an add and after it -> what became of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from feedhub.story_index.index_values import StoryChange
from feedhub.story_index.packed_stories import Members


def story_changes(gone: list[Members], came: list[Members], original: Callable[[int], Any]) -> list[StoryChange]:
    """Compare stories as they were with those in their place: each goes on as that which has most of its items.

    `original` returns the id of an item by its number, as it came.
    """
    was = {member[0]: number for number, story in enumerate(gone) for member in story}
    claims = sorted(
        (-sum(was.get(m[0]) == number for m in story), number, place)
        for place, story in enumerate(came)
        for number in {was[m[0]] for m in story if m[0] in was}
    )
    goes_on: dict[int, int] = {}
    taken: set[int] = set()
    for _, number, place in claims:
        if number not in taken and place not in goes_on:
            goes_on[place] = number
            taken.add(number)
    changes = [
        _change(gone[goes_on[place]] if place in goes_on else [], story, original) for place, story in enumerate(came)
    ]
    changes += [_change(story, [], original) for number, story in enumerate(gone) if number not in taken]
    return [change for change in changes if change.joined or change.left or change.story != change.before]


def _change(before: Members, after: Members, original: Callable[[int], Any]) -> StoryChange:
    old, new = {member[0] for member in before}, {member[0] for member in after}
    return StoryChange(
        story=original(after[0][0]) if after else None,
        before=original(before[0][0]) if before else None,
        joined=tuple(original(number) for number in sorted(new - old)),
        left=tuple(original(number) for number in sorted(old - new)),
    )
