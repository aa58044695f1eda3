"""An index file whose rows somebody wrote who knows how they are sealed: one clear line or an answer, soon."""

from __future__ import annotations

import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from archives import archive

import feedhub
from feedhub.match import hash64
from feedhub.match.index.packed_rows import joined, parted
from feedhub.model import MatchWindows
from feedhub.story_index.index_file import IndexFile, sealed
from feedhub.story_index.index_state import IndexState

ITEMS = archive(20)
ADDED = 17
#: bytes of memory that all of it may take, seconds that one file may
MEMORY, SECONDS = 1 << 30, 3.0
#: what may stand in the place of any part of a row: the last is a list of 1.5 billion elements to `marshal`
PARTS = [b"\xff" * 7, bytes(range(48)), b"[" * 100_000]
#: and of a whole row
ROWS = [*PARTS, b"", b"\xff\xff\xff\xff" * 20, b"[]", b"{}", b"null", b"1" * 5_000, b"[\xff\xff\xff\x59"]
#: and of one value in one
VALUES: list[Any] = [None, -1, 1 << 70, "\ud800", {}]
#: of tables (shingle_blocks is read as blocks are) the column of a row's number, and of how many parts its content is
KINDS = {
    "items.data": ("number", 5),
    "items.original": ("number", 1),
    "sources.furniture": ("number", 10),
    "columns.data": ("first", 6),
    "blocks.data": ("number", 1),
    "compared.data": ("number", 1),
    "verdicts.data": ("code", 1),
    "stories.data": ("leader", 1),
}
#: numbers of rows that are none, and rows for which others are missing
STATEMENTS = [
    "UPDATE pairs SET code = -code",
    "UPDATE pairs SET code = code + 1000",
    "UPDATE pairs SET code = code + 429496729600",
    "UPDATE pairs SET shared = 'many'",
    "UPDATE verdicts SET code = code + 1000",
    "UPDATE stories SET leader = leader + 1000",
    "UPDATE sources SET number = number + 7",
    "DELETE FROM sources",
    "DELETE FROM columns",
    "DELETE FROM blocks",
    "DELETE FROM items",
    "DELETE FROM settings",
    "UPDATE items SET number = number + 1000",
    "UPDATE items SET number = -number - 1",
    "UPDATE items SET id = CAST(x'ff' || number AS TEXT)",
    "UPDATE blocks SET first = -first, postings = -postings",
    "UPDATE blocks SET first = 'first'",
    "UPDATE blocks SET segment = number % 2, postings = 9223372036854775807",
    "UPDATE settings SET value = '1e999'",
    "UPDATE settings SET value = x'ff00'",
    "DROP TABLE pairs",
    "ALTER TABLE pairs RENAME TO others; CREATE VIEW pairs AS WITH RECURSIVE r(code, shared) AS "
    "(SELECT 1, 1 UNION ALL SELECT code + 1, 1 FROM r) SELECT * FROM r",
    "CREATE TRIGGER t AFTER INSERT ON items BEGIN DELETE FROM items; END",
]

Change = Callable[[sqlite3.Connection], object]


def rows_to(kind: str, changed: Callable[[bytes], bytes]) -> Change:
    """A change of all rows of one kind, sealed as they should be."""
    (table, column), (key, _) = kind.split("."), KINDS[kind]

    def change(connection: sqlite3.Connection) -> None:
        names = f"{key}, {column}, {'id' if column == 'original' else 'NULL'}"
        for number, data, name in connection.execute(f"SELECT {names} FROM {table}").fetchall():
            seed = 0 if table == "compared" else hash64(name) ^ number if name else number
            row = sealed(changed(data[8:]), seed)
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (row, number))

    return change


def with_part(count: int, place: int, part: bytes) -> Callable[[bytes], bytes]:
    def changed(data: bytes) -> bytes:
        parts = [bytes(each) for each in parted(data, count)]
        return joined(*parts[:place], part, *parts[place + 1 :])

    return changed


def with_value(count: int, place: int, path: tuple[int, ...], value: Any) -> Callable[[bytes], bytes]:
    """The JSON of a row, or of one part of it, with another value somewhere."""

    def changed(data: bytes) -> bytes:
        parts = [bytes(each) for each in parted(data, count)] if count > 1 else [data]
        whole = at = json.loads(parts[place])
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        parts[place] = json.dumps(whole).encode()
        return joined(*parts) if count > 1 else parts[0]

    return changed


def changes() -> Iterator[tuple[str, Change]]:
    for kind, (_, count) in KINDS.items():
        for number, row in enumerate(ROWS):
            yield f"{kind} row {number}", rows_to(kind, lambda _, row=row: row)  # type: ignore[misc]
        yield f"{kind} cut", rows_to(kind, lambda data: data[: len(data) // 2])
        yield f"{kind} longer", rows_to(kind, lambda data: data + b"x")
        yield f"{kind} turned", rows_to(kind, lambda data: data[::-1])
        yield (
            f"{kind} number",
            lambda connection, kind=kind: connection.execute(  # type: ignore[misc]
                "UPDATE {} SET {} = 7".format(*kind.split("."))
            ),
        )
        for place in range(count if count > 1 else 0):
            for number, part in enumerate(PARTS):
                yield f"{kind} part {place} {number}", rows_to(kind, with_part(count, place, part))
    leaves: list[tuple[str, int, int, tuple[int, ...]]] = [
        *(("items.data", 5, 2, (n,)) for n in range(10)),
        *(("verdicts.data", 1, 0, (n,)) for n in range(12)),
        *(("stories.data", 1, 0, path) for path in ((0,), (0, 0), *((0, 0, n) for n in range(6)))),
    ]
    for kind, count, place, path in leaves:
        for value in VALUES:
            yield f"{kind} value {path} {value!r}", rows_to(kind, with_value(count, place, path, value))
    for statement in STATEMENTS:
        yield statement, lambda connection, statement=statement: connection.executescript(statement)  # type: ignore[misc]


def used(path: Path) -> str:
    """Open an index, ask for everything and add to it; return the line with which that ended."""
    try:
        with feedhub.Index(path) as index:
            rows = list(index.rows())
            list(index.stories())
            for pair in islice(index.pairs(), 2):
                index.explain(pair.left, pair.right)
            for item in ITEMS[:ADDED:4]:
                if item["id"] in index:
                    index.item(item["id"])
                    index.story(item["id"])
            index.add(ITEMS[ADDED:], errors="skip")
            return f"{len(rows)} rows"
    except feedhub.EnvironmentFailed as error:
        return str(error)


def forge(path: Path) -> None:
    """Note the digest of what stands in a file, as far as it can be opened at all."""
    try:
        file = IndexFile(path)
    except feedhub.EnvironmentFailed:
        return
    try:
        state = IndexState(file, MatchWindows())
        with file.transaction():
            state.save_digest()
    except (feedhub.EnvironmentFailed, ValueError, TypeError, ArithmeticError, LookupError):
        pass
    finally:
        file.close()


def attack(folder: Path) -> None:
    """Make each change to a copy of an index and use it; print what came of it, a line each."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    path = folder / "hostile.fh"
    for name, change in changes():
        shutil.copyfile(folder / "archive.fh", path)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            change(connection)
            connection.commit()
        forge(path)
        begun = time.process_time()
        print(json.dumps([name, "begun", 0]), flush=True)
        line = used(path)
        print(json.dumps([name, line, time.process_time() - begun]), flush=True)


def test_hostile_rows_end_in_a_line_or_an_answer_in_bounded_time_and_memory(tmp_path: Path) -> None:
    with feedhub.Index(tmp_path / "archive.fh") as index:
        index.add(ITEMS[:ADDED])
    done = subprocess.run(
        [sys.executable, __file__, tmp_path], capture_output=True, text=True, timeout=120, check=False
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, (lines[-1:], done.stderr[-2000:])
    ended = [line for line in lines if line[1] != "begun"]
    wrong = [
        (name, line)
        for name, line, seconds in ended
        if seconds > SECONDS or not (line.startswith(f"{tmp_path / 'hostile.fh'}: ") or line.endswith(" rows"))
    ]
    assert not wrong
    refused = Counter(name.split()[0] for name, line, _ in ended if " damaged: " in line)
    assert all(refused[kind] > 10 for kind in KINDS), refused


if __name__ == "__main__":
    attack(Path(sys.argv[1]))
