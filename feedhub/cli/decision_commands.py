"""The commands by which a person overrules the hub; each says what holds from now on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from feedhub.cli.commands import CONFIG, ConfigOption, JsonOption, NowOption, app
from feedhub.errors import UsageError

StoryName = Annotated[str, typer.Argument(metavar="STORY", help="A story's id or address, or an entry of it.")]
Entry = Annotated[str, typer.Argument(metavar="ENTRY", help="An entry as SOURCE GUID, or its guid or address.")]
First = Annotated[str | None, typer.Argument(metavar="A", help="A story's id or address, or an entry.")]
Second = Annotated[str | None, typer.Argument(metavar="B", help="Another one.")]
FileOption = Annotated[
    str | None, typer.Option("--file", help="Many at once: a line each, names parted by tabs; - reads a pipe.")
]
Reason = Annotated[str | None, typer.Option(help="Why, for the record.")]
AsOption = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="Who decides, for the record; else the login name.")
]


@app.command()
def merge(
    first: First = None,
    second: Second = None,
    file: FileOption = None,
    reason: Reason = None,
    who: AsOption = None,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Make two stories one, whatever the matcher says."""
    if file is not None and first is None:
        _record_file("merge", file, reason=reason, by=who, config=config, json=json, now=now)
    if file is not None or first is None or second is None:
        raise UsageError("merge: name two stories or entries, or give --file alone")
    _record("merge", first, second, reason=reason, by=who, config=config, json=json, now=now)


@app.command()
def split(
    story: Annotated[str | None, typer.Argument(metavar="STORY", help="A story's id or address, or an entry.")] = None,
    entries: Annotated[
        list[str] | None, typer.Argument(metavar="ENTRY...", help="Entries as SOURCE GUID, or guids or addresses.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Part all its entries from each other.")] = False,
    file: FileOption = None,
    reason: Reason = None,
    who: AsOption = None,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Take entries out of a story; they never join it again."""
    if file is not None and story is None and not everything:
        _record_file("split", file, reason=reason, by=who, config=config, json=json, now=now)
    if file is not None or story is None or bool(entries) is everything:
        raise UsageError("split: name a story and its entries, or a story and --all, or give --file alone")
    if everything:
        _record("split --all", story, reason=reason, by=who, config=config, json=json, now=now)
    _record("split", story, entries, reason=reason, by=who, config=config, json=json, now=now)


@app.command()
def pin(
    story: StoryName,
    entry: Entry,
    reason: Reason = None,
    who: AsOption = None,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Let one entry speak for its story."""
    _record("pin", story, entry, reason=reason, by=who, config=config, json=json, now=now)


@app.command()
def never(
    first: First = None,
    second: Second = None,
    file: FileOption = None,
    reason: Reason = None,
    who: AsOption = None,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Keep two stories, or two entries of one, apart for good."""
    if file is not None and first is None:
        _record_file("never", file, reason=reason, by=who, config=config, json=json, now=now)
    if file is not None or first is None or second is None:
        raise UsageError("never: name two stories or entries, or give --file alone")
    _record("never", first, second, reason=reason, by=who, config=config, json=json, now=now)


@app.command()
def kill(
    story: StoryName,
    reason: Reason = None,
    who: AsOption = None,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Remove a story, and later copies of its text."""
    _record("kill", story, reason=reason, by=who, config=config, json=json, now=now)


@app.command()
def forget(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The decision's number; `decisions` lists them.")],
    who: AsOption = None,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Take a decision back; the matcher judges again."""
    _record("forget", number, by=who, config=config, json=json, now=now)


@app.command()
def decisions(config: ConfigOption = CONFIG, json: JsonOption = False) -> None:
    """List every decision, a person's and the hub's own, those taken back too."""
    from feedhub.cli.decision_output import run_listing

    raise typer.Exit(run_listing(config, as_json=json))


def _record(word: str, *names: object, config: Path, json: bool, now: str | None, **more: str | None) -> NoReturn:
    """Have a person's word kept, by its name."""
    from feedhub.cli.decision_output import run

    raise typer.Exit(run(config, word, names, more, as_json=json, now=now))


def _record_file(word: str, file: str, *, config: Path, json: bool, now: str | None, **more: str | None) -> NoReturn:
    """Record a decision for every line of a file."""
    from feedhub.cli.decision_output import run_file

    raise typer.Exit(run_file(config, word, file, more, as_json=json, now=now))
