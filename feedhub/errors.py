"""What can go wrong, as one tree.

FeedhubError                 every error that has a message for a person
├── ConfigError              the configuration is unusable        (exit 2)
├── UsageError               the command line asks for nonsense   (exit 2)
├── ItemError                an item cannot be used               (exit 3; 4 where none can)
└── EnvironmentFailed        disk, database or port refused       (exit 5)

A source that cannot be fetched or parsed is no exception but a value
(`FetchFailed`, `ParseFailed` in `model`): it must never cost another source its round.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from traceback import extract_tb


class FeedhubError(Exception):
    """An error with one clear line for a person; `exit_code` is what the shell gets."""

    exit_code = 1


class ConfigError(FeedhubError):
    """The configuration cannot be used; `mistakes` holds every line, `FILE:LINE:COL: path: what`."""

    exit_code = 2

    def __init__(self, mistakes: Sequence[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


class UsageError(FeedhubError):
    """The command line asks for something that is not there."""

    exit_code = 2


class ItemError(FeedhubError, ValueError):
    """An item that cannot be used; the message says why, in one line.

    `row` is its place among the items, from 1, and `field` what is wrong of it, where they are known.
    """

    exit_code = 3

    def __init__(self, message: str, *, row: int | None = None, field: str | None = None) -> None:
        self.row = row
        self.field = field
        super().__init__(message)


class EnvironmentFailed(FeedhubError):
    """The machine refused: a full disk, a locked or broken database, a port in use."""

    exit_code = 5


def bug_reason(bug: BaseException) -> str:
    """Return why something failed by a fault of feedhub: one line that says where, and no word of what was read."""
    frames = extract_tb(bug.__traceback__)
    place = f" in {PurePath(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return f"feedhub broke over it ({type(bug).__name__}{place}): a bug, please report it"
