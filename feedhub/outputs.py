"""Which stories an output takes, when each entered it, and in what order it shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Set
from dataclasses import replace
from datetime import datetime, timedelta

from feedhub.model import OutputItem, OutputRule, Story, StoryCopy


def admits(rule: OutputRule, story: Story) -> bool:
    """Whether the story passes every filter of the output; any of its copies can satisfy a filter."""
    return (
        _any_of(rule.categories, story.categories + tuple(c for copy in story.copies for c in copy.categories))
        and _speaks(rule.languages, [story.language, *(copy.language for copy in story.copies)])
        and _any_of(rule.agencies, [story.agency, *(copy.agency for copy in story.copies)])
        and _any_of(rule.outlets, [story.publisher.outlet, *(copy.outlet for copy in story.copies)])
        and coverage(story.copies, rule.within) >= rule.min_copies
    )


def coverage(copies: Iterable[StoryCopy], within: timedelta | None = None) -> int:
    """How many outlets ran it, at most `within` between them; the agency's own feed is not counted unless alone."""
    copies = tuple(copies)
    run = sorted((copy.published, copy.outlet) for copy in copies if not copy.agency_own)
    if not run:
        return min(1, len(copies))
    if within is None:
        return len({outlet for _, outlet in run})
    return max(len({outlet for when, outlet in run if start <= when <= start + within}) for start, _ in run)


def entered(rule: OutputRule, story: Story) -> datetime | None:
    """When the story entered the output: released and admitted, or last materially changed; None if not admitted."""
    for moment in sorted({copy.first_seen for copy in story.copies}):
        early = replace(story, copies=tuple(copy for copy in story.copies if copy.first_seen <= moment))
        if admits(rule, early):
            return max(moment, story.released, story.updated)
    return None


def select(rule: OutputRule, items: Iterable[OutputItem]) -> tuple[OutputItem, ...]:
    """The items that the output shows, in its order: at most `per_outlet` of one outlet, at most `limit` in all."""
    ordered = sorted(items, key=lambda item: item.story.id)
    ordered.sort(key=_ORDERS[rule.order], reverse=True)
    shown: list[OutputItem] = []
    taken: Counter[str] = Counter()
    for item in ordered:
        outlet = item.story.publisher.outlet
        if len(shown) < rule.limit and (rule.per_outlet is None or taken[outlet] < rule.per_outlet):
            shown.append(item)
            taken[outlet] += 1
    return tuple(shown)


def never_shown(items: Iterable[OutputItem], shown: Iterable[OutputItem], before: Set[str]) -> int:
    """How many admitted stories the limits kept out although they were never shown; `before`: ids once shown."""
    known = before | {item.story.id for item in shown}
    return len({item.story.id for item in items} - known)


def _any_of(wanted: tuple[str, ...], found: Iterable[str | None]) -> bool:
    """Whether the filter is empty or one of the values is wanted, capitals aside."""
    asked = {value.casefold() for value in wanted}
    return not asked or any(value is not None and value.casefold() in asked for value in found)


def _speaks(wanted: tuple[str, ...], found: Iterable[str | None]) -> bool:
    """As `_any_of`; `en` takes `en-GB` too, `en-GB` only itself."""
    asked = tuple(tag.casefold().replace("_", "-") for tag in wanted)
    tags = [tag.casefold().replace("_", "-") for tag in found if tag]
    return not asked or any(tag == want or tag.startswith(f"{want}-") for tag in tags for want in asked)


_ORDERS: dict[str, Callable[[OutputItem], tuple[object, ...]]] = {
    "entered": lambda item: (item.entered,),
    "published": lambda item: (item.story.published,),
    "updated": lambda item: (item.story.updated,),
    "copies": lambda item: (coverage(item.story.copies), item.entered),
}
