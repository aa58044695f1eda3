"""Which stories an output takes, when each entered it, and in what order it shows them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from feedhub.languages import NO_SPACE_SCRIPTS
from feedhub.model import CopyStanding, EntryKey, Filters, OutputItem, OutputRule, Story, StoryCopy
from feedhub.structs import replace

#: what each copy of a story says, title and text
Texts = Mapping[EntryKey, str]
_NOTHING: Texts = {}


def admits(rule: OutputRule, story: Story, texts: Texts = _NOTHING) -> bool:
    """Tell whether the story passes every filter of the output; any of its copies can satisfy a filter."""
    copies = counted(story.copies)
    return (
        _any_of(rule.categories, story.categories + tuple(c for copy in copies for c in copy.categories))
        and _speaks(rule.languages, [story.language, *(copy.language for copy in copies)])
        and _any_of(rule.agencies, [story.agency, *story.agencies, *(c.agency for c in copies if c.agency_own)])
        and _any_of(rule.outlets, [story.publisher.outlet, *(copy.outlet for copy in copies)])
        and coverage(copies, rule.within) >= rule.min_copies
        and (not rule.words or any(mentions(rule.words, text) for text in _texts_of(story, texts)))
    )


def leaves_out(
    filters: Filters,
    *,
    categories: Iterable[str],
    language: str | None,
    agencies: Iterable[str | None],
    outlet: str,
    text: str,
) -> str | None:
    """Tell why something is left out, as `category "Sport"`; None where no filter takes it."""
    values: tuple[tuple[str, tuple[str, ...], Iterable[str | None]], ...] = (
        ("category", filters.categories, categories),
        ("agency", filters.agencies, agencies),
        ("outlet", filters.outlets, [outlet]),
    )
    for what, wanted, given in values:
        if wanted and (name := next((each for each in given if each and _any_of(wanted, [each])), None)):
            return f'{what} "{name}"'
    if filters.languages and language and _speaks(filters.languages, [language]):
        return f'language "{language}"'
    word = next((word for word in filters.words if mentions((word,), text)), None)
    return None if word is None else f'word "{word}"'


def excluded(rule: OutputRule, story: Story, texts: Texts = _NOTHING) -> str | None:
    """Tell why an output leaves a story out, as it is shown: what a mere copy of it says leaves nothing out."""
    if rule.exclude == Filters():
        return None
    return leaves_out(
        rule.exclude,
        categories=story.categories,
        language=story.language,
        agencies=[story.agency, *story.agencies],
        outlet=story.publisher.outlet,
        text=texts.get(story.canonical) or f"{story.title}\n{story.summary or ''}\n{story.html or ''}",
    )


def counted(copies: Iterable[StoryCopy]) -> tuple[StoryCopy, ...]:
    """Return the copies whose sources count for anything."""
    return tuple(copy for copy in copies if copy.standing is not CopyStanding.UNCOUNTED)


def coverage(copies: Iterable[StoryCopy], within: timedelta | None = None) -> int:
    """Count the outlets that ran it, at most `within` between them; the agency's own feed counts only alone."""
    copies = counted(copies)
    run = sorted((copy.published, copy.outlet) for copy in copies if not copy.agency_own)
    if not run:
        return min(1, len(copies))
    if within is None:
        return len({outlet for _, outlet in run})
    return max(len({outlet for when, outlet in run if start <= when <= start + within}) for start, _ in run)


def entered(rule: OutputRule, story: Story, texts: Texts = _NOTHING) -> datetime | None:
    """Tell when the story would have entered an output that had always been there; None if it is not admitted.

    That is when it was released and admitted, or last materially changed.
    """
    for moment in sorted({copy.first_seen for copy in story.copies}):
        early = replace(story, copies=tuple(copy for copy in story.copies if copy.first_seen <= moment))
        if admits(rule, early, texts) and excluded(rule, story, texts) is None:
            return max(moment, story.released, story.updated)
    return None


def select(rule: OutputRule, items: Iterable[OutputItem]) -> tuple[OutputItem, ...]:
    """Choose the items that the output shows, in its order: at most `per_outlet` of one outlet, `limit` in all."""
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


def mentions(words: tuple[str, ...], text: str) -> bool:
    """Tell whether the text holds one of the words or phrases: whole words, capitals and widths of letters aside.

    `ferr*` takes any ending. In scripts that set no spaces between words they may stand anywhere.
    """
    folded = _folded(text)
    return any(_holds(folded, _folded(word)) for word in words)


def _texts_of(story: Story, texts: Texts) -> Iterable[str]:
    """Return what its copies say as far as is known, else their titles."""
    return (texts.get(copy.key) or copy.title for copy in counted(story.copies))


def _holds(text: str, phrase: str) -> bool:
    stem = phrase.rstrip("*").strip()
    whole = stem == phrase
    at = text.find(stem)
    while at >= 0:
        end = at + len(stem)
        if not _goes_on(text, at) and not (whole and _goes_on(text, end)):
            return True
        at = text.find(stem, at + 1)
    return False


def _goes_on(text: str, place: int) -> bool:
    """Tell whether a word runs across the place."""
    return 0 < place < len(text) and _is_letter(text[place - 1]) and _is_letter(text[place])


def _is_letter(character: str) -> bool:
    """Tell whether this is a letter, digit or mark of a script that sets words apart."""
    written = character.isalnum() or unicodedata.category(character) in ("Mn", "Mc")
    return written and not _NO_SPACE.match(character)


def _folded(text: str) -> str:
    """Fold what writers of one phrase do differently: capitals, widths, hyphens, apostrophes, breaks."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _GAP.sub(" ", plain.translate(_UNSEEN)).strip()


#: soft hyphen, zero-width space
_UNSEEN = {0xAD: None, 0x200B: None}
_GAP = re.compile(r"[\s'’\u2010-\u2015-]+")
_NO_SPACE = re.compile(f"[{NO_SPACE_SCRIPTS}]")


def _any_of(wanted: tuple[str, ...], values: Iterable[str | None]) -> bool:
    """Tell whether the filter is empty or one of the values is wanted, capitals aside."""
    asked = {value.casefold() for value in wanted}
    return not asked or any(value is not None and value.casefold() in asked for value in values)


def _speaks(wanted: tuple[str, ...], values: Iterable[str | None]) -> bool:
    """Tell the same of languages; `en` takes `en-GB` too, `en-GB` only itself."""
    asked = tuple(tag.casefold().replace("_", "-") for tag in wanted)
    tags = [tag.casefold().replace("_", "-") for tag in values if tag]
    return not asked or any(tag == want or tag.startswith(f"{want}-") for tag in tags for want in asked)


_ORDERS: dict[str, Callable[[OutputItem], tuple[object, ...]]] = {
    # what entered together by its date, the undated last
    "entered": lambda item: (item.entered, item.story.dated, item.story.published),
    "published": lambda item: (item.story.published,),
    "updated": lambda item: (item.story.updated,),
    "copies": lambda item: (coverage(item.story.copies), item.entered),
}
