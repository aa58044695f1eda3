"""YAML text -> plain data in which everything has its place, so that a mistake can name its line.

The data is built here, from the composed nodes, and not by PyYAML's constructor: that one keeps no
marks, takes the last of two equal keys, and would expand nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml
from msgspec import Struct

from feedhub.config.yaml_loader import MOST_NODES, BoundedLoader

Loc = tuple[str | int, ...]

_VARIABLE = re.compile(r"\$(?P<literal>\$\{)|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}|(?P<broken>\$\{)")
_TAG = "tag:yaml.org,2002:"
#: characters shown of a key
_LONGEST_NAME = 100
#: rows of a list, each of which may be an alias of few bytes
MOST_ROWS = 100_000


class Expanded(str):
    """Text out of an environment variable, which may stand for a number too."""

    __slots__ = ()


class Remark(Struct, frozen=True, kw_only=True, order=True):
    """Something to say about a place in the file."""

    line: int
    column: int
    loc: str
    what: str

    def as_line(self, file: str) -> str:
        """Return the remark as one line: `FILE:LINE:COL: path: what`."""
        where = f"{file}:{self.line}:{self.column}: " if self.line else f"{file}: "
        return where + (f"{self.loc}: " if self.loc else "") + self.what


class YamlDocument:
    """A YAML document as plain data (`data`), with the place of everything in it."""

    def __init__(self, root: yaml.Node, environ: Mapping[str, str]) -> None:
        self.root = root
        self.mistakes: list[Remark] = []
        self._environ = environ
        #: collections built, by their node: an alias is built once, however often it is used
        self._built: dict[int, Any] = {}
        #: what each mapping says, by its node
        self._pairs_of: dict[int, dict[str, tuple[yaml.Node, yaml.Node]]] = {}
        self._merged = 0
        self._scalars = yaml.constructor.SafeConstructor()
        self.data = self._value(root, ())

    def remark(self, loc: Loc, what: str, *, key: bool = False) -> Remark:
        """Remark on the value at `loc` or its key; on what encloses it where it is not written."""
        return _remark(self._node(loc, key=key), loc, what)

    def written(self, loc: Loc) -> str | None:
        """Return the scalar at `loc` as it stands in the file, before any variable was put in; else None."""
        node = self._node(loc)
        return node.value if isinstance(node, yaml.ScalarNode) else None

    def _node(self, loc: Loc, *, key: bool = False) -> yaml.Node:
        node = self.root
        for depth, step in enumerate(loc, 1):
            if isinstance(node, yaml.MappingNode):
                pair = self._pairs(node).get(str(step))
                if pair is None:
                    return node
                node = pair[0] if key and depth == len(loc) else pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
        return node

    def _value(self, node: yaml.Node, loc: Loc) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, loc)
        if id(node) in self._built:
            return self._built[id(node)]
        self._built[id(node)] = None  # what an alias to an enclosing node finds
        built = self._mapping(node, loc) if isinstance(node, yaml.MappingNode) else self._sequence(node, loc)
        self._built[id(node)] = built
        return built

    def _sequence(self, node: yaml.Node, loc: Loc) -> list[Any]:
        if len(node.value) > MOST_ROWS:
            self.mistakes.append(_remark(node, loc, f"more than {MOST_ROWS:,} rows"))
            return []
        return [self._value(item, (*loc, place)) for place, item in enumerate(node.value)]

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, Any]:
        """Return the keys that have a value: `key:` with nothing behind it counts as left out."""
        self._find_duplicates(node, loc)
        data = {}
        for name, (_, value) in self._pairs(node).items():
            if (built := self._value(value, (*loc, name))) is not None:
                data[name] = built
        return data

    def _pairs(self, node: yaml.MappingNode) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """Return the keys and values of a mapping by their names, those that `<<` brings in before its own.

        Each mapping is put together once, or mappings that bring in others nine times, eleven deep, would never end.
        """
        known = self._pairs_of.get(id(node))
        if known is not None:
            return known
        pairs = self._pairs_of[id(node)] = {}
        own = []
        for key, value in node.value:
            if key.tag != f"{_TAG}merge":
                own.append((key, value))
                continue
            # of several the earlier wins, so it comes later
            for merged in reversed(value.value) if isinstance(value, yaml.SequenceNode) else [value]:
                if isinstance(merged, yaml.MappingNode):
                    _override(pairs, self._pairs(merged).values())
                    self._merged += len(pairs)
                if self._merged > MOST_NODES:
                    raise yaml.MarkedYAMLError(problem="too much is merged by <<", problem_mark=key.start_mark)
        _override(pairs, own)
        return pairs

    def _find_duplicates(self, node: yaml.MappingNode, loc: Loc) -> None:
        first: dict[str, yaml.Node] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.mistakes.append(_remark(key, loc, "a key must be a word"))
            elif key.tag != f"{_TAG}merge":
                line = first.setdefault(key.value, key).start_mark.line + 1
                if first[key.value] is not key:
                    message = f"written twice, first in line {line}: keep one of them"
                    self.mistakes.append(_remark(key, (*loc, key.value), message))

    def _scalar(self, node: yaml.ScalarNode, loc: Loc) -> Any:
        kind = node.tag.removeprefix(_TAG)
        if kind == "str":
            return self._expand(node, loc) if "${" in node.value else node.value
        if kind in ("int", "float", "bool", "null", "timestamp"):
            try:
                return getattr(self._scalars, f"construct_yaml_{kind}")(node)
            except (ValueError, LookupError, AttributeError, OverflowError):
                # an explicit tag may stand before what is no such thing: `!!int x`
                return node.value
        self.mistakes.append(_remark(node, loc, f"the tag {node.tag} has no meaning here: leave it out"))
        return None

    def _expand(self, node: yaml.ScalarNode, loc: Loc) -> str:
        def replaced(match: re.Match[str]) -> str:
            if match["literal"]:
                return "${"
            name = match["name"]
            if name is None:
                self.mistakes.append(_remark(node, loc, "expected ${NAME}; write $${ where ${ itself is meant"))
            elif name not in self._environ:
                self.mistakes.append(
                    _remark(node, loc, f"the environment variable {name} is not set: set it where feedhub starts")
                )
            return self._environ.get(name or "", "")

        return Expanded(_VARIABLE.sub(replaced, node.value))


def compose(text: str, environ: Mapping[str, str]) -> YamlDocument | Remark:
    """YAML text as a document, or why it is none."""
    try:
        root = yaml.compose(text, Loader=BoundedLoader)
        if isinstance(root, yaml.MappingNode):
            return YamlDocument(root, environ)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = ", ".join(part for part in (error.context, error.problem) if part)
        message += _hint(_line(text, line), column, message)
        return Remark(line=line, column=column, loc="", what=f"not YAML: {message}")
    except (yaml.YAMLError, RecursionError) as error:
        return Remark(line=1, column=1, loc="", what=f"not YAML: {str(error).splitlines()[0]}")
    if root is None:
        return Remark(line=1, column=1, loc="", what="the file is empty: it needs at least `sources:`")
    return _remark(root, (), "expected `key: value` lines")


def _hint(line: str, column: int, problem: str) -> str:
    """Say what was most likely meant where a line is no YAML."""
    sign = line[column - 1 : column]
    if "${" in line:
        return "; inside { } or [ ] a ${NAME} stands in quotes"
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return ": indent with blanks, not with tabs"
    if "block sequence entries" in problem:
        return ": a list begins on the line below its key, with a `- ` for each"
    if "mapping values" in problem:
        return ": text with `: ` in it stands in quotes, and keys of one row stand below each other"
    if sign in ("%", "@", "`", "*", "&", "!"):
        return f": text that begins with {sign} stands in quotes"
    if "expected" in problem:
        return ": is a bracket, a quote or a comma missing there or above? Are all rows indented alike?"
    return ""


def _line(text: str, number: int) -> str:
    return next(iter(text.splitlines()[number - 1 : number]), "")


def path_text(loc: Loc) -> str:
    """Return a place as people read it: `sources.3.url`."""
    return ".".join(shortened(step) if isinstance(step, str) else str(step) for step in loc)


def shortened(name: str) -> str:
    """Return a name as a line for people may hold it."""
    # an address in place of a key may hold a password
    scheme, is_address, _ = name.partition("://")
    name = f"{scheme}://..." if is_address else name
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."


def _remark(node: yaml.Node, loc: Loc, what: str) -> Remark:
    mark = node.start_mark
    return Remark(line=mark.line + 1, column=mark.column + 1, loc=path_text(loc), what=what)


def _override(pairs: dict[str, tuple[yaml.Node, yaml.Node]], more: Iterable[tuple[yaml.Node, yaml.Node]]) -> None:
    """Put pairs over those of the same name; `key:` with nothing behind it counts as left out."""
    for key, value in more:
        if isinstance(key, yaml.ScalarNode) and not (key.value in pairs and value.tag == f"{_TAG}null"):
            pairs[key.value] = key, value
