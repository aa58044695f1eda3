"""`feedhub init`: a configuration to begin with, over pages, readers' lists, or nothing yet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from feedhub.cli.configuration import create_config, refuse_existing
from feedhub.cli.console import print_message
from feedhub.cli.opml_commands import read_list
from feedhub.config.settings import Fetch
from feedhub.errors import UsageError
from feedhub.model import Source
from feedhub.shipped_files import starter_lists


def run(path: Path, what: Sequence[str]) -> int:
    """Write a configuration; 0 all is in it, 3 some pages have no feed, 4 none has (and nothing is written)."""
    refuse_existing(path)
    sources: list[Source] = []
    rows: list[str] = []
    for name in (each for each in what if _is_list(each)):
        made = read_list(name, tuple(sources))
        sources.extend(made.sources)
        rows.append(made.block)
    pages = [each for each in what if not _is_list(each)]
    failed = _add_pages(pages, sources, rows) if pages else 0
    if failed and failed == len(what):
        print_message(f"{path}: not written; `feedhub init` alone begins one without sources")
        return 4
    create_config(path, "".join(rows))
    count = f"{len(sources)} source{'s' * (len(sources) != 1)}" if sources else "no sources yet"
    print_message(f"{path} written: {count}")
    if not sources:
        print_message("next: feedhub sources add https://a-paper.example   finds the feed of any page")
    print_message(f"{'then' if not sources else 'next'}: feedhub run   polls them, and serves http://127.0.0.1:8080/")
    return 3 if failed else 0


def _is_list(name: str) -> bool:
    """Whether an argument names a file or a list that comes along, rather than an address."""
    if Path(name).is_file() or name in starter_lists():
        return True
    if "://" in name or (re.match(r"[\w-]+(\.[\w-]+)+(:\d+)?(/|$)", name) and not name.lower().endswith(".opml")):
        return False
    lists = ", ".join(starter_lists())
    raise UsageError(f"{name}: no such file, no address (https:// missing?), no list that comes along: {lists}")


def _add_pages(pages: Sequence[str], sources: list[Source], rows: list[str]) -> int:
    """Add the best feed of each page to sources and rows; return how many have none."""
    from feedhub.cli.source_search import existing_source, find_feeds, source_of, tell_failures

    failed = 0
    for found in find_feeds(pages, fetch=Fetch(), contact=None):
        if not found.offers:
            tell_failures(found)
            failed += 1
            continue
        offer = found.offers[0]
        if there := existing_source(offer.url, sources):
            print_message(f"{found.url}: is source `{there.id}` already")
            continue
        source, row = source_of(offer, sources, {})
        sources.append(source)
        rows.append(row)
        print_message(f"`{source.id}`: {source.name}, {offer.entries} entries, {source.url}")
    return failed
