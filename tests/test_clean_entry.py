"""Entry -> Copy: a paper's auto-published page, dates, addresses, values, absurd input."""

from datetime import UTC, datetime, timedelta
from html import escape

import pytest
from clean_entries import LEDE, NOW, OWN, TITLE, entry, run
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedhub.model import Entry, EntryOrigin, Markup, Media
from feedhub.structs import replace

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


CONSENT = "We use cookies. You accept or refuse advertising."
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
        CONSENT,
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


# a label over an appeal, under a title that says the same
@example(
    ["City", "We use cookies. You accept or refuse advertising."], "We use cookies. You accept or refuse advertising."
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
