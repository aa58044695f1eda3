"""Remove what a site adds round an article, by the rules of the catalogue and by the article's own lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from feedhub import languages
from feedhub.clean.agencies import Agencies, fold
from feedhub.clean.catalogue import FurnitureRule
from feedhub.clean.dateline import dateline
from feedhub.clean.draft import Draft, Piece
from feedhub.clean.line_signs import end_rule, is_ended, list_rule, tail_rules, weight

_SENTENCE = re.compile(r"[^.][.!?。！？।؟][\"'”’»)\]」』]*$")
# begins at the first blank of a run alone: from each of them, a long run would take its square
_DOTS = re.compile(r"(?<!\s)\s*[\[(]?(?:…|(?<!\.)\.{2,})[\])]?\s*$")
_GLUED = re.compile(r"[A-Z][a-z]+(?:[A-Z\d“‘\"']|$)")
_TOP = 8
_LAST = 3
#: as many links stand between two paragraphs of an article
_INSERTED = 3
_TAIL = 80


def _drop_lines(draft: Draft, agencies: Agencies) -> None:
    """Drop what the rules for any place match, and above the first prose what those for the top match."""
    index, top = 0, True
    while index < len(draft.pieces):
        piece = draft.pieces[index]
        if piece.fixed:
            index, top = index + 1, False
            continue
        signs = piece.signs
        is_list = _drop_list(draft, index, signs.list_rule) if signs.list_rule else None
        if is_list is not None:
            # what heads a list that stays is a heading
            index, top = (index, top) if is_list else (index + 1, False)
            continue
        hit = signs.top_rule if top and index < _TOP else signs.rule
        if hit and _is_spared(draft, index, hit[0]):
            hit = None
        if hit:
            _take(draft, index, *hit, agencies)
            continue
        at_end = index >= len(draft.pieces) - _LAST
        appeal = next((kind for kind in signs.appeals if at_end or kind.where == "any"), None)
        if appeal and appeal.name not in draft.spared:
            draft.drop(index, appeal.name)
        else:
            top = top and not signs.is_prose
            index += 1


def _is_spared(draft: Draft, index: int, rule: FurnitureRule) -> bool:
    """Tell whether a line stays that a rule matches: its place says that it belongs to the article."""
    if rule.name in draft.spared:
        return True
    piece = draft.pieces[index]
    if not rule.weak or (piece.items is None and not piece.heading):
        return False
    if piece.heading and index + 1 < len(draft.pieces) and draft.pieces[index + 1].signs.is_prose:
        return True
    # of a list, furniture is all or most
    items = [other for other in draft.pieces if piece.items is not None and other.items == piece.items]
    return 2 * sum(other.signs.rule is not None for other in items) < len(items)


def _drop_list(draft: Draft, index: int, rule: FurnitureRule) -> bool | None:
    """Drop a heading and the list of links below it; return False where the list is the article's, None without one.

    Over prose it is a heading like any other, and so it is over links that lead elsewhere, as show notes have them, and
    over a long list with more of the article behind it.
    """
    pieces = draft.pieces
    if rule.name in draft.spared:
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
    return any(piece.signs.is_prose and not end_rule(piece.text) for piece in draft.pieces[end:])


def _drop_ends(draft: Draft, agencies: Agencies) -> None:
    while draft.pieces and not draft.pieces[-1].fixed:
        hit = end_rule(draft.pieces[-1].text)
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
        for rule in tail_rules(text[-_TAIL:]):
            if (match := rule.pattern.compiled.search(text, max(0, len(text) - 500))) and match.start():
                draft.note_hint(agencies.named_in(match[0]), None)
                draft.dropped[rule.name] += 1
                draft.cut(index, 0, match.start())
                return


def _drop_headline(draft: Draft, agencies: Agencies) -> None:
    """Drop the headline repeated near the top, and what little stands above it."""
    headlines = {title for title in (*draft.titles, draft.headline) if title}
    if not headlines:
        return
    titles, longest = {fold(title) for title in headlines} - {""}, max(map(len, headlines)) + 20
    for index, piece in enumerate(draft.pieces[:_TOP]):
        if piece.quoted:
            # somebody else's words, which the headline takes up
            return
        if len(piece.text) <= longest and fold(piece.text) in titles and len(draft.pieces) > index + 1:
            draft.drop(index, "headline")
            for _ in range(index if all(_is_label(p.text) for p in draft.pieces[:index]) else 0):
                draft.drop(0, "label")
            return
        if piece.signs.is_prose:
            return


def _drop_labels(draft: Draft, agencies: Agencies) -> None:
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
        long = len(start) * weight(start)
        if not start or not fold(body).startswith(start) or long < (15 if cut else 40):
            return
        draft.drop(0, "blurb")


def _core(text: str, agencies: Agencies, draft: Draft) -> str:
    filed = dateline(text, agencies, draft.around)
    return text[filed.end :] if filed else text


def _is_item(piece: Piece) -> bool:
    """Whether a line looks like an entry in a list of stories."""
    text = piece.text
    if piece.heading and not piece.linked:
        return list_rule(text) is not None
    if piece.linked or (_GLUED.match(text) and len(text) < 220):
        return True
    if len(text) > 200 or piece.signs.rule:
        return False
    return not _SENTENCE.search(text[-8:])


def _is_label(text: str) -> bool:
    return len(text) <= 30 and len(text.split()) <= 4 and not is_ended(text)


@cache
def _labels() -> frozenset[str]:
    return frozenset(fold(label) for labels in languages.table("labels").values() for label in labels)


#: what drops the lines that are no part of the article
FURNITURE_STEPS: tuple[Callable[[Draft, Agencies], None], ...] = (
    _drop_lines,
    _drop_ends,
    _drop_tails,
    _drop_headline,
    _drop_labels,
    _drop_blurb,
)
