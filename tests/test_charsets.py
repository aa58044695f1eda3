"""What is declared is believed where nearly all of it decodes, and labels mean what browsers take them for."""

from __future__ import annotations

import pytest

from feedhub.charsets import codec_of, decode
from feedhub.model import Feed
from feedhub.parse import parse

URL = "http://paper.test/feed"


def feed(*titles: str, label: str | None = "utf-8") -> str:
    declaration = f'<?xml version="1.0" encoding="{label}"?>' if label else ""
    items = "".join(f"<item><title>{title}</title></item>" for title in titles)
    return f'{declaration}<rss version="2.0"><channel><title>P</title>{items}</channel></rss>'


def titles(body: bytes, content_type: str | None = None) -> list[str]:
    read = parse(body, content_type=content_type, url=URL)
    assert isinstance(read, Feed), read
    return [entry.title.value for entry in read.entries if entry.title]


LABELS = [
    ("shift_jis", "cp932", "髙島屋と①の港～"),
    ("windows-31j", "cp932", "①の港"),
    ("x-sjis", "cp932", "港の㈱市場"),
    ("euc-jp", "euc_jp", "港の再開"),
    ("euc-kr", "cp949", "똠방각하 펲시콜라"),
    ("ks_c_5601-1987", "cp949", "항구 햏"),
    ("gb2312", "gb18030", "镕基在港口"),
    ("x-gbk", "gb18030", "港口€开放"),
    ("gbk", "gb18030", "港口㐀"),
    ("big5", "big5hkscs", "港口裏墻"),
    ("windows-874", "cp874", "ท่าเรือเปิด"),
    ("tis-620", "cp874", "ท่าเรือ"),
    ("iso-8859-8-i", "iso-8859-8", "הנמל נפתח"),
    ("iso-8859-1", "cp1252", "“Žilina” €"),
    ("x-cp1251", "cp1251", "Порт открыт"),
    ("koi8-ru", "koi8-u", "Порт відкрито"),
]


@pytest.mark.parametrize(("label", "codec", "text"), LABELS, ids=[each[0] for each in LABELS])
def test_a_label_means_what_browsers_take_it_for(label: str, codec: str, text: str) -> None:
    body = feed(text, text, text, label=label).encode(codec)
    assert titles(body) == [text] * 3
    assert titles(feed(text, label=None).encode(codec), f"text/xml; charset={label}") == [text]


def test_euc_jp_has_the_row_that_pythons_lacks() -> None:
    assert titles(feed("①の港", label="euc-jp").encode("euc_jis_2004")) == ["①の港"]


def test_the_lone_euro_of_windows_936_is_read() -> None:
    body = feed("港口@十万", label="gbk").encode("gb18030").replace(b"@", b"\x80")
    assert titles(body) == ["港口€十万"]


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("utf-8", "utf-8", "Порт открыт снова"),
        ("gb2312", "gb18030", "港口重新开放"),
        ("shift_jis", "cp932", "港が再開された"),
        ("euc-kr", "cp949", "항구가 다시 열렸다"),
        ("big5", "big5hkscs", "港口重新開放"),
    ],
)
def test_one_cut_character_garbles_nothing_else(label: str, codec: str, text: str) -> None:
    whole = [f"{n} {text}" for n in range(5)]
    cut = feed(*whole, "#", label=label).encode(codec).replace(b"#", text[0].encode(codec)[:1])
    assert titles(cut)[:5] == whole
    read = parse(cut, url=URL)
    assert isinstance(read, Feed)
    assert any("were replaced: 1" in remark for remark in read.remarks)


def test_what_is_mostly_none_of_the_declared_charset_is_another_one() -> None:
    assert titles(feed("Où l'été débute à Orléans", "Café").encode("cp1252")) == ["Où l'été débute à Orléans", "Café"]
    # of such bytes none is UTF-8: one is enough to see it
    assert (
        titles(feed("The cafe@ opens", *["Plain words"] * 90).encode().replace(b"e@", b"\xe9"))[0] == "The café opens"
    )


@pytest.mark.parametrize(
    "label", ["iso-8859-1", "windows-1251", "gb2312", "shift_jis", "us-ascii", "utf-16", "UTF-16LE"]
)
def test_utf_8_is_utf_8_whatever_it_is_called(label: str) -> None:
    assert titles(feed("Über den Häfen öffnet", label=label).encode()) == ["Über den Häfen öffnet"]
    assert titles(feed("Über den Häfen öffnet!", label=label).encode()) == ["Über den Häfen öffnet!"]


def test_a_servers_western_default_yields_to_what_the_document_says() -> None:
    body = feed("Порт открыт", label="windows-1251").encode("cp1251")
    assert titles(body, "text/xml; charset=iso-8859-1") == ["Порт открыт"]
    assert titles(body, "text/xml; charset=utf-8") == ["Порт открыт"]


def test_a_header_that_fits_is_believed() -> None:
    assert titles(feed("Порт открыт", label="iso-8859-1").encode("koi8-r"), "text/xml; charset=koi8-r") == [
        "Порт открыт"
    ]


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_marks_and_zeros_come_before_labels(codec: str) -> None:
    assert titles(feed("Über den Häfen", label="iso-8859-1").encode(codec), "text/xml; charset=big5") == [
        "Über den Häfen"
    ]


def test_broken_xml_in_another_charset_is_read_by_the_lenient_reader_in_that_charset() -> None:
    body = feed("港口 & 市场", label="gb2312").encode("gb18030")
    assert titles(body) == ["港口 & 市场"]


def test_decoding_counts_what_it_replaced() -> None:
    assert decode("Порт".encode()[:-1], "utf-8").replaced == 1
    assert decode("Порт \ufffd".encode(), "utf-8").replaced == 0


@pytest.mark.parametrize(("label", "codec"), [(None, None), ("", None), ("x-mine", None), (" UTF-8 ", "utf-8")])
def test_what_is_no_label_is_none(label: str | None, codec: str | None) -> None:
    assert codec_of(label) == codec


@pytest.mark.parametrize(
    ("language", "codec", "text"),
    [
        ("zh-cn", "gb18030", "港口重新开放，镕基致辞"),
        ("zh-TW", "big5", "港口重新開放，市長致辭"),
        ("ja", "cp932", "港が火曜日に再開された"),
        ("ja", "euc_jp", "港が火曜日に再開された"),
        ("ko", "cp949", "항구가 화요일에 다시 열렸다"),
        ("ru-RU", "cp1251", "Порт открыт во вторник"),
        ("pl", "cp1250", "Port otwarto we wtorek po północy, śnieg"),
        ("el", "cp1253", "Το λιμάνι άνοιξε την Τρίτη"),
        ("de", "cp1252", "Häfen öffnen müßig"),
    ],
)
def test_what_is_no_utf_8_and_has_no_label_is_what_its_language_was_written_in(
    language: str, codec: str, text: str
) -> None:
    inner = f"<language>{language}</language><item><title>{text}</title><description>{text * 9}</description></item>"
    body = f'<rss version="2.0"><channel><title>P</title>{inner}</channel></rss>'
    assert titles(body.encode(codec)) == [text]
    # a label that is wrong is none
    assert titles(f'<?xml version="1.0" encoding="utf-8"?>{body}'.encode(codec)) == [text]


def test_a_language_changes_nothing_where_the_label_fits() -> None:
    inner = "<language>zh-cn</language><item><title>Où l'été débute</title></item>"
    body = f'<?xml version="1.0" encoding="iso-8859-1"?><rss version="2.0"><channel>{inner}</channel></rss>'
    assert titles(body.encode("latin-1")) == ["Où l'été débute"]


UNKNOWN = {
    "Russian": (("cp1251", "koi8-r", "iso8859-5", "cp866"), "Начальник порта сказал, что суда вошли в гавань"),
    "Ukrainian": (("cp1251", "koi8-u"), "Начальник порту сказав, що судна увійшли до гавані"),
    "Chinese": (("gb18030",), "港口负责人周二表示有十三艘船进港"),
    "Taiwanese": (("big5",), "港口負責人週二表示有十三艘船進港"),
    "Japanese": (("cp932", "euc_jp"), "港長は火曜日に十三隻の船が入ったと述べた"),
    "Korean": (("cp949",), "항만장은 화요일에 배가 들어왔다고 말했다"),
    "Greek": (("cp1253", "iso8859-7"), "Ο λιμενάρχης είπε ότι πλοία μπήκαν στο λιμάνι"),
    "Hebrew": (("cp1255",), "מנהל הנמל אמר כי ספינות נכנסו אל הנמל"),
    "Arabic": (("cp1256", "iso8859-6"), "قال مدير الميناء إن ثلاث عشرة سفينة دخلت"),
    "Thai": (("cp874",), "ผู้อำนวยการท่าเรือกล่าวเมื่อวันอังคาร"),
}
CASES = [(codec, text) for codecs, text in UNKNOWN.values() for codec in codecs]


@pytest.mark.parametrize(("codec", "text"), CASES, ids=[codec for codec, _ in CASES])
@pytest.mark.parametrize("label", ["utf-8", None])
def test_letters_tell_the_charset_where_neither_label_nor_language_does(
    codec: str, text: str, label: str | None
) -> None:
    assert titles(feed(text, text, label=label).encode(codec)) == [text] * 2


@pytest.mark.parametrize(
    "text",
    ["Häfen für größere Schiffe", "Le maître a été là, où ça gêne", "¿Qué pasó mañana?", "the “quay” — it’s open…"],
)
def test_western_texts_are_no_other_scripts(text: str) -> None:
    assert titles(feed(text, text).encode("cp1252")) == [text] * 2


def test_noise_is_no_script() -> None:
    assert decode(bytes(range(0x80, 0x100)) * 10).codec == "cp1252"
