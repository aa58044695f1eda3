"""The commands by which a person overrules the hub; each says what holds from now on."""

from __future__ import annotations

from pathlib import Path

import click

from feedhub.cli.command_line import FILE, app, as_option, config_option, decision_options, hub_options, json_option
from feedhub.errors import UsageError

story_argument = click.argument("story", metavar="STORY", help="A story's id or address, or an entry of it.")
first_argument = click.argument("first", metavar="[A]", required=False, help="A story's id or address, or an entry.")
second_argument = click.argument("second", metavar="[B]", required=False, help="Another one.")
file_option = click.option("--file", type=FILE, help="Many at once: a line each, names parted by tabs; - reads a pipe.")


@app.command()
@first_argument
@second_argument
@file_option
@decision_options
def merge(
    first: str | None,
    second: str | None,
    file: str | None,
    reason: str | None,
    who: str | None,
    config: Path,
    json: bool,
    now: str | None,
) -> int:
    """Make two stories one, whatever the matcher says."""
    if file is not None and first is None:
        return _record_file("merge", file, reason=reason, by=who, config=config, json=json, now=now)
    if file is not None or first is None or second is None:
        raise UsageError("merge: name two stories or entries, or give --file alone")
    return _record("merge", first, second, reason=reason, by=who, config=config, json=json, now=now)


@app.command()
@click.argument("story", metavar="[STORY]", required=False, help="A story's id or address, or an entry.")
@click.argument("entries", metavar="[ENTRY]...", nargs=-1, help="Entries as SOURCE GUID, or guids or addresses.")
@click.option("--all", "everything", is_flag=True, help="Part all its entries from each other.")
@file_option
@decision_options
def split(
    story: str | None,
    entries: tuple[str, ...],
    everything: bool,
    file: str | None,
    reason: str | None,
    who: str | None,
    config: Path,
    json: bool,
    now: str | None,
) -> int:
    """Take entries out of a story; they never join it again."""
    if file is not None and story is None and not everything:
        return _record_file("split", file, reason=reason, by=who, config=config, json=json, now=now)
    if file is not None or story is None or bool(entries) is everything:
        raise UsageError("split: name a story and its entries, or a story and --all, or give --file alone")
    if everything:
        return _record("split --all", story, reason=reason, by=who, config=config, json=json, now=now)
    return _record("split", story, entries, reason=reason, by=who, config=config, json=json, now=now)


@app.command()
@story_argument
@click.argument("entry", metavar="ENTRY", help="An entry as SOURCE GUID, or its guid or address.")
@decision_options
def pin(story: str, entry: str, reason: str | None, who: str | None, config: Path, json: bool, now: str | None) -> int:
    """Let one entry speak for its story."""
    return _record("pin", story, entry, reason=reason, by=who, config=config, json=json, now=now)


@app.command()
@first_argument
@second_argument
@file_option
@decision_options
def never(
    first: str | None,
    second: str | None,
    file: str | None,
    reason: str | None,
    who: str | None,
    config: Path,
    json: bool,
    now: str | None,
) -> int:
    """Keep two stories, or two entries of one, apart for good."""
    if file is not None and first is None:
        return _record_file("never", file, reason=reason, by=who, config=config, json=json, now=now)
    if file is not None or first is None or second is None:
        raise UsageError("never: name two stories or entries, or give --file alone")
    return _record("never", first, second, reason=reason, by=who, config=config, json=json, now=now)


@app.command()
@story_argument
@decision_options
def kill(story: str, reason: str | None, who: str | None, config: Path, json: bool, now: str | None) -> int:
    """Remove a story, and later copies of its text."""
    return _record("kill", story, reason=reason, by=who, config=config, json=json, now=now)


@app.command()
@click.argument("number", metavar="NUMBER", type=int, help="The decision's number; `decisions` lists them.")
@as_option
@hub_options
def forget(number: int, who: str | None, config: Path, json: bool, now: str | None) -> int:
    """Take a decision back; the matcher judges again."""
    return _record("forget", number, by=who, config=config, json=json, now=now)


@app.command()
@config_option
@json_option
def decisions(config: Path, json: bool) -> int:
    """List every decision, a person's and the hub's own, those taken back too."""
    from feedhub.cli.decision_output import run_listing

    return run_listing(config, as_json=json)


def _record(word: str, *names: object, config: Path, json: bool, now: str | None, **more: str | None) -> int:
    """Have a person's word kept, by its name."""
    from feedhub.cli.decision_output import run

    return run(config, word, names, more, as_json=json, now=now)


def _record_file(word: str, file: str, *, config: Path, json: bool, now: str | None, **more: str | None) -> int:
    """Record a decision for every line of a file."""
    from feedhub.cli.decision_output import run_file

    return run_file(config, word, file, more, as_json=json, now=now)
