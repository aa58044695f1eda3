"""The commands, each a thin shell round one function of the package, which returns the exit code."""

from __future__ import annotations

from pathlib import Path

import click

from feedhub.cli.command_line import (
    CONFIG,
    FILE,
    app,
    columns_option,
    config_option,
    from_option,
    items_argument,
    json_option,
    now_option,
)


@app.command()
@click.argument(
    "what",
    metavar="[WHAT]...",
    type=FILE,
    nargs=-1,
    help="Pages or feeds to begin with, a reader's list (OPML), or a list that comes along, such as asia.",
)
@click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path),
    default=CONFIG,
    envvar="FEEDHUB_CONFIG",
    show_envvar=True,
    help="The file to write.",
)
def init(what: tuple[str, ...], config: Path) -> int:
    """Write a configuration that runs; nothing is overwritten."""
    from feedhub.cli.init_config import run

    return run(config, what)


@app.command()
@config_option
@click.option("--all", "everything", is_flag=True, help="Poll every source, due or not.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the feeds as static files here.")
@click.option("--base-url", help="Where those files are reached.")
@click.option("--archives", is_flag=True, help="Write archived documents that are new, too.")
@json_option
@now_option
def once(
    config: Path, everything: bool, out: Path | None, base_url: str | None, archives: bool, json: bool, now: str | None
) -> int:
    """Run one round over the sources that are due, then stop."""
    from feedhub.cli.once import run

    return run(config, everything=everything, out=out, as_json=json, now=now, base_url=base_url, archives=archives)


@app.command()
@config_option
@click.option("--init", "begin", is_flag=True, help="Begin a configuration where there is none.")
def run(config: Path, begin: bool) -> int:
    """Poll and serve until stopped: the daemon."""
    from feedhub.cli.run_daemon import run as daemon

    return daemon(config, polls=True, serves=True, begin=begin)


@app.command()
@config_option
def serve(config: Path) -> int:
    """Serve the feeds that workers fill; any number of these may run."""
    from feedhub.cli.run_daemon import run as daemon

    return daemon(config, polls=False, serves=True)


@app.command()
@config_option
def worker(config: Path) -> int:
    """Poll without serving; any number of these may run."""
    from feedhub.cli.run_daemon import run as daemon

    return daemon(config, polls=True, serves=False)


@app.command()
@click.option("--exit", "leave", is_flag=True, help="Stop after the two rounds.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, help="Where to serve the feeds; 0 lets the system choose."
)
@json_option
def demo(leave: bool, port: int, json: bool) -> int:
    """Show the whole hub at work over an invented newsroom, without a network."""
    from feedhub.cli.run_demo import run

    return run(leave=leave, port=port, as_json=json)


@app.command()
@config_option
@click.option(
    "--labels",
    metavar="PACK",
    type=click.Path(path_type=Path),
    help="Hold the matcher to what `tune --pack` wrote instead.",
)
@json_option
def check(config: Path, labels: Path | None, json: bool) -> int:
    """Validate the configuration and report how every source does."""
    if labels is not None:
        from feedhub.cli.tune_items import check as check_labels

        return check_labels(labels, as_json=json)
    from feedhub.cli.check import run

    return run(config, as_json=json)


@app.command()
@items_argument
@click.option("-o", "--out", metavar="ROWS", type=FILE, default="-", help="- writes to stdout.")
@click.option(
    "--pages",
    metavar="PAGES.jsonl",
    type=FILE,
    help="The articles' pages, read where an item's own words do not decide.",
)
@from_option
@click.option("--to", metavar="FORMAT", help="As --from, of what is written.")
@columns_option
@click.option("--groups", is_flag=True, help="Write a row a story instead of a row an item.")
@click.option("--pairs", metavar="FILE", type=FILE, help="Write every pair that was compared.")
@click.option("--index", metavar="FILE", type=click.Path(path_type=Path), help="Add to this index, made if need be.")
@click.option("--html", metavar="FILE", type=FILE, help="Write a page to look at.")
@click.option("--json", is_flag=True, help="Print the totals as JSON; needs -o FILE.")
def dedupe(
    items: str,
    out: str,
    pages: str | None,
    asked: str | None,
    to: str | None,
    columns: str | None,
    groups: bool,
    pairs: str | None,
    index: Path | None,
    html: str | None,
    json: bool,
) -> int:
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
    return run(items, options)


@app.command()
@items_argument
@click.argument("labels", metavar="LABELS.jsonl", type=FILE, help='{"a": id, "b": id, "label": 1 or 0} a line.')
@from_option
@columns_option
@click.option("--pack", metavar="FILE", type=FILE, help="Write items and labels for `check --labels`.")
@json_option
def tune(items: str, labels: str, asked: str | None, columns: str | None, pack: str | None, json: bool) -> int:
    """Say what the matcher gets right of labelled pairs, what each rule costs and earns, and what would do better."""
    from feedhub.cli.tune_items import run

    return run(items, labels, asked=asked, columns=columns, pack=pack, as_json=json)


@app.command()
@click.argument("first", metavar="A", help="A story's id or address, an entry, or an item's id.")
@click.argument("second", metavar="[B]", required=False, help="Another one, to compare with.")
@config_option
@click.option("--items", metavar="ITEMS", type=FILE, help="Explain items of a file instead.")
@from_option
@columns_option
@json_option
def explain(
    first: str,
    second: str | None,
    config: Path,
    items: str | None,
    asked: str | None,
    columns: str | None,
    json: bool,
) -> int:
    """Say why these are one story, and what nearly was."""
    if items is not None:
        from feedhub.cli.explain_items import run as run_items

        return run_items(items, first, second, asked=asked, columns=columns, as_json=json)
    from feedhub.cli.explain_story import run

    return run(config, first, second, as_json=json)
