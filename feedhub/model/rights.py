"""How much of a source's text may be shown."""

from __future__ import annotations

from enum import StrEnum

#: words of a text that `summary` lets through
SUMMARY_WORDS = 60


class Rights(StrEnum):
    """What a source permits to show of its text; the order of the members is from least to most."""

    HEADLINE = "headline"
    SUMMARY = "summary"
    FULL = "full"

    @property
    def rank(self) -> int:
        """Return the place in the order from least (0) to most."""
        return list(Rights).index(self)

    @classmethod
    def narrowest(cls, *rights: Rights) -> Rights:
        """Return the one that permits least; FULL where none is given."""
        return min(rights, key=lambda each: each.rank, default=cls.FULL)

    def permit(self, text: str | None) -> str | None:
        """Return as much of a plain text as may be shown: all, its first `SUMMARY_WORDS` words, or None."""
        if self is Rights.FULL or text is None:
            return text
        words = text.split()
        if self is Rights.HEADLINE or not words:
            return None
        return " ".join(words[:SUMMARY_WORDS]) + (" …" if len(words) > SUMMARY_WORDS else "")
