"""The import rule: each module imports what WALLS says, and each backend is known to few."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "feedhub"

#: module -> the other modules that it may import; everyone may import `model` and `errors`
WALLS = {
    "model": set(),
    "errors": set(),
    "exports": set(),
    # what a single stage stands on
    "codec": set(),
    "parsed_yaml": set(),
    "languages": {"parsed_yaml"},
    "charset_scripts": set(),
    "charsets": {"charset_scripts"},
    "opml": {"charsets"},
    "shipped_files": set(),
    "structs": set(),
    "unix": set(),
    "bounded_files": set(),
    "private_files": {"unix"},
    "registrable": set(),
    "sized_cache": set(),
    "text_cache": set(),
    "allocator": set(),
    "structured_log": set(),
    "mapped_bytes": set(),
    "packed_bytes": set(),
    "shortest_first": set(),
    # the stages, which do not know each other
    "config": {"bounded_files", "opml", "private_files", "registrable", "shipped_files"},
    "sources": set(),
    "fetch": {"registrable", "unix"},
    "parse": {"charsets", "codec", "languages", "shortest_first", "unix"},
    "clean": {"languages", "parsed_yaml", "text_cache"},
    "match": {"languages", "text_cache", "unix"},
    "merge": {"languages", "text_cache"},
    "outputs": {"languages"},
    "publish": {"packed_bytes", "sized_cache"},
    "serve": {"packed_bytes", "publish", "unix"},
    "store": {"codec", "languages", "private_files", "text_cache", "unix"},
    "directory": {"config"},
    # the two rooms that bring the stages together: Source -> rows that wait -> stories
    "ingest": {"codec", "languages", "outputs", "sources", "fetch", "parse", "clean", "match", "store", "registrable"}
    | {"shortest_first"},
    "settle": {"allocator", "config", "mapped_bytes", "match", "merge", "outputs", "sized_cache"}
    | {"store", "text_cache"},
    "health": {"codec", "directory", "sources", "publish", "store"},
    "feeds": {"config", "directory", "match", "outputs", "packed_bytes", "publish", "serve"}
    | {"sized_cache", "store", "health"},
    "hub": {"codec", "config", "sources", "fetch", "parse", "clean", "shortest_first", "store", "ingest", "settle"}
    | {"allocator"},
    "embedding": {"config", "hub", "store"},
    "frames": {"match"},
    "name_set": set(),
    "item_fields": {"name_set"},
    "items": {"clean", "frames", "item_fields", "match"},
    "tuning": {"item_fields", "items", "match"},
    "admin": {"codec", "config", "clean", "match", "store", "ingest", "settle", "hub", "tuning"},
    "discovery": {"fetch", "parse"},
    "daemon": {"config", "directory", "store", "ingest", "settle", "hub", "feeds", "structured_log"},
    "item_pages": {"bounded_files", "clean", "match", "items"},
    "item_files": {"bounded_files", "frames", "item_fields", "items"},
    "story_index": {"frames", "item_fields", "items", "match", "private_files"},
    "desk": {"admin", "config", "health", "hub", "item_fields", "items", "match"}
    | {"publish", "serve", "store", "tuning"},
}
EVERYBODYS = {"model", "errors", "exports", "structs"}
#: the library that every value is made of
EVERYBODYS_LIBRARY = "msgspec"
#: the shells, which may import anything
SHELLS = {"__init__", "__main__", "bulk", "cli", "demo"}
#: the same inside `match`
MATCH_WALLS = {
    "text": set(),
    "index": {"text"},
    "reading": {"text"},
    "verdict": {"text", "index"},
    "cluster": {"text", "index", "verdict"},
}

#: backend -> the modules that know it
KNOWN_TO = {
    "alembic": {"store"},
    "apprise": {"daemon"},
    "apscheduler": {"daemon"},
    "backports": {"item_files", "packed_bytes", "serve", "store"},
    "cachetools": {"bulk", "feeds", "ingest", "match", "publish", "serve", "settle", "story_index", "sized_cache"},
    "click": {"cli"},
    "compression": {"item_files", "packed_bytes", "serve", "store"},
    "feedgen": {"publish"},
    "feedparser": {"parse"},
    "ftfy": {"clean", "parse"},
    "httpcore": {"fetch"},
    "httptools": {"fetch", "serve"},
    "httpx": {"fetch"},
    "jinja2": {"desk", "serve"},
    "listparser": {"opml"},
    "lxml": {"opml", "parse", "publish"},
    "markupsafe": {"desk", "serve"},
    "ahocorasick_rs": {"clean"},
    "narwhals": {"frames"},
    "nh3": {"clean"},
    "numpy": {"match", "story_index"},
    "protego": {"ingest"},
    "prometheus_client": {"serve"},
    "publicsuffixlist": {"registrable"},
    "rapidfuzz": {"match", "serve"},
    "pyarrow": {"bulk", "item_files"},
    "pyspark": {"bulk"},
    "rich": {"cli"},
    "selectolax": {"clean"},
    # the URL of the database stands in the configuration
    "sqlalchemy": {"store", "config"},
    "starlette": {"desk", "serve"},
    "structlog": {"structured_log"},
    "trafilatura": {"parse"},
    "uvicorn": {"serve"},
    "uvloop": {"cli", "serve"},
    "w3lib": {"clean"},
    "webencodings": {"charsets"},
    "xxhash": {"fetch", "match", "parse"},
    "yaml": {"clean", "config", "demo", "languages", "parsed_yaml"},
}
#: libraries that come with a package of another name
PACKAGED_AS = {
    "ahocorasick_rs": "ahocorasick-rs",
    "backports": "backports.zstd",
    "compression": "backports.zstd",
    "httpcore": "httpx",
    "markupsafe": "jinja2",
    "prometheus_client": "prometheus-client",
    "yaml": "pyyaml",
}

FILES = sorted(PACKAGE.rglob("*.py"))


def module(path: Path) -> str:
    """The stage or shell that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def imported(path: Path) -> tuple[tuple[str, ...], ...]:
    """Every name that a file imports, in its parts; relative ones made absolute."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[tuple[str, ...]]:
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
    return {parts[0] for parts in imported(path)} - set(sys.stdlib_module_names) - {"feedhub", EVERYBODYS_LIBRARY}


def test_a_module_imports_only_what_lies_below_it() -> None:
    unknown = {module(path) for path in FILES} - WALLS.keys() - SHELLS
    assert not unknown, f"say in WALLS what these may import: {', '.join(sorted(unknown))}"
    wrong = {
        str(path.relative_to(PACKAGE)): sorted(above)
        for path in FILES
        if module(path) in WALLS and (above := inner(path) - WALLS[module(path)] - EVERYBODYS)
    }
    assert wrong == {}, "what a file imports of its package and may not"


def test_a_part_of_the_matcher_imports_only_what_lies_below_it() -> None:
    wrong = {}
    for path in sorted((PACKAGE / "match").glob("*/*.py")):
        here = path.parent.name
        below = {parts[2] for parts in imported(path) if parts[:2] == ("feedhub", "match")} - {here}
        if above := below - MATCH_WALLS[here]:
            wrong["/".join(path.parts[-2:])] = sorted(above)
    assert wrong == {}, "what a file imports of the matcher and may not"


def test_the_walls_leave_no_way_round() -> None:
    for name, below in WALLS.items():
        assert all(list(WALLS).index(other) < list(WALLS).index(name) for other in below), name


def test_a_library_is_known_only_where_the_table_says() -> None:
    wrong = {
        str(path.relative_to(PACKAGE)): unknown
        for path in FILES
        if (unknown := sorted(name for name in libraries(path) if module(path) not in KNOWN_TO.get(name, ())))
    }
    assert wrong == {}, "ask the module that knows the library, or say in the table why two must"


def test_the_model_knows_no_library_but_that_of_values() -> None:
    assert not {name for path in FILES if module(path) in {"model", "errors"} for name in libraries(path)}


def test_every_library_of_the_table_is_a_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *extras["notify"], *extras["spark"]]
    declared = {re.split(r"[<>=!;\[ ]", line)[0] for line in lines}
    names = {PACKAGED_AS.get(name, name) for name in KNOWN_TO}
    assert names <= declared, f"not in pyproject.toml: {', '.join(sorted(names - declared))}"
