"""Decisions as lines for people and as JSON values for machines."""

from __future__ import annotations

from typing import Any

from feedhub.store.decisions import Decision

#: entries of a decision that a line names
_MOST_NAMED = 3
_PHRASES = {
    "merge": "are one story with",
    "split": "are not in the story of",
    "never": "are never one story with",
    "pin": "speaks for its story",
    "kill": "killed",
    "notice": "is a kill notice",
    "parted": "were parted for good from",
    "confirm": "are rightly one story",
    "dismiss": "are rightly apart from",
    "seen": "was looked at",
}


def decision_json(word: Decision) -> dict[str, Any]:
    """Turn a decision into JSON values."""
    return {
        "number": word.id,
        "kind": word.kind,
        "by": "hub" if word.kind in ("notice", "parted") else "person",
        "who": word.decided_by,
        "at": word.decided_at.isoformat(),
        "ended": None if word.revoked_at is None else word.revoked_at.isoformat(),
        "ended_by": word.revoked_by,
        "reason": word.reason,
        "left": [{"source": key.source, "guid": key.guid} for key in word.left],
        "right": [{"source": key.source, "guid": key.guid} for key in word.right],
    }


def decision_line(word: Decision) -> str:
    """Describe a decision in one line."""
    line = f"{word.id}. {word.decided_at:%Y-%m-%d %H:%M} {sentence(word)}"
    return line + (f" ({state(word)})" if state(word) else "")


def sentence(word: Decision) -> str:
    """Tell what a decision says, without its number, date and reason."""
    if word.left == word.right:
        return f"{names(word.left)} are no story together, each by itself"
    line = f"{names(word.left)} {_PHRASES[word.kind]}"
    return line + (f" {'of ' if word.kind == 'notice' else ''}{names(word.right)}" if word.right else "")


def state(word: Decision) -> str:
    """Tell who decided and why, and since when it no longer holds; empty where there is nothing to tell."""
    ended = "" if word.revoked_at is None else f"taken back {word.revoked_at:%Y-%m-%d %H:%M}"
    ended += f" by {word.revoked_by}" if word.revoked_by else ""
    return "; ".join(filter(None, (word.decided_by and f"by {word.decided_by}", word.reason, ended)))


def names(keys: tuple[Any, ...]) -> str:
    """Name the first of some entries and count the others."""
    more = f" and {len(keys) - _MOST_NAMED} more" if len(keys) > _MOST_NAMED else ""
    return ", ".join(str(key) for key in keys[:_MOST_NAMED]) + more
