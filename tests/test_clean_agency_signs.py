"""Entry -> Copy: datelines, credits, bylines and citations name agencies and places; prose does not."""

import pytest
from clean_entries import LEDE, OWN, SOURCE, TITLE, entry, run

from feedhub.clean import Agencies
from feedhub.structs import replace

SIGNED = {
    "dash": ("Sampleton, March 10 (Northwire) - ", "Northwire", "Sampleton"),
    "long dash": ("SAMPLETON, March 10 (Northwire) — ", "Northwire", "Sampleton"),
    "two hyphens": ("SAMPLETON, Ohio, March 10 (Northwire) -- ", "Northwire", "Sampleton, Ohio"),
    "no dash": ("Sampleton, Mar 10 (Northwire) ", "Northwire", "Sampleton"),
    "no date": ("SAMPLETON (Northwire) - ", "Northwire", "Sampleton"),
    "small letters": ("Sampleton (nwd) – ", "nwd", "Sampleton"),
    "small letters, desk": ("Sampleton (nwd/abc) – ", "nwd", "Sampleton"),
    "strokes": ("САМПЛГОРОД, 10 марта. /Агентство «Пример»/. ", "Пример", "Самплгород"),
    "name after the date": ("САМПЛГОРОД, 10 мар — Пример Новости. ", "Пример Новости", "Самплгород"),
    "agency first": ("(Northwire) - SAMPLETON, 10 MAR - ", "Northwire", "Sampleton"),
    "spanish": ("PUERTO MUESTRA, 10 mar (Agencia Muestra).- ", "Agencia Muestra", "Puerto Muestra"),
    "portuguese": ("Porto Amostra, 10 mar 2026 (Amostra) – ", "Amostra", "Porto Amostra"),
    "french": ("Échantillon, 10 mars 2026 (Modèle) - ", "Modèle", "Échantillon"),
    "turkish": ("ÖRNEKŞEHİR (ÖHA) - ", "ÖHA", "Örnekşehir"),
    "ukrainian": ("ЗРАЗКІВ, 10 березня. /Зразок/. ", "Зразок", "Зразків"),
    "chinese": ("样例社样城3月10日电（记者 某某）", "样例社", "样城"),
    "chinese, long name": ("样例通讯社样城3月10日电 ", "样例通讯社", "样城"),
    "japanese": ("【見本市＝見本通信】", "見本通信", "見本市"),
    "korean": ("(견본=견본통신) 홍길동 기자 = ", "견본통신", "견본"),
    "korean, square": ("[견본=견본뉴스] 홍길동 기자 = ", "견본뉴스", "견본"),
    "thai": ("ตัวอย่าง 10 มี.ค. (สำนักข่าวตัวอย่าง) – ", "สำนักข่าวตัวอย่าง", "ตัวอย่าง"),
    "thai, dash": ("ตัวอย่าง 10 มี.ค. 2569 – สำนักข่าวตัวอย่าง – ", "สำนักข่าวตัวอย่าง", "ตัวอย่าง"),
    "arabic": ("مدينة المثال (وكالة المثال) - ", "وكالة المثال", "مدينة المثال"),
    "arabic, strokes": ("مدينة المثال في 10 مارس / المثال / ", "المثال", "مدينة المثال"),
    "persian": ("به گزارش خبرگزاری نمونه از نمونه‌شهر، ", "خبرگزاری نمونه", "نمونه‌شهر"),
    "hebrew": ("עיר לדוגמה, 10 במרץ (סוכנות לדוגמה) – ", "סוכנות לדוגמה", "עיר לדוגמה"),
    "hindi": ("नमूनापुर, 10 मार्च (नमूना समाचार)। ", "नमूना समाचार", "नमूनापुर"),
    "bengali": ("নমুনাগঞ্জ, ১০ মার্চ, ২০২৬ (নমুনা সংবাদ সংস্থা)— ", "নমুনা সংবাদ সংস্থা", "নমুনাগঞ্জ"),
    "tamil": ("மாதிரியூர், மார்ச் 10 (மாதிரி): ", "மாதிரி", "மாதிரியூர்"),
}


@pytest.mark.parametrize(("dateline", "agency", "place"), SIGNED.values(), ids=SIGNED.keys())
@pytest.mark.parametrize("above", ["", "<p>Descarga la app del Diario</p>", "<p>Harbour at dawn</p>"])
def test_an_unknown_name_in_an_agencys_place_is_the_agency(dateline: str, agency: str, place: str, above: str) -> None:
    copy = run(entry(f"{above}<p>{dateline}{LEDE}</p><p>{OWN[1]}</p>", TITLE))
    assert copy.paragraphs[-2:] == (LEDE, OWN[1])
    assert (copy.wire.agency, copy.wire.place) == (agency, place)
    if any(month in dateline.casefold() for month in ("10", "১০")):
        assert copy.wire.date == "2026-03-10"


def test_an_unknown_name_in_an_agencys_own_feed_is_that_agencys() -> None:
    own = replace(SOURCE, agency="NWD")
    wire = run(entry(f"Sampleton, March 10 (Northwire) -- {LEDE}", TITLE), own).wire
    assert (wire.agency, wire.credit) == ("NWD", "Northwire")


UNSIGNED = [
    "File", "Photo", "Updated", "Video", "Maine", "Thursday", "Jo Example", "France", "USA", "AB", "Staff Reporter",
]  # fmt: skip


@pytest.mark.parametrize("name", UNSIGNED)
@pytest.mark.parametrize("dateline", ["SAMPLETON, March 10 ({}) - ", "SAMPLETON ({}) - ", "Sampleton ({}) - "])
def test_a_label_person_or_country_in_an_agencys_place_is_no_agency(name: str, dateline: str) -> None:
    assert run(entry(dateline.format(name) + LEDE, TITLE)).wire.agency is None


@pytest.mark.parametrize(
    "start",
    ["NASA — The", "UNICEF — The", "GMO — The", "NATO, the", "KEY POINTS — The", "Jo Doe (XYZ) – Der",
     "BREAKING — A",
     "【見本市＝山田太郎】", "本报讯（记者 某某）"],
)  # fmt: skip
def test_no_place_or_agency_is_taken_from_what_is_no_dateline(start: str) -> None:
    wire = run(entry(f"{start} {LEDE}", TITLE)).wire
    assert (wire.agency, wire.place) == (None, None)


@pytest.mark.parametrize("city", ["ROME", "SAMPLETON", "PORT SAMPLE", "SAMPLETON, Maine"])
def test_a_place_in_capitals_before_a_dash_is_the_place(city: str) -> None:
    wire = run(entry(f"{city} — {LEDE}", TITLE)).wire
    assert wire.place == ", ".join(part.title() for part in city.split(", "))


def test_the_slug_above_and_the_contacts_below_a_wire_copy_are_lifted_out() -> None:
    lines = [
        "SAMPLELAND-FERRY/ (UPDATE 3)",
        "(Updates toll, adds quotes)",
        f"SAMPLETON, March 10 (Northwire) - {LEDE}",
        OWN[1],
        "(Reporting by Jo Example; Editing by Sam Sample)",
        "((desk@example.com; Sampleton newsroom)) (c) Northwire Agency 2026. Click for restrictions.",
        "Keywords: SAMPLELAND-FERRY/",
    ]
    copy = run(entry("".join(f"<p>{line}</p>" for line in lines), "Ferry line"))
    assert copy.paragraphs == (LEDE, OWN[1])
    assert (copy.wire.agency, copy.wire.place, copy.wire.date) == ("Northwire", "Sampleton", "2026-03-10")
    assert str(copy.wire.revision) == "update 3"
    assert copy.rights == "(c) Northwire Agency 2026. Click for restrictions."


ENDS = {
    "desk code": (" --XYZ int/sd", "XYZ", "int/sd"),
    "desk code below": ("</p><p>--XYZ int/sd", "XYZ", "int/sd"),
    "letters in brackets": (" (XYZ)", None, None),
    "agency in brackets": (" (Northern News Agency)", "Northern News Agency", None),
}


@pytest.mark.parametrize(("end", "agency", "desk"), ENDS.values(), ids=ENDS.keys())
def test_an_unknown_name_at_the_end_is_a_credit(end: str, agency: str | None, desk: str | None) -> None:
    copy = run(entry(f"<p>{OWN[1]}</p><p>{LEDE}{end}</p>", TITLE))
    assert copy.paragraphs == (OWN[1], LEDE)
    assert (copy.wire.agency, copy.wire.credit, copy.wire.desk) == (agency, agency or "XYZ", desk)
    assert run(entry(f"<p>{LEDE} (XYZ)</p>", TITLE), agencies=Agencies.known(["XYZ"])).wire.agency == "XYZ"


def test_an_unknown_byline_is_kept_as_byline_and_credit() -> None:
    wire = run(entry(f"<p>By Northwire | Updated: March 10, 2026 06:55</p><p>{LEDE}</p>", TITLE)).wire
    assert (wire.agency, wire.byline, wire.credit) == (None, "Northwire", "Northwire")


PROSE = {
    "party": "The seat went to a man of the Aam Example Party (AAP).",
    "ticker": "Shares of the shipping group (AP) rose.",
    "quoted": "According to Reuters, the line was sold, and Xinhua news agency reported a price.",
    "company": "Google (GOOG) - the search company - declined to comment on it.",
    "state code": "HARRISVILLE, Pa. — The mill will close in May, its owner said on Monday.",
    "abbreviation": "IBM — the firm, not the state — will close its mill in May, it said.",
    "sentence with a date": "On Monday, Oct 9 The Harbour, a film about ferries, opens in nine towns.",
    "dash": "Ferries - the last of them - will stop in May, the council said on Monday.",
}


@pytest.mark.parametrize("text", PROSE.values(), ids=PROSE.keys())
def test_a_name_in_prose_never_becomes_the_agency(text: str) -> None:
    copy = run(entry(f"<p>{text}</p><p>{LEDE}</p>", TITLE))
    assert copy.wire.agency is None
    assert copy.text.endswith(LEDE)
    assert text.split("—")[-1].strip() in copy.text


@pytest.mark.parametrize(
    ("author", "agency"),
    [("Reuters", "Reuters"), ("Jo Doe, Reuters", "Reuters"), ("Ana", None), ("Jo Doe", None), ("Jo Doe, PA", None)],
)
def test_an_author_that_is_an_agency_is_the_agency(author: str, agency: str | None) -> None:
    assert run(entry(LEDE, TITLE, authors=(author,))).wire.agency == agency


def test_the_configuration_speaks_where_the_text_says_nothing() -> None:
    own, credit = replace(SOURCE, agency="Indo-Asian News Service"), replace(SOURCE, credit="PTI")
    assert run(entry(LEDE, TITLE), own).wire.agency == "IANS"
    assert run(entry(LEDE, TITLE), credit).wire.agency == "PTI"
    assert run(entry(f"SAMPLETON, March 10 (Reuters) - {LEDE}", TITLE), credit).wire.agency == "Reuters"
    assert run(entry(LEDE, TITLE), replace(SOURCE, agency="Northwire")).wire.agency == "Northwire"


CITED = {
    "reported": ("The line was sold, Yonhap news agency reported.", ("Yonhap",)),
    "according to": ("It was sold, according to Xinhua and the owner.", ("Xinhua",)),
    "told": ("We sold it, the owner told Reuters on Monday.", ("Reuters",)),
    "state agency": ("The state news agency KCNA said nothing of it.", ("KCNA",)),
    "ambiguous alone": ("AAP said it would contest the vote.", ()),
    "ambiguous with the word": ("The ANI news agency reported the sale.", ("ANI",)),
    "longer name": ("He was quoted by the Associated Press of Pakistan.", ("APP",)),
    "own": ("It told IANS so, and Kyodo reported it too.", ("Kyodo",)),
    "german": ("Das berichtete die Nachrichtenagentur Reuters am Montag.", ("Reuters",)),
    "french": ("C'est fini, selon l'agence Xinhua.", ("Xinhua",)),
    "spanish": ("Se acabó, informó la agencia Xinhua.", ("Xinhua",)),
    "russian": ("Паром продан, сообщает ТАСС.", ("TASS",)),
    "chinese": ("据路透社报道，渡轮已出售。", ("Reuters",)),
    "japanese": ("フェリーは売却されたとロイター通信が報じた。", ("Reuters",)),
    "hindi": ("समाचार एजेंसी पीटीआई ने बताया कि नाव बिक गई।", ("PTI",)),
    "arabic": ("بيعت العبارة، وفق وكالة رويترز.", ("Reuters",)),
    "not cited": ("The Reuters building was sold.", ()),
    "unknown wire": ("The line was sold, Northern Wire reported.", ("Northern Wire",)),
    "unknown agency": ("It was sold, according to the Northern News Agency.", ("Northern News Agency",)),
    "unknown name of an agency": ("It was sold, news agency Norda reported.", ("Norda",)),
    "wire of another kind": ("The copper Wire reported missing was found.", ()),
    "unknown german": ("Das berichtet die Nachrichtenagentur Nord am Montag.", ("Nord",)),
    "unknown french": ("C'est fini, selon l'agence Nord.", ("Nord",)),
    "unknown spanish": ("Se acabó, informó la Agencia Norte.", ("Agencia Norte",)),
    "unknown russian": ("Паром продан, сообщает агентство «Север».", ("Север",)),
    "unknown chinese": ("据样例通讯社报道，渡轮已出售。", ("样例通讯社",)),
    "unknown japanese": ("見本通信によると、フェリーは売却された。", ("見本通信",)),
    "unknown korean": ("견본통신에 따르면 여객선이 팔렸다.", ("견본통신",)),
    "unknown thai": ("สำนักข่าวตัวอย่างรายงานว่าเรือถูกขาย", ("สำนักข่าวตัวอย่าง",)),
    "unknown arabic": ("بيعت العبارة، بحسب وكالة المثال.", ("وكالة المثال",)),
    "unknown hindi": ("समाचार एजेंसी नमूना ने कहा कि नाव बिक गई।", ("नमूना",)),
}


@pytest.mark.parametrize(("text", "cited"), CITED.values(), ids=CITED.keys())
def test_quoted_agencies_are_listed_and_never_the_own(text: str, cited: tuple[str, ...]) -> None:
    copy = run(entry(f"<p>Sampleton, March 10 (IANS) {LEDE}</p><p>{text}</p>", TITLE))
    assert copy.wire.agency == "IANS"
    assert copy.wire.cited == cited
