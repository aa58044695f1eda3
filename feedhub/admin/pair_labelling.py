"""Labels of pairs in the store: given by a person, and as lines of `pairs.jsonl` both ways."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from msgspec import Struct

from feedhub.admin.explain import find_copies
from feedhub.errors import UsageError
from feedhub.model import Copy
from feedhub.store import Connection, pair_labels
from feedhub.store.pair_labels import Judgement, PairLabel

#: as lines of `pairs.jsonl` have them
_NUMBERS: Mapping[Judgement, int | None] = {"same": 1, "other": 0, "unclear": None}
_JUDGEMENTS: Mapping[object, Judgement] = {number: judgement for judgement, number in _NUMBERS.items()}
#: the longest name of a person, and so many whom a line may name
_LONGEST_NAME, _MOST_PEOPLE = 80, 50
#: what no database keeps in a text: NUL (PostgreSQL), and halves of a character (JSON spells them as escapes)
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


class LabelImport(Struct, frozen=True, kw_only=True):
    """What came of an import: labels that were kept, and a line for each that was not."""

    labels: int
    refused: tuple[str, ...]


def item_of(copy: Copy) -> dict[str, Any]:
    """Return an entry as an item of `feedhub dedupe`, under its name `SOURCE GUID`."""
    return {
        "id": str(copy.key),
        "title": copy.title or None,
        "summary": copy.summary,
        "text": "\n\n".join(copy.paragraphs) or None,
        "url": copy.url,
        "source": copy.outlet,
        "published": (copy.published or copy.first_seen).isoformat(),
        "lang": copy.language,
    }


def give_label(
    connection: Connection, names: tuple[str, str], judgement: Judgement, *, by: str, kind: str, now: datetime
) -> None:
    """Keep what a person says of two entries, and what these say; raises UsageError where one of them is not known."""
    left, right = sorted(names)
    if left == right:
        raise UsageError(f"{left}: an entry is one story with itself")
    _keep_entries(connection, [left, right])
    label = PairLabel(left=left, right=right, labelled_by=by, judgement=judgement, kind=kind, labelled_at=now)
    pair_labels.save(connection, [label])


def _keep_entries(connection: Connection, names: Sequence[str]) -> None:
    known = pair_labels.entries(connection, names)
    items = {name: _item(connection, name) for name in names if name not in known}
    pair_labels.save_entries(connection, items)


def _item(connection: Connection, name: str) -> dict[str, Any]:
    copies = [each.copy for each in find_copies(connection, name) if str(each.copy.key) == name]
    if not copies:
        raise UsageError(f"{name[:200]}: no entry of this hub is called so")
    return item_of(copies[0])


def agreed(labels: Iterable[PairLabel]) -> Judgement:
    """Return what people say together of one pair: what all say who are sure; unclear where they differ, or none is."""
    sure = {each.judgement for each in labels} - {"unclear"}
    return sure.pop() if len(sure) == 1 else "unclear"


def export_lines(connection: Connection, by: str | None = None) -> Iterator[str]:
    """Yield the labels as lines of `pairs.jsonl`: a pair each, with what people agree on; or what one of them says.

    `by` in a line has each person's own label, so that nothing is lost on the way.
    """
    for pair, group in groupby(pair_labels.all_labels(connection), key=lambda each: each.pair):
        some = [each for each in group if by is None or each.labelled_by == by]
        if some:
            people = {each.labelled_by: _NUMBERS[each.judgement] for each in some}
            newest = max(some, key=lambda each: each.labelled_at)
            number = _NUMBERS[agreed(some)]
            row = {"a": pair[0], "b": pair[1], "label": number, "kind": newest.kind, "basis": "desk", "by": people}
            yield json.dumps(row, ensure_ascii=False)


def import_lines(connection: Connection, lines: Iterable[bytes], where: str, *, by: str, now: datetime) -> LabelImport:
    """Keep labels of lines of `pairs.jsonl`, under the names in `by` or else this one.

    A line that is none, or that names an entry which this hub has not, costs no other; each gives a sentence.
    """
    count, refused = 0, []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                count += _import_line(connection, line, by=by, now=now)
            except UsageError as error:
                refused.append(f"{where}:{number}: {error}")
    return LabelImport(labels=count, refused=tuple(refused))


def _import_line(connection: Connection, line: bytes, *, by: str, now: datetime) -> int:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UsageError("not JSON") from None
    if not isinstance(row, dict) or not {"a", "b", "label"} <= row.keys():
        raise UsageError("expected an object with a, b and label")
    names = row["a"], row["b"]
    if not all(isinstance(name, str) and name for name in names):
        raise UsageError("a, b: expected the names of entries, as SOURCE GUID")
    kind = row.get("kind")
    if any(isinstance(text, str) and _NO_TEXT.search(text) for text in (*names, kind)):
        raise UsageError("a, b, kind: NUL and lone surrogates are no text")
    people = _people(row, by)
    for person, number in people:
        give_label(
            connection, names, _judgement(number), by=person, kind=kind[:80] if isinstance(kind, str) else "", now=now
        )
    return len(people)


def _people(row: Mapping[str, Any], by: str) -> list[tuple[str, object]]:
    people = row.get("by")
    if not isinstance(people, dict) or not people:
        return [(by, row["label"])]
    if len(people) > _MOST_PEOPLE:
        raise UsageError(f"by: expected at most {_MOST_PEOPLE} people, got {len(people):,}")
    for person in people:
        if not person.strip() or not person.isprintable() or len(person) > _LONGEST_NAME:
            raise UsageError(f"by: expected names of at most {_LONGEST_NAME} printable characters")
        _judgement(people[person])
    return list(people.items())


def _judgement(value: object) -> Judgement:
    if value is not None and (not isinstance(value, int) or value not in (0, 1)):
        raise UsageError(f"label: expected 1 (one story), 0 (two) or null, got {json.dumps(value)[:40]}")
    return _JUDGEMENTS[value]
