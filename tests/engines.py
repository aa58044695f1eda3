"""Databases for tests, made alike on both engines."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import Protocol

from postgres import Cluster

from feedhub.store import Database


class Databases(Protocol):
    """One engine's databases."""

    def new(self, *, bare: bool = False) -> AbstractContextManager[str]:
        """The URL of a database that goes with the block; `bare`: without tables."""


@cache
def template() -> Path:
    """A SQLite file with our tables, to be copied: making them anew takes as long as a short test."""
    folder = tempfile.TemporaryDirectory(prefix="fhdb")
    atexit.register(folder.cleanup)
    path = Path(folder.name) / "hub.db"
    Database.open(f"sqlite:///{path}").close()
    return path


class Files:
    """SQLite files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0

    @contextmanager
    def new(self, *, bare: bool = False) -> Iterator[str]:
        self._made += 1
        path = self._folder / f"hub{self._made}.db"
        if not bare:
            shutil.copyfile(template(), path)
        yield f"sqlite:///{path}"


class Served:
    """Databases of a PostgreSQL server; those with tables are copies of a template, used again and again."""

    def __init__(self, server: Cluster, template: str) -> None:
        self._server = server
        self._template = template

    @contextmanager
    def new(self, *, bare: bool = False) -> Iterator[str]:
        if bare:
            name = self._server.create()
            try:
                yield self._server.url(name)
            finally:
                self._server.drop(name)
            return
        name = self._server.borrow(self._template)
        try:
            yield self._server.url(name)
        finally:
            self._server.give_back(name, self._template)
