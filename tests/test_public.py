"""What others may import, and what the package says of itself."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import feedhub
from feedhub import errors

ROOT = Path(__file__).parent.parent
USE = """
import feedhub

rows = feedhub.dedupe([{"id": "a", "title": "Bridge shut", "text": None}])
reveal_type(rows)
reveal_type(feedhub.__version__)
"""


def test_the_public_interface_is_this() -> None:
    assert feedhub.__all__ == [
        "Changes",
        "CleanItem",
        "ConfigError",
        "DedupeRow",
        "EnvironmentFailed",
        "ErrorPolicy",
        "FeedhubError",
        "Hub",
        "Index",
        "IndexedItem",
        "ItemError",
        "ItemPair",
        "ItemStory",
        "MatchWindows",
        "PlainHub",
        "Relation",
        "Rows",
        "Story",
        "StoryChange",
        "UsageError",
        "__version__",
        "clean",
        "dedupe",
    ]


#: libraries of which nothing public has a type are not read, for half the time; what had one would be an error
CHECKING = """
[mypy]
strict = true
disallow_any_unimported = true
[mypy-alembic.*,click.*,httpx.*,lxml.*,psycopg.*,rich.*,sqlalchemy.*,starlette.*,trafilatura.*,uvicorn.*]
follow_imports = skip
"""


@pytest.mark.parametrize("name", feedhub.__all__)
def test_every_public_name_is_there_and_listed(name: str) -> None:
    assert getattr(feedhub, name) is not None
    assert name in dir(feedhub)


def test_another_name_is_missed_as_python_does() -> None:
    with pytest.raises(AttributeError, match="module 'feedhub' has no attribute 'nothing'"):
        _ = feedhub.nothing


def test_every_error_is_public_and_one_of_ours() -> None:
    ours = {name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, Exception)}
    assert ours <= {*feedhub.__all__}
    assert all(issubclass(getattr(errors, name), errors.FeedhubError) for name in ours)


def test_the_version_is_that_of_the_installation_and_of_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert feedhub.__version__ == project["version"] == importlib.metadata.version("feedhub")


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = "import feedhub, sys; print([name for name in ('numpy', 'pydantic', 'sqlalchemy') if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", script], text=True).strip() == "[]"


def test_a_type_checker_sees_the_types_of_the_public_names(tmp_path: Path) -> None:
    (tmp_path / "use.py").write_text(USE, encoding="utf-8")
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    for page in pages:
        if blocks := re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            (tmp_path / f"page_{page.stem}.py").write_text("\n".join(blocks), encoding="utf-8")
    (tmp_path / "mypy.ini").write_text(CHECKING, encoding="utf-8")
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path / "cache"), "."],
        cwd=tmp_path,
        env={"PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "feedhub.items.Rows[feedhub.match.cluster.rows.DedupeRow]" in checked.stdout
    assert 'type is "str"' in checked.stdout
    assert "error" not in checked.stdout


@pytest.mark.parametrize("make", ["pandas.DataFrame", "polars.DataFrame"])
def test_rows_make_a_frame_with_their_fields_as_columns(make: str) -> None:
    """What a caller gets of the library is a dataclass, which frames and serialisers know."""
    module, name = make.split(".")
    rows = feedhub.dedupe([{"id": number, "title": "Bridge shut", "text": None} for number in range(2)])
    frame = getattr(importlib.import_module(module), name)(list(rows))
    assert list(frame.columns) == ["id", "story", "canonical", "relation", "matched", "score", "ground"]


@pytest.mark.parametrize("name", ["CleanItem", "DedupeRow", "IndexedItem", "ItemPair", "ItemStory", "StoryChange"])
def test_values_of_the_library_are_dataclasses(name: str) -> None:
    assert dataclasses.is_dataclass(getattr(feedhub, name))
