"""What the commands are made of: the group that holds them all, and the arguments and options that they share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar

import click

CONFIG = Path("config.yaml")
#: a file's name as it was typed, which a shell completes; who opens the file tells what is wrong with it
FILE = click.Path(readable=False)
SHELLS = ("bash", "zsh", "fish", "powershell")


class Group(click.Group):
    """Commands in the order in which they were made, groups after them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names as `--help` lists them."""
        return sorted(self.commands, key=lambda name: isinstance(self.commands[name], click.Group))


def _print_version(context: click.Context, option: click.Parameter, asked: bool) -> None:
    if not asked or context.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        print(f"feedhub {version('feedhub')}")
    except PackageNotFoundError:
        print("feedhub, not installed: run from its folder")
    context.exit()


def _print_completion(context: click.Context, option: click.Parameter, shell: str | None) -> None:
    if shell is None or context.resilient_parsing:
        return
    from click.shell_completion import get_completion_class

    completion = get_completion_class(shell)
    assert completion is not None
    print(completion(context.command, {}, "feedhub", "_FEEDHUB_COMPLETE").source())
    context.exit()


@click.group(
    cls=Group,
    context_settings={"show_default": True},
    help="Polls news sources, recognises copies of one agency story, and serves each story once.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version and stop.",
)
@click.option(
    "--show-completion",
    metavar="SHELL",
    type=click.Choice(SHELLS),
    is_eager=True,
    expose_value=False,
    callback=_print_completion,
    help="Print what teaches bash, zsh, fish or powershell the commands.",
)
def app() -> None:
    """Only hold the commands."""


@app.result_callback()
def _exit(code: int) -> NoReturn:
    """End with the exit code that a command returned."""
    sys.exit(code)


def add_group(name: str, help: str) -> Group:
    """Make a group of commands; its name alone shows its help."""
    group = Group(name, help=help)
    app.add_command(group)
    return group


sources_app = add_group("sources", "Add, list and remove sources; lists of them as OPML.")
db_app = add_group("db", "Move, back up, verify and rebuild what the hub knows.")
bulk_app = add_group("bulk", "Deduplicate a large archive on Apache Spark.")
labels_app = add_group("labels", "Take labels of pairs out of the hub, and bring them in (pairs.jsonl).")


def _find_config(context: click.Context, option: click.Parameter, path: Path) -> Path:
    """Return the configuration to use: as named, else `./config.yaml`, else the one in the user's own folder."""
    if path != CONFIG or path.exists():
        return path
    own = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "feedhub" / "config.yaml"
    if not own.exists():
        return path
    return own


config_option = click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path),
    default=CONFIG,
    show_default=False,
    envvar="FEEDHUB_CONFIG",
    show_envvar=True,
    callback=_find_config,
    help="The configuration; ./config.yaml, else ~/.config/feedhub/config.yaml.",
)
json_option = click.option("--json", is_flag=True, help="Print one JSON document for machines.")
now_option = click.option("--now", metavar="INSTANT", help="Take this instant for now, e.g. 2026-03-10T18:00:00Z.")
items_argument = click.argument(
    "items", metavar="ITEMS", type=FILE, help="JSONL, JSON, CSV, TSV or Parquet; - reads a pipe."
)
from_option = click.option(
    "--from", "asked", metavar="FORMAT", help="jsonl, json, csv, tsv, parquet, with .gz or .zst; else by suffix."
)
columns_option = click.option("--columns", metavar="FIELD=COLUMN,...", help="Such as title=headline,text=body.")
reason_option = click.option("--reason", help="Why, for the record.")
as_option = click.option("--as", "who", metavar="NAME", help="Who decides, for the record; else the login name.")

C = TypeVar("C", bound=Callable[..., int])


def hub_options(command: C) -> C:
    """Add what every command takes that changes something in a hub: its configuration, `--json` and `--now`."""
    return config_option(json_option(now_option(command)))


def decision_options(command: C) -> C:
    """Add what every command takes that records a person's word: why, who, and what `hub_options` are."""
    return reason_option(as_option(hub_options(command)))
