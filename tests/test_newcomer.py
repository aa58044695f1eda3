"""The README's five minutes, typed line by line: from an empty folder to a feed in a reader, and out again."""

from __future__ import annotations

import os
import pty
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import yaml
from commands import PATIENCE, ROOT, Desk, Process, ended, until
from daemons import free_port
from origin import Origin, Reply, feed

TEXT = (
    "MARROW FERRY (XYZ) - The bridge at Marrow Ferry was shut on Tuesday after four of its hangers were found to have "
)
TEXT += "rusted through, the harbour office said. Buses will run by way of Tallow Bay until the end of the month. "
TEXT += "Engineers counted forty more that need to be replaced before lorries may cross again, it said in a report."


def blocks() -> list[list[str]]:
    """The two blocks of commands: those of the first terminal, and those of the other, without their comments."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Five minutes")[2].partition("\n## ")[0]
    found = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return [[line.partition("#")[0].strip() for line in block.splitlines() if line.strip()] for block in found]


@contextmanager
def paper(name: str, more: str, host: str) -> Iterator[Origin]:
    """A paper's site: a home page, and the feed that it names."""
    with Origin(host) as site:
        head = f"<title>{name}</title><link rel=alternate type='application/rss+xml' href='/feed'>"
        page = f"<!doctype html><html><head>{head}</head><body>{more}</body></html>"
        site.serve("/", Reply(200, {"Content-Type": "text/html"}, page.encode()))
        items = (
            f"<item><guid>1</guid><title>{more}</title><link>{site.url('/1')}</link>"
            f"<description>{TEXT}</description></item>",
            f"<item><guid>2</guid><title>{name} wins the cup</title><description>{name} has won.</description></item>",
        )
        head = f"<title>{name}</title><link>{site.url('/')}</link>"
        document = f"<rss version='2.0'><channel>{head}{''.join(items)}</channel></rss>"
        site.serve("/feed", feed(document.encode()))
        yield site


def play(desk: Desk) -> None:
    """Type what the README says."""
    port = free_port()
    with (
        paper("Herald", "Bridge shut at Marrow Ferry", "127.0.0.1") as one,
        paper("Courier", "Marrow Ferry cut off", "127.0.0.2") as other,
        paper("Gazette", "Harbour office shuts bridge", "127.0.0.3") as third,
    ):
        first, second = blocks()

        def words(line: str) -> list[str]:
            for name, site in (("a", one), ("b", other), ("c", third)):
                line = line.replace(f"https://{name}-paper.example", site.url("/"))
            command, *arguments = shlex.split(line)
            assert command == "feedhub"
            return arguments

        assert desk.run(*words(first[0])).code == 0
        config = desk.folder / "config.yaml"
        # what a newcomer need not do, whose papers are not on his own machine
        text = config.read_text(encoding="utf-8")
        allowed = ", ".join(f'"{site.place}"' for site in (one, other, third))
        text = text.replace("  allow: []  ", f"  allow: [{allowed}]  ").replace("port: 8080", f"port: {port}")
        config.write_text(text, encoding="utf-8")
        asked = typed(desk, words(first[1]))
        assert "`herald` added to config.yaml" in asked
        for line in first[2:5]:
            done = desk.run(*words(line))
            assert done.code == 0, (line, done.err)
        assert "Marrow Ferry" in done.out
        assert words(first[5]) == ["run"]
        with desk.start("run") as daemon:
            subscribe(desk, port, daemon)
            for line in second:
                done = desk.run(*words(line))
                assert done.code == 0, (line, done.err)
                if "sources add" in line:
                    # the hub that runs takes the changed file over
                    assert "Gazette wins the cup" in until(lambda: entries(port, 4), "the added paper's stories")
                if line.endswith("--merged"):
                    assert "Marrow Ferry" in done.out
            assert ended(daemon, signal.SIGTERM, 10) == 0
    again = yaml.safe_load((desk.folder / "copy.yaml").read_text(encoding="utf-8"))["sources"]
    papers = {"herald": one, "courier": other, "gazette": third}
    assert {row["id"]: row["url"] for row in again} == {name: site.url("/feed") for name, site in papers.items()}


def typed(desk: Desk, arguments: list[str]) -> str:
    """Run a command at a terminal, and press Enter where it asks; what the terminal showed."""
    ours, theirs = pty.openpty()
    shown = b""
    with desk.start(*arguments, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        os.write(ours, b"\n")
        while True:
            # the terminal hangs up when the command has ended
            try:
                piece = os.read(ours, 4096)
            except OSError:
                break
            shown += piece
        assert process.wait(60) == 0, shown.decode()
    os.close(ours)
    return " ".join(shown.decode().split())


def subscribe(desk: Desk, port: int, daemon: Process) -> None:
    """Ask as a reader does, as soon as the hub serves."""
    url = f"http://127.0.0.1:{port}"

    def feed_text() -> str | None:
        assert daemon.poll() is None, desk.log
        try:
            return httpx.get(f"{url}/feeds/all.atom", trust_env=False, timeout=PATIENCE).text
        except httpx.TransportError:
            return None

    document = until(feed_text, "the feed")
    assert document.count("<entry") == 3
    assert "Also published by" in document
    assert httpx.get(f"{url}/", trust_env=False, timeout=PATIENCE).status_code == 200


def entries(port: int, count: int) -> str | None:
    """The feed, once it has so many entries."""
    document = httpx.get(f"http://127.0.0.1:{port}/feeds/all.atom", trust_env=False, timeout=PATIENCE).text
    return document if document.count("<entry") >= count else None


def test_the_readmes_five_minutes_lead_to_a_feed_of_ones_own(tmp_path: Path) -> None:
    play(Desk(tmp_path))


@pytest.mark.wheel
@pytest.mark.timeout(900)
def test_the_same_from_the_built_wheel_in_a_bare_environment(bare: Path, tmp_path: Path) -> None:
    play(Desk(tmp_path, installed=bare))


@pytest.mark.wheel
@pytest.mark.timeout(900)
def test_the_wheel_brings_the_demo_the_example_and_the_lists(bare: Path, tmp_path: Path) -> None:
    desk = Desk(tmp_path, installed=bare)
    assert desk.run("demo", "--exit", "--json", patience=300).json["right"] is True
    assert desk.run("init", "asia").code == 0
    assert len(desk.run("check", "--json").json["sources"]) > 8


@pytest.mark.wheel
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_the_commands_of_an_installation(bare: Path, shell: str, tmp_path: Path) -> None:
    done = Desk(tmp_path, installed=bare).run("--show-completion", shell)
    assert done.code == 0
    assert "_FEEDHUB_COMPLETE" in done.out
    # fish asks with the word in place of its number
    asked = {"COMP_WORDS": "feedhub sources ", "COMP_CWORD": "" if shell == "fish" else "2"}
    got = Desk(tmp_path, installed=bare).run(more={**asked, "_FEEDHUB_COMPLETE": f"{shell}_complete"})
    assert all(word in got.out for word in ("add", "list", "remove", "import", "export"))


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`feedhub` as the image installs it: the steps of its first stage, run in a folder in place of a container."""
    folder = tmp_path_factory.mktemp("image")
    (folder / "src").mkdir()
    stage = (
        (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8").partition("AS build\n")[2].partition("\nFROM ")[0]
    )
    for line in stage.replace("\\\n", " ").splitlines():
        instruction, _, rest = line.strip().partition(" ")
        if instruction == "COPY":
            *names, _target = rest.split()
            subprocess.run(["cp", "-r", *(ROOT / name for name in names), folder / "src"], check=True)
        elif instruction == "RUN":
            step = rest.replace("/opt/", f"{folder}/opt/").replace("python -m venv", f"{sys.executable} -m venv")
            done = subprocess.run(["sh", "-ec", step], cwd=folder / "src", capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return folder / "opt/feedhub/bin/feedhub"


def test_a_configuration_that_cannot_be_written_whole_is_not_there(tmp_path: Path) -> None:
    """Who finds half of one would start no hub with it, and `init` would leave it as it is."""
    desk = Desk(tmp_path)
    failed = desk.run("init", limit=100)
    assert (failed.code, "config.yaml: cannot be written: File too large" in failed.err) == (5, True), failed.err
    assert list(tmp_path.iterdir()) == []
    assert desk.run("init").code == 0
