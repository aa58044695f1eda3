"""The report of one poll of one source."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from feedhub.errors import bug_reason


class Outcome(StrEnum):
    """How polling one source ended."""

    READ = "read"
    UNCHANGED = "unchanged"
    WAITING = "waiting"
    STOPPED = "stopped"
    FAILED = "failed"


class SourceReport(Struct, frozen=True, kw_only=True):
    """What one poll of one source did."""

    source: str
    outcome: Outcome
    #: entries in the document, and how many of them were new or edited
    entries: int = 0
    new: int = 0
    edited: int = 0
    #: why it failed, stopped or waits; or what had to be repaired
    remark: str | None = None


def report_of_bug(source: str, bug: Exception) -> SourceReport:
    """Make the report of a source over which feedhub itself failed."""
    return SourceReport(source=source, outcome=Outcome.FAILED, remark=bug_reason(bug))
