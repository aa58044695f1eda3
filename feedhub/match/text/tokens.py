"""Text -> words: hashes, signs and weights as arrays.

Each distinct spelling is worked out once and remembered, so that a text costs one split and one look-up a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from feedhub import languages
from feedhub.match.text import hashing, spelling
from feedhub.match.text.hashing import HASH, token_hash

U64 = NDArray[np.uint64]
U16 = NDArray[np.uint16]
U32 = NDArray[np.uint32]
I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]
Flags = NDArray[np.bool_]

#: what a token is (the low three bits of its code); those from QUOTE on are marks, not words
WORD, NAME, NUMBER, CHAR, QUOTE, OPEN, CLOSE, PARAGRAPH = range(8)
KIND = 7
#: weight classes (two bits): short words say little (no list of stop words, so that it holds in every language)
_WEIGHTS = np.tile(np.repeat(np.array([0.1, 0.3, 0.6, 1.0], dtype=np.float32), 8), 8)
#: the bit of the two classes that weigh more than half
_WEIGHTY = 16
#: one bit each: a day of the week, a negation, a part of a number (million, p.m.)
DAY, NEGATION, COUNT = 32, 64, 128
#: bytes of spellings, which are forgotten as a whole once they are more: 150,000 words, what a dozen languages use
_SPELLINGS_BYTES = 24_000_000
#: bytes of numbers as they are written: 60,000 of them
_NUMBERS_BYTES = 10_000_000
#: ... that stay where all other spellings are forgotten: 6,000 of them
_FEW_NUMBERS_BYTES = 1_000_000
#: characters from which on a text is worth the set-up that does all its words at once
_LONG = 600
#: characters that a token with its blank has at most, on average
_TOKEN = 12
#: characters of texts that are done at once
_GROUP = 40_000
#: an unclosed quotation reaches this far at most before its paragraph ends
_LONGEST_QUOTE = 200

#: what is left of `don't` where words are parted at the apostrophe
_CUT_NEGATION = "t"
_COUNTS = ("hundred", "thousand", "million", "billion", "dozen", "pm", "p", "and")
_SIGNS: dict[str, int] = {}
for _spellings, _sign in (
    (languages.weekdays(), DAY),
    ({*languages.negations(), _CUT_NEGATION}, NEGATION),
    (_COUNTS, COUNT),
):
    for _spelling in _spellings:
        _SIGNS[spelling.fold(_spelling)] = _SIGNS.get(spelling.fold(_spelling), 0) | _sign
_MARK_KINDS = {'"': QUOTE, "\n": PARAGRAPH, spelling.LINE: PARAGRAPH}
_MARK_KINDS |= dict.fromkeys("„«「『" + spelling.BEGIN, OPEN) | dict.fromkeys("»」』" + spelling.END, CLOSE)


#: number words as they are compared -> their digits
_NUMBERS = {spelling.fold(word): str(value) for word, value in languages.number_words().items()}


def _code(token: str) -> int:
    """Hash, signs, weight class and kind of a token in one 64-bit number."""
    mark = _MARK_KINDS.get(token)
    if mark is not None:
        return mark
    folded = spelling.fold(token)
    folded = _NUMBERS.get(folded, folded)
    code = token_hash(spelling.without_marks(folded)) | _SIGNS.get(folded, 0)
    if folded[:1].isdigit():
        _numbers.note(code & ~255, folded)
        return code | COUNT | 3 << 3 | NUMBER
    if spelling.IS_SPACELESS.match(token):
        return code | 2 << 3 | CHAR
    has_case = folded.isascii() or folded != folded.upper()
    weight = min(3, max(0, len(folded) - (2 if has_case else 1)))
    return code | weight << 3 | (NAME if token[:1].isupper() else WORD)


class _Numbers:
    """How numbers are written, by their hashes; those of the generation before are known as well."""

    def __init__(self) -> None:
        #: of the words that are numbers: texts are coded without asking for them
        self.words: dict[int, str] = {}
        self.newer: dict[int, str] = {}
        self.older: dict[int, str] = {}
        self.bytes = 0

    def note(self, number: int, spelling: str) -> None:
        if number not in self.newer:
            self.newer[number] = spelling
            self.bytes += 160 + len(spelling)

    def forget(self) -> None:
        self.newer, self.older, self.bytes = {}, self.newer, 0


class _Codes(dict[str, int]):
    """Codes of the spellings met so far, each worked out when it is first asked for."""

    bytes = 0

    def __missing__(self, token: str) -> int:
        code = self[token] = _code(token)
        self.bytes += 160 + len(token)
        return code

    def forget(self) -> None:
        self.clear()
        self.bytes = 0


_numbers = _Numbers()
_codes = _Codes()


def spelling_of(number: int) -> str:
    """How a number is written, by its hash; its words (`nine`) as digits."""
    spelling = _numbers.newer.get(number)
    if spelling is None:
        spelling = _numbers.older.get(number) or _numbers.words.get(number, "")
    return spelling


def forget_numbers() -> bool:
    """Forget how the numbers of texts coded so far are written, where these are many; return whether it was done.

    Whoever has such texts must code them anew: they go without their numbers once that was done twice.
    """
    if _numbers.bytes <= _NUMBERS_BYTES:
        return False
    _codes.forget()
    _numbers.forget()
    return True


def forget_spellings() -> None:
    """Forget every spelling met so far; where numbers are many those of the texts before, as `forget_numbers` does.

    A few stay: whoever else in this process has texts of before, another hub or an index, is not told.
    """
    _codes.forget()
    if _numbers.bytes > _FEW_NUMBERS_BYTES:
        _numbers.forget()


#: weight class by length, kind by first character, and what a hash adds to that, for words that are ASCII; of the
#: hashes' first bits those that have anything to add
_BY_LENGTH = np.array([0, 0, 0, 1 << 3, 2 << 3, 3 << 3], dtype=np.uint64)
_BY_FIRST = np.array([_MARK_KINDS.get(chr(c), NAME if chr(c).isupper() else WORD) for c in range(128)], dtype=np.uint64)
_IS_DIGIT = np.array([chr(c).isdigit() for c in range(128)])
_BY_HASH = {token_hash(word): sign for word, sign in _SIGNS.items() if word.isascii()}
_BY_HASH |= {token_hash(word): _code(word) for word in _NUMBERS if word.isascii()}
_numbers.words = dict(_numbers.newer)
_SPECIAL = np.array(sorted(_BY_HASH), dtype=np.uint64)
_ADDED = np.array([_BY_HASH[value] for value in sorted(_BY_HASH)], dtype=np.uint64)
_SLOTS = np.zeros(1 << 12, dtype=bool)
_SLOTS[(_SPECIAL >> np.uint64(52)).astype(np.int64)] = True


class Tokens(Struct, frozen=True, kw_only=True, eq=False):
    """A text as parallel arrays, one place a word."""

    hashes: U64
    #: kind, weight class, DAY, NEGATION and COUNT of each
    signs: U8
    #: the word stands inside a quotation
    quoted: Flags

    @property
    def kinds(self) -> U8:
        return self.signs & np.uint8(KIND)

    @property
    def weights(self) -> NDArray[np.float32]:
        codes_found: NDArray[np.float32] = _WEIGHTS[self.signs]
        return codes_found

    @property
    def weighty(self) -> Flags:
        """Return which words weigh more than half."""
        result: Flags = (self.signs & np.uint8(_WEIGHTY)) != 0
        return result

    def __len__(self) -> int:
        return len(self.hashes)


def spellings(text: str) -> list[str]:
    """Return the words of a text as they stand in it, in step with the arrays of `words`."""
    return [token for token in spelling.tokens(text) if token not in _MARK_KINDS]


def codes(text: str) -> U64:
    """Return the tokens of a text as numbers: hash, weight class and kind of each."""
    return codes_of([text])[0]


def codes_of(texts: Sequence[str]) -> list[U64]:
    """Return the same of several texts, all that are ASCII at once: the cost of a text's words is mostly set-up."""
    return _coded([spelling.plain(text) for text in texts])


def beginnings(texts: Sequence[str], least: int) -> list[U64]:
    """Return the same of the beginnings of texts: at least so many tokens of each, all of what has fewer."""
    plain = [spelling.plain(text) for text in texts]
    cut = [_cut(text, least * _TOKEN) for text in plain]
    found = _coded(cut)
    short = [n for n, codes_found in enumerate(found) if len(codes_found) < least and len(cut[n]) < len(plain[n])]
    for number, whole in zip(short, _coded([plain[n] for n in short]), strict=True):
        found[number] = whole
    return found


def _cut(text: str, length: int) -> str:
    """Cut a text that `plain` gave at a blank, where tokens end anyway; leave one whole whose script needs context."""
    if len(text) <= length or not text.isascii():
        return text
    return text[: max(text.rfind(" ", 0, length), 0)] or text


def _coded(plain: Sequence[str]) -> list[U64]:
    easy = [text for text in plain if text.isascii()]
    if sum(map(len, easy)) < _LONG:
        return [coded_tokens(spelling.parted(text)) for text in plain]
    at_once = chain.from_iterable(map(_all_at_once, _grouped(easy)))
    return [next(at_once) if text.isascii() else coded_tokens(spelling.parted(text)) for text in plain]


def _grouped(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield texts in groups of a size at which their arrays stay in a processor's cache."""
    group: list[str] = []
    size = 0
    for text in texts:
        if size > _GROUP:
            yield group
            group, size = [], 0
        group.append(text)
        size += len(text)
    yield group


def _all_at_once(texts: Sequence[str]) -> list[U64]:
    joined = " ".join(texts)
    raw, begins, ends = hashing.token_bounds(joined)
    first = raw[begins]
    hashes = hashing.token_hashes(raw, begins, ends)
    codes_found: U64 = hashes | (_BY_LENGTH[np.minimum(ends - begins, 5)] | _BY_FIRST[first])
    maybe = _SLOTS[hashes >> np.uint64(52)].nonzero()[0]
    nearest = np.searchsorted(_SPECIAL[:-1], hashes[maybe])
    sure = _SPECIAL[nearest] == hashes[maybe]
    places, added = maybe[sure], _ADDED[nearest[sure]]
    codes_found[places] = np.where((added & np.uint64(KIND)) == NUMBER, added, codes_found[places] | added)
    digits = _IS_DIGIT[first].nonzero()[0]
    spans = zip((begins[digits] - 1).tolist(), (ends[digits] - 1).tolist(), strict=True)
    codes_found[digits] = coded_tokens([joined[begin:end] for begin, end in spans])
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)) + 1
    return np.split(codes_found, np.searchsorted(begins, np.cumsum(lengths)[:-1] + 1))


def coded_tokens(codes_found: list[str]) -> U64:
    """Return the same of tokens already parted."""
    if _codes.bytes > _SPELLINGS_BYTES:
        _codes.forget()
    return np.array(list(map(_codes.__getitem__, codes_found)), dtype=np.uint64)


def decoded(coded: U64) -> Tokens:
    """Coded tokens as parallel arrays; marks become flags."""
    signs = coded.astype(np.uint8)
    kinds: U8 = signs & np.uint8(KIND)
    at = (kinds >= QUOTE).nonzero()[0]
    if len(at):
        keep = np.ones(len(coded), dtype=bool)
        keep[at] = False
        marks = kinds[at].tolist()
        hashes, kept, kinds = coded[keep] & HASH, signs[keep], kinds[keep]
    else:
        marks, hashes, kept = [], coded & HASH, signs
    if (kinds == CHAR).any():
        hashes = _pairs(hashes, kinds, ((signs & KIND) < QUOTE).nonzero()[0])
    places = (at - np.arange(len(at))).tolist()
    quoted = _quotations(places, marks, len(kept))
    return Tokens(hashes=hashes, signs=kept, quoted=quoted)


def has_characters(coded: U64) -> bool:
    """Tell whether coded tokens hold characters of a script without spaces, which are compared in pairs."""
    return bool(((coded.astype(np.uint8) & KIND) == CHAR).any())


def weights_of(coded: U64) -> tuple[NDArray[np.float32], Flags]:
    """Return the weight of each coded token, and whether it is a word and no mark."""
    signs = coded.astype(np.uint8)
    weights: NDArray[np.float32] = _WEIGHTS[signs]
    return weights, (signs & np.uint8(KIND)) < QUOTE


def bare(coded: U64) -> U64:
    """Return the hashes of coded tokens alone, marks left out: `words(coded).hashes`."""
    kinds = coded.astype(np.uint8) & KIND
    if (kinds == CHAR).any():
        return decoded(coded).hashes
    hashes: U64 = coded[kinds < QUOTE] & HASH
    return hashes


def weighty(coded: U64) -> U64:
    """Return the hashes of the words of coded tokens that weigh more than half."""
    kinds = coded.astype(np.uint8) & KIND
    if (kinds == CHAR).any():
        codes_found = decoded(coded)
        return codes_found.hashes[codes_found.weighty]
    hashes: U64 = coded[(kinds < QUOTE) & ((coded & np.uint64(_WEIGHTY)) != 0)] & HASH
    return hashes


def _pairs(hashes: U64, kinds: U8, places: I64) -> U64:
    """Characters of a script without spaces, each joined to the next one of its run."""
    is_char = kinds == CHAR
    joined = np.zeros(len(hashes), dtype=bool)
    joined[:-1] = is_char[:-1] & is_char[1:] & (np.diff(places) == 1)
    following = np.roll(hashes, -1) * np.uint64(0x9E3779B97F4A7C15)
    paired: U64 = np.where(joined, (hashes ^ (following >> np.uint64(7))) & HASH, hashes)
    return paired


def _quotations(places: list[int], kinds: list[int], total: int) -> Flags:
    """Which words stand inside quotations; they end with their paragraph."""
    quoted = np.zeros(total, dtype=bool)
    since = -1
    for place, kind in zip(places, kinds, strict=True):
        opens = kind == OPEN or (kind == QUOTE and since < 0)
        if since >= 0 and not opens and (kind != PARAGRAPH or place - since < _LONGEST_QUOTE):
            quoted[since:place] = True
        since = (place if since < 0 else since) if opens else -1
    if since >= 0 and total - since < _LONGEST_QUOTE:
        quoted[since:] = True
    return quoted
