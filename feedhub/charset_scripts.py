"""Tell the charset of a text by its letters, where neither a label nor a language does.

Only scripts other than Latin are told: of those a text is full, and the right charset makes of its bytes the letters
that the language uses most. A text in Latin letters with a few bytes beyond ASCII could be in any of a dozen.
"""

from __future__ import annotations

import re

#: bytes of text that are looked at
_SAMPLE = 20_000
_TAGS = re.compile(rb"<[^<>]{0,2000}>|&#?\w{1,10};")
#: share of bytes beyond ASCII among those that are letters: western languages have a tenth at most
_FOREIGN = 0.4
#: share of the commonest letters among all beyond ASCII; of a wrong charset a third at most
_COMMON = 0.5
_FEWEST = 12
#: codec -> the letters that make up most of any text in its script
_LETTERS = {
    **dict.fromkeys(("cp1251", "koi8_u", "iso8859_5", "cp866"), "оеаинтсрвлкмдпуяыі"),
    **dict.fromkeys(("cp1253", "iso8859_7"), "αοιετσνηυρπκλμςάόίέή"),
    "cp1255": "ויהלאתרמבשנםדקחעפ",
    "cp1256": "اليمنوترهبدفعأكة",
    "iso8859_6": "اليمنوترهبدفعأكة",
    "cp874": "านรกอเงมยลวดทสตะปบคหแจพชขใไ่้ัี์ิาำ",
}
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_IDEOGRAPH = re.compile("[\u4e00-\u9fff]")
#: GB 2312: of its pairs both bytes have the high bit
_GB2312 = re.compile(rb"(?:[\x00-\x7f]|[\xa1-\xf7][\xa1-\xfe])*")


def codec_by_letters(body: bytes) -> str | None:
    """Return Python's codec of the charset that makes words of a document's bytes; None where none does."""
    text = _TAGS.sub(b" ", body[: 4 * _SAMPLE])[:_SAMPLE]
    beyond = sum(byte >= 0x80 for byte in text)
    plain = sum(byte < 0x80 and chr(byte).isalpha() for byte in text)
    if beyond < _FEWEST or beyond < _FOREIGN * (beyond + plain):
        return None
    return _east_asian(text) or _alphabetic(text)


def _east_asian(text: bytes) -> str | None:
    if _share(_KANA, text, "euc_jp") >= 0.2:
        return "euc_jp"
    if _share(_KANA, text, "cp932") >= 0.2:
        return "cp932"
    if _share(_HANGUL, text, "cp949") >= 0.9:
        return "cp949"
    for codec in ("gb18030",) if _GB2312.fullmatch(text[:-1]) else ("big5hkscs", "gb18030"):
        if _share(_IDEOGRAPH, text, codec) >= 0.7:
            return codec
    return None


def _share(script: re.Pattern[str], text: bytes, codec: str) -> float:
    """Return the share of a script among the characters beyond ASCII; 0 where bytes are none of the codec's."""
    decoded = text.decode(codec, "replace")
    others = [sign for sign in decoded if ord(sign) >= 0x80]
    if not others or decoded.count("\ufffd") > 0.02 * len(others) + 1:
        return 0.0
    return sum(script.match(sign) is not None for sign in others) / len(others)


def _alphabetic(text: bytes) -> str | None:
    best, chosen = _COMMON, None
    for codec, letters in _LETTERS.items():
        decoded = text.decode(codec, "replace")
        others = [sign for sign in decoded if ord(sign) >= 0x80]
        share = sum(sign in letters for sign in others) / len(others) if others else 0.0
        if share > best:
            best, chosen = share, codec
    return chosen
