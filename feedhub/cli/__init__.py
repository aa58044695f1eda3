"""The `feedhub` command: parses, calls, prints. Heavy modules are imported by the command that needs them."""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

from feedhub.cli import decision_commands, story_commands  # noqa: F401 (their commands join the app)
from feedhub.cli.commands import app
from feedhub.cli.streams import install_patient_streams
from feedhub.errors import FeedhubError

__all__ = ["app", "main"]

INTERRUPTED = 130


class Interrupted(BaseException):
    """Ctrl-C; no KeyboardInterrupt, which the command-line backend would turn into exit code 1."""


def main() -> None:
    """Run the command line; every expected failure is one line on stderr and the exit code of its kind."""
    signal.signal(signal.SIGINT, _interrupt)
    install_patient_streams()
    try:
        _run()
    except Interrupted:
        print("feedhub: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except FeedhubError as error:
        for line in str(error).splitlines():
            print(f"feedhub: {line}", file=sys.stderr)
        sys.exit(error.exit_code)


def _run() -> None:
    try:
        app()
    finally:
        # What the disk refuses is to be told while somebody can tell it.
        sys.stdout.flush()


def _interrupt(number: int, frame: object) -> NoReturn:
    raise Interrupted
