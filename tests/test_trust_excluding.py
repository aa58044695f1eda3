"""Leaving out: what `exclude` of outputs and sources keeps away, and how it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hubs import BRIDGE, NOON, ORCHESTRA, Newsroom, item
from test_trust_floods import titles
from yaml import safe_load

from feedhub.admin import explain
from feedhub.config import load
from feedhub.directory import output_directory
from feedhub.health.health_report import report
from feedhub.model import Filters, OutputRule
from feedhub.structs import replace

pytestmark = pytest.mark.usefixtures("engine")
SPORT: dict[str, Any] = {"tags": ["Sport"]}


def health(room: Newsroom) -> dict[str, dict[str, int]]:
    """How many outputs and sources leave out."""
    directory = output_directory(room.config, "test.example,2026")
    made = room.read(lambda connection: report(connection, directory, NOON))
    return {
        "outputs": {row["name"]: row["left_out"] for row in made["outputs"]},
        "sources": {row["source"]: row["left_out"] for row in made["sources"]},
    }


@pytest.mark.parametrize(
    ("filters", "ground"),
    [
        (Filters(categories=("sport",)), 'category "Sport"'),
        (Filters(words=("marrow ferr*",)), 'word "marrow ferr*"'),
        (Filters(languages=("en",)), 'language "en-GB"'),
        (Filters(outlets=("courier",)), 'outlet "Courier"'),
        (Filters(agencies=("quill agency",)), 'agency "Quill Agency"'),
    ],
)
def test_an_output_leaves_out_what_passes_a_filter_counted_and_explained(
    tmp_path: Path, filters: Filters, ground: str
) -> None:
    rules = (OutputRule(name="all"), OutputRule(name="some", exclude=filters))
    room = Newsroom(tmp_path, settings={"feeds": rules})
    room.source("courier", language="en-GB", credit="Quill Agency")
    room.source("herald", language="de")
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE, **SPORT))
    room.serve("herald", item("h1", "Musicians choose their own", *ORCHESTRA))
    room.round()
    assert set(titles(room)) == {"c1", "h1"}
    assert titles(room, 0, "some") == ["h1"]
    assert health(room)["outputs"] == {"all": 0, "some": 1}
    row = room.row(str(room.story_of("courier", "c1")))
    assert room.read(lambda connection: explain.account(connection, row)).left_out == {"some": ground}


def test_a_copy_cannot_have_anothers_story_left_out(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, settings={"feeds": (OutputRule(name="all", exclude=Filters(categories=("Sport",))),)})
    room.source("courier")
    room.source("evil")
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE))
    room.serve("evil", item("e1", "Marrow Ferry cut off", *BRIDGE, at="2026-03-10T11:00:00Z", **SPORT))
    room.round()
    assert titles(room) == ["c1"]


def test_a_source_leaves_out_entries_counted_and_explained_until_the_operator_wants_them(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("courier", exclude=Filters(words=("marrow ferry",)))
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE), item("c2", "Musicians choose", *ORCHESTRA))
    room.round()
    room.round(1)
    assert [story.title for story in room.stories()] == ["Musicians choose"]
    assert health(room)["sources"] == {"courier": 1}
    (entry,) = room.read(lambda connection: explain.find_excluded(connection, "courier c1"))
    assert entry.ground == 'word "marrow ferry": Marrow Ferry cut off'
    room.reconfigure("courier", exclude=Filters())
    room.round(2)
    assert len(room.stories()) == 2
    assert health(room)["sources"] == {"courier": 0}


def test_what_was_shown_before_stays(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("courier")
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE))
    room.round()
    rule = OutputRule(name="all", limit=500)
    room.settings["feeds"] = (replace(rule, exclude=Filters(words=("marrow ferry",))),)
    room.reconfigure("courier", exclude=Filters(words=("marrow ferry",)))
    room.serve("courier", item("c1", "Marrow Ferry cut off again", *BRIDGE))
    room.round(1)
    assert titles(room, 1) == ["c1"]


def test_the_configuration_says_it(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    (tmp_path / "a.xml").write_text("<rss/>")
    text = """
identity: t.example,2026
feeds: [{name: quiet, exclude: {categories: [Sport], words: [horoscope*]}}]
sources: [{id: a, url: a.xml, exclude: {languages: [de]}, trust: low, quota: 20, site: "https://a.example/"}]
"""
    assert safe_load(text)
    path.write_text(text)
    config = load(path)
    rule = next(rule for rule in config.feeds if rule.name == "quiet")
    assert rule.exclude == Filters(categories=("Sport",), words=("horoscope*",))
    (source,) = config.sources
    assert (source.exclude, source.trust, source.quota) == (Filters(languages=("de",)), "low", 20)
