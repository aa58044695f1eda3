"""The commands by which a person overrules the hub; each says what holds from now on."""

from __future__ import annotations

from typing import Annotated

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
    from feedhub.cli.decisions import run
    from feedhub.pipeline import persons

    done = run(config, lambda c, at: persons.merge(c, first, second, reason=reason, now=at), as_json=json, now=now)
    raise typer.Exit(done)


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
    from feedhub.cli.decisions import run
    from feedhub.pipeline import persons

    done = run(config, lambda c, at: persons.split(c, story, entries, reason=reason, now=at), as_json=json, now=now)
    raise typer.Exit(done)


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
    from feedhub.cli.decisions import run
    from feedhub.pipeline import persons

    done = run(config, lambda c, at: persons.pin(c, story, entry, reason=reason, now=at), as_json=json, now=now)
    raise typer.Exit(done)


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
    from feedhub.cli.decisions import run
    from feedhub.pipeline import persons

    done = run(config, lambda c, at: persons.never(c, first, second, reason=reason, now=at), as_json=json, now=now)
    raise typer.Exit(done)


@app.command()
def kill(
    story: StoryName,
    reason: Reason = None,
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Remove a story, and later copies of its text."""
    from feedhub.cli.decisions import run
    from feedhub.pipeline import persons

    done = run(config, lambda c, at: persons.kill(c, story, reason=reason, now=at), as_json=json, now=now)
    raise typer.Exit(done)


@app.command()
def forget(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The decision's number; `decisions` lists them.")],
    config: ConfigOption = CONFIG,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Take a decision back; the matcher judges again."""
    from feedhub.cli.decisions import run
    from feedhub.pipeline import persons

    raise typer.Exit(run(config, lambda c, at: persons.forget(c, number, now=at), as_json=json, now=now))


@app.command()
def decisions(config: ConfigOption = CONFIG, json: JsonOption = False) -> None:
    """List every decision, a person's and the hub's own, those taken back too."""
    from feedhub.cli.decisions import run_list

    raise typer.Exit(run_list(config, as_json=json))
