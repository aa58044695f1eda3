"""Reduce the lines of a document to the lines of its article, and collect what was lifted out of them."""

from __future__ import annotations

from feedhub.clean.agencies import Agencies
from feedhub.clean.citations import cited
from feedhub.clean.draft import Draft
from feedhub.clean.furniture import strip_furniture
from feedhub.clean.wire_marks import lift_marks
from feedhub.model import Source, WireMarks

# Lifting one thing may lay another open (a dateline under a blurb under a button). Each round removes something, and
# a text that still changes after so many is an attack. Huge texts get fewer, so that none takes long.
_ROUNDS = 40
_FEWEST = 3
_LINES = 3_000
_SIGNS = 400_000


def strip_draft(draft: Draft, agencies: Agencies) -> Draft:
    """Take furniture and wire marks off until nothing changes, so that cleaning twice is cleaning once."""
    for _ in range(_rounds(draft)):
        draft.changed = False
        strip_furniture(draft, agencies)
        lift_marks(draft, agencies)
        if not draft.changed:
            break
    return draft


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
        credit=draft.credit or draft.hinted_credit,
        place=draft.place,
        date=draft.date,
        byline=draft.byline,
        desk=draft.desk,
        revision=draft.revision or draft.editors_revision,
        cited=cited((piece.text for piece in draft.pieces), agencies, frozenset(names)),
    )


def _short(name: str | None, agencies: Agencies) -> str | None:
    return agencies.find(name) or name
