"""An OPML list -> rows for `sources:`; putting rows into a configuration and taking them out, and nothing else.

By text, at the places that PyYAML's marks tell, rather than by a library that writes the whole file anew: no line but
those of the row changes, and the new text is read again before it is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from feedhub import opml
from feedhub.bounded_files import read_bounded
from feedhub.config.row_text import row_text
from feedhub.config.source_ids import free_id, id_of_row
from feedhub.config.yaml_loader import BoundedLoader
from feedhub.errors import EnvironmentFailed, UsageError
from feedhub.model import Source
from feedhub.private_files import Part

#: a line as YAML 1.1 counts lines
_LINE = re.compile("[^\r\n\x85\u2028\u2029]*(?:\r\n|[\r\n\x85\u2028\u2029]|$)")


class Import(Struct, frozen=True, kw_only=True):
    """Rows ready to stand under `sources:`, and a line for each feed left out."""

    #: YAML, each row begins with `- ` at the left edge; empty where nothing is new
    block: str
    count: int
    remarks: tuple[str, ...] = ()
    #: what the rows say
    sources: tuple[Source, ...] = ()


def import_yaml(body: bytes, existing: Collection[Source] = ()) -> Import:
    """Return an OPML list as YAML rows, without the feeds that are among `existing`."""
    subscriptions = opml.read(body)
    keys = {opml.address_key(source.url): source.id for source in existing if not source.is_path}
    ids = {source.id for source in existing}
    rows: list[str] = []
    sources: list[Source] = []
    remarks = list(subscriptions.remarks)
    for outline in subscriptions.outlines:
        key = opml.address_key(outline.url)
        if key in keys:
            remarks.append(f"{outline.url}: left out, it is source `{keys[key]}` already")
            continue
        keys[key] = free_id(outline.written_id or outline.id, ids)
        ids.add(keys[key])
        sources.append(Source(id=keys[key], url=outline.url, name=outline.name))
        values = {"id": keys[key], "url": outline.url, "name": outline.name}
        rows.append(row_text(values | {"category": outline.category or "", "language": outline.language or ""}))
    return Import(block="".join(rows), count=len(rows), remarks=tuple(remarks), sources=tuple(sources))


def append_sources(path: Path, block: str) -> None:
    """Put the rows of `block` behind the last source of the file at `path`; raise UsageError where that is not safe.

    The new text is read again before it is written: it must say what the old one said, and the rows.
    """

    def expected(before: dict[str, Any]) -> dict[str, Any]:
        added = yaml.load(block, BoundedLoader) or []
        return before | {"sources": [*(before.get("sources") or []), *added]}

    by_hand = "print the rows and put them in by hand"
    _edit(path, lambda text: _with_rows(text, block), expected, "the rows cannot be added", by_hand)


def remove_source(path: Path, name: str) -> None:
    """Take the row of the source `name` out of the file at `path`; raise UsageError where there is none, or not safely.

    Comments stay, those in front of the row, too.
    """
    place = 0

    def without(text: str) -> str:
        nonlocal place
        rows = (yaml.load(text, BoundedLoader) or {}).get("sources") or []
        places = [at for at, row in enumerate(rows) if id_of_row(row) == name]
        if not places:
            raise UsageError(f"{path}: no row of `sources:` has the id `{name}`: `feedhub sources list` shows them")
        place = places[0]
        return _without_row(text, place)

    def expected(before: dict[str, Any]) -> dict[str, Any]:
        rows = [row for at, row in enumerate(before["sources"]) if at != place]
        return before | {"sources": rows or None}

    _edit(path, without, expected, f"the row of `{name}` cannot be taken out", "take it out by hand")


def _edit(
    path: Path,
    change: Callable[[str], str],
    expected: Callable[[dict[str, Any]], dict[str, Any]],
    refusal: str,
    by_hand: str,
) -> None:
    """Write the changed text of a file, where it says what is expected and nothing else."""
    target = path.resolve()
    try:
        text = read_bounded(target).decode()
        changed = change(text)
        wanted = expected(yaml.load(text, BoundedLoader) or {})
        same = (yaml.load(changed, BoundedLoader) or {}) == wanted
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, yaml.YAMLError) as error:
        raise UsageError(f"{path}: {refusal} ({str(error).splitlines()[0]}): {by_hand}") from error
    if not same:
        raise UsageError(f"{path}: {refusal} without changing what else it says: {by_hand}")
    _replace(target, changed)


def _without_row(text: str, place: int) -> str:
    """Return the text without the lines of a row, from its hyphen to its last word."""
    node = _sources_node(yaml.compose(text, Loader=BoundedLoader))
    if not isinstance(node, yaml.SequenceNode) or node.flow_style:
        raise ValueError("`sources:` is no list with a line for each row")
    lines = [line for line in _LINE.findall(text) if line]
    row = node.value[place]
    first, last = row.start_mark.line, _line_after(row)
    while not lines[first].lstrip().startswith("-"):
        first -= 1
    return "".join([*lines[:first], *lines[last:]])


def _sources_node(root: yaml.Node | None) -> yaml.Node | None:
    """Return the value of `sources`, the last where it is written twice."""
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    return next((value for key, value in reversed(pairs) if key.value == "sources"), None)


def _with_rows(text: str, block: str) -> str:
    """Return the text with the rows behind the last of `sources:`, or with a `sources:` of its own at the end."""
    text = _without_empty_brackets(text)
    lines = [line for line in _LINE.findall(text) if line]
    newline = "\r\n" if "\r\n" in text else "\n"
    if lines and lines[-1][-1] not in "\r\n":
        lines[-1] += newline
    place, indent, heading = _place(text, len(lines))
    rows = [f"{' ' * indent}{line}{newline}" for line in block.splitlines()]
    return "".join([*lines[:place], *([f"sources:{newline}"] if heading else []), *rows, *lines[place:]])


def _without_empty_brackets(text: str) -> str:
    """Return the text with `sources: []` made `sources:`, where rows can stand."""
    node = _sources_node(yaml.compose(text, Loader=BoundedLoader))
    if not isinstance(node, yaml.SequenceNode) or node.value:
        return text
    return text[: node.start_mark.index].rstrip(" ") + text[node.end_mark.index :]


def _place(text: str, end: int) -> tuple[int, int, bool]:
    """Find the line before which the rows go, how far they are indented, whether `sources:` is to be written too."""
    root = yaml.compose(text, Loader=BoundedLoader)
    if root is None:
        return end, 2, True
    if not isinstance(root, yaml.MappingNode):
        raise ValueError("the file holds no `key: value` lines")
    entries = [(key, value) for key, value in root.value if key.value == "sources"]
    if not entries:
        return end, 2, True
    key, node = entries[-1]
    if isinstance(node, yaml.ScalarNode) and not node.value:
        return key.end_mark.line + 1, 2, False
    if not isinstance(node, yaml.SequenceNode) or node.flow_style:
        raise ValueError(f"`sources:` in line {key.start_mark.line + 1} is no list with a line for each row")
    column: int = node.start_mark.column
    return _line_after(node), column, False


def _line_after(node: yaml.Node) -> int:
    """Return the line after the last word inside `node`; its own end lies behind the comments that follow."""
    while isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        node = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
    line: int = node.end_mark.line
    return line if node.end_mark.column == 0 and line > node.start_mark.line else line + 1


def _replace(target: Path, text: str) -> None:
    """Write a file in one step: whoever reads meanwhile has the old text or the new one."""
    part = None
    try:
        part = Part(target)
        part.file.write(text.encode())
        part.finish()
        part.publish()
    except OSError as error:
        raise EnvironmentFailed(f"{target}: cannot be written: {error.strerror}") from error
    finally:
        if part is not None:
            part.discard()
