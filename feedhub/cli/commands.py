"""The commands, each a thin shell round one function of the package."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from feedhub.errors import UsageError

app = typer.Typer(
    name="feedhub",
    help="Polls news sources, recognises copies of one agency story, and serves each story once.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
#: a group's help without rich, whose import alone costs what the rest of `--help` does
Group = partial(typer.Typer, no_args_is_help=True, rich_markup_mode=None)
sources_app = Group(help="Add, list and remove sources; lists of them as OPML.")
app.add_typer(sources_app, name="sources")
db_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Move, back up, verify and rebuild what the hub knows."
)
app.add_typer(db_app, name="db")
bulk_app = Group(help="Deduplicate a large archive on Apache Spark.")
app.add_typer(bulk_app, name="bulk")

CONFIG = Path("config.yaml")


def _find_config(path: Path) -> Path:
    """Return the configuration to use: as named, else `./config.yaml`, else the one in the user's own folder."""
    if path != CONFIG or path.exists():
        return path
    own = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "feedhub" / "config.yaml"
    if not own.exists():
        return path
    return own


ConfigOption = Annotated[
    Path,
    typer.Option(
        "-c",
        "--config",
        help="The configuration; ./config.yaml, else ~/.config/feedhub/config.yaml.",
        envvar="FEEDHUB_CONFIG",
        show_default=False,
        callback=_find_config,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")]
FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="FORMAT", help="jsonl, json, csv, tsv, parquet, with .gz or .zst; else by suffix."),
]
ColumnsOption = Annotated[
    str | None, typer.Option("--columns", metavar="FIELD=COLUMN,...", help="Such as title=headline,text=body.")
]
NowOption = Annotated[
    str | None, typer.Option("--now", metavar="INSTANT", help="Take this instant for now, e.g. 2026-03-10T18:00:00Z.")
]


@app.command()
def once(
    config: ConfigOption = CONFIG,
    everything: Annotated[bool, typer.Option("--all", help="Poll every source, due or not.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write the feeds as static files here.")] = None,
    base_url: Annotated[str | None, typer.Option("--base-url", help="Where those files are reached.")] = None,
    archives: Annotated[bool, typer.Option("--archives", help="Write archived documents that are new, too.")] = False,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Run one round over the sources that are due, then stop."""
    from feedhub.cli.once import run

    raise typer.Exit(
        run(config, everything=everything, out=out, as_json=json, now=now, base_url=base_url, archives=archives)
    )


@app.command()
def run(
    config: ConfigOption = CONFIG,
    begin: Annotated[bool, typer.Option("--init", help="Begin a configuration where there is none.")] = False,
) -> None:
    """Poll and serve until stopped: the daemon."""
    from feedhub.cli.run_daemon import run as daemon

    raise typer.Exit(daemon(config, polls=True, serves=True, begin=begin))


@app.command()
def serve(config: ConfigOption = CONFIG) -> None:
    """Serve the feeds that workers fill; any number of these may run."""
    from feedhub.cli.run_daemon import run as daemon

    raise typer.Exit(daemon(config, polls=False, serves=True))


@app.command()
def worker(config: ConfigOption = CONFIG) -> None:
    """Poll without serving; any number of these may run."""
    from feedhub.cli.run_daemon import run as daemon

    raise typer.Exit(daemon(config, polls=True, serves=False))


@app.command()
def demo(
    leave: Annotated[bool, typer.Option("--exit", help="Stop after the two rounds.")] = False,
    port: Annotated[int, typer.Option(help="Where to serve the feeds; 0 lets the system choose.")] = 8080,
    json: JsonOption = False,
) -> None:
    """Show the whole hub at work over an invented newsroom, without a network."""
    from feedhub.cli.run_demo import run

    raise typer.Exit(run(leave=leave, port=port, as_json=json))


@app.command()
def check(
    config: ConfigOption = CONFIG,
    labels: Annotated[
        Path | None, typer.Option(metavar="PACK", help="Hold the matcher to what `tune --pack` wrote instead.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Validate the configuration and report how every source does."""
    if labels is not None:
        from feedhub.cli.tune_items import check as check_labels

        raise typer.Exit(check_labels(labels, as_json=json))
    from feedhub.cli.check import run

    raise typer.Exit(run(config, as_json=json))


@app.command()
def dedupe(
    items: Annotated[str, typer.Argument(metavar="ITEMS", help="JSONL, JSON, CSV, TSV or Parquet; - reads a pipe.")],
    out: Annotated[str, typer.Option("-o", "--out", metavar="ROWS", help="- writes to stdout.")] = "-",
    pages: Annotated[
        str | None,
        typer.Option(metavar="PAGES.jsonl", help="The articles' pages, read where an item's own words do not decide."),
    ] = None,
    asked: FromOption = None,
    to: Annotated[str | None, typer.Option(metavar="FORMAT", help="As --from, of what is written.")] = None,
    columns: ColumnsOption = None,
    groups: Annotated[bool, typer.Option("--groups", help="Write a row a story instead of a row an item.")] = False,
    pairs: Annotated[str | None, typer.Option(metavar="FILE", help="Write every pair that was compared.")] = None,
    index: Annotated[Path | None, typer.Option(metavar="FILE", help="Add to this index, made if need be.")] = None,
    html: Annotated[str | None, typer.Option(metavar="FILE", help="Write a page to look at.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the totals as JSON; needs -o FILE.")] = False,
) -> None:
    """Find the stories in a file of items: the matcher alone.

    An item has an id and any of title, summary, text, url, source, published (ISO 8601 or RFC 822) and lang.
    """
    from feedhub.cli.dedupe import DedupeOptions, run

    options = DedupeOptions(
        out=out,
        pages=pages,
        asked=asked,
        to=to,
        columns=columns,
        groups=groups,
        pairs=pairs,
        index=index,
        html=html,
        as_json=json,
    )
    raise typer.Exit(run(items, options))


@app.command()
def tune(
    items: Annotated[str, typer.Argument(metavar="ITEMS", help="JSONL, JSON, CSV, TSV or Parquet; - reads a pipe.")],
    labels: Annotated[str, typer.Argument(metavar="LABELS.jsonl", help='{"a": id, "b": id, "label": 1 or 0} a line.')],
    asked: FromOption = None,
    columns: ColumnsOption = None,
    pack: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write items and labels for `check --labels`.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Say what the matcher gets right of labelled pairs, what each rule costs and earns, and what would do better."""
    from feedhub.cli.tune_items import run

    raise typer.Exit(run(items, labels, asked=asked, columns=columns, pack=pack, as_json=json))


@app.command()
def explain(
    first: Annotated[str, typer.Argument(metavar="A", help="A story's id or address, an entry, or an item's id.")],
    second: Annotated[str | None, typer.Argument(metavar="B", help="Another one, to compare with.")] = None,
    config: ConfigOption = CONFIG,
    items: Annotated[str | None, typer.Option(metavar="ITEMS", help="Explain items of a file instead.")] = None,
    asked: FromOption = None,
    columns: ColumnsOption = None,
    json: JsonOption = False,
) -> None:
    """Say why these are one story, and what nearly was."""
    if items is not None:
        from feedhub.cli.explain_items import run as run_items

        raise typer.Exit(run_items(items, first, second, asked=asked, columns=columns, as_json=json))
    from feedhub.cli.explain_story import run

    raise typer.Exit(run(config, first, second, as_json=json))


@db_app.command("move")
def move_database(
    origin: Annotated[str, typer.Argument(metavar="FROM", help="Its SQLAlchemy URL.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="An empty database.")],
) -> None:
    """Copy a hub from one database into another, SQLite or PostgreSQL; ids stay, the first is left as it is."""
    from feedhub.cli.database_commands import move

    raise typer.Exit(move(origin, target))


@db_app.command("backup")
def back_up(file: Annotated[Path, typer.Argument(metavar="FILE")], config: ConfigOption = CONFIG) -> None:
    """Write the hub as one SQLite file, while it runs; that file is a database to use or to move back."""
    from feedhub.cli.database_commands import backup

    raise typer.Exit(backup(config, file))


@db_app.command("verify")
def verify_database(config: ConfigOption = CONFIG, json: JsonOption = False) -> None:
    """Check every invariant of the store and name what is wrong."""
    from feedhub.cli.database_commands import verify

    raise typer.Exit(verify(config, as_json=json))


@db_app.command("compact")
def compact_database(config: ConfigOption = CONFIG, json: JsonOption = False) -> None:
    """Give the disk back what the hub no longer needs; stop a hub over SQLite first."""
    from feedhub.cli.database_commands import compact

    raise typer.Exit(compact(config, as_json=json))


@db_app.command("replay")
def replay_database(config: ConfigOption = CONFIG, json: JsonOption = False, now: NowOption = None) -> None:
    """Build all stories anew from the stored copies; ids stay."""
    from feedhub.cli.database_commands import rebuild

    raise typer.Exit(rebuild(config, now=now, as_json=json))


@bulk_app.command("dedupe")
def dedupe_archive(
    items: Annotated[str, typer.Argument(metavar="ITEMS", help="Parquet: id, title, summary, text, url, ...")],
    out: Annotated[str, typer.Option("-o", "--out", help="A folder that does not exist yet.")],
    master: Annotated[str | None, typer.Option(help="Spark's master, such as local[8].")] = None,
    partitions: Annotated[int | None, typer.Option(help="Parts that a shuffle has; Spark's default is 200.")] = None,
    json: JsonOption = False,
) -> None:
    """Find the stories of an archive; items and stories are Parquet, wherever Spark reads and writes."""
    from feedhub.cli.bulk_commands import dedupe

    raise typer.Exit(dedupe(items, out, master=master, partitions=partitions, as_json=json))


@bulk_app.command("import")
def import_archive(
    folder: Annotated[Path, typer.Argument(metavar="OUT", help="What `bulk dedupe` wrote, on this machine.")],
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Bring the stories of an archive into the hub's database; may be run again."""
    from feedhub.cli.bulk_commands import import_result

    raise typer.Exit(import_result(folder, config, now=now, as_json=json))


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"feedhub {version('feedhub')}")
        except PackageNotFoundError:
            print("feedhub, not installed: run from its folder")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    if version:
        raise UsageError("--version stands alone")
