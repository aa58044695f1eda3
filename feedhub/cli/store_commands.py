"""The commands over a whole database, and those over an archive; each imports what it needs when it is called."""

from __future__ import annotations

from pathlib import Path

import click

from feedhub.cli.command_line import FILE, bulk_app, config_option, db_app, hub_options, json_option


@db_app.command("move")
@click.argument("origin", metavar="FROM", help="Its SQLAlchemy URL.")
@click.argument("target", metavar="TO", help="An empty database.")
def move_database(origin: str, target: str) -> int:
    """Copy a hub from one database into another, SQLite or PostgreSQL; ids stay, the first is left as it is."""
    from feedhub.cli.database_commands import move

    return move(origin, target)


@db_app.command("backup")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path), help="One that is not there yet.")
@config_option
def back_up(file: Path, config: Path) -> int:
    """Write the hub as one SQLite file, while it runs; that file is a database to use or to move back."""
    from feedhub.cli.database_commands import backup

    return backup(config, file)


@db_app.command("verify")
@config_option
@json_option
def verify_database(config: Path, json: bool) -> int:
    """Check every invariant of the store and name what is wrong."""
    from feedhub.cli.database_commands import verify

    return verify(config, as_json=json)


@db_app.command("compact")
@config_option
@json_option
def compact_database(config: Path, json: bool) -> int:
    """Give the disk back what the hub no longer needs; stop a hub over SQLite first."""
    from feedhub.cli.database_commands import compact

    return compact(config, as_json=json)


@db_app.command("replay")
@hub_options
def replay_database(config: Path, json: bool, now: str | None) -> int:
    """Build all stories anew from the stored copies; ids stay."""
    from feedhub.cli.database_commands import rebuild

    return rebuild(config, now=now, as_json=json)


@bulk_app.command("dedupe")
@click.argument("items", metavar="ITEMS", type=FILE, help="Parquet: id, title, summary, text, url, ...")
@click.option("-o", "--out", type=FILE, required=True, help="A folder that does not exist yet.")
@click.option("--master", help="Spark's master, such as local[8].")
@click.option("--partitions", type=int, help="Parts that a shuffle has; Spark's default is 200.")
@json_option
def dedupe_archive(items: str, out: str, master: str | None, partitions: int | None, json: bool) -> int:
    """Find the stories of an archive; items and stories are Parquet, wherever Spark reads and writes."""
    from feedhub.cli.bulk_commands import dedupe

    return dedupe(items, out, master=master, partitions=partitions, as_json=json)


@bulk_app.command("import")
@click.argument(
    "folder", metavar="OUT", type=click.Path(path_type=Path), help="What `bulk dedupe` wrote, on this machine."
)
@hub_options
def import_archive(folder: Path, config: Path, json: bool, now: str | None) -> int:
    """Bring the stories of an archive into the hub's database; may be run again."""
    from feedhub.cli.bulk_commands import import_result

    return import_result(folder, config, now=now, as_json=json)
