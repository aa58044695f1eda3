"""The commands about labels in the store, and about sources without the configuration; they import when called."""

from __future__ import annotations

from typing import Annotated, NoReturn

import typer

from feedhub.cli.commands import CONFIG, ConfigOption, Group, JsonOption, NowOption, app, sources_app
from feedhub.cli.decision_commands import AsOption, Reason

labels_app = Group(help="Take labels of pairs out of the hub, and bring them in (pairs.jsonl).")
app.add_typer(labels_app, name="labels")

SourceName = Annotated[str, typer.Argument(metavar="ID", help="As `feedhub sources list` shows it.")]


@labels_app.command("export")
def export_labels(
    file: Annotated[str, typer.Argument(metavar="FILE", help="- writes to stdout.")] = "-",
    items: Annotated[
        str | None, typer.Option("--items", metavar="FILE", help="The labelled entries, too, for `feedhub tune`.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help="Only what this person says.")] = None,
    config: ConfigOption = CONFIG,
) -> None:
    """Write the labels, a pair a line: what people agree on, and what each says."""
    from feedhub.cli.label_files import export

    raise typer.Exit(export(config, file, items=items, by=by))


@labels_app.command("import")
def import_labels(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Lines as export writes them; - reads a pipe.")],
    who: AsOption = None,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Read labels of entries of this hub in; 3 where some lines make no sense, 4 where all do."""
    from feedhub.cli.label_files import bring_in

    raise typer.Exit(bring_in(config, file, who=who, as_json=json, now=now))


@sources_app.command("pause")
def pause_source(
    name: SourceName,
    reason: Reason = None,
    who: AsOption = None,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Have a source not be polled until it is resumed; its entries stay."""
    _act("pause", name, reason=reason, who=who, config=config, json=json, now=now)


@sources_app.command("resume")
def resume_source(
    name: SourceName,
    who: AsOption = None,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Have a paused source be polled again."""
    _act("resume", name, reason=None, who=who, config=config, json=json, now=now)


@sources_app.command("poll")
def poll_source(
    name: SourceName, config: ConfigOption = CONFIG, json: JsonOption = False, now: NowOption = None
) -> None:
    """Make a source due, so that the hub that runs polls it at once."""
    _act("poll", name, reason=None, who=None, config=config, json=json, now=now)


@sources_app.command("forget-furniture")
def forget_furniture_of_source(
    name: SourceName,
    reason: Reason = None,
    who: AsOption = None,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Have the matcher forget what a source repeats in its entries; it is learned anew."""
    _act("forget-furniture", name, reason=reason, who=who, config=config, json=json, now=now)


def _act(word: str, name: str, **more: object) -> NoReturn:
    from feedhub.cli.source_action_output import run

    raise typer.Exit(run(word, name, **more))  # type: ignore[arg-type]
