"""What a command imports: whoever asks for help, or has nothing due, waits for no library that he does not use."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from commands import Desk, item
from publicsuffixlist import PublicSuffixList

from feedhub.fetch import host_of
from feedhub.fetch.urls import parsed_host
from feedhub.registrable import registrable

#: what no command needs that reads no document
HEAVY = {"numpy", "httpx", "lxml", "feedparser", "trafilatura", "ftfy", "selectolax", "nh3", "rapidfuzz", "w3lib"}
#: ... and what only the server or the daemon does
SERVING = {"jinja2", "starlette", "uvicorn", "prometheus_client", "apscheduler", "structlog", "feedgen"}
#: ... and what only a command with a database does
STORING = {"sqlalchemy", "pydantic", "yaml", "alembic", "rich", "asyncio", "concurrent"}


def imported(folder: Path, *arguments: str) -> tuple[set[str], str]:
    """The packages that a command imports in an interpreter of its own, and what it printed."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "feedhub", *arguments], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    modules = re.findall(r"^import time:.*\|\s+(\S+)$", done.stderr, re.MULTILINE)
    assert "feedhub.cli" in modules
    return {name.split(".")[0] for name in modules}, done.stdout


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize("words", ["--help", "--version", "once --help", "sources --help", "db --help", "bulk --help"])
def test_help_imports_nothing_that_works(words: str, tmp_path: Path) -> None:
    packages, _ = imported(tmp_path, *words.split())
    assert not packages & (HEAVY | SERVING | STORING)


def test_a_round_with_nothing_due_and_check_import_only_the_store(desk: Desk) -> None:
    desk.configure(desk.file("herald", item("1", "A bridge is shut")))
    assert desk.run("once", "--out", "public").code == 0
    # nothing is rendered for files that say all there is to say
    packages, output = imported(desk.folder, "once", "--out", "public")
    assert "entries settled: 0" in output
    assert not packages & (HEAVY | SERVING | {"alembic", "rich"})
    packages, output = imported(desk.folder, "check")
    assert "herald" in output
    assert not packages & (HEAVY | SERVING | {"alembic"})


def test_the_client_brings_no_command_line_of_its_library() -> None:
    printed = "import sys, feedhub.fetch.client; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", printed], capture_output=True, text=True, check=True)
    assert "httpx" in done.stdout.split()
    assert not {"pygments", "rich", "click", "httpcore"} & set(done.stdout.split())


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_command_starts_no_threads_for_linear_algebra(tmp_path: Path) -> None:
    """Where it is asked for nothing each of them spins for a while: a second of CPU on a machine of ten cores."""
    script = (
        "import os, sys, feedhub.cli\n"
        "try: feedhub.cli.main()\n"
        "except SystemExit: import numpy; print(len(os.listdir('/proc/self/task')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "1"


def test_a_daemon_has_no_library_for_tables_in_memory_until_somebody_wants_one() -> None:
    printed = "import sys, feedhub.cli.run_daemon; print(*sys.modules); import rich.table, structlog.dev"
    done = subprocess.run([sys.executable, "-c", printed], capture_output=True, text=True, check=True)
    assert "structlog" in done.stdout.split()
    assert not {"pygments", "rich"} & set(done.stdout.split())


def test_a_round_imports_neither_the_server_nor_the_reader_of_pages(desk: Desk) -> None:
    desk.configure(desk.file("herald", item("1", "A bridge is shut")))
    packages, _ = imported(desk.folder, "once", "--out", "public")
    assert not packages & {"trafilatura", "jinja2", "uvicorn", "prometheus_client", "apscheduler", "structlog"}


def test_a_misspelt_command_is_told_its_neighbours(desk: Desk) -> None:
    wrong = desk.run("onec", fresh=True)
    assert wrong.code == 2
    assert "once" in wrong.err


def test_a_hosts_owner_is_what_the_whole_public_suffix_list_says() -> None:
    whole = PublicSuffixList()
    rules = [rule.lstrip("!").replace("*", "any") for rule in sorted(whole._publicsuffix)[::40]]
    hosts = [f"{below}{rule}" for rule in rules for below in ("", "one.", "two.one.")]
    hosts += [
        "www.ck",
        "one.www.ck",
        "one.two.ck",
        "one.unheard-of",
        "localhost",
        "two.city.kawasaki.jp",
        ".www.ck",
        "a..b",
    ]
    assert len(hosts) > 300
    for host in hosts:
        assert registrable(host) == (whole.privatesuffix(host) or host), host


@pytest.mark.parametrize(
    "url",
    """http://herald.test/feed http://herald.test:80/ https://herald.test:443?a=b https://herald.test:8443/
    http://Herald.test/ http://user:word@herald.test/ http://herald.test. http://127.0.0.1:8000/ http://127.1/
    http://999.1.1.1/ http://[::1]:80/ http://xn--mnchen-3ya.test/ http://münchen.test/ http://herald.test:99999/
    http://herald.test:0/ http:///feed feed.xml""".split(),
)
def test_the_host_of_an_address_is_what_the_client_asks(url: str) -> None:
    assert host_of(url) == (parsed_host(url) if url.startswith("http") else None)


@pytest.mark.skipif(sys.platform != "linux", reason="forks")
@pytest.mark.parametrize("children", [signal.SIG_DFL, signal.SIG_IGN], ids=["waited for", "ignored"])
def test_a_daemon_makes_its_tables_in_a_process_that_ends(tmp_path: Path, children: signal.Handlers) -> None:
    work = (
        "import sys; from feedhub.cli import run_daemon; from feedhub.store import Database; url = sys.argv[1];"
        "run_daemon._create_database(url); print(Database.has_tables(url), 'alembic' in sys.modules)"
    )
    command = [sys.executable, "-c", work, f"sqlite:///{tmp_path}/hub.db"]
    ignored = partial(signal.signal, signal.SIGCHLD, children)
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=ignored)
    assert done.stdout.split() == ["True", "False"], done.stderr[-2000:]
