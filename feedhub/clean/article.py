"""The heart of the stage: lines in, lines of the article out, with everything that was lifted out of them."""

from __future__ import annotations

from feedhub.clean.agencies import Agencies
from feedhub.clean.citations import cited
from feedhub.clean.draft import Draft
from feedhub.clean.furniture import strip_furniture
from feedhub.clean.wire import lift_marks
from feedhub.model import Source, Wire

# Lifting one thing may lay another open (a dateline under a blurb under a button). Each round removes something, and
# a text that still changes after so many is an attack.
_ROUNDS = 40


def settle(draft: Draft, agencies: Agencies) -> Draft:
    """Take furniture and wire marks off until nothing changes, so that cleaning twice is cleaning once."""
    for _ in range(_ROUNDS):
        draft.changed = False
        strip_furniture(draft, agencies)
        lift_marks(draft, agencies)
        if not draft.changed:
            break
    return draft


def wire_of(draft: Draft, agencies: Agencies, source: Source | None = None) -> Wire:
    """What was lifted out, as one value; the configuration speaks where the text says nothing."""
    configured = (agencies.find(name) or name for name in ((source.agency, source.credit) if source else ()) if name)
    agency = draft.agency or draft.hint or next(configured, None)
    own = frozenset({agency, draft.agency, draft.hint, agencies.find(source.agency) if source else None})
    return Wire(
        agency=agency,
        credit=draft.credit or draft.hinted_credit,
        place=draft.place,
        date=draft.date,
        byline=draft.byline,
        desk=draft.desk,
        revision=draft.revision,
        cited=cited((piece.text for piece in draft.pieces), agencies, own),
    )
