"""`feedhub stories` and `feedhub search`: what happened, as a list for people and as JSON for machines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from feedhub.cli.configuration import read_config
from feedhub.cli.console import print_json, print_message, progress_bar, stdout
from feedhub.cli.steady_clock import clock_of
from feedhub.config import Config
from feedhub.errors import EnvironmentFailed, UsageError
from feedhub.model import Relation, Story, StoryCopy
from feedhub.store import Database, search, story_list
from feedhub.store.search_query import SearchQuery, parse_query, read_since
from feedhub.store.search_tokens import plain_text

#: outlets named under a story's title, and characters of a passage around what was found
_OUTLETS, _PASSAGE = 3, 160
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_SINCE = "a date, an instant, or a span such as 24h, 7d, today or yesterday"


def run_listing(
    path: Path, *, since: str | None, merged: bool, output: str | None, limit: int, as_json: bool, now: str | None
) -> int:
    """List the stories of the last hours; 0 even where there are none."""
    instant = clock_of(now)()
    from_when = None if since is None else read_since(since, instant)
    if since is not None and from_when is None:
        raise UsageError(f"--since {since}: expected {_SINCE}")
    config, store = open_hub(path, quiet=as_json)
    _check_output(config, output)
    try:
        with store.read() as connection:
            stories = story_list.released(
                connection, now=instant, since=from_when, output=output, merged=merged, limit=limit
            )
    finally:
        store.close()
    if as_json:
        print_json([story_json(story) for story in stories])
    elif not stories:
        print_message("no stories" + (" with more than one copy" if merged else ""))
    else:
        print_stories(stdout(), stories, instant, with_grounds=merged)
    return 0


def run_search(path: Path, words: Sequence[str], *, limit: int, as_json: bool, now: str | None) -> int:
    """List the stories that say what is looked for."""
    instant = clock_of(now)()
    query = parse_query(" ".join(words), instant)
    if query.is_empty:
        raise UsageError(f"search: nothing to look for in {' '.join(words)!r}: give a word, a name or an agency")
    config, store = open_hub(path, quiet=as_json)
    _check_output(config, query.output)
    try:
        _index_waiting(store, quiet=as_json)
        with store.read() as connection:
            found = [hit.story for hit in search.find(connection, query, now=instant, limit=limit)]
    finally:
        store.close()
    for part in query.ignored:
        print_message(f"not looked for: {part!r}")
    if as_json:
        print_json([story_json(story) for story in found])
    elif not found:
        print_message("nothing found")
    else:
        print_stories(stdout(), found, instant, query=query)
    return 0


def _index_waiting(store: Database, *, quiet: bool) -> None:
    """Have the index take in what rounds have left to whoever searches first; say so where that is refused."""
    with store.read() as connection:
        number = len(search.waiting(connection))
    if not number:
        return
    try:
        if store.is_write_locked():
            raise EnvironmentFailed("another process writes just now")
        with progress_bar("indexing stories", number, quiet=quiet) as progress:
            while indexed := store.transact(search.index_waiting):
                for _ in range(indexed):
                    progress.advance()
    except EnvironmentFailed as refusal:
        print_message(f"some of the {number} stories that came last may not be found: {refusal}")


def open_hub(path: Path, *, quiet: bool = False) -> tuple[Config, Database]:
    """Open the database of a configuration; raise UsageError where no hub has run."""
    config = read_config(path, quiet=quiet)
    if Database.is_missing(config.database):
        raise UsageError(f"{config.path}: no hub has run over it yet; `feedhub once` runs a round")
    return config, Database.open(config.database)


def _check_output(config: Config, name: str | None) -> None:
    names = [rule.name for rule in config.feeds]
    if name is not None and name not in names:
        raise UsageError(f"{name}: there is no such feed; the configuration has {', '.join(names)}")


def print_stories(
    console: Console,
    stories: Sequence[Story],
    now: datetime,
    *,
    with_grounds: bool = False,
    query: SearchQuery | None = None,
) -> None:
    """Print a list of stories: when, title, who ran it; `with_grounds` says why each copy is one of it."""
    made = Table.grid(padding=(0, 2))
    made.add_column(justify="right", style="cyan", no_wrap=True)
    made.add_column(overflow="fold")
    for story in stories:
        made.add_row(ago(story.released, now), _story_cell(story, with_grounds, query))
    console.print(made)


def _story_cell(story: Story, with_grounds: bool, query: SearchQuery | None) -> Text:
    style = f"bold link {story.url}" if story.url and story.url.isprintable() and " " not in story.url else "bold"
    cell = Text(story.title, style=style)
    if query is not None and (passage := passage_of(story, query)):
        cell = Text.assemble(cell, "\n", passage)
    cell = Text.assemble(cell, "\n", (_credits(story), "dim"))
    for copy in story.copies if with_grounds else ():
        if copy.relation is not Relation.FIRST:
            cell = Text.assemble(cell, "\n", _copy_line(copy))
    return cell


def _credits(story: Story) -> str:
    outlets = list(dict.fromkeys(copy.name for copy in story.copies)) or [story.publisher.name]
    more = f" and {len(outlets) - _OUTLETS} more" if len(outlets) > _OUTLETS else ""
    parts = [", ".join(outlets[:_OUTLETS]) + more]
    parts += [f"{len(story.copies)} copies"] if len(story.copies) > 1 else []
    parts += [part for part in (story.agency, story.revision, story.language) if part]
    return " · ".join([*parts, story.id.rpartition(":")[2]])


def _copy_line(copy: StoryCopy) -> Text:
    score = "" if copy.score is None else f"{copy.score:.2f}"
    facts = f"  {copy.relation.value:<9} {score:>4}  "
    return Text.assemble((facts, "green"), copy.name, (f"  {copy.ground}", "dim"))


def passage_of(story: Story, query: SearchQuery) -> Text | None:
    """Return the part of a story's text where a word was found, that word marked; None where it is elsewhere."""
    text = " ".join((plain_text(story.html) if story.html else story.summary or "").split())
    words = [term.tokens[0] for term in query.terms if not term.is_negated and term.tokens[0].isalnum()]
    lowered = text.casefold()
    places = [(place, word) for word in words if (place := lowered.find(word)) >= 0]
    # casefolding may change lengths: then no place in it is one in the text
    if not places or len(lowered) != len(text):
        return None
    place, _ = min(places)
    start = max(0, place - _PASSAGE // 3)
    passage = Text(
        f"{'…' if start else ''}{text[start : start + _PASSAGE]}{'…' if len(text) > start + _PASSAGE else ''}"
    )
    passage.highlight_words([word for _, word in places], "yellow", case_sensitive=False)
    return passage


def ago(then: datetime, now: datetime) -> str:
    """Say how long ago something was, in a few characters; days and more as a date."""
    seconds = (now - then).total_seconds()
    if seconds < _MINUTE:
        return "just now"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE:.0f} min ago"
    if seconds < _DAY:
        return f"{seconds // _HOUR:.0f} h ago"
    local = then.astimezone(UTC)
    return f"{local:%-d %b %H:%M}" if now - then < timedelta(days=300) else f"{local:%-d %b %Y}"


def story_json(story: Story) -> dict[str, Any]:
    """Turn a story into one JSON object."""
    return {
        "id": story.id,
        "title": story.title,
        "url": story.url,
        "agency": story.agency,
        "language": story.language,
        "revision": story.revision,
        "published": story.published.isoformat(),
        "updated": story.updated.isoformat(),
        "released": story.released.isoformat(),
        "copies": [_copy_json(copy) for copy in story.copies],
    }


def _copy_json(copy: StoryCopy) -> dict[str, Any]:
    return {
        "source": copy.key.source,
        "guid": copy.key.guid,
        "outlet": copy.outlet,
        "name": copy.name,
        "title": copy.title,
        "url": copy.url,
        "relation": copy.relation.value,
        "score": copy.score,
        "ground": copy.ground,
    }
