"""What a shell completes: commands, options, their values, files, and the ids of the configured sources."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commands import ROOT, Desk

SHELLS = ["bash", "zsh", "fish", "powershell"]
IDS = ["alpha", "alps", "beta"]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.configure("".join(f"  - {{id: {name}, url: {name}.json}}\n" for name in IDS))
    (tmp_path / "other.yaml").write_text("sources:\n  - {id: other, url: other.json}\n", encoding="utf-8")
    return made


def completed(desk: Desk, line: str, **environment: str) -> list[str]:
    """What bash would offer after a line, each with its kind."""
    words = [*shlex.split(line), *([""] if line.endswith(" ") else [])]
    asked = {"_FEEDHUB_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = desk.run(more={**asked, **environment})
    assert (done.code, done.err) == (0, "")
    return done.out.split()


OFFERS = {
    "feedhub so": ["plain,sources"],
    "feedhub sources re": ["plain,remove", "plain,resume"],
    "feedhub once --a": ["plain,--all", "plain,--archives"],
    "feedhub sources add --trust ": ["plain,low", "plain,normal", "plain,high"],
    "feedhub --show-completion z": ["plain,zsh"],
    "feedhub sources remove al": ["plain,alpha", "plain,alps"],
    "feedhub sources remove alpha b": ["plain,beta"],
    "feedhub sources pause al": ["plain,alpha", "plain,alps"],
    "feedhub sources remove -c other.yaml ": ["plain,other"],
    "feedhub sources remove -c nowhere.yaml ": [],
    "feedhub check -c conf": ["file,conf"],
    "feedhub dedupe it": ["file,it"],
    "feedhub dedupe items.jsonl --pages it": ["file,it"],
    "feedhub tune items.jsonl lab": ["file,lab"],
    "feedhub init subs": ["file,subs"],
    "feedhub sources import subs": ["file,subs"],
}


@pytest.mark.parametrize(("line", "offers"), OFFERS.items(), ids=OFFERS)
def test_a_shell_is_offered_what_may_stand_there(desk: Desk, line: str, offers: list[str]) -> None:
    assert completed(desk, line) == offers


def test_the_ids_are_those_of_the_configuration_that_the_command_would_take(desk: Desk, tmp_path: Path) -> None:
    assert completed(desk, "feedhub sources remove ", FEEDHUB_CONFIG="other.yaml") == ["plain,other"]
    own = tmp_path / "own" / "feedhub"
    own.mkdir(parents=True)
    (tmp_path / "config.yaml").rename(own / "config.yaml")
    assert completed(desk, "feedhub sources remove b", XDG_CONFIG_HOME=str(own.parent)) == ["plain,beta"]


@pytest.mark.parametrize("text", ["", "sources: [", "sources: 3"], ids=["empty", "not YAML", "wrong"])
def test_a_configuration_that_cannot_be_read_offers_nothing_and_says_nothing(desk: Desk, text: str) -> None:
    (desk.folder / "config.yaml").write_text(text, encoding="utf-8")
    assert completed(desk, "feedhub sources remove ") == []


@pytest.mark.parametrize("shell", SHELLS)
def test_what_teaches_a_shell_is_printed(desk: Desk, shell: str) -> None:
    done = desk.run("--show-completion", shell)
    assert done.code == 0
    assert {"_FEEDHUB_COMPLETE", f"{shell}_complete"} <= set(re.findall(r"\w+", done.out))


def test_an_unknown_shell_is_told_the_known_ones(desk: Desk) -> None:
    done = desk.run("--show-completion", "csh")
    assert (done.code, done.out) == (2, "")
    assert all(shell in done.err for shell in SHELLS)


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash_itself_completes_by_it(desk: Desk) -> None:
    program = desk.folder / "feedhub"
    main = "import sys; sys.argv[0] = 'feedhub'; from feedhub.cli import main; main()"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -c "{main}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    typed = "COMP_WORDS=(feedhub sources remove al); COMP_CWORD=3; _feedhub_completion ./feedhub"
    script = f'eval "$(./feedhub --show-completion bash)"; complete -p feedhub; {typed}; echo "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "--norc", "-c", script], cwd=desk.folder, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["complete -o nosort -F _feedhub_completion feedhub", "alpha alps"]
