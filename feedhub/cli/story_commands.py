"""The commands that tell what happened; each imports what it needs when it is called."""

from __future__ import annotations

from pathlib import Path

import click

from feedhub.cli.command_line import app, config_option, json_option, now_option


@app.command()
@click.option("--today", is_flag=True, help="Only those since midnight UTC.")
@click.option("--since", metavar="WHEN", help="Since then: 24h, 7d, 2026-03-10.")
@click.option("--merged", is_flag=True, help="Only those that several entries tell, and why.")
@click.option("--feed", metavar="NAME", help="Only stories of this feed.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, help="At most so many.")
@config_option
@json_option
@now_option
def stories(
    today: bool,
    since: str | None,
    merged: bool,
    feed: str | None,
    limit: int,
    config: Path,
    json: bool,
    now: str | None,
) -> int:
    """List the newest stories."""
    from feedhub.cli.story_output import run_listing

    since = "today" if today else since
    return run_listing(config, since=since, merged=merged, output=feed, limit=limit, as_json=json, now=now)


@app.command()
@click.argument(
    "words",
    metavar="WORDS...",
    nargs=-1,
    required=True,
    help='Words, "a phrase", begin*, -not, outlet:NAME, agency:NAME, language:TAG, feed:NAME, since:WHEN.',
)
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, help="At most so many.")
@config_option
@json_option
@now_option
def search(words: tuple[str, ...], limit: int, config: Path, json: bool, now: str | None) -> int:
    """Find stories by what they say, the newest first."""
    from feedhub.cli.story_output import run_search

    return run_search(config, words, limit=limit, as_json=json, now=now)


@app.command()
@click.option("--days", type=click.IntRange(1, 62), default=7, help="So many days, today's among them.")
@config_option
@json_option
@now_option
def stats(days: int, config: Path, json: bool, now: str | None) -> int:
    """Show the last days in numbers: polls, entries, merges, near misses, pages, by source and agency."""
    from feedhub.cli.stats_output import run

    return run(config, days=days, as_json=json, now=now)
