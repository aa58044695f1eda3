"""What all processes of a test run share: rewritten test modules, a PostgreSQL, servers that fork commands and parsers.

Each of four workers would make each of them anew, at the same time.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import forked
import forked_parsers
import pytest
from _pytest.assertion import rewrite
from postgres import Cluster, NotHere, Server

from feedhub.store import Database

#: where the workers find the PostgreSQL: its folder and the template, or the reason why there is none
_DATABASES = "DATABASES_OF_THE_TESTS"


@contextmanager
def by_workers(config: pytest.Config) -> Iterator[None]:
    """Have the workers that are started within the block share what is made here."""
    with ExitStack() as stack:
        # the kernel's fork: what they need is imported
        fork = multiprocessing.get_context("fork")
        modules = sorted(_modules(config), key=lambda path: path.stat().st_size)
        rewriting = [fork.Process(target=_rewrite, args=(modules[n::2], config)) for n in range(2)]
        for process in rewriting:
            process.start()
        stack.enter_context(forked.server())
        stack.enter_context(forked_parsers.server())
        try:
            os.environ[_DATABASES] = json.dumps(stack.enter_context(_served()))
        except NotHere as reason:
            os.environ[_DATABASES] = json.dumps({"reason": str(reason)})
        stack.callback(os.environ.pop, _DATABASES)
        for process in rewriting:
            process.join()
        yield


@contextmanager
def databases() -> Iterator[tuple[Cluster, str]]:
    """The PostgreSQL of this test run, else one of this process's own, and a template; skips where none can run."""
    with ExitStack() as stack:
        try:
            known = os.environ.get(_DATABASES)
            place = json.loads(known) if known else stack.enter_context(_served())
            if "reason" in place:
                raise NotHere(place["reason"])
        except NotHere as reason:
            pytest.skip(f"PostgreSQL not run: {reason}")
        yield Cluster(Path(place["folder"])), place["template"]


@contextmanager
def _served() -> Iterator[dict[str, str]]:
    server = Server()
    try:
        server.start()
        name = server.create()
        Database.open(server.url(name)).close()
        yield {"folder": str(server.folder), "template": name}
    finally:
        server.close()


def _modules(config: pytest.Config) -> Iterator[Path]:
    for argument in config.args:
        path = Path(argument.split("::")[0])
        yield from path.rglob("test_*.py") if path.is_dir() else [path]


def _rewrite(modules: list[Path], config: pytest.Config) -> None:
    """Write what pytest makes of test modules where it looks for that: it takes longer than all else of collecting."""
    state = config.stash[rewrite.assertstate_key]
    for path in modules:
        folder = rewrite.get_cache_dir(path)
        cached = folder / (path.stem + rewrite.PYC_TAIL)
        if rewrite.try_makedirs(folder) and rewrite._read_pyc(path, cached) is None:
            digest, code = rewrite._rewrite_test(path, config)
            rewrite._write_pyc(state, code, digest, cached)
