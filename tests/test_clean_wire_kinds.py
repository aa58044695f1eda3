"""Kinds of wire marks that were read wrongly once: each rule with siblings, and with what must stay."""

from __future__ import annotations

import pytest

from feedhub.clean import Agencies, CleanItem, clean_item, common_suffix

KNOWN = Agencies.known()
PROSE = "The ferry across the bay stopped on Tuesday after a bolt broke, and two hundred people walked home."


def cleaned(text: str, *, title: str = "Ferry stops", source: str | None = None, host: str | None = None) -> CleanItem:
    return clean_item(title, None, text, agencies=KNOWN, source=source, host=host)


@pytest.mark.parametrize(
    "opening",
    [
        "Sen. Jo Example (D-Pa.) said the ferry would be mended.",
        "Rep. Jo Example (R-Ana.) told the council that the ferry would be mended.",
        "Gov. Jo Example (I-Me.) voted for the ferry.",
        "Sen. Jo Example (D-N.Y.) wants the ferry back.",
        "Assemblywoman Jo Example (D-AP) said the ferry would be mended.",
    ],
)
def test_a_politicians_party_and_state_is_no_agency_and_cuts_nothing(opening: str) -> None:
    item = cleaned(opening)
    assert item.text == opening
    assert (item.wire.agency, item.wire.place, item.wire.credit) == (None, None, None)


@pytest.mark.parametrize(
    ("opening", "agency"),
    [
        ("SAMPLETON (dpa) - The ferry stopped.", "dpa"),
        ("MOSKVA, March 3 (Itar-Tass) - The ferry stopped.", "TASS"),
        ("SAMPLETON (AP) - eBay stopped the ferry.", "AP"),
        ("SAMPLETON, Pa. (AP) - The ferry stopped.", "AP"),
    ],
)
def test_agencies_in_brackets_are_still_read(opening: str, agency: str) -> None:
    assert cleaned(opening).wire.agency == agency


@pytest.mark.parametrize(
    "opening",
    [
        "SAMPLETON (Reuters) - the ferry stopped.",
        "The mayor of Sampleton (AP) said so.",
        "Sampleton, March 3 (AFP) and the boats of the bay.",
        "SAMPLETON -- and so it went on.",
        "(AP) -stopped the ferry.",
    ],
)
def test_nothing_is_cut_in_front_of_a_small_letter(opening: str) -> None:
    assert cleaned(opening).text == opening


@pytest.mark.parametrize(
    ("opening", "place"),
    [
        ("湾の渡し船が三日ぶりに再開、住民ら喜び＝市長（ロイター） 例新聞", None),
        ("ニュース速報、渡し船が再開「ようやく」と住民（共同）", None),
        ("海湾渡轮恢复，居民称终于可以回家 （路透社）", None),
        ("【サンプル共同】渡し船が三日ぶりに再開した。", "サンプル"),
        ("［サンプル　１７日　ロイター］ - 渡し船が三日ぶりに再開した。", "サンプル"),
    ],
)
def test_a_headline_of_a_script_without_spaces_is_no_place(opening: str, place: str | None) -> None:
    assert cleaned(opening).wire.place == place


def test_the_buttons_for_the_size_of_letters_are_no_agency() -> None:
    for name, size in (("Text Size", "Small\nMedium\nLarge"), ("Schriftgröße", "A-\nA+"), ("文字サイズ", "小\n中\n大")):
        item = cleaned(f"AA\n{name}\n{size}\n{PROSE}")
        assert (item.wire.agency, item.text) == (None, PROSE)
        assert item.dropped["text size"] >= 4
    assert cleaned(f"AA\n{PROSE}").wire.agency == "AA", "without a control it is Anadolu's credit"
    assert cleaned(f"{PROSE}\nText size").text.endswith("Text size"), "the last line is left alone"


@pytest.mark.parametrize(
    ("opening", "source"),
    [
        ("BAYWATCHER – The ferry stopped.", "baywatcher"),
        ("BAY GAZETTE — The ferry stopped.", "Bay Gazette"),
        ("Sampleton, March 3 (Bay Gazette) - The ferry stopped.", "baygazettelk"),
    ],
)
def test_a_sources_own_name_is_no_place_and_no_credit(opening: str, source: str) -> None:
    item = cleaned(opening, source=source)
    assert item.text == "The ferry stopped."
    assert item.wire.agency is item.wire.credit is None
    assert item.wire.place in (None, "Sampleton")


def test_a_medium_that_is_not_known_is_no_place_either() -> None:
    opening = "ECONOMYFIRST NEWS – The ferry stopped."
    assert (cleaned(opening).wire.place, cleaned(opening).text) == (None, opening)
    assert cleaned("HARBOURVILLE – The ferry stopped.").wire.place == "Harbourville"


def test_a_name_that_a_source_shares_with_an_agency_is_its_own_on_its_own_site() -> None:
    text = f"{PROSE} The harbour master told CNA news agency so."
    assert cleaned(text, source="CNA", host="www.cna-of-elsewhere.example").wire.cited == ()
    assert cleaned(text, source="CNA", host="www.cna.com.tw").wire.cited == ("CNA",)
    assert cleaned(text, source="Bay Gazette", host="bay.example").wire.cited == ("CNA",)


def test_a_link_into_the_wires_terminal_leaves_its_text() -> None:
    text = 'The council faces a [USN:L6N44G0N5 TEXT:"vote of no confidence"] on Friday, [nL: x] the mayor said.'
    assert cleaned(text).text == "The council faces a vote of no confidence on Friday, [nL: x] the mayor said."
    assert cleaned("He wrote TEXT: and sent it [at once].").text == "He wrote TEXT: and sent it [at once]."


@pytest.mark.parametrize(
    "caption",
    [
        "Harbour master Jo Example. Al Nother/Bloomberg",
        "The ferry at its quay on Monday. REUTERS/Al Nother/File Photo",
        "FILE PHOTO: The ferry at its quay, March 3, 2026",
        "The ferry at its quay, by Al Nother/Getty Images",
        "JO EXAMPLE/BAY DAILY NEWS/GETTY IMAGES",
    ],
)
def test_a_caption_is_no_first_paragraph(caption: str) -> None:
    item = cleaned(f"{caption}\n{PROSE}")
    assert (item.text, sum(item.dropped.values())) == (PROSE, 1)
    assert item.wire.agency is None
    if not caption.startswith("FILE"):
        assert cleaned(caption).text == caption, "alone it is all that there is"


@pytest.mark.parametrize(
    "lede",
    [
        "The ferry runs between Sampleton and Bay/Harbour, the council said.",
        "Jo Example wrote the report for AFP and Reuters.",
        "File a claim before Friday, the harbour office told those who waited in the rain for the boat.",
    ],
)
def test_prose_that_looks_a_little_like_a_caption_stays(lede: str) -> None:
    assert cleaned(f"{lede}\n{PROSE}").text == f"{lede}\n{PROSE}"


def test_what_was_lent_to_a_text_did_not_write_it() -> None:
    assert cleaned(f"{PROSE}\n(Image via Example News)").wire.agency is None
    assert cleaned(f"{PROSE} [Photo courtesy of AP]").wire.agency is None
    item = cleaned(f"{PROSE}\n(With the Associated Press)")
    assert (item.wire.agency, item.text) == ("AP", PROSE)


def test_a_byline_before_a_dateline_ends_where_the_capitals_begin() -> None:
    for names in ("Jo Example", "Jo Example and Al Nother", "Jo O'Example, Al Nother and Mai van Sample"):
        item = cleaned(f"By {names} SAMPLETON/BAY CITY, Aug 21 (Reuters) - The ferry stopped.")
        assert (item.wire.agency, item.wire.place) == ("Reuters", "Sampleton/Bay City"), names
        assert (item.wire.byline, item.text) == (names, "The ferry stopped.")
    item = cleaned("By Jo Example and Al Nother Aug 21 (Reuters) - The ferry stopped.")
    assert (item.wire.byline, item.wire.place) == ("Jo Example and Al Nother", None)


def test_a_headline_in_capitals_and_a_site_are_no_places() -> None:
    assert cleaned("BAY FUND - BLUE SKIES GLOBAL CORPORATES TRACKER").wire.place is None
    assert cleaned("Bay.com - (Bay News) - The ferry stopped.").wire.place is None
    assert cleaned("Canadian Press - SAMPLETON (CP) - The ferry stopped.").wire.place == "Sampleton"
    assert cleaned("Sports News, New Sampleton, Oct 12 (IANS) The ferry stopped.").wire.place == "New Sampleton"


def test_an_aggregators_title_and_teaser_tell_the_outlet() -> None:
    title = "Ferry stops for a day"
    item = clean_item(f"{title} - Bay Paper", f"{title} \xa0\xa0 Bay Paper", None, agencies=KNOWN)
    assert (item.title, item.summary, item.origin, item.wire.agency) == (title, None, "Bay Paper", None)
    item = clean_item(f"{title} - Reuters", f"{title}  Reuters", None, agencies=KNOWN)
    assert (item.title, item.origin, item.wire.agency) == (title, "Reuters", "Reuters")
    teaser = "渡し船が再開（ロイター） 例ニュース"
    item = clean_item("渡し船が再開（ロイター） - 例ニュース", teaser, None, agencies=KNOWN)
    assert (item.title, item.origin, item.summary, item.wire.agency) == ("渡し船が再開", "例ニュース", None, "Reuters")
    item = clean_item("Ferry stops - and starts", "Ferry stops and starts", None, agencies=KNOWN)
    assert (item.title, item.origin, item.summary) == ("Ferry stops - and starts", None, "Ferry stops and starts")


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("The <video> element", "The <video> element"),
        ("The &lt;select&gt; element, <em>again</em>", "The <select> element, again"),
        ("Using <code>&lt;button&gt;</code> now", "Using <button> now"),
        ("Line one<br>line two", "Line one line two"),
        ("<b>Bold</b> words &lt;i&gt;of&lt;/i&gt; a ferry", "Bold words of a ferry"),
        ("<b>Ferry stops", "Ferry stops"),
        ('Ferry <img src="x"> stops <a href="y">here</a>', "Ferry stops here"),
        ("5 < 6, <ABC Ltd> says", "5 < 6, <ABC Ltd> says"),
        ("<script>alert(1)</script>Ferry stops", "Ferry stops"),
    ],
)
def test_a_title_keeps_the_names_of_elements_and_loses_markup(raw: str, title: str) -> None:
    assert clean_item(raw, None, PROSE, agencies=KNOWN).title == title
    assert clean_item(title, None, PROSE, agencies=KNOWN).title == title


PLACES = ("north", "south", "east", "west")
HEADS = [f"{what} {where} for the first time" for what in ("Ferry runs", "Bear seen") for where in PLACES]


@pytest.mark.parametrize(
    ("titles", "suffix"),
    [
        ([f"{head} - Bay Paper" for head in HEADS], "Bay Paper"),
        ([f"{head} | The Bay of the East" for head in HEADS], "The Bay of the East"),
        ([f"湾の渡し船が{n}日ぶりに再開した - 例ニュース" for n in range(8)], "例ニュース"),
        ([*[f"{head} - Bay Paper" for head in HEADS[:7]], "Choir sings in the rain"], "Bay Paper"),
        ([f"{head} - Bay Paper" for head in HEADS[:6]], None),
        ([*[f"{head} - Bay Paper" for head in HEADS[:5]], *HEADS[5:]], None),
        ([f"{head} line - Severe delays" for head in HEADS], None),
        ([f"Line {n} - Severe Delays" for n in range(8)], None),
        (["Northern line is shut - Severe Delays"] * 8, None),
        ([f"{head} - Part 2" for head in HEADS], None),
    ],
)
def test_a_name_with_which_nearly_all_titles_end_is_the_outlets(titles: list[str], suffix: str | None) -> None:
    assert common_suffix(titles) == suffix


@pytest.mark.parametrize(
    "caption",
    [
        "Chief Jo Example. Al Nother/Bloomberg/Getty Images",
        "Al Nother/Bloomberg via Getty Images",
        "The ferry at its quay. Al Nother/AP",
    ],
)
def test_a_caption_glued_to_the_lede_is_cut_off(caption: str) -> None:
    item = cleaned(f"{caption} {PROSE}")
    assert (item.text, item.wire.agency, item.wire.place) == (PROSE, None, None)


@pytest.mark.parametrize(
    "lede",
    [
        "Jo Example/Al Nother met the mayor of the town on Monday to talk about the bridge over the river.",
        "Jo Example/AP wrote of the ferry that it would not run again before the end of the year.",
        "News by Example Newswire on Bayview, 2026-08-17 Bayview",
    ],
)
def test_what_only_looks_like_a_caption_or_a_dateline_stays(lede: str) -> None:
    item = cleaned(lede)
    assert (item.text, item.wire.place) == (lede, None)


def test_a_weekday_and_a_duration_are_no_part_of_place_and_credit() -> None:
    assert cleaned("BAYVILLE, England, Monday, Sept. 20: The ferry stopped.").wire.place == "Bayville, England"
    assert cleaned("Source: Bloomberg, 4:51").wire.credit == "Bloomberg"
    assert cleaned("St. Louis (AP) - The bridge opened.").wire.place == "St. Louis"


@pytest.mark.parametrize("head", ["UPDATE 6:30pm: ", "Update 11:05 a.m. - ", "UPDATE 2:15: "])
def test_a_time_of_day_is_no_numbered_update(head: str) -> None:
    assert cleaned(head + PROSE).text == head + PROSE
    item = cleaned("UPDATE 6: " + PROSE)
    assert (item.text, str(item.wire.revision)) == (PROSE, "update 6")


@pytest.mark.parametrize(
    "head", ["Bayville Teer Result Today", "Gold Rates", "Bay Weather Forecast", "Horóscopo de Hoy"]
)
def test_a_recurring_headline_with_a_date_is_no_place(head: str) -> None:
    text = f"{head}, August 8, 2026: Check the numbers of the morning round below."
    assert (cleaned(text).wire.place, cleaned(text).text) == (None, text)
    assert cleaned("Bayville, August 8, 2026: The ferry stopped.").wire.place == "Bayville"


@pytest.mark.parametrize("credit", ["(Source: Reuters)", "[Quelle: dpa]", "(Fuente: EFE)"])
def test_a_source_in_brackets_at_the_end_is_the_credit(credit: str) -> None:
    item = cleaned(f"{PROSE} {credit}")
    assert item.text == PROSE
    assert item.wire.agency in ("Reuters", "dpa", "EFE")
    assert cleaned(f"{PROSE} (Source: the harbour master)").text.endswith("(Source: the harbour master)")


def test_a_city_after_which_an_outlet_is_named_is_a_place() -> None:
    assert cleaned("BOSTON — The ferry stopped.", source="Boston.com", host="boston.com").wire.place == "Boston"
