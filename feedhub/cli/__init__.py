"""The `feedhub` command: parses, calls, prints. Heavy modules are imported by the command that needs them."""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

from feedhub.cli.commands import app
from feedhub.errors import FeedhubError

__all__ = ["app", "main"]

INTERRUPTED = 130


class Interrupted(BaseException):
    """Ctrl-C; no KeyboardInterrupt, which the command-line library would turn into exit code 1."""


def main() -> None:
    """Run the command line; every expected failure is one line on stderr and the exit code of its kind."""
    signal.signal(signal.SIGINT, _interrupt)
    try:
        app()
    except Interrupted:
        print("feedhub: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output went away; nothing is wrong with us.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except FeedhubError as error:
        for line in str(error).splitlines():
            print(f"feedhub: {line}", file=sys.stderr)
        sys.exit(error.exit_code)


def _interrupt(number: int, frame: object) -> NoReturn:
    raise Interrupted
