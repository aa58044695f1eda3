"""The locks hold what pyproject.toml asks for, by hash and without addresses; the README installs from them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-docs.lock")


def pins(lock: str) -> set[tuple[str, str]]:
    """Every package of a lock with its version; one that differs by Python's version has two."""
    return set(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))


def names(requirements: list[str]) -> set[str]:
    """The names of requirements as locks write them."""
    return {re.split(r"[<>=!;\[ ]", line)[0].lower().replace(".", "-").replace("_", "-") for line in requirements}


def test_the_lock_for_running_holds_every_dependency_and_nothing_of_the_tests() -> None:
    locked = {name for name, _ in pins("requirements.lock")}
    assert names(PROJECT["dependencies"]) <= locked
    wanted = names([line for extra in PROJECT["optional-dependencies"].values() for line in extra])
    assert not locked & (wanted - names(PROJECT["dependencies"]))


def test_the_lock_for_working_adds_to_the_other_and_changes_nothing() -> None:
    extras = PROJECT["optional-dependencies"]
    locked = pins("requirements-dev.lock")
    assert pins("requirements.lock") <= locked
    assert names(extras["dev"]) <= {name for name, _ in locked}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_has_hashes_and_none_an_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text


def test_the_readmes_lines_install_from_the_locks() -> None:
    first, second = re.findall(r"^python3 -m venv .*$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert "-r requirements.lock " in first
    assert first.endswith("feedhub demo --exit")
    assert "-r requirements-dev.lock " in second
    assert second.endswith("-m pytest")
