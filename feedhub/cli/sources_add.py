"""`feedhub sources add`: the feed behind any page, shown and added."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from feedhub import opml
from feedhub.cli.configuration import read_config
from feedhub.cli.console import print_json, print_message
from feedhub.cli.source_search import added_line, existing_source, find_feeds, show_offers, source_of, tell_failures
from feedhub.config import append_sources
from feedhub.discovery import Discovery, FeedOffer
from feedhub.errors import UsageError
from feedhub.model import Source


def run(path: Path, urls: Sequence[str], traits: Mapping[str, str], *, yes: bool, as_json: bool) -> int:
    """Add the best feed behind each address; 0 all are there, 3 some have none, 4 none has any."""
    if "name" in traits and len(urls) > 1:
        raise UsageError("--name: one name for one source: add the others apart")
    config = read_config(path, quiet=as_json)
    found = find_feeds(urls, fetch=config.fetch, contact=config.contact)
    sources = list(config.sources)
    results = [_take(each, path, sources, traits, yes=yes, as_json=as_json) for each in found]
    if as_json:
        print_json({"sources": results})
    elif any(each["added"] for each in results):
        print_message(
            "a hub that runs takes it over by itself; else `feedhub once` polls it now, `feedhub run` for good"
        )
    failed = sum(not each.offers for each in found)
    return 0 if not failed else 4 if failed == len(found) else 3


def _take(
    discovery: Discovery, path: Path, sources: list[Source], traits: Mapping[str, str], *, yes: bool, as_json: bool
) -> dict[str, Any]:
    """Add one of the offers, chosen by the person or the best; return what was done as JSON has it."""
    result: dict[str, Any] = {
        "asked": opml.exported_url(discovery.url),
        "added": None,
        "exists": None,
        "reason": None if discovery.offers else discovery.reason,
        "offers": [_json(each) for each in discovery.offers],
    }
    if not discovery.offers:
        if not as_json:
            tell_failures(discovery)
        return result
    if not as_json:
        show_offers(discovery)
    offer = discovery.offers[0] if yes else _ask(discovery)
    if offer is None:
        return result
    if there := existing_source(offer.url, sources):
        if not as_json:
            print_message(f"{opml.exported_url(offer.url)}: is source `{there.id}` already")
        return {**result, "exists": there.id}
    source, row = source_of(offer, sources, traits)
    append_sources(path, row)
    sources.append(source)
    if not as_json:
        print_message(added_line(source, path))
    return {**result, "added": {"id": source.id, "name": source.name, "url": opml.exported_url(source.url)}}


def _json(offer: FeedOffer) -> dict[str, Any]:
    return {
        "url": opml.exported_url(offer.url),
        "title": offer.title,
        "language": offer.language,
        "entries": offer.entries,
        "newest": offer.newest and offer.newest.isoformat(),
        "words": offer.words,
    }


def _ask(discovery: Discovery) -> FeedOffer | None:
    """Return what a person chooses at the terminal, None for nothing; raise UsageError where nobody can be asked."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("nothing added: --yes adds the best, here " + opml.exported_url(discovery.offers[0].url))
    count = len(discovery.offers)
    question = f"Add which? [1{f' to {count}' if count > 1 else ''}, n for none; Enter: 1] "
    while True:
        print(question, end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        answer = line.strip().lower()
        if not line or answer in ("n", "no", "none", "q"):
            return None
        if answer in ("", "y", "yes"):
            return discovery.offers[0]
        if answer.isdecimal() and 1 <= int(answer) <= count:
            return discovery.offers[int(answer) - 1]
