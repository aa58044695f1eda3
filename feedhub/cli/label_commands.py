"""The commands about labels in the store, and about sources without the configuration; they import when called."""

from __future__ import annotations

from pathlib import Path

import click

from feedhub.cli.command_line import (
    FILE,
    as_option,
    config_option,
    json_option,
    labels_app,
    now_option,
    reason_option,
    sources_app,
)

source_argument = click.argument("name", metavar="ID", help="As `feedhub sources list` shows it.")


@labels_app.command("export")
@click.argument("file", metavar="[FILE]", type=FILE, default="-", help="- writes to stdout.  [default: -]")
@click.option("--items", metavar="FILE", type=FILE, help="The labelled entries, too, for `feedhub tune`.")
@click.option("--by", metavar="NAME", help="Only what this person says.")
@config_option
def export_labels(file: str, items: str | None, by: str | None, config: Path) -> int:
    """Write the labels, a pair a line: what people agree on, and what each says."""
    from feedhub.cli.label_files import export

    return export(config, file, items=items, by=by)


@labels_app.command("import")
@click.argument("file", metavar="FILE", type=FILE, help="Lines as export writes them; - reads a pipe.")
@as_option
@config_option
@json_option
@now_option
def import_labels(file: str, who: str | None, config: Path, json: bool, now: str | None) -> int:
    """Read labels of entries of this hub in; 3 where some lines make no sense, 4 where all do."""
    from feedhub.cli.label_files import bring_in

    return bring_in(config, file, who=who, as_json=json, now=now)


@sources_app.command("pause")
@source_argument
@reason_option
@as_option
@config_option
@json_option
@now_option
def pause_source(name: str, reason: str | None, who: str | None, config: Path, json: bool, now: str | None) -> int:
    """Have a source not be polled until it is resumed; its entries stay."""
    return _act("pause", name, reason=reason, who=who, config=config, json=json, now=now)


@sources_app.command("resume")
@source_argument
@as_option
@config_option
@json_option
@now_option
def resume_source(name: str, who: str | None, config: Path, json: bool, now: str | None) -> int:
    """Have a paused source be polled again."""
    return _act("resume", name, reason=None, who=who, config=config, json=json, now=now)


@sources_app.command("poll")
@source_argument
@config_option
@json_option
@now_option
def poll_source(name: str, config: Path, json: bool, now: str | None) -> int:
    """Make a source due, so that the hub that runs polls it at once."""
    return _act("poll", name, reason=None, who=None, config=config, json=json, now=now)


@sources_app.command("forget-furniture")
@source_argument
@reason_option
@as_option
@config_option
@json_option
@now_option
def forget_furniture_of_source(
    name: str, reason: str | None, who: str | None, config: Path, json: bool, now: str | None
) -> int:
    """Have the matcher forget what a source repeats in its entries; it is learned anew."""
    return _act("forget-furniture", name, reason=reason, who=who, config=config, json=json, now=now)


def _act(word: str, name: str, **more: object) -> int:
    from feedhub.cli.source_action_output import run

    return run(word, name, **more)  # type: ignore[arg-type]
