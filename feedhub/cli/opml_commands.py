"""`feedhub sources import` and `export`: OPML both ways."""

from __future__ import annotations

import sys
from pathlib import Path

from feedhub import opml
from feedhub.bounded_files import read_bounded
from feedhub.cli.configuration import create_config, read_config
from feedhub.cli.console import print_message
from feedhub.cli.signals import write_files
from feedhub.config import append_sources, import_yaml
from feedhub.config.editing import Import
from feedhub.errors import EnvironmentFailed, UsageError
from feedhub.model import Source
from feedhub.private_files import write_private
from feedhub.shipped_files import starter_lists


def import_list(file: str, config: Path, *, append: bool) -> int:
    """Print a YAML block of the list's feeds, or append it to the configuration, which is begun where there is none."""
    begun = not config.exists()
    existing = () if begun else read_config(config).sources
    made = read_list(file, existing)
    if not append:
        print(made.block, end="")
    elif begun:
        create_config(config, made.block)
    elif made.block:
        append_sources(config, made.block)
    where = f"{'written' if begun else 'appended'} to {config}" if append else "printed; put them under `sources:`"
    print_message(f"{made.count} sources {where}")
    return 0


def read_list(file: str, existing: tuple[Source, ...]) -> Import:
    """Return the rows of a list by its path or, where it comes along, its name; remarks are told."""
    path = Path(file)
    if not path.exists() and file in (lists := starter_lists()):
        path = lists[file]
    try:
        made = import_yaml(read_bounded(path), existing)
    except OSError as error:
        more = f"; lists that come along: {', '.join(starter_lists())}" if not path.exists() else ""
        raise UsageError(f"{file}: {error.strerror or error}{more}") from error
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from error
    for remark in made.remarks:
        print_message(f"{file}: {remark}")
    return made


def export_list(file: str, config: Path, *, reveal: bool) -> int:
    """Write the configured sources that are addresses; with their secrets only into a file of mode 0600."""
    if reveal and file == "-":
        raise UsageError("--reveal writes secrets: name a file, which only you will be able to read")
    sources = read_config(config).sources
    body = opml.write(sources, "feedhub sources", reveal=reveal)
    if file == "-":
        sys.stdout.buffer.write(body)
        return 0
    path = Path(file)
    if not reveal:
        write_files(path.parent, [(path.name, [body])])
    else:
        try:
            write_private(path, body)
        except OSError as error:
            raise EnvironmentFailed(f"{file}: {error.strerror or error}") from error
    _tell(sources, reveal=reveal)
    return 0


def _tell(sources: tuple[Source, ...], *, reveal: bool) -> None:
    """Say what of the sources is not in the list."""
    paths = sum(source.is_path for source in sources)
    masked = 0 if reveal else sum(opml.MASK in opml.exported_url(s.url) for s in sources if not (s.is_path or s.public))
    print_message(f"{len(sources) - paths} sources written")
    if paths:
        print_message(f"{paths} left out: files and folders are no addresses")
    if masked:
        print_message(f"{masked} with a masked secret, which cannot be imported: --reveal writes it")
    if any(source.headers for source in sources):
        print_message("headers are in no list: take them over by hand")
