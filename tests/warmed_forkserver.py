"""What multiprocessing's fork server imports last: see `faults`."""

from __future__ import annotations

from warmed import warm

warm()
