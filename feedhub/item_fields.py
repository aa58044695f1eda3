"""What stands in the fields of an item: ids of any kind, texts, dates in the forms that people use."""

from __future__ import annotations

import json
import operator
from collections.abc import Hashable, Mapping
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from feedhub.errors import ItemError
from feedhub.name_set import NameSet

#: a value that is longer is not shown whole
_LONGEST_SHOWN = 60
_DATE_FORMS = "a datetime (one without a zone is read as UTC), or ISO 8601 or RFC 822 text"
_KINDS: Mapping[type, str] = {
    type(None): "null",
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    bytes: "bytes",
    datetime: "a datetime",
    date: "a date",
    list: "a list",
    tuple: "a tuple",
}


def kind_of(value: object) -> str:
    """Name what a value is, in the words of JSON where it has one, else by its own type."""
    if type(value) in _KINDS:
        return _KINDS[type(value)]
    if isinstance(value, Mapping):
        return "an object"
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def shown(text: str) -> str:
    """Write a value as it may stand in a message: in one line, without control characters, not too long."""
    return json.dumps(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}...", ensure_ascii=False)


def is_missing(value: object) -> bool:
    """Tell whether a value stands for none: None, NaN, NaT, pandas' NA."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, str | int):
        return False
    try:
        return bool(value != value)
    except (TypeError, ValueError):
        return False


def text_of(field: str, value: object) -> str | None:
    """Return a field's text; raises ItemError for what is none."""
    if isinstance(value, str):
        return value
    if is_missing(value):
        return None
    raise ItemError(f"{field}: expected text or null, got {kind_of(value)}", field=field)


def name_of(field: str, value: object) -> str | None:
    """Return a text that is kept as it is, so it must be one that can be written."""
    text = text_of(field, value)
    if text and "\0" in text:
        raise ItemError(f"{field}: holds a NUL character", field=field)
    try:
        (text or "").encode()
    except UnicodeEncodeError:
        raise ItemError(f"{field}: half a surrogate pair is no character", field=field) from None
    return text


def date_of(value: object) -> datetime | None:
    """Read a date from text or a date of Python, pandas or numpy; without a zone it is UTC. Raises ItemError."""
    if is_missing(value) or value == "":
        return None
    try:
        result = _date(value)
        result = result.replace(tzinfo=UTC) if result.tzinfo is None else result.astimezone(UTC)
    except OverflowError:
        raise ItemError(f"published: {shown(str(value))} is out of range", field="published") from None
    except (ValueError, TypeError, IndexError):
        text = isinstance(value, str)
        forms, got = ("an ISO 8601 or RFC 822 date", shown(str(value))) if text else (_DATE_FORMS, kind_of(value))
        raise ItemError(f"published: expected {forms}, got {got}", field="published") from None
    if not 1800 <= result.year <= 2200:
        raise ItemError(f"published: the year {result.year} is no date of a news item", field="published")
    return result


def _date(value: object) -> datetime:
    if isinstance(value, datetime):
        # of a pandas Timestamp the nanoseconds, too
        return datetime(*value.timetuple()[:6], value.microsecond, tzinfo=value.tzinfo, fold=value.fold)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if type(value).__name__ == "datetime64":
        return datetime.fromisoformat(str(value)[:26])
    if not isinstance(value, str):
        raise TypeError(value)
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        return parsedate_to_datetime(value)


class ItemIds:
    """The ids that were seen: of each the text by which it is known inside, and what it was.

    `5` and `"5"` are one id. Most ids of a file are of one kind, so only those that are not cost memory.
    """

    def __init__(self) -> None:
        self._seen = NameSet()
        self._texts: dict[Hashable, str] = {}
        self._originals: dict[str, Hashable] = {}
        self._are_numbers: bool | None = None

    def take(self, value: object) -> str:
        """Return the text of an id that is new; raises ItemError for one that is none or was there before."""
        name, number = id_text(value)
        if name in self._seen or (not isinstance(value, str | int) and value in self._texts):
            raise ItemError(f"id: {shown(name)} was there before", field="id")
        self._note(name, value, number)
        return name

    def forget(self, name: str) -> None:
        """Let an id be free again: its item could not be used."""
        self._seen.discard(name)
        if name in self._originals:
            self._texts.pop(self._originals.pop(name), None)

    def original(self, name: str) -> Any:
        """Return the id as its item has it."""
        if name in self._originals:
            return self._originals[name]
        return int(name) if self._are_numbers else name

    @property
    def are_numbers(self) -> bool:
        """Whether all ids are whole numbers."""
        return bool(self._are_numbers) and not self._originals

    def _note(self, name: str, value: object, number: bool) -> None:
        self._seen.add(name)
        plain = isinstance(value, str) or type(value) is int
        if self._are_numbers is None and plain:
            self._are_numbers = number
        if not plain or number is not self._are_numbers:
            assert isinstance(value, Hashable)
            self._originals[name] = value
            if not plain:
                self._texts[value] = name


def id_text(value: object) -> tuple[str, bool]:
    """Return the text by which an id of any hashable kind is known, and whether it is a number; raises ItemError."""
    if isinstance(value, str) and value:
        name_of("id", value)
        return value, False
    if is_missing(value) or value == "":
        raise ItemError("id: missing", field="id")
    if not isinstance(value, bool):
        try:
            return str(operator.index(value)), True  # type: ignore[arg-type]
        except TypeError:
            pass
    try:
        hash(value)
    except TypeError:
        raise ItemError(f"id: expected text, a number or another hashable, got {kind_of(value)}", field="id") from None
    if isinstance(value, float) and value.is_integer():
        return str(int(value)), True
    if isinstance(value, frozenset):
        # equal sets may list their members in another order
        return f"frozenset({sorted(map(repr, value))})", False
    return (str(value) if type(value).__name__ == "UUID" else repr(value)), False
