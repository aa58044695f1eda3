"""What a value of the configuration may be: checks that return it, made regular, or say all that is wrong with it.

A check takes what stands in the file and the surroundings that paths are judged by. A section is a check, too: it
tells the mistakes of all its keys at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from feedhub.config import scalar_forms
from feedhub.config.yaml_document import Expanded, Loc
from feedhub.structs import replace

#: no number is larger: a database's has 64 bits at most
MOST = 1_000_000_000
#: digits of a number in a variable
_LONGEST_NUMBER = 20
_SURROGATE = re.compile("[\ud800-\udfff]")

G = TypeVar("G")
A = TypeVar("A")


class Surroundings(Struct, frozen=True, kw_only=True):
    """What a path is judged by."""

    folder: Path
    #: folders below which a path may be absolute
    allowed: Sequence[Path] = ()


class Mistake(Struct, frozen=True, kw_only=True):
    """Something wrong with a value, or with what stands below it."""

    what: str
    #: what stands there
    value: Any
    #: where, below the value that was checked
    loc: Loc = ()
    #: text is wanted, so that quotes may be all that is missing
    wants_text: bool = False
    #: `key: value` pairs are wanted
    wants_pairs: bool = False
    #: nothing stands there
    is_missing: bool = False
    #: the section that has no such key
    unknown_to: Section | None = None


class InvalidValue(Exception):
    """A value is not as it should be; `mistakes` tell all that is wrong with it."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        super().__init__()
        self.mistakes = tuple(mistakes)

    @classmethod
    def of(cls, what: str, value: object, *, wants_text: bool = False) -> InvalidValue:
        """Make the error of one mistake of the value itself."""
        return cls([Mistake(what=what, value=value, wants_text=wants_text)])


Check = Callable[[Any, Surroundings], Any]


def text(value: object, surroundings: Surroundings) -> str:
    """Accept text, but no empty one."""
    if not (accepted := _text(value)):
        raise InvalidValue.of("expected some text", value)
    return accepted


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidValue.of("expected text", value, wants_text=True)
    if "\0" in value or _SURROGATE.search(value):
        # as a variable of the environment has them whose bytes are not UTF-8
        raise InvalidValue.of("expected text that UTF-8 can hold, without NUL", value)
    # plain, where it came out of a variable
    return str(value)


def form(accept: Callable[[str], str]) -> Check:
    """Check text by one of `scalar_forms`."""
    return lambda value, surroundings: _accepted(value, accept, _text(value))


def path(accept: Callable[[str, Path, Sequence[Path]], str]) -> Check:
    """Check text by one of `scalar_forms` that judges paths."""

    def check(value: object, surroundings: Surroundings) -> str:
        folder, allowed = surroundings.folder, surroundings.allowed
        return _accepted(value, lambda given: accept(given, folder, allowed), text(value, surroundings))

    return check


def long_text(least: int) -> Check:
    """Accept text of so many characters at least."""

    def check(value: object, surroundings: Surroundings) -> str:
        if len(accepted := _text(value)) < least:
            raise InvalidValue.of(f"expected at least {least} characters", value)
        return accepted

    return check


def number(least: int = -MOST, most: int = MOST) -> Check:
    """Accept a whole number between two bounds; a variable of the environment holds it as text."""

    def check(value: object, surroundings: Surroundings) -> int:
        given = value
        if isinstance(value, Expanded) and value.isdecimal() and len(value) <= _LONGEST_NUMBER:
            given = int(value)
        if not isinstance(given, int) or isinstance(given, bool):
            raise InvalidValue.of("expected a whole number", value)
        if given < least:
            raise InvalidValue.of(f"expected a whole number of at least {least}", value)
        if given > most:
            raise InvalidValue.of(f"expected a whole number of at most {most}", value)
        return given

    return check


def flag(value: object, surroundings: Surroundings) -> bool:
    """Accept true or false; a variable of the environment holds it as text."""
    given = _TRUTHS.get(value.lower(), value) if isinstance(value, Expanded) else value
    if not isinstance(given, bool):
        raise InvalidValue.of("expected true or false", value)
    return given


_TRUTHS = {"true": True, "false": False}


def size(value: object, surroundings: Surroundings) -> int:
    """Accept a number of bytes with its unit."""
    return _accepted(value, scalar_forms.size, value)


def duration(value: object, surroundings: Surroundings) -> timedelta:
    """Accept a number of seconds, minutes, hours or days, which may be 0."""
    return _accepted(value, scalar_forms.duration, value)


def some_duration(value: object, surroundings: Surroundings) -> timedelta:
    """Accept a duration that is longer than nothing."""
    if not (given := duration(value, surroundings)):
        raise InvalidValue.of("expected a duration longer than nothing", value)
    return given


def one_of(names: Sequence[str]) -> Check:
    """Accept one of these words."""

    def check(value: object, surroundings: Surroundings) -> str:
        if not isinstance(value, str) or value not in names:
            raise InvalidValue.of(f"expected {_either(names)}", value)
        return str(value)

    return check


def member_of(kind: type[StrEnum], *, true: StrEnum | None = None, false: StrEnum | None = None) -> Check:
    """Accept the name of a member; `true` and `false` are what a truth value stands for."""
    members: dict[object, StrEnum] = {each.value: each for each in kind}
    if true is not None and false is not None:
        members |= {True: true, False: false, "true": true, "false": false}

    def check(value: object, surroundings: Surroundings) -> StrEnum:
        if not isinstance(value, str | bool) or value not in members:
            raise InvalidValue.of(f"expected {_either([each.value for each in kind])}", value)
        return members[value]

    return check


def list_of(check: Check, *, least: int = 0) -> Check:
    """Accept a list of what a check accepts, of so many at least; returns a tuple."""

    def check_all(value: object, surroundings: Surroundings) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise InvalidValue.of("expected a list: write it as [a, b]", value)
        if len(value) < least:
            raise InvalidValue.of(f"expected a list of at least {least}", value)
        return tuple(_each(check, enumerate(value), surroundings).values())

    return check_all


def headers(value: object, surroundings: Surroundings) -> dict[str, str]:
    """Accept request headers."""
    if not isinstance(value, dict):
        raise InvalidValue.of("expected `key: value` pairs", value)
    _accepted(value, scalar_forms.header_names, value)
    return _accepted(value, scalar_forms.headers, _each(lambda each, _: _text(each), value.items(), surroundings))


class Section(Struct, frozen=True, kw_only=True):
    """Keys, with what each may hold."""

    keys: Mapping[str, Check]
    required: frozenset[str] = frozenset()

    def __call__(self, value: object, surroundings: Surroundings) -> dict[str, Any]:
        """Return what all keys hold, made regular; raise InvalidValue with all that is wrong."""
        values, mistakes = self.read(value, surroundings)
        if mistakes:
            raise InvalidValue(mistakes)
        return values

    def read(self, value: object, surroundings: Surroundings) -> tuple[dict[str, Any], list[Mistake]]:
        """Return the keys that hold what they should, and what is wrong with the others."""
        if not isinstance(value, dict):
            return {}, [Mistake(what="expected `key: value` pairs", value=value, wants_pairs=True)]
        values: dict[str, Any] = {}
        mistakes = [
            Mistake(what="missing", value=None, loc=(key,), is_missing=True)
            for key in sorted(self.required - value.keys())
        ]
        for key, item in value.items():
            check = self.keys.get(key)
            if check is None:
                mistakes.append(Mistake(what="unknown key", value=item, loc=(key,), unknown_to=self))
                continue
            try:
                values[key] = check(item, surroundings)
            except InvalidValue as error:
                mistakes += _below(key, error)
        return values, mistakes


def _accepted(value: object, accept: Callable[[G], A], given: G) -> A:
    """Return what a form makes of what was given; raise InvalidValue, with the value as it stands, where it refuses."""
    try:
        return accept(given)
    except ValueError as error:
        raise InvalidValue.of(str(error), value) from None


def _each(check: Check, items: Iterable[tuple[Any, Any]], surroundings: Surroundings) -> dict[Any, Any]:
    """Check all items by their places; raise InvalidValue with all that is wrong."""
    accepted: dict[Any, Any] = {}
    mistakes: list[Mistake] = []
    for place, item in items:
        try:
            accepted[place] = check(item, surroundings)
        except InvalidValue as error:
            mistakes += _below(place, error)
    if mistakes:
        raise InvalidValue(mistakes)
    return accepted


def _below(step: str | int, error: InvalidValue) -> Iterable[Mistake]:
    return [replace(each, loc=(step, *each.loc)) for each in error.mistakes]


def _either(names: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
