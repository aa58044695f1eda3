"""What is remembered of a source between two polls."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct, field

from feedhub.model.polling import Validators


class SourceState(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is remembered of a source between polls; stored with the entries that its validators vouch for."""

    #: the configured URL that all this was learnt from: another one starts afresh
    configured: str
    #: None: never polled, so due now
    due_at: datetime | None = None
    #: Retry-After: not even `--all` polls before
    paused_until: datetime | None = None
    #: why it is polled no more, for a person; None while it is polled
    stopped: str | None = None
    validators: Validators = field(default_factory=Validators)
    #: of the last body that was parsed
    body_hash: str | None = None
    #: polls that failed in a row, and the first and last of their reasons
    failures: int = 0
    failing_since: datetime | None = None
    last_error: str | None = None
    #: when it last answered with a good feed or a 304
    last_success: datetime | None = None
    #: good feeds in a row that held no entry
    empty_documents: int = 0
    #: the permanent address adopted in place of the configured one
    adopted: str | None = None
    #: a permanent target seen, and how often in a row
    moved_to: str | None = None
    moved_sightings: int = 0
    #: what the last good feed asked for, so that a 304 obeys it too
    ttl: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[str] = frozenset()
    #: the mean time between its newest entries, and when the newest was published; None where dates do not say
    pace: timedelta | None = None
    newest: datetime | None = None
    #: entries in the last good document
    listed_entries: int = 0
    #: new entries that its last document listed beyond its quota; they wait for the next round
    backlog: int = 0
    #: new and edited entries of it that wait because cleaning the others took so long
    cleaning_backlog: int = 0
    #: the host of its site link when it was first read, "" where it had none; and another that the link names now
    site: str | None = None
    other_site: str | None = None
    #: documents whose guids moved from entry to entry, or changed without one; and whether they name nothing
    guid_faults: int = 0
    guids_bad: bool = False
    #: the name with which nearly all of its titles end (`Headline - Outlet`)
    title_suffix: str | None = None

    @property
    def url(self) -> str:
        """The address to poll."""
        return self.adopted or self.configured
