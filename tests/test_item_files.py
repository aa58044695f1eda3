"""Items and rows in every format, from files and pipes; what is wrong in them is told by its place."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from pathlib import Path
from typing import IO, Any

import pytest
from archives import archive
from commands import Desk

import feedhub
from feedhub.item_files import FileFormat, RowWriter, format_of, opened_for_reading, parsed_columns, records
from feedhub.items import FIELDS

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FERRY = (
    "A ferry ran aground off Selm on Tuesday and all 34 people aboard were brought ashore by two lifeboats before "
    "dark, the coast guard said. The vessel had left Harrow in the morning with a cargo of timber and was on its way."
)
ITEMS = [
    {"id": "1", "title": "Ferry aground", "text": FERRY, "source": "north"},
    {"id": 'b,"2"', "title": 'Eggs, "fresh"\nto cost more', "text": "", "source": "north"},
    {"id": "č", "title": "Ferry aground, all safe", "text": FERRY, "source": "south"},
]
KINDS = ["jsonl", "json", "csv", "tsv", "parquet"]


def written(kind: str, items: list[dict[str, Any]] = ITEMS, compression: str = "") -> bytes:
    """Items as a file of ours would have them."""
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    file = io.BytesIO()
    writer = RowWriter(file, FileFormat(kind=kind, compression=compression), list(items[0]))
    for each in items:
        writer.write(each)
    writer.close()
    return file.getvalue()


def read(data: bytes, kind: str, name: str = "items", columns: dict[str, str] | None = None) -> list[Any]:
    file: IO[bytes] = opened_for_reading(io.BytesIO(data), name)
    return [
        record.item if record.item is not None else (record.place, str(record.error))
        for record in records(file, FileFormat(kind=kind), name, columns or {})
    ]


def plain(items: list[Any]) -> list[dict[str, Any]]:
    return [{name: each.get(name) or "" for name in ITEMS[0]} for each in items]


@pytest.mark.parametrize("compression", ["", "gz", "zst"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_read_as_it_was(kind: str, compression: str) -> None:
    if kind == "parquet" and compression:
        with pytest.raises(feedhub.UsageError, match="Parquet compresses by itself"):
            written(kind, compression=compression)
        return
    assert plain(read(written(kind, compression=compression), kind)) == ITEMS


@pytest.mark.parametrize("kind", KINDS)
def test_dedupe_reads_and_writes_every_format(tmp_path: Path, kind: str) -> None:
    (tmp_path / f"items.{kind}").write_bytes(written(kind))
    done = Desk(tmp_path).run("dedupe", f"items.{kind}", "-o", f"rows.{kind}")
    assert (done.code, done.err) == (0, "3 items are 2 stories; 1 copy, 0 revisions; 0 near misses\n")
    data = (tmp_path / f"rows.{kind}").read_bytes()
    if kind == "parquet":
        rows = pytest.importorskip("pyarrow.parquet").read_table(io.BytesIO(data)).to_pylist()
    elif kind in ("jsonl", "json"):
        rows = json.loads(data) if kind == "json" else [json.loads(line) for line in data.splitlines()]
    else:
        rows = list(csv.DictReader(io.StringIO(data.decode()), delimiter="," if kind == "csv" else "\t"))
    expected = feedhub.dedupe(ITEMS)
    assert [(row["id"], row["story"], row["relation"]) for row in rows] == [
        (row.id, row.story, row.relation) for row in expected
    ]


@pytest.mark.parametrize(
    ("name", "asked", "kind", "compression"),
    [
        ("a.jsonl", None, "jsonl", ""),
        ("a.NDJSON.gz", None, "jsonl", "gz"),
        ("a.json.zst", None, "json", "zst"),
        ("a.csv", None, "csv", ""),
        ("a.b.tsv.gz", None, "tsv", "gz"),
        ("a.pq", None, "parquet", ""),
        ("-", None, "jsonl", ""),
        ("-", "csv", "csv", ""),
        ("a.txt", "tsv.gz", "tsv", "gz"),
        ("a.gz", None, "jsonl", "gz"),
    ],
)
def test_the_format_is_that_of_the_suffix_or_what_was_asked(name: str, asked: str, kind: str, compression: str) -> None:
    assert format_of(name, asked) == FileFormat(kind=kind, compression=compression)


def test_another_format_is_told_the_nearest() -> None:
    with pytest.raises(feedhub.UsageError, match=r"--from cvs: expected jsonl, .*: did you mean csv\?"):
        format_of("-", "cvs")


def test_a_pipe_is_decompressed_by_how_it_begins(tmp_path: Path) -> None:
    for data in (gzip.compress(written("csv")), zstd.compress(written("csv"))):
        done = Desk(tmp_path).run("dedupe", "-", "--from", "csv", "--to", "json", stdin=data)
        assert [row["story"] for row in done.json] == ["1", 'b,"2"', "1"]


@pytest.mark.parametrize("keep", [0.4, 0.9])
def test_compressed_data_that_are_cut_off_are_a_line(keep: float) -> None:
    for data in (gzip.compress(written("csv")), zstd.compress(written("csv"))):
        with pytest.raises(feedhub.UsageError, match=r"items\.csv\.x: cut off"):
            read(data[: int(len(data) * keep)], "csv", "items.csv.x")


def test_cells_with_quotes_line_ends_and_nuls_are_cells() -> None:
    data = b'id,title,text,source\r\n1,"a ""b"" c","line\r\nline\nnul\0here",x\r\n\r\n2,plain,t,y\r\n'
    items = read(data, "csv")
    assert items[0] == {"id": "1", "title": 'a "b" c', "text": "line\r\nline\nnul\0here", "source": "x"}
    assert items[1]["id"] == "2"
    assert feedhub.dedupe(items)[0].id == "1"
    with pytest.raises(feedhub.ItemError, match="source: holds a NUL character"):
        feedhub.dedupe([{"id": "1", "source": "a\0b"}])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"1,only two", "expected 3 cells as the header has, got 2"),
        (b"1,a,b,c", "expected 3 cells as the header has, got 4"),
        (b"1,caf\xe9,b", "not UTF-8: convert the file first (iconv -f latin1 -t utf-8)"),
        (b'1,"a"b,c', "not CSV: ',' expected after '\"'"),
    ],
)
def test_a_line_that_is_no_row_is_told_and_the_rest_is_read(line: bytes, message: str) -> None:
    items = read(b"id,title,text\n0,x,y\n" + line + b"\n2,z,y\n", "csv")
    assert items == [{"id": "0", "title": "x", "text": "y"}, (3, message), {"id": "2", "title": "z", "text": "y"}]


def test_a_quotation_mark_that_is_never_closed_is_told_where_it_opens() -> None:
    assert read(b'id,title\n0,x\n1,"y\n2,z\n', "csv")[1] == (
        3,
        "a quotation mark that is opened here is never closed",
    )


@pytest.mark.parametrize(
    ("header", "columns", "message"),
    [
        ("ID,title", {}, r"items:1: no column 'id': did you mean 'ID'\?"),
        ("id,headline,body", {}, "items:1: none of the columns title, summary, text"),
        ("id,headline", {"title": "headlin"}, r"items:1: no column 'headlin': did you mean 'headline'\?"),
        ("id,title,title", {}, "items:1: the column 'title' is there twice"),
        ("", {}, "items:1: no column 'id'; columns: none"),
        ("nr,text", {}, r"items:1: no column 'id'; columns: nr, text \(--columns id=NAME takes another\)"),
        ("id,body", {}, r"columns: id, body \(--columns text=NAME takes another\)"),
    ],
)
def test_wrong_columns_are_told_the_nearest(header: str, columns: dict[str, str], message: str) -> None:
    with pytest.raises(feedhub.UsageError, match=message):
        read(f"{header}\n1,2,3\n".encode(), "csv", columns=columns)


def test_a_header_in_another_encoding_is_told() -> None:
    with pytest.raises(feedhub.UsageError, match=r"items:1: not UTF-8: .*iconv -f utf-16 -t utf-8"):
        read("id,title\n1,x\n".encode("utf-16"), "csv")


def test_cells_stand_apart_by_semicolons_where_the_header_has_no_comma() -> None:
    assert read(b'id;title\n1;"x; y, z"\n', "csv") == [{"id": "1", "title": "x; y, z"}]
    assert read(b"id,title;text\n1,x;y\n", "csv", columns={"title": "title;text"}) == [{"id": "1", "title": "x;y"}]


def test_columns_are_renamed_in_every_format() -> None:
    items = [{"nr": "1", "headline": "x", "body": "y"}]
    for kind in KINDS:
        made = read(written(kind, items), kind, columns={"id": "nr", "title": "headline", "text": "body"})
        assert [(each["id"], each["title"], each["text"]) for each in made] == [("1", "x", "y")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("titel=x", r"--columns titel=x: no field 'titel': did you mean title\?"),
        ("title", "--columns title: expected FIELD=COLUMN"),
        ("zzz=x", f"--columns zzz=x: no field 'zzz'; fields: id, {', '.join(FIELDS)}"),
    ],
)
def test_wrong_names_of_fields_are_told(text: str, message: str) -> None:
    with pytest.raises(feedhub.UsageError, match=message):
        parsed_columns(text)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"id": 1}', r"items: expected a JSON array"),
        (b'[{"id": 1}', "items: cut off"),
        (b'[{"id": 1} {"id": 2}]', "items: item 1: expected , or ] behind it"),
        (b'[{"id": 1}, {"id": ', "items: item 2: not JSON, or cut off"),
        (b'[{"id": "\xff"}]', "items: not UTF-8"),
        (b"[" * 100_000, "items: item 1: not JSON"),
    ],
)
def test_a_broken_json_array_is_a_line(data: bytes, message: str) -> None:
    with pytest.raises(feedhub.UsageError, match=message):
        read(data, "json")


def test_a_json_array_is_read_a_piece_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedhub.item_files.record_reading._CHUNK", 7)
    assert plain(read(json.dumps([*ITEMS, 12, {"id": "ü" * 40}], ensure_ascii=False).encode(), "json")[:3]) == ITEMS
    assert read(b"[1, {}]", "json") == [(1, "expected a JSON object, got a number"), {}]


def test_parquet_keeps_numbers_and_times(tmp_path: Path) -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    table = arrow.table(
        {
            "id": [4, 2],
            "title": ["Ferry aground", None],
            "text": [FERRY, FERRY],
            "published": arrow.array([1_780_000_000_123_456_789, None], arrow.timestamp("ns", "UTC")),
        }
    )
    parquet.write_table(table, tmp_path / "items.parquet", row_group_size=1)
    done = Desk(tmp_path).run("dedupe", "items.parquet", "-o", "rows.parquet", "--json")
    assert done.json == {"items": 2, "stories": 1, "copies": 1, "revisions": 0, "near_misses": 0, "bad": 0}
    rows = parquet.read_table(tmp_path / "rows.parquet")
    assert rows["id"].to_pylist() == [4, 2]
    (tmp_path / "items.parquet").write_bytes(b"PAR1 and no more")
    broken = Desk(tmp_path).run("dedupe", "items.parquet")
    assert (broken.code, broken.err.startswith("feedhub: items.parquet: cannot be read as Parquet: ")) == (2, True)


def test_groups_pairs_page_and_index_of_one_run(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    items = archive(30)
    items[0]["title"] = "<script>alert(1)</script> & <b>bold</b>"
    (tmp_path / "items.jsonl").write_text("".join(json.dumps(each) + "\n" for each in items))
    asked = ("--groups", "--pairs", "near.csv", "--html", "report.html", "--index", "archive.fh")
    done = desk.run("dedupe", "items.jsonl", "-o", "groups.csv", *asked, "--json")
    assert done.code == 0, done.err
    groups = list(csv.DictReader(io.StringIO((tmp_path / "groups.csv").read_text(encoding="utf-8"))))
    expected = feedhub.dedupe(items)
    assert done.json["stories"] == len(groups) == len({row.story for row in expected})
    assert sorted(int(group["items"]) for group in groups)[-1] > 1
    pairs = list(csv.DictReader(io.StringIO((tmp_path / "near.csv").read_text(encoding="utf-8"))))
    assert {"left", "right", "merged", "score", "threshold", "rules", "shared_words", "ground"} == set(pairs[0])
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "prefers-color-scheme: dark" in page
    again = desk.run("dedupe", "items.jsonl", "-o", "rows.jsonl", "--index", "archive.fh")
    assert again.code == 0, again.err
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    assert [(row["id"], row["story"]) for row in rows] == [(row.id, row.story) for row in expected]


def test_explain_reads_the_same_files(tmp_path: Path) -> None:
    items = [{"nr": "1", "headline": "Ferry", "body": FERRY}, {"nr": "2", "headline": "Boat", "body": FERRY}]
    (tmp_path / "items.csv").write_bytes(written("csv", items))
    columns = ("--columns", "id=nr,title=headline,text=body")
    done = Desk(tmp_path).run("explain", "1", "2", "--items", "items.csv", *columns, "--json")
    assert done.json["match"]["merged"] is True


def test_json_totals_need_a_file_for_the_rows(tmp_path: Path) -> None:
    done = Desk(tmp_path).run("dedupe", "-", "--json", stdin=written("jsonl"))
    assert (done.code, "name a file for them with -o" in done.err) == (2, True)


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_a_few_packed_kilobytes_that_say_a_line_without_end_are_no_item(tmp_path: Path, kind: str) -> None:
    desk = Desk(tmp_path)
    row = '{"id": %d, "title": "Ferry aground off %s"}\n' if kind == "jsonl" else "%d,Ferry aground off %s\n"
    text = "".join(row % (number, place) for number, place in enumerate(("Selm", "Selm" * (17 << 20), "Harrow"), 1))
    path = tmp_path / f"items.{kind}.zst"
    path.write_bytes(zstd.compress((text if kind == "jsonl" else f"id,title\n{text}").encode()))
    assert path.stat().st_size < 50_000
    done = desk.run("dedupe", path.name, "-o", "rows.csv")
    if kind == "jsonl":
        assert done.code == 3
        assert "items.jsonl.zst:2: longer than 64 MB\n" in done.err
        assert len((tmp_path / "rows.csv").read_text().splitlines()) == 3
    else:
        assert done.code == 2
        assert done.err == "feedhub: items.csv.zst: a line is longer than 64 MB\n"
        assert not (tmp_path / "rows.csv").exists()
