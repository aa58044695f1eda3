"""What the documents say is true: their commands exist, their example runs, their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from feedhub.cli import app
from feedhub.config import load
from feedhub.config.schema import SOURCE

ROOT = Path(__file__).parent.parent
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").glob("*.md"),
    ROOT / "fixtures" / "README.md",
    ROOT / "seeds" / "README.md",
]


def commands() -> list[str]:
    found = []
    for name, command in app.commands.items():
        parts = getattr(command, "commands", None)
        found += [f"{name} {part}" for part in parts] if parts else [name]
    return found


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_readme_or_the_pages(command: str) -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert re.search(rf"feedhub {command}\b", text)


def test_the_example_in_the_readme_runs_and_finds_one_story() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    said: dict[str, object] = {}
    exec(example, said)
    rows = said["rows"]
    assert [row.id for row in rows] == ["a", "b"]  # type: ignore[attr-defined]
    assert len({row.story for row in rows}) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


def test_the_shipped_configuration_names_every_key() -> None:
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    keys = """database identity server host port base_url admin_token polling interval floor concurrency per_host
        host_delay fetch allow paths proxy contact max_body match window revision retention hold sources
        feeds""".split()
    assert [key for key in keys if not re.search(rf"\b{key}:", text)] == []
    traits = [key for key in SOURCE.keys if not re.search(rf"\b{key}\b", text)]
    assert traits == []


def test_the_shipped_configuration_spells_out_the_defaults(tmp_path: Path) -> None:
    shipped = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    bare = tmp_path / "config.yaml"
    bare.write_text("sources: []\n", encoding="utf-8")
    default, loaded = load(bare), load(ROOT / "config.yaml")
    for part in ("polling", "fetch", "match", "retention", "hold"):
        assert getattr(loaded, part) == getattr(default, part), part
    assert shipped["server"]["port"] == default.server.port
    assert loaded.warnings == ()
