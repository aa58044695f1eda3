"""The configuration that a command works with; people are told which file it is."""

from __future__ import annotations

from pathlib import Path

from feedhub.cli.console import print_message
from feedhub.config import Config, load


def read_config(path: Path, *, quiet: bool = False) -> Config:
    """Read the configuration at `path` and say on stderr which file was taken, unless `quiet` (machines listen)."""
    config = load(path)
    if not quiet:
        print_message(f"configuration: {path}")
    return config
