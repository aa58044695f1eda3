"""Importing a list into a configuration: rows are added, nothing else is touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedhub.config import append_sources, import_yaml, load, remove_source
from feedhub.errors import UsageError
from feedhub.model import Source

ROWS = '- id: "n"\n  url: "https://n.example/"\n- id: "m"\n  url: "https://m.example/"\n'


def listed(*feeds: tuple[str, str]) -> bytes:
    root = etree.Element("opml", version="2.0")
    body = etree.SubElement(root, "body")
    for name, url in feeds:
        etree.SubElement(body, "outline", text=name, xmlUrl=url, category="Asia", language="ja")
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def test_rows_say_all_that_the_list_says() -> None:
    found = import_yaml(listed(("Côté: 1", "https://a.example/rss")))
    assert (found.count, found.remarks) == (1, ())
    assert found.block == (
        '- id: "a.example-rss"\n  url: "https://a.example/rss"\n'
        '  name: "Côté: 1"\n  category: "Asia"\n  language: "ja"\n'
    )


def test_a_feed_that_is_there_already_is_left_out_and_told() -> None:
    here = [Source(id="a", url="http://www.a.example/rss/", name="A"), Source(id="b.example-rss", url="/b", name="B")]
    found = import_yaml(listed(("A", "https://a.example/rss"), ("B", "https://b.example/rss")), here)
    assert found.remarks == ("https://a.example/rss: left out, it is source `a` already",)
    assert found.block.startswith('- id: "b.example-rss-2"\n')


@given(st.text(max_size=40))
def test_a_strangers_name_is_only_a_name(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    printable = "".join(c for c in name if c.isprintable())
    block = import_yaml(listed((f"x{printable}${{HOME}}", "https://a.example/rss"))).block
    path = tmp_path_factory.mktemp("hub") / "config.yaml"
    path.write_text(f"sources:\n{block}")
    (source,) = load(path, environ={"HOME": "/secret"}).sources
    assert source.name.startswith("x")
    assert source.name.endswith("${HOME}")


FILES = {
    "comments stay": (
        "# mine\nhold: 2s  # soon\nsources:\n  # first\n  - id: a   # A\n    url: x.xml\n  # - id: off\n\nfeeds: []\n"
    ),
    "no indentation": "sources:\n- id: a\n  url: x.xml\nhold: 2s\n",
    "rows in one line": "sources:\n    - {id: a, url: x.xml}\n    - {id: b,\n       url: y.xml}\nhold: 2s\n",
    "text over lines": "sources:\n  - id: a\n    url: x.xml\n    name: |\n      A\n      B\n\nhold: 2s\n",
    "no line break at the end": "sources:\n  - id: a\n    url: x.xml",
    "no sources yet": "hold: 2s\n",
    "sources without a row": "sources:\n  # none yet\nhold: 2s\n",
    "nothing at all": "",
    "Windows": "sources:\r\n  - id: a\r\n    url: x.xml\r\nhold: 2s\r\n",
    "an empty list in brackets": "hold: 2s\nsources: []   # none yet\nretention: 9d\n",
    "variables": "sources:\n  - id: a\n    url: ${URL}\n",
    "list inside a row": "sources:\n  - id: a\n    url:\n      - x\n      - y\nhold: 2s\n",
    "a key without a value at the end": "sources:\n  - id: a\n    url: x.xml\n    name:\nhold: 2s\n",
    "sources last but for a comment": "sources:\n  - id: a\n    url: x.xml\n# end\n",
}


@pytest.mark.parametrize("case", FILES)
def test_rows_are_added_and_every_other_line_stays(case: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(FILES[case].encode())
    before = yaml.safe_load(FILES[case]) or {}
    append_sources(path, ROWS)
    text = path.read_bytes().decode()
    added = [{"id": "n", "url": "https://n.example/"}, {"id": "m", "url": "https://m.example/"}]
    assert yaml.safe_load(text) == before | {"sources": [*(before.get("sources") or []), *added]}
    left = iter(text.splitlines())
    assert all(line.replace(": []   #", ":   #") in left for line in FILES[case].splitlines())
    assert ("\r\n" in FILES[case]) == ("\r\n" in text)
    assert text.count("\n") == len(text.splitlines())


REFUSED = {
    "rows in brackets": ("sources: [{id: a, url: x.xml}]\n", "`sources:` in line 1"),
    "a file in brackets": ("{hold: 2s}\n", "put them in by hand"),
    "not YAML": ("sources: [\n", "put them in by hand"),
    "a list": ("- a\n", "put them in by hand"),
    "a document that ends": ("hold: 2s\n...\n", "put them in by hand"),
    "an alias for all rows": ("x:\n  &x\n  - {id: a, url: x.xml}\nsources: *x\n", "without changing what else it says"),
    "an alias for the last row": ("x: &x\n  id: a\nsources:\n  - id: b\n  - *x\n", "put them in by hand"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_changed_safely_is_left_as_it_is(case: str, tmp_path: Path) -> None:
    text, said = REFUSED[case]
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as error:
        append_sources(path, ROWS)
    assert said in str(error.value)
    assert str(path) in str(error.value)
    assert path.read_text() == text


def test_the_file_behind_a_link_is_replaced_in_one_step_and_keeps_its_mode(tmp_path: Path) -> None:
    real = tmp_path / "real.yaml"
    real.write_text("hold: 2s\n")
    real.chmod(0o600)
    link = tmp_path / "config.yaml"
    link.symlink_to(real)
    with real.open() as reader:
        append_sources(link, ROWS)
        assert reader.read() == "hold: 2s\n"
    assert link.is_symlink()
    assert os.stat(real).st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.yaml", "real.yaml"]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        append_sources(tmp_path / "config.yaml", ROWS)


REMOVED = {
    # case: (file, the lines that go)
    "a row over lines": ("sources:\n  - id: a\n    url: x.xml\n  # b\n  - id: b\n    url: y.xml\n", {1, 2}),
    "the last": ("sources:\n  - id: b\n    url: y.xml\n  - id: a\n    url: x.xml\n\n# end\nhold: 2s\n", {3, 4}),
    "the only one": ("hold: 2s\nsources:\n  - {id: a, url: x.xml}\n", {2}),
    "a bare address": ("sources:\n- https://b.example/\n- https://a\n- y.xml\n", {2}),
    "a hyphen on a line of its own": ("sources:\n  -\n    id: a\n    url: x.xml\n  - id: b\n    url: y\n", {1, 2, 3}),
    "in braces over lines": ("sources:\n  - {id: a,\n     url: x.xml}\n  - {id: b, url: y.xml}\n", {1, 2}),
    "by a name": ("sources:\n  - name: A\n    url: x.xml\n  - {id: b, url: y.xml}\n", {1, 2}),
    "with filters": ("sources:\n  - id: a\n    exclude:\n      words: [x]\n    url: x\n  - id: b\n", {1, 2, 3, 4}),
    "text over lines": (
        "sources:\n  - url: x.xml\n    id: a\n    name: |\n      A\n      B\n\nhold: 2s\n",
        {1, 2, 3, 4, 5, 6},
    ),
}


@pytest.mark.parametrize("case", REMOVED)
def test_a_row_is_taken_out_and_every_other_line_stays(case: str, tmp_path: Path) -> None:
    text, gone = REMOVED[case]
    path = tmp_path / "config.yaml"
    path.write_text(text)
    remove_source(path, "a")
    assert path.read_text().splitlines() == [line for at, line in enumerate(text.splitlines()) if at not in gone]


@pytest.mark.parametrize(
    "text", ["sources: [{id: a, url: x.xml}]\n", "x: &x {id: a}\nsources:\n  - *x\n", "sources:\n  - id: b\n"]
)
def test_a_row_that_cannot_be_taken_out_safely_stays(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"config\.yaml: "):
        remove_source(path, "a")
    assert path.read_text() == text
