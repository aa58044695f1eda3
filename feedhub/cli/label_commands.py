"""The commands about labels of pairs in the store; each imports what it needs when it is called."""

from __future__ import annotations

from pathlib import Path

import click

from feedhub.cli.command_line import FILE, as_option, config_option, hub_options, labels_app


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
@hub_options
def import_labels(file: str, who: str | None, config: Path, json: bool, now: str | None) -> int:
    """Read labels of entries of this hub in; 3 where some lines make no sense, 4 where all do."""
    from feedhub.cli.label_files import bring_in

    return bring_in(config, file, who=who, as_json=json, now=now)
