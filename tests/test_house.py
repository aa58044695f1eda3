"""The house: one name for one thing, the glossary's words, a table of rooms that names every room."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "feedhub"
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)

#: file names that may stand twice, and why
TWICE = {
    "__init__.py": "every package has one",
}
#: what another word says better, anywhere in a name: see docs/glossary.md
DIALECT = {
    "chores": "periodic jobs",
    "foresee": "judge ahead",
    "glance": "what it looks at",
    "hurry": "interrupt, cancel",
    "keeper": "maintenance",
    "lesson": "learned furniture",
    "seats": "members",
    "shelf": "directory",
    "teller": "representative",
    "told": "reports, messages",
    "troubles": "conditions",
}
#: verbs that name nothing: no class, function, field or parameter is called so
NO_NOUNS = {"found", "held", "kept", "said", "told"}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def definitions(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Every name that a module defines, and what it names."""
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            yield "class", node.name
            yield from (
                ("field", each.target.id)
                for each in node.body
                if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
            )
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield "function", node.name
            arguments = node.args
            yield from (("parameter", each.arg) for each in (*arguments.args, *arguments.kwonlyargs))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield "variable", node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield "field", node.attr


def parts(name: str) -> set[str]:
    """The words of a name."""
    return {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def test_file_names_are_unique() -> None:
    names = Counter(path.name for path in FILES)
    assert {name for name, count in names.items() if count > 1} == set(TWICE)


def test_public_class_names_are_unique() -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for path in FILES:
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(str(path.relative_to(PACKAGE)))
    assert {name: places for name, places in homes.items() if len(places) > 1} == {}


def test_names_are_of_the_glossary_s_language() -> None:
    wrong = set()
    for path in FILES:
        place = path.relative_to(PACKAGE)
        for kind, name in (("file", path.stem), *definitions(tree(path))):
            wrong |= {f"{place}: {kind} {name}: {DIALECT[word]}" for word in parts(name) & DIALECT.keys()}
            if kind != "variable" and name.strip("_") in NO_NOUNS:
                wrong.add(f"{place}: {kind} {name}")
    assert wrong == set()


def test_the_readmes_table_names_every_room() -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("## The files in reading order")[2]
    rooms = {path.name for path in PACKAGE.iterdir() if path.name[0] != "_" and path.name != "py.typed"}
    named = set(re.findall(r"\(feedhub/([\w.]+)", table))
    assert rooms == named


def test_every_package_says_what_is_in_it() -> None:
    silent = [
        str(path.relative_to(PACKAGE))
        for path in FILES
        if path.name == "__init__.py" and not ast.get_docstring(tree(path))
    ]
    assert silent == []


def test_every_command_reads_its_configuration_where_it_says_which() -> None:
    """The daemons say it in their log."""
    apart = {"configuration.py", "reloading_hub.py", "run_daemon.py", "source_commands.py"}
    others = [path for path in (PACKAGE / "cli").glob("*.py") if path.name not in apart]
    loading = re.compile(r"from feedhub\.config import [^\n]*\bload\b|config_file import")
    assert [path.name for path in others if loading.search(path.read_text(encoding="utf-8"))] == []
