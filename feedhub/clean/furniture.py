"""Remove what a site adds round an article, by the rules of the catalogue and by the article's own lines."""

from __future__ import annotations

import re
from functools import cache

from feedhub import languages
from feedhub.clean.agencies import Agencies, fold
from feedhub.clean.appeals import appeal_name, possible_appeals
from feedhub.clean.catalogue import FurnitureRule, rules
from feedhub.clean.dateline import dateline
from feedhub.clean.draft import Draft, Piece

_FIRST_WORD = re.compile(r"\W*(\w+)")
_ENDING = re.compile(r"(?:[.!?。！？।؟…]|\.{3})[\"'”’»)\]」』]*$")
_SENTENCE = re.compile(r"[^.][.!?。！？।؟][\"'”’»)\]」』]*$")
# begins at the first blank of a run alone: from each of them, a long run would take its square
_DOTS = re.compile(r"(?<!\s)\s*[\[(]?(?:…|(?<!\.)\.{2,})[\])]?\s*$")
_GLUED = re.compile(r"[A-Z][a-z]+(?:[A-Z\d“‘\"']|$)")
# Scripts without spaces say in a third of the signs what Latin letters say.
_DENSE = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_SIGNS = frozenset("(©[【")
_TOP = 8
_LAST = 3
#: as many links stand between two paragraphs of an article
_INSERTED = 3
_LONGEST_HEADING = 90
_TAIL = 80


def strip_furniture(draft: Draft, agencies: Agencies) -> None:
    """Drop the lines that are no part of the article."""
    _drop_lines(draft, agencies)
    _drop_ends(draft, agencies)
    _drop_tails(draft, agencies)
    _drop_headline(draft)
    _drop_labels(draft)
    _drop_blurb(draft, agencies)


def match_rule(text: str, *places: str) -> tuple[FurnitureRule, re.Match[str]] | None:
    """Return the first rule for one of `places` that matches the whole line, and its match."""
    length, folded = len(text), ""
    rules_here = _by_start().get(_start(text), ())
    for rule in (*rules_here, *_unstarted()) if "end" in places else rules_here:
        if rule.where not in places or length > rule.longest:
            continue
        if rule.cues and not _has_cue(rule, folded := folded or text.casefold()):
            continue
        if match := rule.pattern.compiled.fullmatch(text):
            return rule, match
    return None


def _has_cue(rule: FurnitureRule, folded: str) -> bool:
    for cue in rule.cues:
        if cue in folded:
            return True
    return not rule.cues


def _drop_lines(draft: Draft, agencies: Agencies) -> None:
    """Drop what the rules for any place match, and above the first prose what those for the top match."""
    index, top, kinds = 0, True, possible_appeals([piece.text for piece in draft.pieces], _LAST)
    while index < len(draft.pieces):
        text = draft.pieces[index].text
        if draft.pieces[index].fixed:
            index, top = index + 1, False
            continue
        is_list = _drop_list(draft, index) if len(text) <= _LONGEST_HEADING else None
        if is_list is not None:
            # what heads a list that stays is a heading
            index, top = (index, top) if is_list else (index + 1, False)
            continue
        hit = match_rule(text, "any", "top") if top and index < _TOP else match_rule(text, "any")
        if hit and _is_spared(draft, index, hit[0]):
            hit = None
        if hit:
            _take(draft, index, *hit, agencies)
            continue
        name = appeal_name(text, kinds, at_end=index >= len(draft.pieces) - _LAST)
        if name and name not in draft.spared:
            draft.drop(index, name)
        else:
            top = top and not is_prose(text)
            index += 1


def _is_spared(draft: Draft, index: int, rule: FurnitureRule) -> bool:
    """Tell whether a line stays that a rule matches: its place says that it belongs to the article."""
    if rule.name in draft.spared:
        return True
    piece = draft.pieces[index]
    if not rule.weak or (piece.items is None and not piece.heading):
        return False
    if piece.heading and index + 1 < len(draft.pieces) and is_prose(draft.pieces[index + 1].text):
        return True
    # of a list, furniture is all or most
    items = [other for other in draft.pieces if piece.items is not None and other.items == piece.items]
    return 2 * sum(match_rule(other.text, "any") is not None for other in items) < len(items)


def _drop_list(draft: Draft, index: int) -> bool | None:
    """Drop a heading and the list of links below it; return False where the list is the article's, None without one.

    Over prose it is a heading like any other, and so it is over links that lead elsewhere, as show notes have them, and
    over a long list with more of the article behind it.
    """
    pieces = draft.pieces
    rule = next((rule for rule in _lists() if rule.pattern.compiled.fullmatch(pieces[index].text)), None)
    if rule is None or rule.name in draft.spared:
        return None
    end = index + 1
    while end < len(pieces) and _is_item(pieces[end]):
        end += 1
    if end == index + 1 < len(pieces):
        return None
    items = pieces[index + 1 : end]
    if not rule.foreign and (_leads_elsewhere(items, draft.hosts) or _goes_on(draft, items, end)):
        return False
    for _ in range(index, end):
        draft.drop(index, rule.name)
    return True


def _leads_elsewhere(items: list[Piece], own: tuple[str, ...]) -> bool:
    """Tell whether most links of a list lead to other sites than the article's."""
    hosts = [host for item in items for host in item.hosts]
    foreign = sum(not any(_is_site(host, site) for site in own) for host in hosts)
    return bool(own) and 2 * foreign > len(hosts)


def _is_site(host: str, site: str) -> bool:
    return host == site or host.endswith(f".{site}") or site.endswith(f".{host}")


def _goes_on(draft: Draft, items: list[Piece], end: int) -> bool:
    """Tell whether an article goes on behind a list that is no insertion of a few links."""
    if len(items) <= _INSERTED or not all(item.linked for item in items):
        return False
    return any(is_prose(piece.text) and not match_rule(piece.text, "any", "end") for piece in draft.pieces[end:])


def _drop_ends(draft: Draft, agencies: Agencies) -> None:
    while draft.pieces and not draft.pieces[-1].fixed:
        hit = match_rule(draft.pieces[-1].text, "any", "end")
        if hit is None or _is_spared(draft, len(draft.pieces) - 1, hit[0]):
            return
        _take(draft, len(draft.pieces) - 1, *hit, agencies)


def _take(draft: Draft, index: int, rule: FurnitureRule, match: re.Match[str], agencies: Agencies) -> None:
    text = draft.pieces[index].text
    if rule.action == "rights" and (notice := match["rights"] if text.startswith("((") else text):
        draft.rights.append(notice)
    if rule.action == "credit":
        name = next((value for value in match.groupdict().values() if value), None)
        draft.note_hint(agencies.find_first(name) if name else None, (name or text).strip(" ()[]-–—."))
    elif rule.name.startswith(("disclaimer", "appeared")):
        draft.note_hint(agencies.named_in(text), None)
    draft.drop(index, rule.name)


def _drop_tails(draft: Draft, agencies: Agencies) -> None:
    """Cut furniture glued to the end of the last lines; a sentence goes on before it."""
    for index in range(max(0, len(draft.pieces) - 2), len(draft.pieces)):
        text = draft.pieces[index].text
        if draft.pieces[index].fixed:
            continue
        end = text[-_TAIL:].casefold()
        for rule in _tails():
            if not _has_cue(rule, end):
                continue
            if (match := rule.pattern.compiled.search(text, max(0, len(text) - 500))) and match.start():
                draft.note_hint(agencies.named_in(match[0]), None)
                draft.dropped[rule.name] += 1
                draft.cut(index, 0, match.start())
                return


def _drop_headline(draft: Draft) -> None:
    """Drop the headline repeated near the top, and what little stands above it."""
    headlines = [title for title in (*draft.titles, draft.headline) if title]
    titles, longest = {fold(title) for title in headlines} - {""}, max(map(len, headlines), default=0) + 20
    for index, piece in enumerate(draft.pieces[:_TOP]):
        if piece.quoted:
            # somebody else's words, which the headline takes up
            return
        if len(piece.text) <= longest and fold(piece.text) in titles and len(draft.pieces) > index + 1:
            draft.drop(index, "headline")
            for _ in range(index if all(_is_label(p.text) for p in draft.pieces[:index]) else 0):
                draft.drop(0, "label")
            return
        if is_prose(piece.text):
            return


def _drop_labels(draft: Draft) -> None:
    while len(draft.pieces) > 1 and len(draft.pieces[0].text) < 24 and fold(draft.pieces[0].text) in _labels():
        draft.drop(0, "label")


def _drop_blurb(draft: Draft, agencies: Agencies) -> None:
    """Drop a teaser on top that the first paragraph repeats."""
    while len(draft.pieces) > 1:
        first, second = draft.pieces[0].text, draft.pieces[1].text
        if first.rstrip(" .…[]()")[-12:] not in second:
            return
        blurb, body = _core(first, agencies, draft), _core(second, agencies, draft)
        cut = _DOTS.search(blurb)
        start = fold(blurb[: cut.start()] if cut else blurb)
        long = len(start) * _weight(start)
        if not start or not fold(body).startswith(start) or long < (15 if cut else 40):
            return
        draft.drop(0, "blurb")


def _core(text: str, agencies: Agencies, draft: Draft) -> str:
    filed = dateline(text, agencies, draft.around)
    return text[filed.end :] if filed else text


def is_prose(text: str) -> bool:
    """Whether a line reads like a paragraph: long, and ending as a sentence does."""
    return len(text) * _weight(text) >= 70 and bool(_ENDING.search(text[-8:]))


def _weight(text: str) -> int:
    return 1 if text.isascii() or not _DENSE.search(text[:200]) else 3


def _is_item(piece: Piece) -> bool:
    """Whether a line looks like an entry in a list of stories."""
    text = piece.text
    if piece.heading and not piece.linked:
        return any(rule.pattern.compiled.fullmatch(text) for rule in _lists())
    if piece.linked or (_GLUED.match(text) and len(text) < 220):
        return True
    if len(text) > 200 or match_rule(text, "any"):
        return False
    return not _SENTENCE.search(text[-8:])


def _is_label(text: str) -> bool:
    return len(text) <= 30 and len(text.split()) <= 4 and not _ENDING.search(text[-8:])


def _start(text: str) -> str:
    """Return the first word of a line, or the sign that counts as one."""
    if text[:1] in _SIGNS and (sign := next((s for s in ("©", "((") if s in text[:2]), None)):
        return sign
    match = _FIRST_WORD.match(text)
    if not match:
        return ""
    word = match[1].casefold()
    return word[:2] if _DENSE.match(word) else word


@cache
def _by_start() -> dict[str, tuple[FurnitureRule, ...]]:
    table: dict[str, tuple[FurnitureRule, ...]] = {}
    for rule in rules():
        for start in rule.starts:
            key = _start(start)
            if rule not in table.get(key, ()):
                table[key] = (*table.get(key, ()), rule)
    return table


@cache
def _unstarted() -> tuple[FurnitureRule, ...]:
    """Return the rules for lines of any beginning; they hold for the end only, so that most lines are spared them."""
    return tuple(rule for rule in rules() if rule.where == "end" and not rule.starts)


@cache
def _lists() -> tuple[FurnitureRule, ...]:
    return tuple(rule for rule in rules() if rule.action == "list")


@cache
def _tails() -> tuple[FurnitureRule, ...]:
    return tuple(rule for rule in rules() if rule.where == "tail")


@cache
def _labels() -> frozenset[str]:
    return frozenset(fold(label) for labels in languages.table("labels").values() for label in labels)
