"""Versions of a story -> what each changed, word by word, for the story's page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

from feedhub.model import Version
from feedhub.publish import paragraphs

Mark = Literal["same", "del", "ins"]
#: a run of words, and whether it stayed, went or came
Run = tuple[Mark, str]

#: longer paragraphs are told whole: comparing words costs their product
_LONGEST = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One version, against the one before it."""

    version: Version
    #: None for the first
    title: list[Run] | None
    #: the paragraphs that differ; an unchanged one is left out
    changes: list[list[Run]]
    #: how many paragraphs stayed as they were
    kept: int


def steps(versions: Sequence[Version]) -> list[Step]:
    """Each version with what it changed, newest first; empty where nothing ever changed."""
    if len(versions) < 2:
        return []
    first = Step(version=versions[0], title=None, changes=[], kept=len(_text(versions[0])))
    later = [_step(before, after) for before, after in pairwise(versions)]
    return [*reversed(later), first]


def _step(before: Version, after: Version) -> Step:
    old, new = _text(before), _text(after)
    changes = list(_paragraphs(old, new))
    title = _words(before.title, after.title) if before.title != after.title else None
    kept = sum(size for _, _, size in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks())
    return Step(version=after, title=title, changes=changes, kept=kept)


def _text(version: Version) -> list[str]:
    return paragraphs(version.html or "") or ([version.summary] if version.summary else [])


def _paragraphs(old: list[str], new: list[str]) -> Iterator[list[Run]]:
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        pairs = min(b - a, d - c)
        for one, other in zip(old[a : a + pairs], new[c : c + pairs], strict=True):
            yield _words(one, other)
        for text in old[a + pairs : b]:
            yield [("del", text)]
        for text in new[c + pairs : d]:
            yield [("ins", text)]


def _words(old: str, new: str) -> list[Run]:
    left, right = old.split(), new.split()
    if max(len(left), len(right)) > _LONGEST:
        return [("del", old), ("ins", new)]
    runs: list[Run] = []
    for kind, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind == "equal":
            runs.append(("same", " ".join(left[a:b])))
            continue
        if a < b:
            runs.append(("del", " ".join(left[a:b])))
        if c < d:
            runs.append(("ins", " ".join(right[c:d])))
    return runs
