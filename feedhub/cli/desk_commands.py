"""The command that opens the operator's pages; it imports what it needs when it is called."""

from __future__ import annotations

from pathlib import Path

import click

from feedhub.cli.command_line import app, as_option, config_option, now_option


@app.command()
@config_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8081,
    help="Where, on 127.0.0.1; 0 lets the system choose.",
)
@click.option("--read-only", is_flag=True, help="Show everything, change nothing.")
@as_option
@click.option("--browser/--no-browser", default=True, help="Open a browser, where there is one.")
@now_option
def desk(config: Path, port: int, read_only: bool, who: str | None, browser: bool, now: str | None) -> int:
    """Open the operator's pages: merges, near misses, what waits, decisions."""
    from feedhub.cli.run_desk import run

    return run(config, port=port, read_only=read_only, who=who, browser=browser, now=now)
