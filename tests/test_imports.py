"""The import rule: shells -> pipeline -> stages -> model, errors; and each library is known to few."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "feedhub"

#: what may import what: a module of a row imports those of the rows above it, and nothing beside itself
ROWS = (
    {"model", "errors"},
    # what a single stage stands on: `codec` under the store, `opml` under the configuration
    {"codec", "opml"},
    {"config", "sources", "fetch", "parse", "clean", "match", "merge", "store", "publish", "outputs"},
    {"pipeline"},
)
#: who is not named above is a shell, which may import anything
SHELLS = len(ROWS)

#: library -> the modules that know it
KNOWN_TO = {
    "alembic": {"store"},
    "apscheduler": {"schedule"},
    "backports": {"serve"},
    "compression": {"serve"},
    "feedgen": {"publish"},
    "feedparser": {"parse"},
    "ftfy": {"clean", "parse"},
    "httpcore": {"fetch"},
    "httptools": {"fetch", "serve"},
    "httpx": {"fetch"},
    "isal": {"store"},
    "jinja2": {"serve"},
    "listparser": {"opml"},
    "lxml": {"opml", "parse", "publish"},
    "markupsafe": {"serve"},
    "ahocorasick_rs": {"clean"},
    "nh3": {"clean"},
    "numpy": {"match"},
    "prometheus_client": {"serve"},
    "pydantic": {"config", "codec"},
    "pydantic_core": {"config"},
    "rapidfuzz": {"match"},
    "pyarrow": {"bulk"},
    "pyspark": {"bulk"},
    "rich": {"cli"},
    "selectolax": {"clean"},
    # an open transaction is a Connection, and travels through the pipeline
    # ... and its URLs stand in the configuration
    "sqlalchemy": {"store", "pipeline", "library", "config"},
    "starlette": {"serve"},
    "structlog": {"cli", "schedule"},
    "trafilatura": {"parse"},
    "typer": {"cli"},
    "uvicorn": {"serve"},
    "uvloop": {"cli", "serve"},
    "w3lib": {"clean"},
    "xxhash": {"fetch", "match", "parse"},
    "yaml": {"clean", "config", "demo"},
}
#: libraries that come with a package of another name
PACKAGED_AS = {
    "ahocorasick_rs": "ahocorasick-rs",
    "backports": "backports.zstd",
    "compression": "backports.zstd",
    "httpcore": "httpx",
    "markupsafe": "jinja2",
    "prometheus_client": "prometheus-client",
    "pydantic_core": "pydantic",
    "yaml": "pyyaml",
}

FILES = sorted(PACKAGE.rglob("*.py"))


def module(path: Path) -> str:
    """The stage or shell that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def row(name: str) -> int:
    return next((place for place, names in enumerate(ROWS) if name in names), SHELLS)


def imported(path: Path) -> Iterator[tuple[str, ...]]:
    """Every name that a file imports, in its parts; relative ones made absolute."""
    package = ("feedhub", *path.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (tuple(name.name.split(".")) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            whole = (*base, *(node.module.split(".") if node.module else ()))
            yield from ((*whole, name.name) for name in node.names)


def inner(path: Path) -> set[str]:
    """The other modules of the package that a file imports."""
    found = {parts[1] for parts in imported(path) if parts[0] == "feedhub" and len(parts) > 1}
    return {name for name in found if (PACKAGE / name).exists() or (PACKAGE / f"{name}.py").exists()} - {module(path)}


def libraries(path: Path) -> set[str]:
    return {parts[0] for parts in imported(path)} - set(sys.stdlib_module_names) - {"feedhub"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_lies_below_it(path: Path) -> None:
    here = row(module(path))
    wrong = sorted(name for name in inner(path) if here < SHELLS and row(name) >= here)
    assert not wrong, f"{module(path)} may not know {', '.join(wrong)}: let them meet in the pipeline"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_library_is_known_only_where_the_table_says(path: Path) -> None:
    wrong = sorted(name for name in libraries(path) if module(path) not in KNOWN_TO.get(name, ()))
    assert not wrong, f"{', '.join(wrong)}: ask the module that knows it, or say in the table why two must"


def test_the_model_knows_no_library() -> None:
    assert not {name for path in FILES if row(module(path)) == 0 for name in libraries(path)}


def test_every_library_of_the_table_is_a_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *extras["fulltext"], *extras["spark"]]
    declared = {re.split(r"[<>=!;\[ ]", line)[0] for line in lines}
    names = {PACKAGED_AS.get(name, name) for name in KNOWN_TO}
    assert names <= declared, f"not in pyproject.toml: {', '.join(sorted(names - declared))}"
