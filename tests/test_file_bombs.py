"""Files that people name and that are none of their kind: one line, exit 2, in bounded time and memory."""

from __future__ import annotations

import importlib.util
import sqlite3
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest
from commands import Desk, item

from feedhub.store import packing

SOURCE = "sources:\n  - url: https://paper.example/rss\n"
#: nine mappings brought in by each of eleven: nine to the eleventh pairs
MERGES = "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 12))
CONFIGURATIONS = {
    "merge keys": (f"a0: &a0 {{x: 1}}\n{MERGES}{SOURCE}", "c.yaml:1:1: a0: unknown key"),
    "merge keys of many": (
        f"a0: &a0 {{{', '.join(f'k{n}: 1' for n in range(3_000))}}}\n"
        + "".join(f"b{n}: {{<<: *a0}}\n" for n in range(400))
        + SOURCE,
        "too much is merged by <<",
    ),
    "brackets": (f"a: {'[' * 100_000}\n{SOURCE}", "c.yaml:1:66: not YAML: nested too deeply"),
    "hyphens": (f"a:\n  {'- ' * 20_000}x\n{SOURCE}", "not YAML: nested too deeply"),
    "aliases as rows": (
        f"a: &a {{url: https://a.example/rss}}\nsources: [{','.join(['*a'] * 100_001)}]\n",
        "c.yaml:2:10: sources: more than 100,000 rows",
    ),
    "unknown keys": (
        f"{''.join(f'k{n}: 1' + chr(10) for n in range(3_000))}{SOURCE}",
        "c.yaml: and 2,800 more mistakes",
    ),
    "a key of a megabyte": (f"? {'k' * 1_000_000}\n: 1\n{SOURCE}", f"c.yaml:1:3: {'k' * 100}...: unknown key"),
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_configuration_that_grows_is_refused(name: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    text, expected = CONFIGURATIONS[name]
    (tmp_path / "c.yaml").write_text(text)
    done = desk.run("check", "-c", "c.yaml")
    assert done.code == 2
    assert expected in done.err
    assert all(len(line) < 500 for line in done.err.splitlines())


def test_what_merge_keys_bring_in_yields_to_a_mapping_s_own(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (tmp_path / "c.yaml").write_text(
        "server: &s {port: 8001, host: 127.0.0.2}\npolling: {interval: 1h}\n"
        "sources:\n  - &a {url: https://a.example/rss, id: a, name: A, priority: 3}\n"
        "  - {<<: *a, url: https://b.example/rss, id: b, name: }\n"
    )
    done = desk.run("sources", "list", "-c", "c.yaml", "--json")
    assert done.code == 0, done.err
    assert [(row["id"], row["name"]) for row in done.json] == [("a", "A"), ("b", "A")]


@pytest.mark.parametrize(
    "words",
    [
        ["check", "-c", "/dev/zero"],
        ["sources", "import", "/dev/zero"],
        ["labels", "import", "/dev/zero"],
        ["merge", "--file", "/dev/zero"],
    ],
    ids=" ".join,
)
def test_a_file_without_end_is_refused(words: list[str], tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(desk.file("a", item("1", "A title of it", "Some words of a text")))
    assert desk.run("once").code == 0
    done = desk.run(*words)
    assert done.code == 2
    assert "/dev/zero: larger than 20 MB" in done.err


def test_a_list_of_too_many_feeds_is_refused(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    rows = "".join(f'<outline xmlUrl="https://a.example/{n}"/>' for n in range(100_001))
    (tmp_path / "x.opml").write_text(f"<opml version='2.0'><body>{rows}</body></opml>")
    done = desk.run("sources", "import", "x.opml")
    assert done.code == 2
    assert done.err == "feedhub: x.opml: names more than 100,000 feeds: split it\n"


PAGES = {
    "a line of 65 MB": (b'{"id": "1", "text": "' + b"x" * (65 << 20) + b'"}\n', "p.jsonl:1: longer than 64 MB"),
    "brackets": (b'{"id": "1", "text": ' + b"[" * 100_000 + b"\n", "p.jsonl:1: not JSON"),
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_that_are_none_are_refused_by_line(name: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    body, expected = PAGES[name]
    (tmp_path / "p.jsonl").write_bytes(body)
    (tmp_path / "i.jsonl").write_text('{"id": "1", "title": "A title", "text": "Some words of a text"}\n')
    done = desk.run("dedupe", "i.jsonl", "--pages", "p.jsonl", "-o", "rows.jsonl")
    assert done.code == 2
    assert expected in done.err
    assert not (tmp_path / "rows.jsonl").exists()


@pytest.mark.parametrize("pair", ["null", '"x"', "{}", '{"a": [], "b": {}, "label": 1}'])
def test_a_pack_whose_pair_is_none_is_refused_by_line(pair: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (tmp_path / "k.pack").write_text(f'{{"pack": 1, "feedhub": "0"}}\n{{"pair": {pair}}}\n')
    done = desk.run("check", "--labels", "k.pack")
    assert done.code == 2
    assert "k.pack:2: " in done.err


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None, reason="pyarrow is not installed")
def test_parquet_that_grows_is_read_row_by_row(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    desk = Desk(tmp_path)
    # 3 GB in a few kilobytes: each row names the one text
    same = pa.DictionaryArray.from_arrays(pa.array([0] * 1_000, pa.int32()), pa.array(["x" * 3_000_000]))
    names = pa.array([str(n) for n in range(1_000)])
    pq.write_table(pa.table({"id": names, "text": same}), tmp_path / "dictionary.parquet", compression="zstd")
    from feedhub.item_files import format_of, records

    with (tmp_path / "dictionary.parquet").open("rb") as file:
        first = next(records(file, format_of("dictionary.parquet"), "dictionary.parquet", {}))
        assert first.item is not None
        assert pa.total_allocated_bytes() < 100_000_000
    pq.write_table(pa.table({"id": ["1"], "text": ["x" * 70_000_000]}), tmp_path / "cell.parquet", compression="zstd")
    done = desk.run("dedupe", "cell.parquet", "-o", "rows.jsonl")
    assert done.code == 2
    assert done.err.endswith("cell.parquet: row group 1: rows of more than 64 MB\n")
    wrong = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe"))
    pq.write_table(pa.table({"id": ["1"], "text": wrong}), tmp_path / "text.parquet")
    done = desk.run("dedupe", "text.parquet", "-o", "rows.jsonl")
    assert done.code == 4
    assert "text.parquet:1: not UTF-8" in done.err


def test_a_text_that_a_database_unpacks_without_end_is_refused_before_it_is_in_memory(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(desk.file("a", item("1", "A title of it", "Some words of a text")))
    assert desk.run("once").code == 0
    bomb = packing.pack_text("x" * 200_000_000)
    assert len(bomb) < 100_000
    tracemalloc.start()
    try:
        with pytest.raises(packing.DamagedRow):
            packing.unpack_text(bomb)
        assert tracemalloc.get_traced_memory()[1] < 150_000_000
    finally:
        tracemalloc.stop()
    # a second frame behind a harmless one, and one that is cut off
    for packed in (packing.pack_text("text") + bomb, packing.pack_text("text")[:-1]):
        with pytest.raises(packing.DamagedRow):
            packing.unpack_text(packed)
    with closing(sqlite3.connect(tmp_path / "feedhub.db")) as connection:
        (column,) = {name for _, name, *_ in connection.execute("PRAGMA table_info(article_text)")} & {"body", "packed"}
        connection.execute(f"UPDATE article_text SET {column} = ?", (bomb,))
        connection.commit()
    done = desk.run("db", "verify")
    assert done.code != 0
    assert "Traceback" not in done.err
    assert "longer than 64 MB" in done.out + done.err
