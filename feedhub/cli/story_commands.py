"""The commands that tell what happened; each imports what it needs when it is called."""

from __future__ import annotations

from typing import Annotated

import typer

from feedhub.cli.commands import CONFIG, ConfigOption, JsonOption, NowOption, app

FeedOption = Annotated[str | None, typer.Option("--feed", metavar="NAME", help="Only stories of this feed.")]


@app.command()
def stories(
    today: Annotated[bool, typer.Option("--today", help="Only those since midnight UTC.")] = False,
    since: Annotated[str | None, typer.Option(metavar="WHEN", help="Since then: 24h, 7d, 2026-03-10.")] = None,
    merged: Annotated[bool, typer.Option("--merged", help="Only those that several entries tell, and why.")] = False,
    feed: FeedOption = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """List the newest stories."""
    from feedhub.cli.story_output import run_listing

    since = "today" if today else since
    raise typer.Exit(run_listing(config, since=since, merged=merged, output=feed, limit=limit, as_json=json, now=now))


@app.command()
def search(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="WORDS...",
            help='Words, "a phrase", begin*, -not, outlet:NAME, agency:NAME, language:TAG, feed:NAME, since:WHEN.',
        ),
    ],
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 20,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Find stories by what they say, the newest first."""
    from feedhub.cli.story_output import run_search

    raise typer.Exit(run_search(config, words, limit=limit, as_json=json, now=now))


@app.command()
def stats(
    days: Annotated[int, typer.Option(min=1, max=62, help="So many days, today's among them.")] = 7,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Show the last days in numbers: polls, entries, merges, near misses, pages, by source and agency."""
    from feedhub.cli.stats_output import run

    raise typer.Exit(run(config, days=days, as_json=json, now=now))
