"""Entry -> Copy: a paper's auto-published page, dates, titles, addresses, citations."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedhub.clean import Agencies, clean
from feedhub.model import Copy, Entry, EntryOrigin, Markup, Media, Revision, RevisionKind, Source

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
KNOWN = Agencies.known()
SOURCE = Source(id="city", url="https://cityherald.example/feed", name="City Herald", outlet="cityherald.example")
TITLE = "Northern isles to lose last ferry: council"
LEDE = (
    "The northern isles will lose their last ferry in May, a council spokesperson has said, following a report that "
    "the line had lost money for nine years in a row and that no buyer was found."
)
OWN = [
    LEDE,
    "Island radio carried the report first, adding that the crew of forty had been told by letter, Yonhap news agency "
    "reported.",
    "\"I haven't seen the letter. So I can't confirm that,\" the deputy harbour master told reporters on Tuesday.",
    "In February, the council had signed a treaty with the mainland that calls for one party to carry the other's mail "
    '"without delay" in the event of a storm -- a pledge that many said amounted to a promise of ships.',
]
PAGE = [
    "City",
    "Epaper",
    TITLE,
    "By IANS | Updated: March 10, 2026 06:55 IST",
    "Sampleton, March 10 The northern isles will lose their last ferry in May, a council spokesperson has said, ...",
    "Open in App",
    f"Sampleton, March 10 {LEDE}",
    *OWN[1:],
    "Disclaimer: This post has been auto-published from an agency feed without any modifications to the text and has "
    "not been reviewed by an editor",
    "Open in App",
    "Related Stories",
    "InternationalMinister to visit harbour, take part in fishing talks",
    'EntertainmentSinger reacts to rumours, says "Is it true now.."',
    "Villageville“Take our boats instead”: Fishermen resist relocation; many hurt",
    "International Realted Stories",
    "InternationalFleet warns of fuel shortage as boats return from the south",
    'International"Relationship is complex, don\'t think ships go there soon": Expert on ferries',
]
DELIVERIES = {
    "paragraphs": Markup(value="".join(f"<p>{escape(line)}</p>" for line in PAGE)),
    "divisions": Markup(value="".join(f"<div><span>{escape(line)}</span></div>" for line in PAGE)),
    "line breaks": Markup(value="<br>".join(escape(line) for line in PAGE)),
    "double line breaks": Markup(value="<br /><br />\n".join(escape(line) for line in PAGE)),
    "plain lines": Markup(value="\n".join(PAGE), html=False),
    "plain paragraphs": Markup(value="\n\n".join(PAGE), html=False),
    "lines in a description": Markup(value=escape("\n".join(PAGE), quote=False)),
}


def entry(body: str | Markup | None = None, title: str | None = None, **more: object) -> Entry:
    content = Markup(value=body) if isinstance(body, str) else body
    base = Entry(
        guid="g1",
        link="https://cityherald.example/n/1",
        title=Markup(value=title) if title is not None else None,
        summary=content,
        published=NOW,
    )
    return replace(base, **more)  # type: ignore[arg-type]


def run(
    item: Entry, source: Source = SOURCE, agencies: Agencies = KNOWN, feed_title: str | None = "City Herald"
) -> Copy:
    return clean(
        item,
        source=source,
        feed_title=feed_title,
        feed_language="en",
        outlet=source.outlet or "cityherald.example",
        first_seen=NOW,
        now=NOW,
        agencies=agencies,
    )


@pytest.mark.parametrize("title", [TITLE, None], ids=["titled", "untitled"])
@pytest.mark.parametrize("body", DELIVERIES.values(), ids=DELIVERIES.keys())
def test_of_an_auto_published_page_the_agency_story_alone_is_left(body: Markup, title: str | None) -> None:
    copy = run(entry(body, title))
    assert list(copy.paragraphs) == OWN
    assert copy.title == TITLE
    wire = copy.wire
    assert (wire.agency, wire.place, wire.date, wire.byline) == ("IANS", "Sampleton", "2026-03-10", "IANS")
    assert wire.cited == ("Yonhap",)
    assert copy.dropped["related-list"] == 7
    assert copy.dropped["blurb"] == copy.dropped["disclaimer"] == 1


@pytest.mark.parametrize("body", DELIVERIES.values(), ids=DELIVERIES.keys())
def test_the_html_has_the_same_paragraphs(body: Markup) -> None:
    copy = run(entry(body, TITLE))
    again = run(entry(copy.html, copy.title))
    assert again.paragraphs == copy.paragraphs
    assert again.html == copy.html
    assert again.dropped == {}


def test_a_full_body_beside_a_teaser_speaks_and_the_repeated_teaser_goes() -> None:
    item = entry(
        Markup(value="Sampleton, March 10 (IANS) The northern isles will lose their last ferry in May, ..."), TITLE
    )
    copy = run(replace(item, content=Markup(value="".join(f"<p>{escape(p)}</p>" for p in OWN))))
    assert list(copy.paragraphs) == OWN
    assert copy.summary is None
    assert copy.wire.agency == "IANS"


@pytest.mark.timeout(30)
def test_a_teaser_of_dots_is_no_more_work_than_another() -> None:
    assert run(entry(f"<p>{'.' * 200_000}x</p><p>{'.' * 11}x and so on</p>", TITLE)).paragraphs


def test_a_teaser_of_its_own_is_kept_plain() -> None:
    item = entry(Markup(value="<b>What</b> the isles lose &amp; why. <a href='/x'>Read more</a>"), TITLE)
    copy = run(replace(item, content=Markup(value="".join(f"<p>{escape(p)}</p>" for p in OWN))))
    assert copy.summary == "What the isles lose & why."


def test_links_and_pictures_are_absolute_against_the_base() -> None:
    body = '<p>See <a href="../map">the map</a> <img src="/i.jpg" srcset="/i2.jpg 2x"></p>'
    html = run(entry(body, base="https://cityherald.example/a/b/")).html
    assert 'href="https://cityherald.example/a/map"' in html
    assert 'src="https://cityherald.example/i.jpg"' in html
    assert 'srcset="https://cityherald.example/i2.jpg 2x"' in html


def test_pictures_of_dropped_teasers_go_with_them() -> None:
    teasers = "<p><img src=/1.jpg></p><p><a href=/1>One thing</a></p><p><img src=/2.jpg></p><p><a href=/2>Two</a></p>"
    body = f"<p>{LEDE}</p><p>Related Stories</p>{teasers}"
    assert "<img" not in run(entry(body, TITLE)).html
    assert "<img" in run(entry(f"<p><img src=/0.jpg></p>{body}", TITLE)).html


def test_captions_stay_in_the_html_and_out_of_the_text() -> None:
    copy = run(entry(f"<figure><img src=/1.jpg><figcaption>The quay</figcaption></figure><p>{LEDE}</p>", TITLE))
    assert copy.paragraphs == (LEDE,)
    assert "<figcaption>The quay</figcaption>" in copy.html


def test_the_dateline_leaves_the_html_and_its_markup_stays_sound() -> None:
    copy = run(entry(f"<p><b>SAMPLETON, March 10</b> <i>(Reuters)</i> - {LEDE}</p>", TITLE))
    assert copy.html == f"<p>{LEDE}</p>"


DATES = {
    "missing": (None, (None, True)),
    "past": (NOW - timedelta(days=400), (NOW - timedelta(days=400), False)),
    "a little ahead": (NOW + timedelta(minutes=9), (NOW + timedelta(minutes=9), False)),
    "future": (NOW + timedelta(hours=3), (NOW, True)),
}


@pytest.mark.parametrize(("published", "expected"), DATES.values(), ids=DATES.keys())
def test_a_date_is_taken_clamped_or_doubted(published: datetime | None, expected: tuple[datetime | None, bool]) -> None:
    copy = run(entry(LEDE, TITLE, published=published))
    assert (copy.published, copy.date_doubtful) == expected


@pytest.mark.parametrize(
    ("published", "dateline", "date"),
    [
        (datetime(2026, 1, 2, tzinfo=UTC), "SAMPLETON, Dec 31 (AFP) - ", "2025-12-31"),
        (datetime(2025, 12, 31, 23, tzinfo=UTC), "SAMPLETON, January 1 (AFP) - ", "2026-01-01"),
        (datetime(2026, 3, 1, tzinfo=UTC), "SAMPLETON, Feb. 29, 2024 (AFP) - ", "2024-02-29"),
        (None, "SAMPLETON, March 10 (AFP) - ", "2026-03-10"),
    ],
    ids=["last year", "next year", "year given", "first seen"],
)
def test_a_dateline_takes_its_year_from_the_published_date(
    published: datetime | None, dateline: str, date: str
) -> None:
    assert run(entry(dateline + LEDE, TITLE, published=published)).wire.date == date


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


TITLES = {
    "outlet behind a dash": ("Ferry line to close - City Herald", "Ferry line to close"),
    "outlet behind a bar": ("Ferry line to close | cityherald.example", "Ferry line to close"),
    "outlet in front": ("City Herald: Ferry line to close", "Ferry line to close"),
    "agency in brackets": ("Ferry line to close (Reuters)", "Ferry line to close"),
    "agency in front": ("AP - Ferry line to close", "Ferry line to close"),
    "update": ("UPDATE 2-Ferry line to close - City Herald", "Ferry line to close"),
    "stacked": ("UPDATE 1-CORRECTED-Ferry line to close", "Ferry line to close"),
    "attribution stays": ("Ferry line to close: sources", "Ferry line to close: sources"),
    "a source that is not the outlet stays": ("Ferry line to close - Xinhua", "Ferry line to close - Xinhua"),
    "second clause stays": ("Ferry line to close - what next?", "Ferry line to close - what next?"),
    "brackets stay": ("Ferry line to close (again)", "Ferry line to close (again)"),
    "outlet alone stays": ("City Herald", "City Herald"),
    "tags": ("<b>Ferry</b> line &amp;amp; crew", "Ferry line & crew"),
    "script": ("<script>alert(1)</script>Ferry line<b onclick=x>", "Ferry line"),
    "less than": ("Rates fall to < 5 %", "Rates fall to < 5 %"),
    "ticker": ("<ABC.N> Ferry line to close", "<ABC.N> Ferry line to close"),
}


@pytest.mark.parametrize(("raw", "title"), TITLES.values(), ids=TITLES.keys())
def test_a_title_is_the_headline_alone(raw: str, title: str) -> None:
    copy = run(entry(f"<p>{LEDE}</p>", raw))
    assert copy.title == title
    assert run(entry(f"<p>{LEDE}</p>", copy.title)).title == title


REVISIONS = {
    "title": ("UPDATE 2-Ferry line", LEDE, Revision(kind=RevisionKind.UPDATE, number=2)),
    "strongest": ("UPDATE 1-CORRECTED-Ferry line", LEDE, Revision(kind=RevisionKind.CORRECTION, number=1)),
    "lead": ("(2nd LEAD) Ferry line", LEDE, Revision(kind=RevisionKind.LEAD, number=2)),
    "note": ("Ferry line", f"<p>(Adds details, quotes)</p><p>{LEDE}</p>", Revision(kind=RevisionKind.UPDATE)),
    "correction note": (
        "Ferry line",
        f"<p>(Corrects name in para 2)</p><p>{LEDE}</p>",
        Revision(kind=RevisionKind.CORRECTION),
    ),
    "word in prose": ("Ferry line", f"<p>{LEDE}</p><p>He wrote a correction. Kill the line, they said.</p>", None),
}


@pytest.mark.parametrize(("title", "body", "revision"), REVISIONS.values(), ids=REVISIONS.keys())
def test_revision_marks_are_lifted_from_title_and_text(title: str, body: str, revision: Revision | None) -> None:
    copy = run(entry(body, title))
    assert copy.wire.revision == revision
    assert copy.title == "Ferry line"
    assert copy.paragraphs[0] == LEDE


def test_copyright_lines_become_rights() -> None:
    copy = run(entry(f"<p>{LEDE}</p><p>© 2026 City Herald. All rights reserved.</p>", TITLE, rights="CC BY"))
    assert copy.rights == "CC BY\n© 2026 City Herald. All rights reserved."
    assert copy.paragraphs == (LEDE,)


def test_a_related_heading_over_prose_is_a_heading() -> None:
    body = f"<p>{OWN[1]}</p><h3>Related</h3><p>{LEDE}</p>"
    assert run(entry(body, TITLE)).paragraphs == (OWN[1], "Related", LEDE)


def test_the_article_goes_on_after_a_list_in_its_middle() -> None:
    teasers = "<ul><li><a href=/1>Bridge sold</a></li><li><a href=/2>Boat sunk</a></li></ul>"
    body = f"<p>{OWN[1]}</p><p>Also Read</p>{teasers}<p>{LEDE}</p>"
    assert run(entry(body, TITLE)).paragraphs == (OWN[1], LEDE)


def test_an_item_that_is_only_furniture_is_left_empty() -> None:
    copy = run(entry("<p>Open in App</p><p>Read more</p>", TITLE))
    assert copy.paragraphs == ()
    assert copy.html == ""
    assert copy.dropped


def test_values_of_the_entry_are_cleaned() -> None:
    item = entry(
        LEDE,
        TITLE,
        link="http://cityherald.example/n/1?utm_source=rss#0",
        authors=("A &amp; B", "A & B"),
        categories=("<b>Sea</b>", ""),
        origin=EntryOrigin(title="Other <i>paper</i>", url="javascript:x"),
        media=(
            Media(url="/a.jpg", credit="X &amp; Y"),
            Media(url="data:x"),
            Media(url="/p.gif", width=1, medium="image"),
            Media(url="/q.gif", height=1, type="image/gif"),
        ),
    )
    copy = run(item)
    assert copy.url == "http://cityherald.example/n/1#0"
    assert copy.url_key == "cityherald.example/n/1"
    assert copy.authors == ("A & B",)
    assert copy.categories == ("Sea",)
    assert copy.origin == EntryOrigin(title="Other paper", url=None)
    assert copy.media == (Media(url="http://cityherald.example/a.jpg", credit="X & Y"),)
    assert copy.language == "en"


def test_an_authors_name_has_no_markup() -> None:
    authors = ("&lt;script&gt;alert(1)&lt;/script&gt;", "<b>Ann Lee</b>", "5 < 6 Press")
    assert run(entry(LEDE, TITLE, authors=authors)).authors == ("Ann Lee", "5 < 6 Press")


def test_a_title_of_tags_within_tags_is_left_without_any() -> None:
    title = run(entry(LEDE, "A" + "<b" * 600 + ">" * 600 + "Z")).title
    assert (title[:1], "<" in title, ">" in title) == ("A", False, False)


def test_an_unsafe_link_is_no_address() -> None:
    copy = run(entry(LEDE, TITLE, link="javascript:alert(1)"))
    assert (copy.url, copy.url_key) == (None, None)


def test_what_is_cut_off_a_body_beyond_all_measure_is_told() -> None:
    assert run(entry("<p>word</p>" * 9_000, TITLE)).dropped["oversize"] == 1
    assert run(entry("<p>" + "word " * 100_000 + "</p>", TITLE)).dropped["oversize"] == 1
    assert run(entry("<p>" + "<b>a</b>" * 40_000 + "</p>", TITLE)).dropped["oversize"] == 1
    assert "oversize" not in run(entry("<p>word</p>" * 100, TITLE)).dropped


ABSURD = {
    "brackets in the title": ("(" * 50_000, "x"),
    "scripts in the title": ("<script>" * 20_000, "x"),
    "comments in the title": ("<!--" * 30_000, "x"),
    "marks": ("UPDATE 1-" * 10_000 + "x", "x"),
    "names": ("t", "<p>" + "Reuters reported. " * 20_000),
    "buttons": ("t", "<p>Read more</p>" * 20_000),
    "bylines": ("t", "<p>By Jo Example</p>" * 20_000),
    "datelines": ("t", "<p>" + "PARIS (AFP) - " * 20_000),
    "list": ("t", "<p>Related</p>" + "<p>Abc def</p>" * 20_000),
    "agencies": ("t", "<p>" + "Northern News Agency reported. " * 20_000),
    "capitals": ("t", "<p>" + "ABC DEF " * 20_000 + "— x"),
    "consent": ("t", "<p>We use cookies, you may accept or refuse advertising partners.</p>" * 20_000),
    "brackets": ("t", "<p>" + "((" * 20_000),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("title", "body"), ABSURD.values(), ids=ABSURD.keys())
def test_cleaning_absurd_input_comes_to_an_end(title: str, body: str) -> None:
    assert len(run(entry(body, title)).text) <= len(body)


def test_an_empty_entry_gives_an_empty_copy() -> None:
    copy = run(Entry(guid="g"))
    assert (copy.title, copy.text, copy.html, copy.summary, copy.url) == ("", "", "", None, None)


LINES = st.sampled_from(
    [
        *PAGE,
        "(IANS)",
        "--IANS int/sd",
        "(Reuters) - x",
        "ABC-DEF/ (UPDATE 2)",
        "PORT (Northwire) - A",
        "((x@y)) (c) Z",
        "Adds details",
        "We use cookies. You accept or refuse advertising.",
        "PLACE — A",
        "【甲＝乙通信】",
        "(LEAD) (Adds quotes)",
        "By Jo Example",
        "UPDATE 1-x",
        "",
        "Read more",
        "© x",
    ]
)


@settings(deadline=None)
@given(st.lists(st.one_of(LINES, st.text(max_size=30)), max_size=9), st.one_of(LINES, st.text(max_size=40)))
def test_cleaning_twice_is_cleaning_once(lines: list[str], title: str) -> None:
    once = run(entry("".join(f"<p>{escape(line)}</p>" for line in lines), title))
    twice = run(entry(once.html, once.title))
    assert (twice.title, twice.paragraphs, twice.html) == (once.title, once.paragraphs, once.html)


def test_a_content_speaks_before_the_same_text_without_its_markup() -> None:
    content = '<p>The quay was <a href="https://quay.example/o">opened</a>.</p><figure><img src="/q.jpg"></figure>'
    flat = Markup(value="The quay was opened. Go on …", html=False)
    copy = run(replace(entry(flat), content=Markup(value=content)))
    assert 'href="https://quay.example/o"' in copy.html
    assert "<img" in copy.html


def test_a_summary_that_is_the_text_speaks_before_a_content_of_a_few_words() -> None:
    copy = run(replace(entry(f"<p>{LEDE}</p>"), content=Markup(value="<p>Read on at our site.</p>")))
    assert copy.paragraphs[-1].endswith("that no buyer was found.")
