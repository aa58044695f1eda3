"""Text -> tokens, and a token as it is compared, the same way for every script.

Scripts without spaces give one token a character (Thai: a syllable); digits of all scripts are ASCII.
"""

from __future__ import annotations

import re
import unicodedata

from feedhub.languages import NO_SPACE_SCRIPTS

_SYLLABLE = r"[\u0e40-\u0e44]?[\u0e01-\u0e2e][\u0e30-\u0e3a\u0e45-\u0e4e]*"
#: a character of such a script; Thai has its syllables
_NO_SPACE = rf"(?![\u0e00-\u0e7f])[{NO_SPACE_SCRIPTS}]"
_QUOTES = r"[\"\n\x01\x02„«»「」『』]"
_LATIN_NUMBER = r"\d+(?:[.,:]\d+)*\w*"


def _marks() -> str:
    """Return the combining marks of the basic plane as a character class (`\\w` lacks them and cuts Indic words)."""
    ranges: list[list[int]] = []
    # neither ideographs nor Hangul nor what is for private use has marks: to ask each of them takes most of the time
    for point in (*range(0x300, 0x3400), *range(0xA000, 0xAC00), *range(0xF900, 0xFFFF)):
        if unicodedata.category(chr(point)) in ("Mn", "Mc"):
            if ranges and ranges[-1][1] == point - 1:
                ranges[-1][1] = point
            else:
                ranges.append([point, point])
    return "".join(f"{chr(a)}-{chr(b)}" for a, b in ranges) + "\u200c\u200d"


_MARKS = _marks()
_SPACED = re.compile(rf"[^\W\d]\w*|{_LATIN_NUMBER}|{_QUOTES}")
_HARD = re.compile(
    rf"\d+(?:[.,:٫٬]\d+)*[a-zA-Z0-9_]*|{_SYLLABLE}|{_NO_SPACE}[{_MARKS}]*"
    rf"|(?:(?![{NO_SPACE_SCRIPTS}])[\w{_MARKS}])+|{_QUOTES}"
)
_IS_HARD = re.compile(rf"[{_MARKS}{NO_SPACE_SCRIPTS}٫٬]")
IS_SPACELESS = re.compile(rf"{_SYLLABLE}|{_NO_SPACE}")
_THOUSANDS = re.compile(r"(?<=\d)[,٬](?=\d{3}(?!\d))")
#: stand-ins for curly marks and line ends, so that most texts become ASCII and can be split fast
BEGIN, END, LINE = "\x01", "\x02", "\x03"
_COMMON = (("“", f" {BEGIN} "), ("”", f" {END} "), ("—", " "), ("–", " "), ("…", " "), ("\u00a0", " "), ("•", " "))
_IN_WORD = re.compile(r"\w")
#: stand-ins for the marks inside a number
_JOINED_NUMBER, _JOINTS = re.compile(r"(?<!\w)\d+(?:[.,:]\d+)+", re.ASCII), {".": "\x04", ",": "\x05", ":": "\x06"}
#: the characters that stand inside numbers
JOINTS = frozenset(_JOINTS)
_STAND_INS = (BEGIN, END, LINE, *_JOINTS.values())
_SEPARATORS = str.maketrans({c: " " for c in map(chr, range(128)) if not (c.isalnum() or c in '_"' or c in _STAND_INS)})

#: Persian joins with a mark where others write a space; katakana is parted by a dot or not
_PARTED = re.compile(r"(?<=[\u0600-\u06ff])\u200c")
_HALF_WIDTH = re.compile(r"[\uff61-\uff9f]")
_DOTS = "\u30fb\uff65"
#: letters that keyboards of one script write differently, and marks that few write at all
_ARABIC = str.maketrans("يكىةأإآٱؤئ", "یکیهااااوی", "\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652")
#: Latin letters with marks, and the Russian letter that few print with its own
_PLAIN_LETTERS = {
    point: unicodedata.normalize("NFD", chr(point))[0]
    for point in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
    if unicodedata.normalize("NFD", chr(point))[0].isascii()
} | {ord("ё"): "е", ord("ø"): "o", ord("đ"): "d", ord("ł"): "l"}
_IS_ARABIC = re.compile(r"[\u0600-\u06ff]")


def fold(token: str) -> str:
    """Return a token as it is compared: NFKC, case-folded, digits ASCII, no thousands separators."""
    text = unicodedata.normalize("NFKC", token).casefold()
    if text[:1].isdecimal():
        text = "".join(str(unicodedata.decimal(c, c)) for c in text)
        text = _THOUSANDS.sub("", text.replace("٫", "."))
    if _IS_ARABIC.search(text):
        text = text.translate(_ARABIC)
    return text.replace("\u200c", "").replace("\u200d", "")


def without_marks(folded: str) -> str:
    """Return a folded token without what Latin letters carry: one paper writes El Niño, the other El Nino."""
    return folded if folded.isascii() else folded.translate(_PLAIN_LETTERS)


def tokens(text: str) -> list[str]:
    """Return the tokens of a text as they stand in it, marks included."""
    return parted(plain(text))


def parted(text: str) -> list[str]:
    """Return the tokens of a text that `plain` gave."""
    if not text.isascii():
        return _foreign(text)
    text = _JOINED_NUMBER.sub(_join, text).replace("\n", f" {LINE} ").replace('"', ' " ').translate(_SEPARATORS)
    for mark, joint in _JOINTS.items():
        text = text.replace(joint, mark)
    return text.split()


def plain(text: str) -> str:
    """Return a text with stand-ins for curly marks, so that most become ASCII."""
    for mark in _STAND_INS:
        if mark in text:
            text = text.replace(mark, " ")
    return text if text.isascii() else _without_curls(text)


def _join(match: re.Match[str]) -> str:
    joined = match[0]
    for mark, joint in _JOINTS.items():
        joined = joined.replace(mark, joint)
    return joined


def _foreign(text: str) -> list[str]:
    """Return the tokens of a text that is not ASCII."""
    if "\u200c" in text:
        text = _PARTED.sub(" ", text)
    if _HALF_WIDTH.search(text):
        text = unicodedata.normalize("NFKC", text)
    for dot in _DOTS:
        text = text.replace(dot, "")
    return (_HARD if _IS_HARD.search(text) else _SPACED).findall(text)


def _without_curls(text: str) -> str:
    """Curly marks as their stand-ins, dashes as spaces; a single mark beside a letter is an apostrophe."""
    for mark, plain in _COMMON:
        text = text.replace(mark, plain)
    if "’" in text:
        first, *rest = text.split("’")
        text = first + "".join(f"'{part}" if _IN_WORD.match(part) else f" {END} {part}" for part in rest)
    if "‘" in text:
        *rest, last = text.split("‘")
        text = "".join(f"{part}'" if _IN_WORD.match(part[-1:]) else f"{part} {BEGIN} " for part in rest) + last
    return text
