"""Text -> words: hashes, kinds and weights, the same way for every script.

A word is hashed case-folded (NFKC) with all digits as ASCII and thousands separators dropped. Scripts without
spaces give overlapping pairs of characters (Thai: of syllables). Each distinct spelling is worked out once and
remembered, so that a text costs one regular expression and one dictionary look-up a word.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import xxhash
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]
Flags = NDArray[np.bool_]

#: what a token is; those from QUOTE on are marks, not words
WORD, NAME, NUMBER, CHAR, QUOTE, OPEN, CLOSE, PARAGRAPH = range(8)
#: weight classes: short words say little (no list of stop words, so that it holds in every language)
_WEIGHTS = np.array([0.1, 0.3, 0.6, 1.0], dtype=np.float32)
#: a house style: one paper writes 9, the other nine (`one` is seldom meant as a number)
NUMBER_WORDS = dict(
    zip("two three four five six seven eight nine ten eleven twelve".split(), range(2, 13), strict=True)
) | {
    "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
#: forgotten as a whole when this many spellings are known (about 100 MB)
_MEMORY = 600_000
#: an unclosed quotation reaches this far at most before its paragraph ends
_LONGEST_QUOTE = 200

_SYLLABLE = r"[\u0e40-\u0e44]?[\u0e01-\u0e2e][\u0e30-\u0e3a\u0e45-\u0e4e]*"
_SPACELESS = r"\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f"
_QUOTES = r"[\"\n\x01\x02„«»「」『』]"
_LATIN_NUMBER = r"\d+(?:[.,:]\d+)*\w*"


def _marks() -> str:
    """The combining marks of the basic plane as a character class (`\\w` leaves them out and cuts Indic words)."""
    ranges: list[list[int]] = []
    for point in range(0x300, 0xFFFF):
        if unicodedata.category(chr(point)) in ("Mn", "Mc"):
            if ranges and ranges[-1][1] == point - 1:
                ranges[-1][1] = point
            else:
                ranges.append([point, point])
    return "".join(f"{chr(a)}-{chr(b)}" for a, b in ranges) + "\u200c\u200d"


_MARKS = _marks()
_PLAIN = re.compile(rf"[^\W\d]\w*|{_LATIN_NUMBER}|{_QUOTES}", re.ASCII)
_SPACED = re.compile(rf"[^\W\d]\w*|{_LATIN_NUMBER}|{_QUOTES}")
_HARD = re.compile(
    rf"\d+(?:[.,:٫٬]\d+)*[a-zA-Z0-9_]*|{_SYLLABLE}|[{_SPACELESS}][{_MARKS}]*"
    rf"|(?:(?![{_SPACELESS}\u0e00-\u0e7f])[\w{_MARKS}])+|{_QUOTES}"
)
_IS_HARD = re.compile(rf"[{_MARKS}{_SPACELESS}\u0e01-\u0e2e٫٬]")
_IS_SPACELESS = re.compile(rf"{_SYLLABLE}|[{_SPACELESS}]")
_THOUSANDS = re.compile(r"(?<=\d)[,٬](?=\d{3}(?!\d))")
#: stand-ins for curly marks and line ends, so that most texts become ASCII and can be split fast
_BEGIN, _END, _LINE = "\x01", "\x02", "\x03"
_MARK_KINDS = {'"': QUOTE, "\n": PARAGRAPH, _LINE: PARAGRAPH}
_MARK_KINDS |= dict.fromkeys("„«「『" + _BEGIN, OPEN) | dict.fromkeys("»」』" + _END, CLOSE)
_COMMON = (("“", f" {_BEGIN} "), ("”", f" {_END} "), ("—", " "), ("–", " "), ("…", " "), ("\u00a0", " "), ("•", " "))
_APOSTROPHE, _SINGLE = re.compile(r"’(?=\w)|(?<=\w)‘"), {"‘": f" {_BEGIN} ", "’": f" {_END} "}
_JOINED_NUMBER = re.compile(r"\d[.,:]\d", re.ASCII)
_SEPARATORS = str.maketrans({chr(c): " " for c in range(4, 128) if not (chr(c).isalnum() or chr(c) in '_"')})


#: Persian joins with a mark where others write a space; katakana is parted by a dot or not
_PARTED = re.compile(r"(?<=[\u0600-\u06ff])\u200c")
_HALF_WIDTH = re.compile(r"[\uff61-\uff9f]")
_DOTS = str.maketrans("", "", "\u30fb\uff65")
#: letters that keyboards of one script write differently, and marks that few write at all
_ARABIC = str.maketrans("يكىةأإآٱؤئ", "یکیهااااوی", "\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652")
_IS_ARABIC = re.compile(r"[\u0600-\u06ff]")


def fold(token: str) -> str:
    """A token as it is compared: NFKC, case-folded, digits ASCII, no thousands separators."""
    text = unicodedata.normalize("NFKC", token).casefold()
    if text[:1].isdecimal():
        text = "".join(str(unicodedata.decimal(c, c)) for c in text)
        text = _THOUSANDS.sub("", text.replace("٫", "."))
    if _IS_ARABIC.search(text):
        text = text.translate(_ARABIC)
    return text.replace("\u200c", "").replace("\u200d", "")


def hash_of(folded: str) -> int:
    """The hash of a folded word, its low five bits free."""
    return xxhash.xxh3_64_intdigest(folded.encode("utf-8", "surrogatepass")) & ~31


def _code(token: str) -> int:
    """Hash, weight class and kind of a token in one 64-bit number."""
    mark = _MARK_KINDS.get(token)
    if mark is not None:
        return mark
    folded = fold(token)
    if folded[:1].isdigit():
        return _number(folded)
    if token.isascii() and folded in NUMBER_WORDS:
        return _number(str(NUMBER_WORDS[folded]))
    if _IS_SPACELESS.match(token):
        return hash_of(folded) | 2 << 3 | CHAR
    has_case = folded != folded.upper()
    weight = min(3, max(0, len(folded) - (2 if has_case else 1)))
    return hash_of(folded) | weight << 3 | (NAME if token[:1].isupper() else WORD)


#: hash of a number -> how it is written
_numbers: dict[int, str] = {}


def spelling_of(number: int) -> str:
    """How a number is written, by its hash; its words (`nine`) as digits."""
    return _numbers.get(number, "")


def _number(folded: str) -> int:
    found = hash_of(folded)
    _numbers[found] = folded
    return found | 3 << 3 | NUMBER


class _Codes(dict[str, int]):
    def __missing__(self, token: str) -> int:
        if len(self) > _MEMORY:
            self.clear()
        code = self[token] = _code(token)
        return code


_codes = _Codes()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Words:
    """A text as parallel arrays, one place a word."""

    hashes: U64
    kinds: U8
    weights: NDArray[np.float32]
    #: the word stands inside a quotation
    quoted: Flags
    #: where each paragraph begins
    paragraphs: I64

    def __len__(self) -> int:
        return len(self.hashes)


def tokens(text: str) -> list[str]:
    """The tokens of a text as they stand in it, marks included."""
    if not text.isascii():
        text = _without_curls(text)
        if "\u200c" in text:
            text = _PARTED.sub(" ", text)
        if _HALF_WIDTH.search(text):
            text = unicodedata.normalize("NFKC", text)
        text = text.translate(_DOTS)
        if not text.isascii():
            return (_HARD if _IS_HARD.search(text) else _SPACED).findall(text)
    if _JOINED_NUMBER.search(text):
        return _PLAIN.findall(text)
    return text.replace("\n", f" {_LINE} ").replace('"', ' " ').translate(_SEPARATORS).split()


def _without_curls(text: str) -> str:
    """Curly marks as their stand-ins, dashes as spaces."""
    for mark, plain in _COMMON:
        text = text.replace(mark, plain)
    if "’" in text or "‘" in text:
        text = _APOSTROPHE.sub("'", text)
        for mark, plain in _SINGLE.items():
            text = text.replace(mark, plain)
    return text


def spelled(text: str) -> list[str]:
    """The words of a text as they stand in it, in step with the arrays of `words`."""
    return [token for token in tokens(text) if token not in _MARK_KINDS]


def codes(text: str) -> U64:
    """The tokens of a text as numbers: hash, weight class and kind of each."""
    found = tokens(text)
    return np.fromiter(map(_codes.__getitem__, found), dtype=np.uint64, count=len(found))


def words(coded: U64) -> Words:
    """Coded tokens as parallel arrays; marks become flags."""
    kinds = (coded & np.uint64(7)).astype(np.uint8)
    is_mark = kinds >= QUOTE
    at = np.flatnonzero(is_mark)
    if len(at):
        keep = np.flatnonzero(~is_mark)
        kept, kinds_kept = coded[keep], kinds[keep]
    else:
        keep, kept, kinds_kept = np.arange(len(coded)), coded, kinds
    hashes = kept & ~np.uint64(31)
    if np.any(kinds_kept == CHAR):
        hashes = _pairs(hashes, kinds_kept, keep)
    quoted, paragraphs = _quotations((at - np.arange(len(at))).tolist(), kinds[at].tolist(), len(kept))
    return Words(
        hashes=hashes,
        kinds=kinds_kept,
        weights=_WEIGHTS[(kept >> np.uint64(3)) & np.uint64(3)],
        quoted=quoted,
        paragraphs=paragraphs,
    )


def bare(coded: U64) -> U64:
    """The hashes of coded tokens alone, marks left out: `words(coded).hashes`."""
    kinds = coded & np.uint64(7)
    if (kinds == CHAR).any():
        return words(coded).hashes
    hashes: U64 = coded[kinds < QUOTE] & ~np.uint64(31)
    return hashes


def weighty(coded: U64) -> U64:
    """The hashes of the words of coded tokens that weigh more than half."""
    if ((coded & np.uint64(7)) == CHAR).any():
        found = words(coded)
        return found.hashes[found.weights > 0.5]
    heavy = ((coded & np.uint64(7)) < QUOTE) & ((coded & np.uint64(16)) != 0)
    found_hashes: U64 = coded[heavy] & ~np.uint64(31)
    return found_hashes


def _pairs(hashes: U64, kinds: U8, places: I64) -> U64:
    """Characters of a script without spaces, each joined to the next one of its run."""
    is_char = kinds == CHAR
    joined = np.zeros(len(hashes), dtype=bool)
    joined[:-1] = is_char[:-1] & is_char[1:] & (np.diff(places) == 1)
    following = np.roll(hashes, -1) * np.uint64(0x9E3779B97F4A7C15)
    paired: U64 = np.where(joined, (hashes ^ (following >> np.uint64(7))) & ~np.uint64(31), hashes)
    return paired


def _quotations(places: list[int], kinds: list[int], total: int) -> tuple[Flags, I64]:
    """Which words stand inside quotations (reset at each paragraph's end), and where paragraphs begin."""
    quoted = np.zeros(total, dtype=bool)
    starts = [0]
    since = -1
    for place, kind in zip(places, kinds, strict=True):
        opens = kind == OPEN or (kind == QUOTE and since < 0)
        if since >= 0 and not opens and (kind != PARAGRAPH or place - since < _LONGEST_QUOTE):
            quoted[since:place] = True
        since = (place if since < 0 else since) if opens else -1
        if kind == PARAGRAPH and place > starts[-1]:
            starts.append(place)
    if since >= 0 and total - since < _LONGEST_QUOTE:
        quoted[since:] = True
    return quoted, np.array(starts, dtype=np.int64)
