"""The `feedhub` command: parses, calls, prints. Heavy modules are imported by the command that needs them."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import NoReturn

from feedhub.cli import (  # noqa: F401 (they join the app, in the order of its help)
    commands,
    decision_commands,
    desk_commands,
    label_commands,
    source_commands,
    store_commands,
    story_commands,
)
from feedhub.cli.command_line import app
from feedhub.cli.console import print_message
from feedhub.cli.streams import install_patient_streams
from feedhub.errors import FeedhubError

__all__ = ["app", "main"]

INTERRUPTED = 130
#: allocations between two searches of the youngest generation, and how many of those one of the next takes
_COLLECTOR = (150_000, 10, 10)


class Interrupted(BaseException):
    """Ctrl-C; no KeyboardInterrupt, which the command-line backend would turn into exit code 1."""


def main() -> None:
    """Run the command line; every expected failure is one line on stderr and the exit code of its kind."""
    # A start makes 120,000 objects that stay, a round millions that need no search for cycles to go.
    gc.set_threshold(*_COLLECTOR)
    # numpy starts a thread of OpenBLAS for each core, which spins for a tenth of a second; we ask it for no algebra
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    signal.signal(signal.SIGINT, _interrupt)
    install_patient_streams()
    try:
        _run()
    except Interrupted:
        print("feedhub: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except FeedhubError as error:
        for line in str(error).splitlines():
            print_message(f"feedhub: {line}")
        sys.exit(error.exit_code)


def _run() -> None:
    try:
        app()
    finally:
        # The interpreter's last searches for cycles take a tenth of a second, and all memory goes anyway.
        gc.freeze()
        # What the disk refuses is to be told while somebody can tell it.
        sys.stdout.flush()


def _interrupt(number: int, frame: object) -> NoReturn:
    raise Interrupted
