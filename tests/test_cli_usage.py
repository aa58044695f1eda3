"""What a person gets who calls a command wrongly: one clear line, exit code 2, and nothing done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from commands import ROOT, Desk, said_once

from feedhub.cli import app

GOOD = "  - {id: a, url: a.json}\n"

MISTAKES = {
    "empty": ("", ["config.yaml:1:1: the file is empty"]),
    "unknown key": (f"retenton: 3d\nsources:\n{GOOD}", ["config.yaml:1:1: retenton: unknown key; did you mean"]),
    "wrong type": (f"server: {{port: high}}\nsources:\n{GOOD}", ["config.yaml:1:16: server.port: expected a whole"]),
    "same id twice": (f"sources:\n{GOOD}{GOOD}", ["config.yaml:3:10: sources.1.id: "]),
    "two mistakes": (f"hold: soon\nx: 1\nsources:\n{GOOD}", ["config.yaml:1:7: hold:", "config.yaml:2:1: x:"]),
    "not YAML": ("sources: [\n", ["config.yaml:2:1: not YAML"]),
}


@pytest.mark.parametrize(("text", "lines"), MISTAKES.values(), ids=MISTAKES)
def test_every_mistake_of_a_configuration_is_a_line_with_its_place(tmp_path: Path, text: str, lines: list[str]) -> None:
    (tmp_path / "config.yaml").write_text(text)
    done = Desk(tmp_path).run("once")
    assert (done.code, done.out) == (2, "")
    told = done.err.splitlines()
    assert len(told) == len(lines)
    assert all(line.startswith(f"feedhub: {start}") for line, start in zip(told, lines, strict=True))


COMMANDS = {
    "once": ("once", "--json"),
    "run": ("run",),
    "serve": ("serve",),
    "worker": ("worker",),
    "check": ("check", "--json"),
    "explain": ("explain", "a"),
    "sources export": ("sources", "export", "-"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_missing_configuration_is_named_and_nothing_is_made(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = Desk(tmp_path).run(*command, "-c", "nowhere.yaml")
    assert (done.code, done.out) == (2, "")
    assert said_once(done, "nowhere.yaml: there is no such file: `feedhub init` writes one")
    assert not list(tmp_path.iterdir())


WRONG = {
    "command": (("frobnicate",), "frobnicate"),
    "option": (("once", "--frobnicate"), "--frobnicate"),
    "instant": (("once", "--now", "soon"), "soon"),
    "instant without a zone": (("once", "--now", "2026-03-10T18:00:00"), "names no zone"),
    "instant before all years": (("once", "--now", "0001-01-01T00:00:00+05:00"), "beyond the years 1 to 9999"),
    "port": (("demo", "--exit", "--port", "high"), "'--port': 'high' is not a valid integer"),
    "port beyond all ports": (("desk", "--port", "65536"), "'--port': 65536 is not in the range 0<=x<=65535"),
    "number": (("forget", "first"), "'NUMBER': 'first' is not a valid integer"),
    "choice": (("sources", "add", "a.test", "--trust", "some"), "'some' is not one of 'low', 'normal', 'high'"),
    "missing argument": (("dedupe",), "Missing argument 'ITEMS'"),
    "none of many arguments": (("sources", "remove"), "Missing argument 'ID...'"),
    "missing option": (("bulk", "dedupe", "archive"), "Missing option '-o' / '--out'"),
    "missing value": (("once", "--out"), "'--out' requires an argument"),
    "too many arguments": (("explain", "a", "b", "c"), "unexpected extra argument (c)"),
    "misspelt command": (("sources", "lst"), "No such command 'lst'. Did you mean 'list'?"),
    "misspelt option": (("sources", "list", "--failin"), "No such option '--failin'. Did you mean '--failing'?"),
    "no command": ((), "Usage: feedhub [OPTIONS] COMMAND [ARGS]..."),
    "no command of a group": (("sources",), "  remove "),
}


@pytest.mark.parametrize(("command", "named"), WRONG.values(), ids=WRONG)
def test_a_wrong_command_line_names_what_is_wrong(tmp_path: Path, command: tuple[str, ...], named: str) -> None:
    done = Desk(tmp_path).run(*command)
    assert (done.code, done.out) == (2, "")
    assert named in done.err
    assert "Traceback" not in done.err


def test_the_version_and_the_help_need_no_configuration(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    version, help_ = desk.run("--version"), desk.run("--help")
    assert (version.code, help_.code) == (0, 0)
    assert version.out.startswith("feedhub")
    for command in ("once", "run", "serve", "worker", "demo", "check", "dedupe", "explain", "sources"):
        assert f" {command} " in help_.out


def test_the_help_lists_the_commands_in_their_order_and_groups_last(tmp_path: Path) -> None:
    listed = Desk(tmp_path).run("--help").out.partition("Commands:\n")[2]
    order = """init once run serve worker demo check dedupe tune explain merge split pin never kill forget decisions
        desk stories search stats sources db bulk labels"""
    assert re.findall(r"^  (\S+)", listed, re.MULTILINE) == order.split()


HELP = {
    "an argument": ("dedupe", "ITEMS  JSONL, JSON, CSV, TSV or Parquet; - reads a pipe."),
    "an argument that may be left out": ("labels export", "[FILE]  - writes to stdout. [default: -]"),
    "an option's default": ("dedupe", "-o, --out ROWS - writes to stdout. [default: -]"),
    "a default with its bounds": ("stories", "At most so many. [default: 50; 1<=x<=10000]"),
    "a default of two names": (
        "desk",
        "--browser / --no-browser Open a browser, where there is one. [default: browser]",
    ),
    "a default's variable": ("init", "The file to write. [env var: FEEDHUB_CONFIG; default: config.yaml]"),
    "a variable": ("check", "else ~/.config/feedhub/config.yaml. [env var: FEEDHUB_CONFIG]"),
    "an option that must be": ("bulk dedupe", "A folder that does not exist yet. [required]"),
    "choices": ("sources add", "--rights [full|summary|headline] How much of it may be published."),
}


@pytest.mark.parametrize(("command", "text"), HELP.values(), ids=HELP)
def test_the_help_says_what_a_command_takes(tmp_path: Path, command: str, text: str) -> None:
    done = Desk(tmp_path).run(*command.split(), "--help")
    assert (done.code, done.err) == (0, "")
    assert " ".join(text.split()) in " ".join(done.out.split())


def parameters(command: click.Command) -> Iterator[click.Parameter]:
    """What a command takes, and all below it."""
    yield from command.params
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from parameters(each)


def test_every_argument_and_option_says_what_it_is() -> None:
    assert [each for each in parameters(app) if not each.help] == []


def test_words_after_two_dashes_are_no_options(tmp_path: Path) -> None:
    done = Desk(tmp_path).run("dedupe", "--", "-o")
    assert said_once(done, "-o: No such file or directory")


def test_the_shipped_configuration_is_right(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text((ROOT / "config.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "fixtures").mkdir()
    done = Desk(tmp_path).run("check", "--json")
    assert (done.code, done.json["warnings"]) == (0, [])
    assert {row["state"] for row in done.json["sources"]} == {"new"}
    assert not (tmp_path / "feedhub.db").exists()


def test_the_configuration_is_looked_for_in_four_places(tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in ("named", "variable", "here", "own/feedhub")}
    for name, folder in folders.items():
        folder.mkdir(parents=True)
        (folder / "config.yaml").write_text(f"identity: {name.partition('/')[0]}.test,2026\nwrong: {{}}\nsources: []\n")
    own = {"XDG_CONFIG_HOME": str(tmp_path / "own")}
    variable = {**own, "FEEDHUB_CONFIG": str(folders["variable"] / "config.yaml")}
    here, nowhere = Desk(folders["here"]), Desk(tmp_path)
    named = here.run("check", "-c", str(folders["named"] / "config.yaml"), more=variable)
    assert str(folders["named"] / "config.yaml") in named.err
    assert str(folders["variable"] / "config.yaml") in here.run("check", more=variable).err
    assert here.run("check", more=own).err.startswith("feedhub: config.yaml:")
    assert nowhere.run("check", more=own).err.startswith(f"feedhub: {folders['own/feedhub'] / 'config.yaml'}:")
    # where it is right, a person is told which it is, and a machine is not
    ours = folders["own/feedhub"] / "config.yaml"
    ours.write_text("sources: []\n")
    assert nowhere.run("check", more=own).configuration == str(ours)
    assert nowhere.run("check", "--json", more=own).configuration is None
