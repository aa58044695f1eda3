"""`feedhub sources import` and `export`: OPML both ways."""

from __future__ import annotations

import sys
from pathlib import Path

from feedhub import opml
from feedhub.cli.configuration import read_config
from feedhub.cli.console import print_message
from feedhub.cli.signals import write_files
from feedhub.config import append_sources, import_yaml
from feedhub.errors import UsageError


def import_list(file: Path, config: Path, *, append: bool) -> int:
    """Print a YAML block of the list's feeds, or append it to the configuration."""
    existing = read_config(config).sources if config.exists() else ()
    try:
        made = import_yaml(_read(file), existing)
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from error
    for remark in made.remarks:
        print_message(f"{file}: {remark}")
    if not append:
        print(made.block, end="")
    elif made.block:
        append_sources(config, made.block)
    print_message(
        f"{made.count} sources " + (f"appended to {config}" if append else "printed; put them under `sources:`")
    )
    return 0


def export_list(file: str, config: Path) -> int:
    """Write the configured sources that are addresses."""
    body = opml.write(read_config(config).sources, "feedhub sources")
    if file == "-":
        sys.stdout.buffer.write(body)
        return 0
    path = Path(file)
    write_files(path.parent, {path.name: body})
    return 0


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from error
