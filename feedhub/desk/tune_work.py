"""The report on the labels of a store, made once for each state of the labels, in a thread of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Event, Lock, Thread
from typing import Any

from msgspec import Struct

from feedhub.admin.pair_queue import judged_labels
from feedhub.items import copies
from feedhub.match import Replay
from feedhub.model import MatchWindows
from feedhub.store import Database, pair_labels
from feedhub.tuning import Label, LabelReport, evaluate

#: seconds that a request waits for a report before it shows how far that is
PATIENCE = 0.5
LabelState = tuple[int, datetime | None]


class LabelledPairs(Struct, frozen=True, kw_only=True):
    """What people agree on, and the entries that it is of, as they were when labelled."""

    labels: Sequence[Label]
    entries: Mapping[str, Mapping[str, Any]]


class ReportJob:
    """A report that is being made."""

    def __init__(self, state: LabelState) -> None:
        self.state = state
        self.ended = Event()
        self.report: LabelReport | None = None
        self.error: Exception | None = None
        #: how much of it is tried
        self.progress = 0, 1

    def hear(self, stage: str, done: int, total: int) -> None:
        """Note how far it is."""
        self.progress = done, total


class TuneWork:
    """Makes reports, one at a time; the last one is remembered until a label changes."""

    def __init__(self, store: Database, windows: MatchWindows) -> None:
        self._store = store
        self._windows = windows
        self._lock = Lock()
        self._job: ReportJob | None = None

    def job(self) -> ReportJob:
        """Return the report on the labels as they are, made or under way; wait for it a moment."""
        with self._store.read() as connection:
            state = pair_labels.state_of(connection)
        with self._lock:
            job = self._job
            if job is None or (job.state != state and job.ended.is_set()) or job.error is not None:
                job = self._job = ReportJob(state)
                Thread(target=self._make, args=(job,), daemon=True, name="tune").start()
        job.ended.wait(PATIENCE)
        return job

    def _make(self, job: ReportJob) -> None:
        try:
            known = labelled_pairs(self._store)
            if known.labels:
                job.report = report_on(known, self._windows, job)
        except Exception as error:
            job.error = error
        finally:
            job.ended.set()


def labelled_pairs(store: Database) -> LabelledPairs:
    """Read what people agree on, and the entries of it."""
    with store.read() as connection:
        labels = judged_labels(connection)
        names = {name for label in labels for name in (label.a, label.b)}
        return LabelledPairs(labels=labels, entries=pair_labels.entries(connection, names))


def report_on(known: LabelledPairs, windows: MatchWindows, job: ReportJob) -> LabelReport:
    """Run the matcher over the labelled entries alone and hold it against the labels, as `feedhub tune` does."""
    run = Replay(copies(known.entries.values()), windows)
    try:
        return evaluate(known.labels, run, job.hear)
    finally:
        run.close()
