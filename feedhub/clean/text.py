"""Text as a feed gave it -> text that is fit to compare and to publish: entities, mojibake, controls, spaces."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from functools import cache

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Not allowed in XML 1.0, or invisible and of no use in news: soft hyphen, zero-width space, byte order marks,
# interlinear marks. ZWJ and ZWNJ spell words in Hindi and Persian and stay.
_NO_TEXT = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u2060-\u2064\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\ufdd0-\ufdef"
)
_UNWANTED = re.compile(f"[{_NO_TEXT}]")
# Embeddings, overrides and isolates can turn a whole page round (or hide a reversed name); the plain marks cannot.
_TURNING = "\u202a-\u202e\u2066-\u2069"
_BIDI = re.compile(f"[{_TURNING}]")
# Tag characters are seen only behind the flag that they name (England, Scotland, Wales); elsewhere they hide text.
_TAGS = re.compile("(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+")
# Marks that stack on one letter run through the lines above and below; no language writes more than four.
_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
_STACKED = re.compile(f"([{_MARKS}]{{4}})[{_MARKS}]+")
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
_C1 = re.compile("[\x80-\x9f]")
#: without one of these there is nothing to take out of a text
_ODD = re.compile(f"[\r\u2028\u2029{_NO_TEXT}{_TURNING}{_MARKS}\U000e0000-\U000e007f]")
# UTF-8 read as Windows-1252 or Latin-1 shows a lead byte's letter before a trail byte's sign.
_MOJIBAKE = re.compile(
    "[\u00c2-\u00f4\u0192\u0152\u0153\u0160\u0161\u0178]"
    "[\x80-\xbf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
    "|\u0420\u040b|\u0432\u0402|\u00ef\u00bf\u00bd"
)
# "&" turned into a blank by some careless importer. `amp;` is also an English word before a semicolon, so it needs
# a second sign.
_BARE_NUMBER = re.compile(r" ?(?<![&\w])#(0?34|0?36|0?38|0?39|60|62|133|14[5-9]|15[01]|160|82[12]\d|8230);")
_BARE_NAME = re.compile(r"(?: |(?<![&\w]))(quot|apos|lt|gt|nbsp|mdash|ndash)(?<! );|(?<=  )amp;| amp;(?=[A-Z])")
# A no-break space, unless it is a trail byte itself.
_BLANK = re.compile("(?<![\u00c2-\u00f4])\xa0")
_STEPS = 4
# A link into the wire's own terminal: [USN:L6N4 TEXT:"the words that carry it"]
_LINKED = "TEXT:"
_WIRE_LINK = re.compile(r"\[[A-Z]{1,5}:[\w.=/-]{2,40} TEXT:\s?[\"“](?P<text>[^\"“”\[\]]{1,200})[\"”]\s?\]")
#: the marks that make most English copy more than ASCII
_TYPOGRAPHIC = "“”’‘—–…"


def without_marks(text: str) -> str:
    """Return a text without typographic marks: most of it is ASCII then (replacing is fast, searching is not)."""
    if not text.isascii():
        for mark in _TYPOGRAPHIC:
            text = text.replace(mark, "")
    return text


def is_simple(text: str) -> bool:
    """Whether a text in one line is ASCII without signs of an entity or a link: `repair` leaves it as it is."""
    return text.isascii() and text.isprintable() and "&" not in text and ";" not in text and _LINKED not in text


def is_even(text: str) -> bool:
    """Whether a text has no entity, only ASCII and typographic marks, no blank but " " and line ends."""
    if "&" in text or _LINKED in text:
        return False
    bare = without_marks(text)
    return bare.isascii() and (bare.isprintable() or bare.replace("\n", "").isprintable())


def may_be_mojibake(text: str) -> bool:
    """Whether a text has signs that UTF-8 leaves where it is read as another encoding; correct texts have some, too."""
    return not text.isascii() and _MOJIBAKE.search(text) is not None


def word_set(text: str) -> frozenset[str]:
    """Words parted by blanks -> the set of them."""
    return frozenset(text.split())


def tidy(text: str) -> str:
    """Text -> the same in one line: repaired, whitespace collapsed."""
    if is_simple(text) or (";" not in text and is_even(text)):
        return " ".join(text.split())
    for _ in range(_STEPS):
        # what looks right before a line end may look like mojibake before a blank
        before, text = text, " ".join(repair(text).split())
        if text == before:
            break
    return text


def repair(text: str) -> str:
    """Text -> the same with entities resolved, mojibake undone, NFC, nothing that XML forbids; line ends are \\n."""
    text = unescape(text if is_even(text) else _settle(text))
    return _WIRE_LINK.sub(r"\g<text>", text) if _LINKED in text else text


def repair_code(text: str) -> str:
    """Repair text as `repair` does, but leave entities alone: in code they are what is shown."""
    return text if is_even(text) else _settle(text)


def unescape(text: str) -> str:
    """Resolve entities up to twice; text escaped more deeply was meant so and is left alone."""
    if "&" not in text:
        return _bare(text)
    once = _step(text)
    twice = _step(once)
    return _bare(twice if _step(twice) == twice else text)


def plain(text: str) -> str:
    """Text of a plain-text item -> without the backslashes that stand for line ends; not yet repaired."""
    if "\\" in text:
        text = re.sub(r"(?<!\\)\\++(?=[$#&%_])", "", text).replace("\\", " ")
    return text


def _step(text: str) -> str:
    return _settle(_ENTITY.sub(_character, text)) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    return html.unescape(match[0])


def _bare(text: str) -> str:
    """Entities that lost their ampersand: `it #39;s`, ` quot;`."""
    if ";" not in text:
        return text
    if "#" in text:
        text = _BARE_NUMBER.sub(lambda m: html.unescape(f"&#{m[1]};"), text)
    if "quot;" in text or "amp;" in text or "lt;" in text or "gt;" in text or "nbsp;" in text or "dash;" in text:
        text = _BARE_NAME.sub(lambda m: html.unescape(f"&{m[1] or 'amp'};"), text)
    return text


def _settle(text: str) -> str:
    """Repeat the repairs until they change nothing: one may uncover work for another."""
    for _ in range(_STEPS):
        repaired = _pass(text)
        if repaired == text:
            break
        text = repaired
    return text


def _pass(text: str) -> str:
    if text.isascii():
        return _strip(text)
    if may_be_mojibake(text):
        # Blanks will be made plain and trimmed, and what looks right beside one may look like mojibake without it.
        text = _BLANK.sub(" ", text)
        core = text.strip()
        text = text.replace(core, _fixer()(core), 1)
    if not _ODD.search(text):
        return unicodedata.normalize("NFC", text)
    text = _C1.sub(_windows, text)
    text = _TAGS.sub("", _BIDI.sub("", _strip(text)))
    return _STACKED.sub(r"\1", unicodedata.normalize("NFC", text))


@cache
def _fixer() -> Callable[[str], str]:
    """Return what undoes a wrong encoding; its tables take longer to make than a small round to clean."""
    import ftfy

    config = ftfy.TextFixerConfig(unescape_html=False, uncurl_quotes=False, fix_latin_ligatures=False)
    return lambda text: ftfy.fix_encoding(text, config)


def _strip(text: str) -> str:
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))


def _windows(match: re.Match[str]) -> str:
    return match[0].encode("latin-1").decode("cp1252", "ignore")
