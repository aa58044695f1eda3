"""Write the pages of reference from the program itself: every command, every key, the Python interface."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

import feedhub
from feedhub.cli import app

ROOT = Path(__file__).parent.parent


def write(folder: Path) -> None:
    """Write the pages into a folder, which is made."""
    folder.mkdir(exist_ok=True)
    pages = {"commands": commands(), "configuration": configuration(), "python": python()}
    for name, lines in pages.items():
        text = "\n".join(lines) + "\n"
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def commands() -> Iterator[str]:
    """Every command with its arguments and options."""
    yield "# Every command"
    yield ""
    yield "What `feedhub COMMAND --help` says. `--json` gives one document for machines wherever a command reports."
    yield from _command(click.Context(app, info_name="feedhub", **app.context_settings))


def _command(context: click.Context) -> Iterator[str]:
    command, path = context.command, context.command_path
    if isinstance(command, click.Group):
        for name, each in sorted(command.commands.items()):
            yield from _command(click.Context(each, context, name))
        return
    yield from ("", f"## {path}", "", _paragraphs(command.help or ""), "")
    yield from ("```text", f"{path} {' '.join(command.collect_usage_pieces(context))}", "```", "")
    options = [record for each in command.params if (record := each.get_help_record(context))]
    if options:
        yield from ("| option | |", "|---|---|")
        yield from (f"| `{name.replace('|', chr(92) + '|')}` | {_cell(text)} |" for name, text in options)


def _paragraphs(text: str) -> str:
    return "\n".join(line.strip() for line in text.replace("\b", "").splitlines())


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def configuration() -> Iterator[str]:
    """The shipped configuration, which has every key."""
    yield "# Every key"
    yield ""
    yield "The shipped `config.yaml`: every key with its default and what it does. `feedhub check` tells every mistake"
    yield "with its line."
    yield ""
    yield "```yaml"
    yield (ROOT / "config.yaml").read_text(encoding="utf-8").rstrip()
    yield "```"


def python() -> Iterator[str]:
    """The public names of the package."""
    yield "# The Python interface"
    yield ""
    yield "Everything that `import feedhub` gives; all of it is typed (`py.typed`)."
    yield ""
    for name in feedhub.__all__:
        kind = "autoclass" if isinstance(getattr(feedhub, name), type) else "autofunction"
        if name.startswith("__"):
            continue
        yield from ("```{eval-rst}", f".. {kind}:: feedhub.{name}", "```", "")
