"""The fixture files as values: sources, their documents in each round, and which entries are one story."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import yaml
from msgspec import Struct

from feedhub.errors import EnvironmentFailed
from feedhub.model import Source
from feedhub.shipped_files import shipped

Part = Literal["morning", "evening"]
#: the two rounds' clocks
MORNING = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)
EVENING = datetime(2026, 3, 10, 22, 0, tzinfo=UTC)


class TruthRow(Struct, frozen=True, kw_only=True):
    """What an entry is, by the pen that wrote it."""

    source: str
    guid: str
    #: the story's name in each round, None where the entry is not there
    morning: str | None
    evening: str | None
    case: str
    note: str = ""
    expect: Mapping[str, Any] | None = None


class DemoWorld(Struct, frozen=True, kw_only=True):
    """Sources with their files, and the truth."""

    folder: Path
    #: configured with the path of their morning file
    sources: tuple[Source, ...]
    files: Mapping[str, str]
    truth: tuple[TruthRow, ...]

    def document(self, source: str, part: Part) -> Path:
        """Return the file that a source serves in a round; in the evening the morning's where nothing changed."""
        name = self.files[source]
        evening = self.folder / "evening" / name
        return evening if part == "evening" and evening.exists() else self.folder / "morning" / name


def load(folder: Path | None = None) -> DemoWorld:
    """Read the fixtures in a folder (default: of this installation); raises EnvironmentFailed if there are none."""
    place = folder or shipped("fixtures")
    if place is None or not (place / "sources").is_dir():
        where = place or "this installation"
        raise EnvironmentFailed(f"no fixtures at {where}: install feedhub whole, or run from a checkout")
    rows = list(_sources(place))
    return DemoWorld(
        folder=place,
        sources=tuple(source for source, _ in rows),
        files={source.id: name for source, name in rows},
        truth=tuple(_truth(place)),
    )


def _sources(folder: Path) -> Iterator[tuple[Source, str]]:
    for path in sorted((folder / "sources").glob("*.yaml")):
        for row in yaml.safe_load(path.read_text(encoding="utf-8")):
            fields = dict(row)
            name = fields.pop("file")
            yield Source(url=str(folder / "morning" / name), **fields), name


def _truth(folder: Path) -> Iterator[TruthRow]:
    for path in sorted((folder / "truth").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield TruthRow(**json.loads(line))
