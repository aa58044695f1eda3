"""Every command line and every piece of configuration in README and docs is one that the program takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from feedhub.cli import app
from feedhub.config import load

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
OPML = '<opml version="2.0"><body><outline type="rss" text="A" xmlUrl="https://a.example/feed"/></body></opml>'
_BLOCK = re.compile(r"^```(sh|yaml|cron)\n(.*?)^```", re.M | re.S)
_COMMAND = re.compile(r"(?:^|&& |\| |; |exec feedhub )(?:\S*/)?feedhub (?!\$)(.*?)(?= &&| \| |; |  +#| > |$)", re.M)


def blocks(*kinds: str) -> list[Any]:
    return [
        pytest.param(path.name, text, id=f"{path.name}-{number}")
        for path in PAGES
        for number, (kind, text) in enumerate(_BLOCK.findall(path.read_text(encoding="utf-8")))
        if kind in kinds
    ]


def _joined(text: str) -> str:
    """Lines that go on in the next are one; what another command would say is a word."""
    return re.sub(r"\$\([^)]*\)", "x", text.replace("\\\n", " "))


def command_lines() -> list[Any]:
    return [
        pytest.param(line.strip(), id=f"{block.values[0]}: {line.strip()}")
        for block in blocks("sh", "cron")
        for line in _COMMAND.findall(_joined(str(block.values[1])))
    ]


@pytest.mark.parametrize("line", command_lines())
def test_a_command_of_the_docs_exists_with_its_options(line: str) -> None:
    words = shlex.split(line, comments=True)
    command: Any = app
    while commands := getattr(command, "commands", None):
        if not words or words[0].startswith("-") or words[0] == "COMMAND":
            return
        assert words[0] in commands, words[0]
        command = commands[words.pop(0)]
    options = {name for each in command.params for name in (*each.opts, *each.secondary_opts)} | {"--help"}
    assert {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)} <= options


@pytest.mark.parametrize(("page", "text"), blocks("yaml"))
def test_a_piece_of_configuration_of_the_docs_is_valid(
    page: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in re.findall(r"\$\{(\w+)\}", text):
        monkeypatch.setenv(name, "a-secret-of-some-length")
    keys = yaml.safe_load(text)
    assert isinstance(keys, dict), page
    if "scrape_configs" in keys:
        # that is the collector's
        return
    for name in re.findall(r"opml: ([\w./-]+)", text):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(OPML, encoding="utf-8")
    path = tmp_path / "config.yaml"
    path.write_text(text if "sources" in keys else f"{text}\nsources: []\n", encoding="utf-8")
    load(path)


def test_there_is_something_to_try() -> None:
    assert len(command_lines()) > 60
    assert len(blocks("yaml")) > 5
