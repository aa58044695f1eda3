"""Whether an entry's guid was given to another story."""

from __future__ import annotations

from feedhub.match.text.overlap import shares, title_likeness
from feedhub.match.text.prepare import prepare
from feedhub.model import Copy

#: headlines less alike than this, and texts that share less than this, have nothing to do with each other
TITLE = 0.2
TEXT = 0.1


def is_guid_reused(before: Copy, after: Copy) -> bool:
    """Whether both headline and text of an entry are others than they were, so that it is no edit but a new story."""
    if not before.title or not after.title:
        return False
    if title_likeness(prepare(before).title, prepare(after).title) >= TITLE:
        return False
    return max(shares(before.text, after.text), shares(after.text, before.text)) < TEXT
