"""How settling is stopped in the middle of a batch: its transaction is rolled back, and what waited still waits."""

from __future__ import annotations

from threading import Event


class SettleInterrupted(Exception):
    """The process is about to end; nothing of the batch is written."""


class Interruption:
    """A flag that one thread raises and another looks at."""

    def __init__(self) -> None:
        self._raised = Event()

    def interrupt(self) -> None:
        """Have `check` raise from now on."""
        self._raised.set()

    def clear(self) -> None:
        """Have `check` pass again."""
        self._raised.clear()

    def check(self) -> None:
        """Raise SettleInterrupted once `interrupt` was called; call it where work may take long."""
        if self._raised.is_set():
            raise SettleInterrupted
