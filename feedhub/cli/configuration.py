"""The configuration that a command works with; people are told which file it is."""

from __future__ import annotations

import os
from pathlib import Path

from feedhub.cli.console import print_message
from feedhub.config import Config, load, starter_text
from feedhub.errors import EnvironmentFailed, UsageError
from feedhub.private_files import Part


def read_config(path: Path, *, quiet: bool = False) -> Config:
    """Read the configuration at `path` and say on stderr which file was taken, unless `quiet` (machines listen)."""
    config = load(path)
    if not quiet:
        print_message(f"configuration: {path}")
    return config


def refuse_existing(path: Path) -> None:
    """Raise UsageError where there is a configuration already."""
    if path.exists() or path.is_symlink():
        raise UsageError(f"{path}: it is there already and stays as it is: `feedhub sources add URL` adds to it")


def create_config(path: Path, rows: str = "") -> None:
    """Write a configuration over `rows` of sources; raise UsageError where there is one already.

    The variable FEEDHUB_HOST, which the container's image sets, says where it is to listen.
    """
    text = starter_text(rows, os.environ.get("FEEDHUB_HOST"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        refuse_existing(path)
        # whole or not at all: who finds an empty one is told that it says nothing, and starts no hub
        part = Part(path)
        try:
            part.file.write(text.encode())
            part.finish()
            # another process may have been quicker: what it wrote stays
            refuse_existing(path)
            part.publish()
        finally:
            part.discard()
    except OSError as error:
        raise EnvironmentFailed(f"{path}: cannot be written: {error.strerror or error}") from error
