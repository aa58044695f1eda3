"""Reduce the lines of a document to the lines of its article, and collect what was lifted out of them."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain, repeat

from feedhub.clean.agencies import Agencies, fold
from feedhub.clean.catalogue import appeals, rules
from feedhub.clean.citations import cited
from feedhub.clean.draft import Draft, Piece
from feedhub.clean.furniture import FURNITURE_STEPS
from feedhub.clean.wire_marks import MARK_STEPS
from feedhub.model import Source, WireMarks

#: how long a recording is, behind who made it: Source: Example News, 4:51
_DURATION = re.compile(r",\s\d{1,2}:\d\d$")
# Lifting one thing may lay another open (a dateline under a blurb under a button). Each round removes something, and
# a text that still changes after so many is an attack. Huge texts get fewer, so that none takes long.
_ROUNDS = 40
_FEWEST = 3
_LINES = 3_000
_SIGNS = 400_000
#: what is dropped for being said elsewhere is no furniture
_REPEATED = frozenset({"headline", "blurb", "label", "byline", "credit"})
_SHORT_WORD = 3
_STEPS = FURNITURE_STEPS + MARK_STEPS


def strip_draft(draft: Draft, agencies: Agencies) -> Draft:
    """Take furniture and wire marks off until nothing changes, so that cleaning twice is cleaning once."""
    size = sum(len(piece.text) for piece in draft.pieces)
    _strip(draft, agencies)
    if doubtful := _doubtful(draft, size):
        appealing = [(rule, piece) for rule, piece in draft.removed if rule in doubtful and rule in _appeals()]
        for rule in doubtful:
            draft.restore(rule)
        _strip(draft, agencies)
        _drop_alone(draft, appealing)
    return draft


def _drop_alone(draft: Draft, appealing: list[tuple[str, Piece]]) -> None:
    """Drop appeals that were put back where nothing else is left: cleaned again, they would be a page of consent."""
    rules = {id(piece): rule for rule, piece in appealing}
    if all(id(piece) in rules for piece in draft.pieces):
        for piece in list(draft.pieces):
            draft.drop(0, rules[id(piece)])


def _strip(draft: Draft, agencies: Agencies) -> None:
    """Take the steps in turn, until each of them has found nothing since the last change."""
    idle = 0
    for step in chain.from_iterable(repeat(_STEPS, _rounds(draft))):
        if idle == len(_STEPS) or not draft.pieces:
            break
        draft.changed = False
        step(draft, agencies)
        idle = 0 if draft.changed else idle + 1


def _doubtful(draft: Draft, size: int) -> list[str]:
    """Return the rules that took more than a third of a text for furniture and have no second sign of it.

    Furniture of another kind is one. A block of vocabulary (consent, offers) has one where it is all there is, or
    shares no word with the title; a line that an article may say as well has one where it stands at the end.
    """
    if not draft.removed:
        return []
    doubtful = []
    kinds = {rule for rule, _ in draft.removed} - _REPEATED
    for rule in kinds & _weak_rules():
        texts = [piece.text for name, piece in draft.removed if name == rule]
        if 3 * sum(map(len, texts)) <= size or len(kinds) > 1:
            continue
        if rule in _appeals():
            titles = {fold(word) for title in draft.titles for word in title.split() if len(word) > _SHORT_WORD}
            # a page of consent has nothing else
            is_sure = not draft.pieces or not any(
                fold(word) in titles for text in texts for word in text.split() if len(word) > _SHORT_WORD
            )
        else:
            last = max(piece.line for name, piece in draft.removed if name == rule)
            is_sure = bool(draft.pieces) and all(piece.line < last for piece in draft.pieces)
        if not is_sure:
            doubtful.append(rule)
    return doubtful


@cache
def _appeals() -> frozenset[str]:
    return frozenset(appeal.name for appeal in appeals())


@cache
def _weak_rules() -> frozenset[str]:
    return _appeals() | {rule.name for rule in rules() if rule.weak}


def _rounds(draft: Draft) -> int:
    lines, signs = len(draft.pieces) + 1, sum(len(piece.text) for piece in draft.pieces) + 1
    return max(_FEWEST, min(_ROUNDS, _LINES // lines, _SIGNS // signs))


def wire_of(draft: Draft, agencies: Agencies, source: Source | None = None) -> WireMarks:
    """Return the wire marks lifted out of a draft; the configured `source` speaks where the text says nothing."""
    own = _short(source.agency, agencies) if source else None
    credit = _short(source.credit, agencies) if source else None
    # In an agency's own feed an unknown name in an agency's place is another name of its own.
    agency = draft.agency or (None if own else draft.guess) or draft.hint or own or credit
    if draft.credit and agencies.is_own(draft.credit):
        draft.credit = None
    names = (agency, draft.agency, draft.guess, draft.hint, draft.credit, draft.byline, own)
    return WireMarks(
        agency=agency,
        credit=_DURATION.sub("", draft.credit or draft.hinted_credit or "") or None,
        place=draft.place,
        date=draft.date,
        byline=draft.byline,
        desk=draft.desk,
        revision=draft.revision or draft.editors_revision,
        cited=cited((piece.text for piece in draft.pieces), agencies, frozenset(names)),
    )


def _short(name: str | None, agencies: Agencies) -> str | None:
    return agencies.find(name) or name
