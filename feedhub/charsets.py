"""Bytes -> text: what a document declares is believed where nearly all of it decodes.

Labels mean what browsers take them for (WHATWG Encoding, 4.2): `gb2312` is gb18030, `shift_jis` is Windows-31J. Bytes
that are none of the charset are replaced by U+FFFD; another charset is tried only where they are many.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

import webencodings
from msgspec import Struct

from feedhub.charset_scripts import codec_by_letters

#: bad characters per hundred up to which a declared charset is believed
_MOST_BAD = 1.0
_MOST_CALLS = 2_000
#: bytes outside ASCII that are UTF-8 all together no longer by chance
_SURE_BYTES = 6
_REPLACEMENT = "\ufffd"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: names of the standard -> Python's codec of the same table, where webencodings names a smaller one
_CODECS = {
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "big5": "big5hkscs",
    "iso-2022-jp": "iso2022_jp_ext",
}
_REFUSED_BY_BROWSERS = {"hz-gb-2312": "hz", "iso-2022-kr": "iso2022_kr", "csiso2022kr": "iso2022_kr"}
_WIDE = frozenset(("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"))
#: it takes nearly every byte, so that decoding proves nothing
_WESTERN = "cp1252"
_BY_LANGUAGE = {
    **dict.fromkeys(("zh", "zh-cn", "zh-sg", "zh-hans"), ("gb18030", "big5hkscs")),
    **dict.fromkeys(("zh-tw", "zh-hk", "zh-mo", "zh-hant"), ("big5hkscs", "gb18030")),
    # EUC first: half of what is no Shift_JIS is none of it either
    **{"ja": ("euc_jp", "cp932"), "ko": ("cp949",), "th": ("cp874",), "vi": ("cp1258",)},
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "tg", "tt", "mn"), ("cp1251",)),
    **dict.fromkeys(("cs", "hr", "hu", "pl", "ro", "sk", "sl", "bs"), ("cp1250",)),
    **dict.fromkeys(("et", "lt", "lv"), ("cp1257",)),
    **{"ar": ("cp1256",), "fa": ("cp1256",), "el": ("cp1253",), "he": ("cp1255",), "iw": ("cp1255",)},
    **{"tr": ("cp1254",), "az": ("cp1254",), "ku": ("cp1254",)},
}
_LABEL = re.compile(r"""charset\s*=\s*+["']?\s*+([A-Za-z0-9._:+-]{1,40})""", re.IGNORECASE)


class Decoded(Struct, frozen=True, kw_only=True):
    """A document's text and the charset that it turned out to be written in."""

    text: str
    #: Python's name of the codec
    codec: str
    #: how many characters had to be replaced
    replaced: int = 0


def label_of(content_type: str | None) -> str | None:
    """Return the charset parameter of a Content-Type header, None where it has none."""
    match = _LABEL.search(content_type or "")
    return match[1] if match else None


def codec_of(label: str | None) -> str | None:
    """Return Python's codec for a label, as the WHATWG Encoding standard reads it; None for what is no label."""
    encoding = webencodings.lookup(label.strip()) if label else None
    if encoding is None or encoding.name == "x-user-defined":
        return None
    if encoding.name == "replacement":
        # a browser refuses them, since markup can hide in them; here markup is looked for in the text
        return _REFUSED_BY_BROWSERS.get(label.strip().lower()) if label else None
    name: str = encoding.codec_info.name
    return _CODECS.get(encoding.name, name)


def decode(body: bytes, *labels: str | None, language: str | None = None) -> Decoded:
    """Decode a document; `labels` are what names its charset, the one to be believed first in front.

    A byte order mark comes before them. UTF-8 is what it is without a label, or where the labels are wrong; where it is
    not, its language tells what such documents were written in before (HTML, 13.2.3.2), and then its letters.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return _decoded(body[len(mark) :], codec)
    if wide := _without_mark(body):
        return _decoded(body, wide)
    tried: list[Decoded] = []
    for codec in _candidates(body, labels):
        attempt = _decoded(body, codec)
        if _is_believable(attempt):
            return attempt
        tried.append(attempt)
    for codec in _of_language(language):
        attempt = _decoded(body, codec)
        if _is_believable(attempt):
            return attempt
    if lettered := codec_by_letters(body):
        tried.insert(0, _decoded(body, lettered))
        if _is_believable(tried[0]):
            return tried[0]
    tried.append(_decoded(body, _WESTERN))
    return min(tried, key=lambda attempt: attempt.replaced)


def _candidates(body: bytes, labels: tuple[str | None, ...]) -> Iterator[str]:
    """Yield the codecs to try; a western one in front of another is the default of a server."""
    # what is labelled UTF-16 and holds no zeros is ASCII's kin
    named = list(dict.fromkeys(codec for label in labels if (codec := codec_of(label)) and codec not in _WIDE))
    if len(named) > 1 and named[0] == _WESTERN:
        named = [*named[1:], named[0]]
    if named[:1] != ["utf-8"] and _is_surely_utf_8(body):
        yield "utf-8"
    yield from named
    if "utf-8" not in named:
        yield "utf-8"


def _of_language(language: str | None) -> tuple[str, ...]:
    """Return the codecs in which documents of a language were written before UTF-8."""
    tag = (language or "").lower().replace("_", "-")
    return _BY_LANGUAGE.get(tag) or _BY_LANGUAGE.get(tag.partition("-")[0], ())


def _is_surely_utf_8(body: bytes) -> bool:
    """Whether the bytes are UTF-8 beyond what chance makes of another charset's."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return len(body) - len(text) + _outside_ascii(text) >= _SURE_BYTES


def _is_believable(attempt: Decoded) -> bool:
    if not attempt.replaced:
        return True
    few = attempt.replaced <= max(1.0, len(attempt.text) * _MOST_BAD / 100)
    if attempt.codec != "utf-8":
        return few
    # of bytes that are by chance UTF-8 next to nothing is; one cut character in a short text is soon past 1 %
    good = _outside_ascii(attempt.text) - attempt.text.count(_REPLACEMENT)
    return good > 0 if few else good >= 4 * attempt.replaced


def _decoded(body: bytes, codec: str) -> Decoded:
    """Decode with U+FFFD for what is none of the charset's."""
    try:
        return Decoded(text=body.decode(codec), codec=codec)
    except UnicodeDecodeError:
        text = body.decode(codec, "replace")
        # calls for a handful of characters, not for half a megabyte of them
        if codec in _ERRORS and text.count(_REPLACEMENT) <= _MOST_CALLS:
            text = body.decode(codec, _ERRORS[codec])
    own = body.count(_REPLACEMENT.encode()) if codec == "utf-8" else 0
    return Decoded(text=text, codec=codec, replaced=text.count(_REPLACEMENT) - own)


def _outside_ascii(text: str) -> int:
    """Count the characters outside ASCII."""
    return len(text) - len(text.encode("ascii", "ignore"))


def _without_mark(body: bytes) -> str | None:
    """Return the codec of UTF-16 or UTF-32 that has no byte order mark, by where its zeros stand."""
    head = body[:4]
    if b"\0" not in head or len(head) < 4:
        return None
    zeros = (head[0] == 0, head[1] == 0, head[2] == 0, head[3] == 0)
    return {
        (False, True, False, True): "utf-16-le",
        (True, False, True, False): "utf-16-be",
        (False, True, True, True): "utf-32-le",
        (True, True, True, False): "utf-32-be",
    }.get(zeros)


def _euro(error: UnicodeError) -> tuple[str, int]:
    """Read the lone byte 0x80 as the euro sign, as the standard's gbk does."""
    assert isinstance(error, UnicodeDecodeError)
    return ("€" if error.object[error.start] == 0x80 else _REPLACEMENT), error.start + 1


def _nec_row(error: UnicodeError) -> tuple[str, int]:
    """Read what Python's EUC-JP lacks (① and its kin) by JIS X 0213, which has it."""
    assert isinstance(error, UnicodeDecodeError)
    pair = error.object[error.start : error.start + 2]
    try:
        return pair.decode("euc_jis_2004"), error.start + 2
    except UnicodeDecodeError:
        return _REPLACEMENT, error.start + 1


codecs.register_error("feedhub.gb18030", _euro)
codecs.register_error("feedhub.euc_jp", _nec_row)
_ERRORS = {"gb18030": "feedhub.gb18030", "euc_jp": "feedhub.euc_jp"}
