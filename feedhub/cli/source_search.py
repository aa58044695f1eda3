"""Addresses that a person types -> the feeds behind them, shown and made rows of the configuration."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from feedhub import opml
from feedhub.cli.check import ago
from feedhub.cli.console import print_message, progress_bar, table
from feedhub.cli.console import stdout as stdout
from feedhub.cli.signals import run_until_signal
from feedhub.cli.steady_clock import wall_clock
from feedhub.config import row_text
from feedhub.config.scalar_forms import web
from feedhub.config.settings import Fetch
from feedhub.config.source_ids import free_id, made_id
from feedhub.discovery import Discovery, FeedFinder, FeedOffer, best_first
from feedhub.errors import UsageError
from feedhub.model import Source
from feedhub.structs import replace

#: a feed's title longer than this is no name
_LONGEST_NAME = 100


def addresses(typed: Sequence[str]) -> list[tuple[str, str | None]]:
    """Return web addresses out of what a person typed, each with another to try where the scheme was guessed."""
    return [_address(each.strip()) for each in typed]


def _address(typed: str) -> tuple[str, str | None]:
    url = opml.web_address(typed)
    guessed = not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", url)
    if guessed and os.path.exists(typed):
        row = f"- {{url: {typed}}}"
        raise UsageError(
            f"{typed}: a file: `feedhub sources import` reads lists; a feed in a file is a row by hand: {row}"
        )
    try:
        url = web(f"https://{url}" if guessed else url)
    except ValueError as error:
        raise UsageError(f"{typed}: {error}") from None
    return url, f"http://{url.partition('://')[2]}" if guessed else None


def find_feeds(typed: Sequence[str], *, fetch: Fetch, contact: str | None) -> list[Discovery]:
    """Find the feeds behind each address, the best offers first; Ctrl-C ends it."""
    return run_until_signal(_find(addresses(typed), fetch, contact))


async def _find(asked: list[tuple[str, str | None]], fetch: Fetch, contact: str | None) -> list[Discovery]:
    now = wall_clock()
    found = []
    finder = FeedFinder(allow=fetch.allow, proxy=fetch.proxy, contact=contact, max_body=fetch.max_body)
    async with finder:
        with progress_bar("looking for feeds", len(asked)) as bar:
            for url, other in asked:
                result = await finder.find(url)
                if other and not result.offers:
                    plain = await finder.find(other)
                    result = plain if plain.offers else result
                found.append(replace(result, offers=tuple(best_first(result.offers, now))))
                bar.advance(urlsplit(url).hostname or url)
    return found


def show_offers(discovery: Discovery) -> None:
    """Print what was found, numbered, the best first."""
    now = wall_clock()
    rows = [
        (
            number,
            opml.exported_url(each.url),
            each.title or "",
            each.entries,
            ago(each.newest, now) if each.newest and each.newest < now else each.newest or "",
            each.words,
        )
        for number, each in enumerate(discovery.offers, 1)
    ]
    columns = ("", "address", "title", "entries", "newest", "words each")
    stdout().print(table(f"{len(rows)} feed{'s' * (len(rows) > 1)}", columns, rows, right=(0, 3, 5)))


def existing_source(url: str, sources: Sequence[Source]) -> Source | None:
    """Return the source that polls the feed at `url` already."""
    key = opml.address_key(url)
    return next((each for each in sources if not each.is_path and opml.address_key(each.url) == key), None)


def source_of(offer: FeedOffer, sources: Sequence[Source], traits: Mapping[str, str]) -> tuple[Source, str]:
    """Return the source that an offer becomes beside `sources`, and its row."""
    title = " ".join((offer.title or "").split())
    name = traits.get("name") or (title if 0 < len(title) <= _LONGEST_NAME else urlsplit(offer.url).netloc)
    name_id = free_id(made_id(name, offer.url), {each.id for each in sources})
    values = {"id": name_id, "url": offer.url, **traits, "name": name}
    order = ("id", "url", "name", "category", "rights", "trust")
    source = Source(id=name_id, url=offer.url, name=name)
    return source, row_text({key: values[key] for key in order if key in values})


def tell_failures(discovery: Discovery) -> None:
    """Say in one line why nothing is offered."""
    print_message(f"{opml.exported_url(discovery.url)}: no feed: {discovery.reason}")


def added_line(source: Source, path: object) -> str:
    """Return what a person is told of a source that was added, its id included."""
    return f"`{source.id}` added to {path}: {source.name}, {opml.exported_url(source.url)}"
