"""Turn the lines of a document into the pieces that rules work on, and what remains of those back into lines."""

from __future__ import annotations

import re
from html import unescape

from feedhub.clean.draft import Draft, Piece
from feedhub.clean.lines import Line, Step, Tag, cut
from feedhub.clean.links import host_of

_HREF = '<a href="'
#: letters of the scripts that are written from right to left
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_TURNED = re.compile(' dir="(?:rtl|auto)"')
_LETTER = re.compile(r"[^\W\d_]")
#: how much of a text is looked at
_SAMPLE = 2_000


def pieces_of(lines: list[Line], *, captions: bool) -> list[Piece]:
    """Return a piece for each line of text and each table row, with `captions` those of pictures too."""
    pieces: list[Piece] = []
    number = 0
    while number < len(lines):
        line, end = lines[number], number + 1
        if not line.path:
            if line.text.strip():
                pieces.append(_piece(line, line.text, number, end))
            number = end
            continue
        row = line.row
        while row is not None and end < len(lines) and lines[end].row == row:
            end += 1
        cells = [cell for cell in lines[number:end] if captions or not cell.caption]
        text = " ".join(cell.text for cell in cells if cell.text)
        if text.strip():
            pieces.append(_piece(line, text, number, end))
        number = end
    return pieces


def _piece(line: Line, text: str, number: int, end: int) -> Piece:
    if not line.path and not text[0].isspace():
        hosts = _hosts(line) if line.linked else ()
        return Piece(text, line.linked, line.heading, line.tag == "pre", False, hosts, None, number, end, 0, len(text))
    piece = Piece(
        text,
        linked=line.linked,
        heading=line.heading,
        fixed=line.tag == "pre" or line.row is not None,
        quoted=line.quoted,
        hosts=_hosts(line) if line.linked else (),
        items=line.items,
        line=number,
        end=end,
    )
    if text[0].isspace():
        piece.keep(0)
    return piece


def _hosts(line: Line) -> tuple[str, ...]:
    hrefs = (t[len(_HREF) :].partition('"')[0] for t in line.tokens if isinstance(t, Tag) and t.startswith(_HREF))
    # a place in the entry itself is no site's
    return tuple(host for href in hrefs if (host := "#" if href.startswith("#") else host_of(unescape(href))))


def remaining_lines(lines: list[Line], draft: Draft) -> list[Line]:
    """Return the lines that remain, shortened as their pieces were; pictures inside dropped furniture go with it."""
    standing = {number: piece for piece in draft.pieces for number in range(piece.line, piece.end)}
    texts = [n for n, line in enumerate(lines) if line.text and (n in standing or not line.caption)]
    remaining: list[Line] = []
    for number, line in enumerate(lines):
        if piece := standing.get(number):
            _shorten(line, piece, lines)
            remaining.append(line)
        elif number not in texts and not _inside(number, texts, standing):
            remaining.append(line)
    return _rules_between(remaining)


def _shorten(line: Line, piece: Piece, lines: list[Line]) -> None:
    """Cut a line to the part of it that its piece still has."""
    if piece.end - piece.line == 1:
        if (piece.start, piece.stop) != (0, len(line.text)) and piece.text != line.text.strip():
            cut(line, piece.start, piece.stop)
        return
    place = 0
    for cell in lines[piece.line : piece.end]:
        if cell is line:
            break
        place += len(cell.text) + 1 if cell.text else 0
    start, stop = max(0, piece.start - place), max(0, piece.stop - place)
    if start > 0 or stop < len(line.text):
        cut(line, start, stop)


def _inside(number: int, texts: list[int], standing: dict[int, Piece]) -> bool:
    """Tell whether a picture stands between two dropped lines, below the article's last line."""
    before = [n for n in texts if n < number]
    after = [n for n in texts if n > number]
    return bool(before and after) and before[-1] not in standing and after[0] not in standing


def _rules_between(lines: list[Line]) -> list[Line]:
    """Return the lines without rules that part nothing."""
    remaining: list[Line] = []
    for line in lines:
        if line.tag != "hr" or (remaining and remaining[-1].tag != "hr"):
            remaining.append(line)
    while remaining and remaining[-1].tag == "hr":
        remaining.pop()
    return remaining


def _written(line: Line) -> list[str]:
    return [step.attributes for step in line.path]


def towards_reader(lines: list[Line]) -> list[Line]:
    """Return the lines marked as running from right to left, where most letters do and none says so."""
    sample = "".join(line.text for line in lines[:40])[:_SAMPLE]
    if sample.isascii() or not _RIGHT_TO_LEFT.search(sample):
        return lines
    if 2 * len(_RIGHT_TO_LEFT.findall(sample)) < len(_LETTER.findall(sample)):
        return lines
    # a paragraph in another language may say that it runs the other way
    if any(_TURNED.search(line.attributes) or any(map(_TURNED.search, _written(line))) for line in lines):
        return lines
    around = Step("div", -1, ' dir="rtl"')
    for line in lines:
        line.path = (around, *line.path)
    return lines
