"""A fault of the parser over a whole document fails that source, with a record; the others and the workers live on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from commands import NOW, Desk, feed, item
from hubs import NOON, Newsroom
from hubs import item as room_item
from test_parse_documents import item as rss_item
from test_parse_documents import rss
from test_parse_pool import DOCTYPE, GOOD, within, workers

from feedhub.model import ParseFailed
from feedhub.parse.parser_pool import ParserPool

pytestmark = pytest.mark.usefixtures("fresh_parsers")

#: faults at every place where a document is read, none of which is known; `sitecustomize` of parser processes, too
BREAKS = """
from feedhub.parse import documents, fast_reader, feedparser_reader, jsonfeed_reader, parser_pool
def breaking(module, name):
    real = getattr(module, name)
    def work(*values, **more):
        if "poison " + name in repr(values):
            raise LookupError("what it read\\x1b[31m\\n" + "x" * 900)
        return real(*values, **more)
    setattr(module, name, work)
breaking(fast_reader, "admit")
breaking(feedparser_reader, "parse_legacy")
breaking(jsonfeed_reader, "parse_json")
breaking(parser_pool, "combine")
"""
#: the documents that meet them: read here, read by a worker, JSON, a folder of which a part is broken
POISONED = {
    "admit": rss(rss_item(), "<!-- poison admit -->"),
    "parse_legacy": DOCTYPE + rss(rss_item(), "<!-- poison parse_legacy -->").partition(b"?>")[2],
    "parse_json": feed("json", item("1", "poison parse_json", "text")),
}


@pytest.fixture
def broken(tmp_path: Path) -> Desk:
    (tmp_path / "sitecustomize.py").write_text(BREAKS)
    return Desk(tmp_path, before=tmp_path)


def test_a_fault_at_any_place_fails_its_source_alone_in_one_line(broken: Desk) -> None:
    for name, body in POISONED.items():
        (broken.folder / f"{name}.xml").write_bytes(body)
    (broken.folder / "combine").mkdir()
    (broken.folder / "combine" / "poison combine.xml").write_bytes(rss(rss_item()))
    names = [*POISONED, "combine"]
    rows = "".join(f"  - {{id: {each}, url: {each}{'' if each == 'combine' else '.xml'}}}\n" for each in names)
    good = broken.file("paper", item("1", "Ferry aground off the cape", "text " * 30))
    broken.configure(rows + good)
    done = broken.run("once", "--now", NOW, "--json")
    polled = {each["source"]: each for each in done.json["sources"]}
    assert polled["paper"]["outcome"] == "read"
    for name in names:
        assert polled[name]["outcome"] == "failed"
        assert polled[name]["remark"].startswith("feedhub broke over it (LookupError in ")
        assert polled[name]["remark"].endswith("): a bug, please report it")
    assert broken.run("check").out.count("feedhub broke over it") == len(names)


def test_a_worker_at_which_a_document_breaks_reads_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text(BREAKS)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(Path(__file__).parent.parent)]))

    async def job(pool: ParserPool) -> tuple[object, object, bool]:
        await pool.parse(GOOD)
        first = workers()
        broken = await pool.parse(POISONED["parse_legacy"])
        return broken, await pool.parse(GOOD), workers() == first

    broken, good, is_same_worker = within(ParserPool, job)
    assert isinstance(broken, ParseFailed)
    assert broken.reason.startswith("feedhub broke over it (LookupError in sitecustomize.py, line ")
    assert not isinstance(good, ParseFailed)
    assert is_same_worker


def test_it_backs_off_like_any_failure_and_is_told_until_it_reads_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Newsroom(tmp_path)
    room.source("paper")
    room.serve("paper", room_item("p1", "Bridge shut for eleven weeks", "text " * 30))

    def breaks(*_: object, **__: object) -> None:
        raise LookupError

    with monkeypatch.context() as patched:
        patched.setattr("feedhub.ingest.document.parse.shared", breaks)
        for hours in range(3):
            assert len(room.round(hours).failed) == 1
        with room.store.write() as connection:
            from feedhub.health import watch
            from feedhub.store import conditions

            watch(connection, NOON)
            (row,) = conditions.current_and_ended_since(connection, since=NOON)
    assert row.kind == "broken"
    assert "feedhub broke over it (LookupError in test_parser_faults.py" in row.text
    assert room.round(2.1, everything=False).sources == ()
    assert room.round(30).failed == ()
    assert len(room.stories()) == 1
