"""An OPML list -> rows for `sources:`, and putting them into a configuration without rewriting anything else."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from feedhub import opml
from feedhub.errors import EnvironmentFailed, UsageError
from feedhub.model import Source

#: a line as YAML 1.1 counts lines
_LINE = re.compile("[^\r\n\x85\u2028\u2029]*(?:\r\n|[\r\n\x85\u2028\u2029]|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """Rows ready to stand under `sources:`, and a line for each feed left out."""

    #: YAML, each row begins with `- ` at the left edge; empty where nothing is new
    block: str
    count: int
    remarks: tuple[str, ...] = ()


def import_yaml(body: bytes, existing: Collection[Source] = ()) -> Import:
    """Return an OPML list as YAML rows, without the feeds that are among `existing`."""
    subscriptions = opml.read(body)
    keys = {opml.address_key(source.url): source.id for source in existing if not source.is_path}
    ids = {source.id for source in existing}
    rows: list[str] = []
    remarks = list(subscriptions.remarks)
    for outline in subscriptions.outlines:
        key = opml.address_key(outline.url)
        if key in keys:
            remarks.append(f"{outline.url}: left out, it is source `{keys[key]}` already")
            continue
        keys[key] = _free(outline.id, ids)
        ids.add(keys[key])
        rows.append(_row(keys[key], outline))
    return Import(block="".join(rows), count=len(rows), remarks=tuple(remarks))


def append_sources(path: Path, block: str) -> None:
    """Put the rows of `block` behind the last source of the file at `path`; raise UsageError where that is not safe.

    The new text is read again before it is written: it must say what the old one said, and the rows.
    """
    target = path.resolve()
    by_hand = "print the rows and put them in by hand"
    try:
        text = target.read_bytes().decode()
        changed = _with_rows(text, block)
        same = yaml.load(changed, yaml.CSafeLoader) == _expected(text, block)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, yaml.YAMLError) as error:
        raise UsageError(f"{path}: the rows cannot be added ({str(error).splitlines()[0]}): {by_hand}") from error
    if not same:
        raise UsageError(f"{path}: the rows cannot be added without changing what else it says: {by_hand}")
    _replace(target, changed)


def _expected(text: str, block: str) -> dict[str, Any]:
    before = yaml.load(text, yaml.CSafeLoader) or {}
    added = yaml.load(block, yaml.CSafeLoader) or []
    return before | {"sources": [*(before.get("sources") or []), *added]}


def _with_rows(text: str, block: str) -> str:
    """Return the text with the rows behind the last of `sources:`, or with a `sources:` of its own at the end."""
    lines = [line for line in _LINE.findall(text) if line]
    newline = "\r\n" if "\r\n" in text else "\n"
    if lines and lines[-1][-1] not in "\r\n":
        lines[-1] += newline
    place, indent, heading = _place(text, len(lines))
    rows = [f"{' ' * indent}{line}{newline}" for line in block.splitlines()]
    return "".join([*lines[:place], *([f"sources:{newline}"] if heading else []), *rows, *lines[place:]])


def _place(text: str, end: int) -> tuple[int, int, bool]:
    """Find the line before which the rows go, how far they are indented, whether `sources:` is to be written too."""
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
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


def _row(name: str, outline: opml.Outline) -> str:
    values = {"id": name, "url": outline.url, "name": outline.name}
    values |= {"category": outline.category or "", "language": outline.language or ""}
    lines = [f"{key}: {_quoted(value)}" for key, value in values.items() if value]
    return "- " + "\n  ".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Text as a YAML value; a stranger's `${HOME}` stays what it is and names no variable."""
    shown = text.replace("${", "$${")
    return yaml.safe_dump(shown, default_style='"', allow_unicode=True, width=10**9).removesuffix("\n")


def _free(name: str, taken: Collection[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def _replace(target: Path, text: str) -> None:
    """Write a file in one step: whoever reads meanwhile has the old text or the new one."""
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".feedhub-", delete=False) as file:
            temporary = Path(file.name)
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    except OSError as error:
        if temporary:
            temporary.unlink(missing_ok=True)
        raise EnvironmentFailed(f"{target}: cannot be written: {error.strerror}") from error
