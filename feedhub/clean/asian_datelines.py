"""Datelines of Chinese, Japanese, Korean, Thai, Arabic and Persian agencies, whose forms are their own."""

from __future__ import annotations

import re
from datetime import datetime

from feedhub.clean.agencies import Agencies
from feedhub.clean.dateline_dates import read
from feedhub.clean.dateline_parts import Dateline, date_in, filed
from feedhub.clean.name_forms import names_agency
from feedhub.structs import replace

# 新华社北京3月10日电（记者 某某） / （中央社台北10日電） / 中新网3月10日电
_CHINESE = re.compile(
    r"[（(【]?(?P<head>[^\d\s，。（）()、：【】]{2,20}?)\s?(?P<date>(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日)[综綜外專专合]{0,3}[电電讯訊]"
    r"(?:\s?[（(][^）)]{1,40}[）)])?[】）)]?\s?[:：]?\s*"
)
# 本报讯（记者 某某）/ 某某网某地消息
_CHINESE_HOUSE = re.compile(
    r"[（(【]?(?P<name>本[报報网網台刊社]|[\u4e00-\u9fff]{2,6}?[报報网網社])(?P<place>[\u4e00-\u9fff]{0,4}?)(?:讯|訊|消息|报道|報導)[】）)]?"
    r"(?:\s?[（(](?:记者|記者|通讯员|實習記者|实习记者)\s?(?P<by>[^）)]{2,30})[）)]|[\s：:])[\s：:]*"
)
_CHINESE_NAME = re.compile(r"(?!本|我|该|該)[\u4e00-\u9fff]{1,7}?(?:通讯社|通訊社|电讯社|社|新闻网|网|網)(?=.)")
# 【ワシントン共同】 / ［ロンドン １０日 ロイター］ / 【町＝某通信】; 【町＝記者名】 is the paper's own
_JAPANESE = re.compile(r"[【［\[（](?P<inner>[^】］\]）]{2,30})[】］\]）]\s?[-－ー―]?\s*")
_DAY = re.compile(r"(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日")
# (서울=연합뉴스) 홍길동 기자 = / [서울=뉴시스]
_KOREAN = re.compile(
    r"[(\[](?P<place>[^=()\[\]]{1,20}?)=(?P<name>[^()\[\]=]{2,14})[)\]]\s?(?:(?P<by>[^=.]{2,24}?)\s?(?:기자|특파원)?\s?=\s?)?"
)
# กรุงเทพฯ 10 มี.ค. - สำนักข่าวไทย / กรุงเทพฯ 10 มี.ค. (ชื่อ) –
_THAI = re.compile(
    r"(?P<place>[\u0e01-\u0e2e\u0e40-\u0e44][\u0e01-\u0e4e]{1,24}(?:\s[\u0e01-\u0e4e]{2,20})?)\s?"
    r"(?P<date>\d{1,2}\s?(?:[\u0e01-\u0e4e]{1,3}\.\s?[\u0e01-\u0e4e]{1,2}\.|[\u0e01-\u0e4e]{5,12})(?:\s?(?:พ\.ศ\.\s?)?\d{2,4})?)"
    r"\s?[-–—]{0,2}\s?(?:(?P<open>[(（])?(?P<name>[^()（）\s]{3,30})(?(open)[)）])\s?[-–—:]{1,2}|[-–—])\s*"
)
# أبوظبي في 10 مارس / وام / - ; الرياض 20 رمضان 1447 هـ الموافق 10 مارس 2026 م واس
_ARABIC = re.compile(
    r"(?P<place>[\u0621-\u064a][\u0621-\u0652]{1,14}(?:\s[\u0621-\u0652]{2,14}){0,2}?)،?\s"
    r"(?:(?:في\s)?\d{1,2}\s\S{3,10}(?:\s\S{3,8})?\s1[34]\d\d\s?(?:هـ)?\s?(?:الموافق|،|/)\s?)?(?:في\s)?"
    r"(?P<date>\d{1,2}\s[\u0621-\u064a]{2,8}(?:\s(?:19|20)\d\d)?)\s?م?\s?"
    r"(?P<open>[/(])?\s?(?P<name>[^/()\d–—-]{2,30}?)\s?(?(open)[/)]|(?=\s?[-–—]{1,2}|\s))(?P<sep>\s?[-–—.:]{0,2})\s*"
)
# به گزارش خبرگزاری نمونه از تهران، ...
_PERSIAN = re.compile(r"به گزارش (?P<name>[^،؛.:]{2,36}?) از (?P<place>[^،؛.:\d]{2,24})،\s?")


def chinese(head: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    """Agency, place, day and the sign for a dispatch, written in one."""
    match = _CHINESE.match(head)
    date = date_in(match, around) if match else False
    if not match or date is False:
        return None
    named = _CHINESE_NAME.match(match["head"])
    name = _prefix(match["head"], agencies) or (named[0] if named else None)
    if not name:
        return None
    place = match["head"][len(name) :]
    known = place if place and "记者" not in place and "記者" not in place else None
    return filed(match.end(), agencies, name=name, place=known, date=date, sure=True)


def house(head: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    """How a Chinese paper or site marks a text as its own: no agency, unless the name is a known one."""
    match = _CHINESE_HOUSE.match(head)
    if not match:
        return None
    name, agency = match["name"], agencies.find(match["name"])
    credit = None if name.startswith("本") else name
    return Dateline(end=match.end(), place=match["place"] or None, name=credit, agency=agency, byline=match["by"])


def japanese(head: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    """Place, day and agency in brackets, in any order."""
    match = _JAPANESE.match(head)
    if not match:
        return None
    inner, date = match["inner"].strip(), None
    if parsed := _DAY.search(inner):
        date = read(parsed[0], around)
        inner = (inner[: parsed.start()] + " " + inner[parsed.end() :]).strip()
    parts = re.split(r"[＝=]", inner)
    signed = parts[1].strip() if len(parts) == 2 and names_agency(parts[1].strip()) else None
    name = _prefix(inner, agencies) or _suffix(inner, agencies) or signed
    if not name:
        return None
    place = inner.replace(name, "", 1).strip(" ＝=　・-") or None
    if place and agencies.find(place):
        place = None
    return filed(match.end(), agencies, name=name, place=place, date=date)


def korean(head: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    """(place=agency) reporter ="""
    match = _KOREAN.match(head)
    if not match or match["name"].rstrip().endswith(("기자", "특파원")):
        return None
    parsed = filed(match.end(), agencies, name=match["name"].strip(), place=match["place"], sure=True)
    if parsed.agency is None and parsed.guess is None:
        return None
    return replace(parsed, byline=match["by"])


def thai(head: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    """Place and day, then the agency in brackets or behind a dash."""
    match = _THAI.match(head)
    date = read(match["date"], around) if match else None
    if not match or date is None:
        return None
    if not match["name"]:
        return Dateline(end=match.end(), place=match["place"], date=date or None)
    return filed(match.end(), agencies, name=match["name"], place=match["place"], date=date, sure=bool(match["open"]))


def arabic(head: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    """Place and day, the Islamic one too where it stands, then the agency between strokes or alone."""
    match = _ARABIC.match(head)
    date = date_in(match, around) if match else False
    if not match or date is False:
        return None
    parsed = filed(
        match.end(), agencies, name=match["name"].strip(), place=match["place"], date=date, sure=bool(match["open"])
    )
    return parsed if parsed.agency or parsed.guess else None


def persian(head: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    """ "As NAME reports from PLACE," at the very start of a text is how Iranian agencies sign."""
    match = _PERSIAN.match(head)
    parsed = filed(match.end(), agencies, name=match["name"], place=match["place"]) if match else None
    return parsed if parsed and (parsed.agency or parsed.guess) else None


def _prefix(text: str, agencies: Agencies) -> str | None:
    return next((text[:n] for n in range(min(len(text), 14), 1, -1) if agencies.find(text[:n])), None)


def _suffix(text: str, agencies: Agencies) -> str | None:
    return next((text[-n:] for n in range(min(len(text), 14), 1, -1) if agencies.find(text[-n:])), None)
