"""Do the package's regular expressions take time with a text's length, and not with its square?

Every module is imported while `re`'s compiler is watched, and what functions compile is read off the source. From each
pattern's own parse tree come the texts that it likes and just does not match: what leads up to a repetition, what is
repeated, many times, and an end that nothing expects. A pattern that takes more than eight times as long for four
times the text is printed; the program ends with 1 where one is printed that BOUNDED does not excuse.

    python benchmarks/patterns.py [--all]     # --all prints the excused ones, too
"""

from __future__ import annotations

import argparse
import ast
import importlib
import pkgutil
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from inspect import signature
from itertools import product
from pathlib import Path
from types import FrameType
from typing import Any

from msgspec import Struct

SHORT, LONG = 1_000, 4_000
#: seconds: below it the clock says nothing; beyond the second a search is ended
FLOOR, END = 0.004, 0.5
#: times as long for four times the text: 4 is linear, 16 the square
SUPERLINEAR = 8.0
METHODS = ("search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer")
ENDS = ("", "\0", "\n", "!x")
#: pattern's beginning -> why no stranger can choose a long text for it
BOUNDED: dict[str, str] = {
    r"(?P<day>(?:[^\s\d]+\s+)?": "a date has 100 signs at most",
    r"(?P<date>.+?)\s*[(\[]": "a date has 100 signs at most",
    r"(?P<day>.+?)": "a date has 100 signs at most",
    r"<!--.*?-->": "the first 4 kB of a document",
    r"</?(?:a|abbr|audio": "a title has 2,000 signs at most",
    r"(?>[\t\n\f\r /]*)([^": "what is searched ends with an attribute: no run of blanks has none behind it",
    r"^(?P<headline>.{10,}?)": "a title has 2,000 signs at most, and no two blanks in a row",
    r"(<!-- rules -->\n)": "our own document",
    r"<figure>.*?</figure>": "sanitised markup: every figure that begins ends",
}

#: patterns of catalogues are fields of rules; a search with them is given 500 signs
FIELDS = {"feedhub/clean/catalogue_file.py": ("fullmatch", "match")}

Key = tuple[str | bytes, int]


class Growth(Struct, frozen=True):
    """A pattern that took too long, and the text for which it did."""

    pattern: str
    method: str
    text: str
    seconds: float
    ratio: float


def compiled_patterns(root: Path) -> dict[Key, str]:
    """Return each pattern of the package with its flags, and where it was first met."""
    met: dict[Key, str] = {}
    compiler: Any = importlib.import_module("re._compiler")
    compile_ = compiler.compile

    def watch(pattern: Any, flags: int = 0) -> Any:
        frame = sys._getframe(1)
        while frame.f_back and Path(frame.f_code.co_filename).parent.name == "re":
            frame = frame.f_back
        # what other packages compile while ours are imported is theirs
        name = frame.f_code.co_filename
        if name.startswith(str(root / "feedhub")) and isinstance(pattern, str | bytes):
            met.setdefault((pattern, int(flags)), f"{Path(name).relative_to(root)}:{frame.f_lineno}")
        return compile_(pattern, flags)

    compiler.compile = watch
    re.purge()
    try:
        package = importlib.import_module("feedhub")
        for module in pkgutil.walk_packages(package.__path__, "feedhub."):
            if not module.name.endswith("__main__") and ".migrations" not in module.name:
                try:
                    importlib.import_module(module.name)
                except ImportError as error:
                    print(f"not imported: {module.name}: {error}")
        for name, made in list(sys.modules.items()):
            # patterns that are made of a catalogue when first used
            for value in list(vars(made).values()) if name.startswith("feedhub.") else []:
                if hasattr(value, "cache_info") and not signature(value).parameters:
                    value()
        catalogue = importlib.import_module("feedhub.clean.catalogue")
        terms = [term for kind in catalogue.appeals() for term in kind.terms]
        for behind_cues in (*(rule.pattern for rule in catalogue.rules()), *terms):
            _ = behind_cues.compiled
    finally:
        compiler.compile = compile_
    for path in sorted((root / "feedhub").rglob("*.py")):
        for pattern, flags, line in _literals(path):
            met.setdefault((pattern, flags), f"{path.relative_to(root)}:{line}")
    return met


def _literals(path: Path) -> Iterator[tuple[str | bytes, int, int]]:
    """Yield the patterns that stand as literals in calls of `re`'s functions."""
    for node in ast.walk(_tree(path)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        named = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
        if named and node.func.attr in ("compile", *METHODS) and isinstance(node.args[0], ast.Constant):
            flags = 0
            for word in [*node.args[1:], *(each.value for each in node.keywords)]:
                for part in ast.walk(word):
                    flag = getattr(re, part.attr, None) if isinstance(part, ast.Attribute) else None
                    flags |= int(flag) if isinstance(flag, re.RegexFlag) else 0
            if isinstance(node.args[0].value, str | bytes):
                yield node.args[0].value, flags, node.lineno


# ---------------------------------------------------------------- texts from a pattern's tree

_CATEGORIES = {
    "CATEGORY_DIGIT": "1",
    "CATEGORY_NOT_DIGIT": "a",
    "CATEGORY_SPACE": " \n",
    "CATEGORY_NOT_SPACE": "a",
    "CATEGORY_WORD": "a1",
    "CATEGORY_NOT_WORD": " ",
}


def pumped(pattern: str | bytes, flags: int) -> Iterator[tuple[str, str, str]]:
    """Yield (what leads up to it, what is repeated, what ends it) for everything in a pattern that may repeat."""
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    tree = list(importlib.import_module("re._parser").parse(text, flags & ~re.LOCALE))
    seen: set[tuple[str, str]] = set()
    for lead, body in _pumps(tree, ""):
        # what leads up to a repetition may itself begin again and again
        for start, pump in ((lead, body), ("", lead), ("", lead + body), ("", body)):
            if pump and (start, pump) not in seen:
                seen.add((start, pump))
                yield from ((start, pump, end) for end in ENDS)


def _pumps(tree: list[Any], lead: str) -> Iterator[tuple[str, str]]:
    """Yield (lead, repeated) for every repetition in a sequence, at any depth."""
    for place, (op, argument) in enumerate(tree):
        name = str(op)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            _, most, inner = argument
            if int(most) > 9:
                bodies = _samples(list(inner))
                yield from ((lead, body) for body in bodies)
                # two neighbours that share signs: what follows is part of what is repeated
                for after in _samples(tree[place + 1 : place + 2]):
                    yield from ((lead, body + after) for body in bodies)
            yield from _pumps(list(inner), lead)
        elif name == "SUBPATTERN":
            yield from _pumps(list(argument[3]), lead)
        elif name == "ATOMIC_GROUP":
            yield from _pumps(list(argument), lead)
        elif name == "BRANCH":
            for branch in argument[1]:
                yield from _pumps(list(branch), lead)
        elif name in ("ASSERT", "ASSERT_NOT"):
            yield from _pumps(list(argument[1]), lead)
        lead += (_samples([(op, argument)]) or [""])[0]


def _samples(tree: list[Any], most: int = 4) -> list[str]:
    """Return some short texts that a sequence matches."""
    made = [""]
    for op, argument in tree:
        made = [one + two for one, two in product(made, _of(str(op), argument))][:most]
    return list(dict.fromkeys(made))


def _of(name: str, argument: Any) -> list[str]:
    match name:
        case "LITERAL":
            return [chr(argument)]
        case "NOT_LITERAL":
            return ["a" if argument != ord("a") else "b"]
        case "ANY":
            return ["a", " "]
        case "IN":
            return _in_set(argument)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, _, inner = argument
            inside = _samples(list(inner), 3)
            return [each * max(int(least), 1) for each in inside] + ([""] if not least else [])
        case "SUBPATTERN":
            return _samples(list(argument[3]))
        case "ATOMIC_GROUP":
            return _samples(list(argument))
        case "BRANCH":
            return [_samples(list(branch), 1)[0] for branch in argument[1][:4]]
    return [""]


def _in_set(members: list[Any]) -> list[str]:
    negated = str(members[0][0]) == "NEGATE"
    signs: list[str] = []
    for op, argument in members:
        match str(op):
            case "LITERAL":
                signs.append(chr(argument))
            case "RANGE":
                signs.append(chr(argument[0]))
            case "CATEGORY":
                signs += list(_CATEGORIES.get(str(argument), ""))
    if not negated:
        return list(dict.fromkeys(signs))[:4]
    excluded = set(signs)
    return [sign for sign in "a \n<1-" if sign not in excluded and not (sign == "1" and "1" in excluded)][:3]


# ---------------------------------------------------------------- the clock


class _Ended(Exception):
    pass


def _alarm(_: int, __: FrameType | None) -> None:
    raise _Ended


def seconds(call: Callable[[Any], object], text: str | bytes) -> float:
    """Return the CPU seconds of a call, END where it had to be ended."""
    signal.setitimer(signal.ITIMER_REAL, END * 3)
    began = time.thread_time()
    try:
        call(text)
    except _Ended:
        return END
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return time.thread_time() - began


def growth(pattern: str | bytes, flags: int, method: str) -> tuple[Growth | None, int]:
    """Return the worst growth of a pattern beyond SUPERLINEAR, if any, and how many texts were tried."""
    made = re.compile(pattern, flags)
    call: Callable[[Any], object] = getattr(made, method)
    if method in ("sub", "subn"):
        call = lambda text: made.sub(text[:0], text)  # noqa: E731
    elif method == "finditer":
        call = lambda text: list(made.finditer(text))  # noqa: E731
    worst, tried, slow = None, 0, 0
    for start, pump, end in pumped(pattern, flags):
        tried += 1
        short, long = (start + pump * (size // len(pump)) + end for size in (SHORT, LONG))
        if isinstance(pattern, bytes):
            if any(ord(sign) > 255 for sign in long):
                continue
            took = seconds(call, long.encode("latin-1"))
        else:
            took = seconds(call, long)
        if took < FLOOR or slow > 5:
            continue
        slow += 1
        took = min(took, seconds(call, long if isinstance(pattern, str) else long.encode("latin-1")))
        before = seconds(call, short if isinstance(pattern, str) else short.encode("latin-1"))
        ratio = took / max(before, 1e-6)
        if took >= FLOOR and (ratio > SUPERLINEAR or took >= END) and (worst is None or took > worst.seconds):
            shown = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
            worst = Growth(shown, method, repr((start, pump, end))[:100], took, ratio)
    return worst, tried


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def _uses(root: Path) -> dict[str, set[str]]:
    """Return the methods of patterns that are called on each name of the package."""
    uses: dict[str, set[str]] = {}
    for path in (root / "feedhub").rglob("*.py"):
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Attribute) and node.attr in METHODS:
                owner = node.value
                # `_PATTERN.search`, `rules._PATTERN.search`, `_pattern().search`
                owner = owner.func if isinstance(owner, ast.Call) else owner
                name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
                uses.setdefault(name, set()).add(node.attr)
    return uses


def methods_of(place: str, root: Path) -> tuple[str, ...]:
    """Return how a pattern is used: by the function called in its line, else by the name to which it is assigned."""
    path, _, line = place.partition(":")
    if path in FIELDS:
        return FIELDS[path]
    for node in ast.walk(_tree(root / path)):
        if isinstance(node, ast.Call) and node.lineno == int(line) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id == "re" and node.func.attr in METHODS:
                return (node.func.attr,)
    for node in ast.walk(_tree(root / path)):
        if isinstance(node, ast.Assign | ast.FunctionDef) and node.lineno <= int(line) <= (node.end_lineno or 0):
            targets = node.targets if isinstance(node, ast.Assign) else []
            names = [target.id for target in targets if isinstance(target, ast.Name)] or [getattr(node, "name", "")]
            if used := set().union(*(_uses(root).get(name, set()) for name in names)):
                return tuple(sorted(used))
    return ("search",)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--all", action="store_true", help="print the excused ones, too")
    asked = parser.parse_args()
    signal.signal(signal.SIGALRM, _alarm)
    root = Path(importlib.import_module("feedhub").__path__[0]).parent
    patterns = compiled_patterns(root)
    tried = bad = 0
    for (pattern, flags), place in sorted(patterns.items(), key=lambda each: each[1]):
        for method in methods_of(place, root):
            found, count = growth(pattern, flags, method)
            tried += count
            if found is None:
                continue
            excuse = next((why for begin, why in BOUNDED.items() if found.pattern.startswith(begin)), None)
            bad += excuse is None
            if excuse is None or asked.all:
                print(
                    f"{place} {method} {found.seconds * 1000:.0f} ms, {found.ratio:.0f} times: {found.pattern[:90]!r}"
                )
                print(f"    {found.text}" + (f"; {excuse}" if excuse else ""))
    print(f"{len(patterns)} patterns, {tried} texts of {SHORT:,} and {LONG:,} signs: {bad} grow with the square")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
