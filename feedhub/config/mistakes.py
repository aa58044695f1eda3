"""What pydantic found wrong, in words for the person who wrote the file."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic_core import ErrorDetails

from feedhub.config.schema import LISTS, SECRET, SECTIONS, Row, Top
from feedhub.config.yaml_document import Loc, Remark, YamlDocument

_KINDS = {bool: "a truth value", int: "a number", float: "a number", list: "a list", dict: "a list of keys"}
_EXPECTED = {
    "string_type": "expected text",
    "string_too_short": "expected some text",
    "dict_type": "expected `key: value` pairs",
    "bool_type": "expected true or false",
    "tuple_type": "expected a list: write it as [a, b]",
    "int_type": "expected a whole number",
    "int_from_float": "expected a whole number",
}


def explain(document: YamlDocument, model: type[Row], base: Loc, errors: Iterable[ErrorDetails]) -> Iterator[Remark]:
    """One remark for each error, at its place in the document."""
    for error in errors:
        loc = (*base, *error["loc"])
        if error["type"] == "extra_forbidden":
            yield document.remark(loc, unknown_key(str(loc[-1]), model), key=True)
        else:
            yield document.remark(loc, _describe(document, loc, error))


def unknown_key(key: str, model: type[Row]) -> str:
    """Say what to do about a key that nobody knows: another spelling, or the place where it belongs."""
    here = [*model.model_fields] + ([*SECTIONS, *LISTS] if model is Top else [])
    if close := difflib.get_close_matches(key, here, n=1):
        return f"unknown key; did you mean `{close[0]}`?"
    homes = [name for name, section in SECTIONS.items() if section is not model and key in section.model_fields]
    if homes:
        return f"unknown key here; it belongs under `{homes[0]}:`"
    if model is not Top and key in (*Top.model_fields, *SECTIONS, *LISTS):
        return "unknown key here; it belongs to the top, without indentation"
    return f"unknown key; known are {', '.join(here)}"


def _describe(document: YamlDocument, loc: Loc, error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return "missing"
    if kind == "model_type":
        or_address = "an address, or " if len(loc) == 2 and loc[0] == "sources" else ""
        return f"expected {or_address}`key: value` pairs{_got(document, loc, error)}"
    if kind == "value_error":
        message = str(context["error"])
    elif kind in ("literal_error", "enum"):
        message = f"expected {context['expected'].replace(chr(39), '')}"
    elif kind in ("greater_than_equal", "less_than_equal"):
        bound, word = next((context[name], word) for name, word in (("ge", "least"), ("le", "most")) if name in context)
        message = f"expected a whole number of at {word} {bound}"
    else:
        message = _EXPECTED.get(kind, error["msg"])
    return message + _got(document, loc, error)


def _got(document: YamlDocument, loc: Loc, error: ErrorDetails) -> str:
    """Say what stands there instead; the words that YAML does not take for words are to be quoted."""
    value, written = error["input"], document.written(loc)
    quote = error["type"] == "string_type" and written is not None
    if any(step in SECRET for step in loc):
        return ": quote it" if quote else ""
    if written is None or value is None:
        return f", got {_kind(value)}"
    shown = f'"{written[:60]}"'
    return f", got {_kind(value)}: quote it ({shown})" if quote else f", got {shown}"


def _kind(value: Any) -> str:
    return "nothing" if value is None else _KINDS.get(type(value), "a date")
