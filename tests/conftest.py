"""The engines that the store's tests run on, and the newsstand that the server's tests look at."""

from __future__ import annotations

import gc
import os
import re
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import certificates
import forked_parsers
import httpx
import hypothesis
import pytest
import shared
import statements
from _pytest.terminal import TerminalReporter
from commands import PATIENCE, business
from engines import Databases, Files, Served
from hubs import Newsroom, close_all
from newsstand import MemoryBackend, full_backend, serving
from postgres import Cluster
from sqlalchemy import make_url

from feedhub.parse import worker_pool
from feedhub.serve import ServerSettings

ENGINES = ("sqlite", "postgresql")
#: no test may need a quiet machine
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

# Hundreds of commands are started: each would compile the whole program where this is set, for a quarter of its time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# a fifth of what a round costs here
statements.share()
certificates.share()


def pytest_configure(config: pytest.Config) -> None:
    """Make once what all workers need, before they start."""
    if config.getoption("numprocesses", None) and not config.option.collectonly:
        everything = ExitStack()
        config.add_cleanup(everything.close)
        everything.enter_context(shared.by_workers(config))


@pytest.fixture(scope="session", autouse=True)
def _parsers() -> Iterator[None]:
    """Fork the parsers of the hubs that tests run."""
    with forked_parsers.used():
        yield


@pytest.fixture
def fresh_parsers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start an interpreter for each parser, as the hub does: for tests of the parsers' own life."""
    monkeypatch.setattr(worker_pool, "_process", forked_parsers.started)


@pytest.fixture(scope="session")
def _cluster() -> Iterator[tuple[Cluster, str]]:
    with shared.databases() as cluster_and_template:
        yield cluster_and_template


@pytest.fixture(scope="session")
def postgres(_cluster: tuple[Cluster, str]) -> Cluster:
    """A PostgreSQL of this test run; where none can run, the tests that want it are reported as not run."""
    return _cluster[0]


@pytest.fixture(scope="session")
def template(_cluster: tuple[Cluster, str]) -> str:
    """A database with our tables, of which the tests get copies."""
    return _cluster[1]


@pytest.fixture(params=ENGINES)
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Databases:
    """Makes databases on each engine."""
    if request.param == "sqlite":
        return Files(tmp_path)
    return Served(request.getfixturevalue("postgres"), request.getfixturevalue("template"))


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A database of the test's own, on each engine."""
    with databases.new() as url:
        yield url


@pytest.fixture(autouse=True)
def _close_databases() -> Iterator[None]:
    """Close what newsrooms opened."""
    yield
    close_all()


@pytest.fixture
def engine(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Newsrooms have their database on each engine: `pytestmark = pytest.mark.usefixtures("engine")`."""
    monkeypatch.setattr(Newsroom, "elsewhere", database_url)
    return make_url(database_url).get_backend_name()


@pytest.fixture(scope="module")
def backend() -> MemoryBackend:
    """What the server of this module has."""
    return full_backend()


@pytest.fixture(scope="module")
def hub(backend: MemoryBackend) -> Iterator[httpx.Client]:
    """A client of a running server on this machine."""
    with serving(backend) as url, httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE) as client:
        yield client


@pytest.fixture(scope="module")
def public(backend: MemoryBackend) -> Iterator[httpx.Client]:
    """The same of one with a public address and an admin token."""
    settings = ServerSettings(base_url="https://news.test/hub/", admin_token="let-me-in")
    with serving(backend, settings) as url, httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE) as client:
        yield client


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while thousands of tests are made, and later not among them: nothing of it ever goes."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give tests the longer to end the busier the machine is: a limit is there for what hangs."""
    for item in items:
        marker = item.get_closest_marker("timeout")
        seconds = float(marker.args[0] if marker is not None else config.getini("timeout"))
        item.add_marker(pytest.mark.timeout(seconds * business()), append=False)


#: tests of this process that no option asked for, by the marker that has them wait
_not_asked_for: Counter[str] = Counter()


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Count what is left out by its marker, as the closing lines say."""
    for item in items:
        waits = re.findall(r"not (\w+)", item.config.getoption("markexpr"))
        _not_asked_for.update([name for name in waits if item.get_closest_marker(name)][:1])


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the counts of a worker to the process that writes the closing lines; all workers collect the same."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["not asked for"] = dict(_not_asked_for)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take a worker's counts."""
    _not_asked_for.update(Counter(node.workeroutput.get("not asked for", {})) - _not_asked_for)


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """Say how many tests were left out, and why."""
    reasons = Counter(str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", ()))
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"left out: {count} ({reason.removeprefix('Skipped: ')})")
    about = dict(line.split(": ", 1) for line in config.getini("markers") if ": " in line)
    for marker, count in sorted(_not_asked_for.items()):
        terminalreporter.write_line(f"left out: {count} ({about[marker]}: -m {marker})")
