"""The commands by which a person overrules the hub; each says what holds from now on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from feedhub.cli.commands import CONFIG, ConfigOption, JsonOption, NowOption, app

First = Annotated[str, typer.Argument(metavar="A", help="A story's id or address, or an entry as SOURCE GUID.")]
Second = Annotated[str, typer.Argument(metavar="B", help="Another one.")]
StoryName = Annotated[str, typer.Argument(metavar="STORY", help="A story's id or address, or an entry of it.")]
Entry = Annotated[str, typer.Argument(metavar="ENTRY", help="An entry as SOURCE GUID, or its guid or address.")]
Entries = Annotated[
    list[str], typer.Argument(metavar="ENTRY...", help="Entries as SOURCE GUID, or guids or addresses.")
]
Reason = Annotated[str | None, typer.Option(help="Why, for the record.")]


@app.command()
def merge(
    first: First,
    second: Second,
    reason: Reason = None,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Make two stories one, whatever the matcher says."""
    _record("merge", first, second, reason=reason, config=config, json=json, now=now)


@app.command()
def split(
    story: StoryName,
    entries: Entries,
    reason: Reason = None,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Take entries out of a story; they never join it again."""
    _record("split", story, entries, reason=reason, config=config, json=json, now=now)


@app.command()
def pin(
    story: StoryName,
    entry: Entry,
    reason: Reason = None,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Let one entry speak for its story."""
    _record("pin", story, entry, reason=reason, config=config, json=json, now=now)


@app.command()
def never(
    first: First,
    second: Second,
    reason: Reason = None,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Keep two stories, or two entries of one, apart for good."""
    _record("never", first, second, reason=reason, config=config, json=json, now=now)


@app.command()
def kill(
    story: StoryName,
    reason: Reason = None,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Remove a story, and later copies of its text."""
    _record("kill", story, reason=reason, config=config, json=json, now=now)


@app.command()
def forget(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The decision's number; `decisions` lists them.")],
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Take a decision back; the matcher judges again."""
    _record("forget", number, config=config, json=json, now=now)


@app.command()
def decisions(config: ConfigOption = CONFIG, json: JsonOption = False) -> None:
    """List every decision, a person's and the hub's own, those taken back too."""
    from feedhub.cli.decision_output import run_listing

    raise typer.Exit(run_listing(config, as_json=json))


def _record(word: str, *names: object, config: Path, json: bool, now: str | None, **more: object) -> NoReturn:
    """Have a person's word kept, by its name."""
    from feedhub.cli.decision_output import run

    raise typer.Exit(run(config, word, names, more, as_json=json, now=now))
