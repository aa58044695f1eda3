"""The commands about sources; each imports what it needs when it is called."""

from __future__ import annotations

from pathlib import Path

import click

from feedhub.cli.command_line import (
    CONFIG,
    FILE,
    as_option,
    config_option,
    decision_options,
    hub_options,
    json_option,
    sources_app,
)


def _known_ids(context: click.Context, argument: click.Parameter, incomplete: str) -> list[str]:
    """Return the ids that begin so, for the shell; none where there is no configuration that can be read."""
    from feedhub.config import load
    from feedhub.errors import ConfigError

    try:
        sources = load(context.params.get("config") or CONFIG).sources
    except ConfigError:
        return []
    return [source.id for source in sources if source.id.startswith(incomplete)]


source_argument = click.argument(
    "name", metavar="ID", shell_complete=_known_ids, help="As `feedhub sources list` shows it."
)


@sources_app.command("add")
@click.argument("urls", metavar="URL...", nargs=-1, required=True, help="The address of any page, or of a feed.")
@click.option("--name", help="What to call it; else its own title. The id is made from it.")
@click.option("--category", help="The category of its stories.")
@click.option("--rights", type=click.Choice(["full", "summary", "headline"]), help="How much of it may be published.")
@click.option("--trust", type=click.Choice(["low", "normal", "high"]), help="What it may do to stories of others.")
@click.option("-y", "--yes", is_flag=True, help="Add the best without asking.")
@config_option
@json_option
def add_source(
    urls: tuple[str, ...],
    name: str | None,
    category: str | None,
    rights: str | None,
    trust: str | None,
    yes: bool,
    config: Path,
    json: bool,
) -> int:
    """Find the feed behind a page, show what it carries, and add it to the configuration."""
    from feedhub.cli.sources_add import run

    traits = {"name": name, "category": category, "rights": rights, "trust": trust}
    return run(config, urls, {k: v for k, v in traits.items() if v}, yes=yes, as_json=json)


@sources_app.command("list")
@click.option("--failing", is_flag=True, help="Only those that fail or are polled no more.")
@config_option
@json_option
def list_sources(failing: bool, config: Path, json: bool) -> int:
    """List the sources: how they do, how much they bring, how much of it others have, too."""
    from feedhub.cli.sources_list import run

    return run(config, failing=failing, as_json=json)


@sources_app.command("remove")
@click.argument(
    "ids",
    metavar="ID...",
    nargs=-1,
    required=True,
    shell_complete=_known_ids,
    help="As `feedhub sources list` shows them.",
)
@config_option
def remove_sources(ids: tuple[str, ...], config: Path) -> int:
    """Take sources out of the configuration; their copies stay until retention."""
    from feedhub.cli.sources_remove import run

    return run(config, ids)


@sources_app.command("pause")
@source_argument
@decision_options
def pause_source(name: str, reason: str | None, who: str | None, config: Path, json: bool, now: str | None) -> int:
    """Have a source not be polled until it is resumed; its entries stay."""
    return _act("pause", name, reason=reason, who=who, config=config, json=json, now=now)


@sources_app.command("resume")
@source_argument
@as_option
@hub_options
def resume_source(name: str, who: str | None, config: Path, json: bool, now: str | None) -> int:
    """Have a paused source be polled again."""
    return _act("resume", name, reason=None, who=who, config=config, json=json, now=now)


@sources_app.command("poll")
@source_argument
@hub_options
def poll_source(name: str, config: Path, json: bool, now: str | None) -> int:
    """Make a source due, so that the hub that runs polls it at once."""
    return _act("poll", name, reason=None, who=None, config=config, json=json, now=now)


@sources_app.command("forget-furniture")
@source_argument
@decision_options
def forget_furniture_of_source(
    name: str, reason: str | None, who: str | None, config: Path, json: bool, now: str | None
) -> int:
    """Have the matcher forget what a source repeats in its entries; it is learned anew."""
    return _act("forget-furniture", name, reason=reason, who=who, config=config, json=json, now=now)


@sources_app.command("import")
@click.argument("file", metavar="FILE.opml", type=FILE, help="Or a list that comes along, such as asia.")
@config_option
@click.option("--append", is_flag=True, help="Append to the configuration, or begin one, instead of printing.")
def import_sources(file: str, config: Path, append: bool) -> int:
    """Turn an OPML list into a block of sources for the configuration."""
    from feedhub.cli.opml_commands import import_list

    return import_list(file, config, append=append)


@sources_app.command("export")
@click.argument("file", metavar="FILE.opml", type=FILE, help="- writes to stdout.")
@config_option
@click.option("--reveal", is_flag=True, help="With the secrets in addresses, into a file that only you can read.")
def export_sources(file: str, config: Path, reveal: bool) -> int:
    """Write the configured sources as OPML, which can be imported again; secrets in addresses are masked."""
    from feedhub.cli.opml_commands import export_list

    return export_list(file, config, reveal=reveal)


def _act(word: str, name: str, **more: object) -> int:
    from feedhub.cli.source_action_output import run

    return run(word, name, **more)  # type: ignore[arg-type]
