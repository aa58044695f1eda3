"""The commands of the first minutes: a configuration, and the sources in it; each imports what it needs when called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from feedhub.cli.commands import CONFIG, ConfigOption, JsonOption, app, sources_app


def _known_ids(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the ids that begin so, for the shell; none where there is no configuration that can be read."""
    from feedhub.config import load
    from feedhub.errors import ConfigError

    try:
        sources = load(ctx.params.get("config") or CONFIG).sources
    except ConfigError:
        return []
    return [source.id for source in sources if source.id.startswith(incomplete)]


@app.command()
def init(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WHAT]...",
            help="Pages or feeds to begin with, a reader's list (OPML), or a list that comes along, such as asia.",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path, typer.Option("-c", "--config", help="The file to write.", envvar="FEEDHUB_CONFIG", show_default=True)
    ] = CONFIG,
) -> None:
    """Write a configuration that runs; nothing is overwritten."""
    from feedhub.cli.init_config import run

    raise typer.Exit(run(config, what or []))


# the first that a newcomer reads
app.registered_commands.insert(0, app.registered_commands.pop())


@sources_app.command("add")
def add_source(
    urls: Annotated[list[str], typer.Argument(metavar="URL...", help="The address of any page, or of a feed.")],
    name: Annotated[
        str | None, typer.Option(help="What to call it; else its own title. The id is made from it.")
    ] = None,
    category: Annotated[str | None, typer.Option(help="The category of its stories.")] = None,
    rights: Annotated[
        Literal["full", "summary", "headline"] | None, typer.Option(help="How much of it may be published.")
    ] = None,
    trust: Annotated[
        Literal["low", "normal", "high"] | None, typer.Option(help="What it may do to stories of others.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Add the best without asking.")] = False,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
) -> None:
    """Find the feed behind a page, show what it carries, and add it to the configuration."""
    from feedhub.cli.sources_add import run

    traits = {"name": name, "category": category, "rights": rights, "trust": trust}
    raise typer.Exit(run(config, urls, {k: v for k, v in traits.items() if v}, yes=yes, as_json=json))


@sources_app.command("list")
def list_sources(
    failing: Annotated[bool, typer.Option("--failing", help="Only those that fail or are polled no more.")] = False,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
) -> None:
    """List the sources: how they do, how much they bring, how much of it others have, too."""
    from feedhub.cli.sources_list import run

    raise typer.Exit(run(config, failing=failing, as_json=json))


@sources_app.command("remove")
def remove_sources(
    ids: Annotated[
        list[str],
        typer.Argument(metavar="ID...", help="As `feedhub sources list` shows them.", autocompletion=_known_ids),
    ],
    config: ConfigOption = CONFIG,
) -> None:
    """Take sources out of the configuration; their copies stay until retention."""
    from feedhub.cli.sources_remove import run

    raise typer.Exit(run(config, ids))


@sources_app.command("import")
def import_sources(
    file: Annotated[str, typer.Argument(metavar="FILE.opml", help="Or a list that comes along, such as asia.")],
    config: ConfigOption = CONFIG,
    append: Annotated[
        bool, typer.Option("--append", help="Append to the configuration, or begin one, instead of printing.")
    ] = False,
) -> None:
    """Turn an OPML list into a block of sources for the configuration."""
    from feedhub.cli.opml_commands import import_list

    raise typer.Exit(import_list(file, config, append=append))


@sources_app.command("export")
def export_sources(
    file: Annotated[str, typer.Argument(metavar="FILE.opml", help="- writes to stdout.")],
    config: ConfigOption = CONFIG,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="With the secrets in addresses, into a file that only you can read.")
    ] = False,
) -> None:
    """Write the configured sources as OPML, which can be imported again; secrets in addresses are masked."""
    from feedhub.cli.opml_commands import export_list

    raise typer.Exit(export_list(file, config, reveal=reveal))
