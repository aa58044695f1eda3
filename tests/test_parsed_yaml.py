"""YAML files that come with the program: parsed once, and anew when they change."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

import feedhub
from feedhub import parsed_yaml as module
from feedhub.parsed_yaml import parsed_yaml

CATALOGUE = sorted((Path(feedhub.__file__).parent / "catalogue").glob("*.yaml"))


@pytest.fixture
def keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)


def write(path: Path, text: str, second: int) -> Path:
    path.write_text(text, encoding="utf-8")
    changed = datetime(2026, 6, 1, 12, 0, second, tzinfo=UTC).timestamp()
    os.utime(path, (changed, changed))
    return path


@pytest.mark.parametrize("path", CATALOGUE, ids=lambda path: path.stem)
def test_a_file_of_the_catalogue_is_what_yaml_makes_of_it(path: Path, tmp_path: Path, keeping: None) -> None:
    copied = write(tmp_path / path.name, path.read_text(encoding="utf-8"), 1)
    expected = yaml.safe_load(path.read_text(encoding="utf-8"))
    # the second time as it was kept
    assert [parsed_yaml(copied), parsed_yaml(copied)] == [expected, expected]
    assert repr(parsed_yaml(copied)) == repr(expected)


def test_a_file_is_parsed_once_and_anew_when_it_has_changed(
    tmp_path: Path, keeping: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "words.yaml", "a: [1, no, Größe, null]", 1)
    assert parsed_yaml(path) == {"a": [1, False, "Größe", None]}
    with monkeypatch.context() as without_parser:
        without_parser.setattr(module, "yaml", None)
        assert parsed_yaml(path) == {"a": [1, False, "Größe", None]}
    write(path, "a: [2, no, Größe, null]", 2)
    assert parsed_yaml(path) == {"a": [2, False, "Größe", None]}


def test_what_may_not_be_written_is_parsed_each_time(
    tmp_path: Path, keeping: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    path = write(tmp_path / "words.yaml", "a: 1", 1)
    assert parsed_yaml(path) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", ["[", "a: 2026-06-01", "a: !!python/name:os.system", "a: .inf"])
def test_what_is_no_plain_value_is_refused(text: str, tmp_path: Path, keeping: None) -> None:
    with pytest.raises(yaml.YAMLError):
        parsed_yaml(write(tmp_path / "words.yaml", text, 1))


@pytest.mark.parametrize("length", [0, 15, 40])
def test_what_a_full_disk_kept_in_part_is_read_anew_and_kept_whole(tmp_path: Path, length: int, keeping: None) -> None:
    path = write(tmp_path / "words.yaml", "- one\n- two\n", 1)
    assert parsed_yaml(path) == ["one", "two"]
    (kept,) = (tmp_path / "__pycache__").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:length])
    assert parsed_yaml(path) == ["one", "two"]
    assert parsed_yaml(path) == ["one", "two"]
    assert kept.read_bytes() == whole
