"""The command that opens the operator's pages; it imports what it needs when it is called."""

from __future__ import annotations

from typing import Annotated

import typer

from feedhub.cli.commands import CONFIG, ConfigOption, NowOption, app


@app.command()
def desk(
    config: ConfigOption = CONFIG,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where, on 127.0.0.1; 0 lets the system choose.")] = 8081,
    read_only: Annotated[bool, typer.Option("--read-only", help="Show everything, change nothing.")] = False,
    who: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Who decides, for the record; else the login name.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser, where there is one.")] = True,
    now: NowOption = None,
) -> None:
    """Open the operator's pages: merges, near misses, what waits, decisions."""
    from feedhub.cli.run_desk import run

    raise typer.Exit(run(config, port=port, read_only=read_only, who=who, browser=browser, now=now))
