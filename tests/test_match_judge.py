"""Same story? One table, row by row, with invented texts; `judge` is the same from both sides."""

from __future__ import annotations

import pytest
from comparing import BANNER, FERRY, OTHER_FERRY, STATEMENT, changed, compare, first_words, item
from hypothesis import given
from hypothesis import strategies as st

from feedhub.match import Prepared, learn
from feedhub.model import Relation, RevisionKind, Verdict
from feedhub.structs import replace

HEAD, OTHER_HEAD = "Ferry sinks on Lake Ormund, 34 dead", "Dozens missing after boat capsizes in storm"
TOLL = changed(FERRY, _34="36")
FULL = item("lake-post", HEAD, FERRY)


def earnings(company: str, percent: int, profit: int, growth: int, revenue: int) -> str:
    return (
        f"{company} Holdings said net profit for the three months to March rose {percent} percent to {profit} million"
        f" crowns, helped by stronger demand at home and a weaker currency. Revenue grew {growth} percent to {revenue}"
        f" million crowns. The company kept its forecast for the full year. Shares in {company} were little changed."
    )


def weather(day: str, high: int, low: int, region: str = "lake district") -> str:
    return (
        f"Partly cloudy skies are expected over the {region} on {day} with a light breeze from the west. The high will"
        f" be near {high} degrees and the low around {low}. A shower cannot be ruled out in the evening, mainly over"
        " the hills. Boaters should watch for gusts near the mouth of the river."
    )


LONG_HEAD = "Governor says owner of the Sea Lantern was warned twice this spring about the life jackets"
TEASERS = (
    item("lake-post", LONG_HEAD, "Families ask why nobody answered, and the council wants its papers back."),
    item("daily", LONG_HEAD, "A letter that the harbour master kept may decide the trial of the year."),
)
TAKEOVER = (
    "{0} said on Tuesday it had agreed to buy the ferry line Tolvik Lakes in a deal that would give it control of"
    " eleven piers and most of the traffic on the eastern shore of the lake, subject to approval by the council."
)

GALE = (
    "The weather office has issued a yellow warning of strong wind for {0} and the coast within ten miles of it, valid"
    " until the evening of Wednesday. Gusts of 80 to 95 kilometres an hour are expected, and lorries are told to keep"
    " off the bridges."
)
RECALL = (
    "The bakery Ormund Mills asks customers to bring back its {0} in packs of {1} grams, because glass may have got"
    " into the dough. Affected is the batch that was sold on the eastern shore of the lake since last month."
)
BALLOT = (
    "Pilots in {0} to strike on Tuesday in a dispute over night shifts, their union said after it had counted the"
    " ballots of all stations on the lake."
)
TREMOR = (
    "１４日{0}ごろ、{1}を震源とする地震があり、北浜市で震度３を観測した。"
    "国の観測所によると、震源の深さは約２０キロ、地震の規模は４・６と推定される。"
)

MERGED = {
    "one long headline over two teasers of a day": (*TEASERS, Relation.COPY),
    "one firm, its name in full and in short": (
        item("lake-post", "Ormundshipping to buy ferry line Tolvik Lakes", TAKEOVER.format("Ormundshipping")),
        item("daily", "Ormund buys ferry line Tolvik Lakes, council alarmed", TAKEOVER.format("Ormund")),
        None,
    ),
    "copy under another headline": (FULL, item("daily", OTHER_HEAD, FERRY), Relation.COPY),
    "copy cut from the bottom": (FULL, item("daily", OTHER_HEAD, FERRY[:4]), Relation.COPY),
    "copy cut to its first half": (FULL, item("daily", OTHER_HEAD, FERRY[:3]), Relation.EXCERPT),
    "copy with a new lede": (FULL, item("daily", OTHER_HEAD, (OTHER_FERRY[0], *FERRY[1:])), Relation.COPY),
    "excerpt of forty words": (FULL, item("daily", OTHER_HEAD, first_words(FERRY, 40)), Relation.EXCERPT),
    "excerpt of twenty-five words": (FULL, item("daily", OTHER_HEAD, first_words(FERRY, 25)), Relation.EXCERPT),
    "two excerpts of one text": (
        item("lake-post", HEAD, first_words(FERRY, 40)),
        item("daily", OTHER_HEAD, first_words(FERRY, 28)),
        None,
    ),
    "toll corrected within the day": (FULL, item("daily", OTHER_HEAD, TOLL, hours=6), Relation.REVISION),
    "marked update a day and a half later": (
        FULL,
        item("daily", OTHER_HEAD, TOLL, hours=30, mark=RevisionKind.UPDATE, number=2),
        Relation.REVISION,
    ),
    "update of the same source": (
        FULL,
        item("lake-post", "Ferry sinks on Lake Ormund, 36 dead", TOLL, hours=5),
        Relation.REVISION,
    ),
    "toll corrected in words, with more about the dead": (
        FULL,
        item(
            "daily",
            HEAD.removesuffix(", 34 dead"),
            changed(FERRY, **{"at least 34 people": "thirty-six people, nine of them children,"}),
            hours=3,
        ),
        Relation.REVISION,
    ),
    "toll corrected in an excerpt": (
        item("lake-post", HEAD, first_words(FERRY, 40)),
        item("daily", "Ferry sinks on Lake Ormund, 36 dead", first_words(TOLL, 40), hours=3),
        Relation.REVISION,
    ),
    "one page again under another guid": (
        item("lake-post", HEAD, FERRY, url_key="page", guid="1"),
        item("lake-post", OTHER_HEAD, (*TOLL[:4], *OTHER_FERRY), url_key="page", guid="2", hours=9),
        Relation.SAME,
    ),
    "one entry through two feeds of an outlet": (
        item("lake-front", HEAD, FERRY, guid="tag:lake.example,2031:7", outlet="lake"),
        item("lake-region", HEAD, FERRY[:4], guid="tag:lake.example,2031:7", outlet="lake"),
        Relation.SAME,
    ),
    "one forecast in two papers": (
        item("lake-post", "Weather for the lake district", weather("Tuesday", 18, 9)),
        item("daily", "Lake district forecast", weather("Tuesday", 18, 9), hours=2),
        Relation.COPY,
    ),
}

APART = {
    "outside the window": (FULL, item("daily", OTHER_HEAD, FERRY, hours=80)),
    "same event, two reports": (FULL, item("daily", HEAD, OTHER_FERRY)),
    "agency paragraphs in the middle of an own report": (
        FULL,
        item("daily", OTHER_HEAD, (*OTHER_FERRY[:2], *FERRY[2:4], *OTHER_FERRY[2:])),
    ),
    "agency paragraphs at the end of an own report": (FULL, item("daily", HEAD, (*OTHER_FERRY, *FERRY[1:4]))),
    "agency brief under another lede": (
        item("lake-post", HEAD, FERRY[:3]),
        item("daily", HEAD, (*OTHER_FERRY[:2], *FERRY[:3], *OTHER_FERRY[2:])),
    ),
    "a paragraph from the middle": (FULL, item("daily", OTHER_HEAD, FERRY[4])),
    "sentences in another order": (
        FULL,
        item("daily", OTHER_HEAD, " ".join((FERRY[2].split(". ")[1], FERRY[1].split(". ")[0], FERRY[0]))),
    ),
    "a handful of words": (FULL, item("daily", OTHER_HEAD, first_words(FERRY, 5))),
    "both quote one statement": (
        item("lake-post", HEAD, (*OTHER_FERRY[:2], STATEMENT)),
        item("daily", HEAD, (*FERRY[:2], STATEMENT)),
    ),
    "a statement and a report that quotes it": (
        item("lake-post", HEAD, STATEMENT.strip("“”")),
        item("daily", HEAD, (*FERRY[:2], STATEMENT)),
    ),
    "follow-up with old background": (
        FULL,
        item(
            "daily",
            "Owner of sunken ferry charged",
            (
                "Prosecutors in Tolvik charged the owner of a sunken ferry with manslaughter on Wednesday and asked a"
                " judge to keep him in custody until the trial opens in the autumn.",
                "He told the court through a lawyer that he had never been informed of the limit, and that the papers"
                " had been filled in by an agent whom he paid in cash.",
                *FERRY[4:],
            ),
            hours=24,
        ),
    ),
    "follow-up two days later that repeats most of the report": (
        FULL,
        item(
            "daily",
            "Survivor of ferry disaster rejects governor's apology",
            (
                "A baker who swam ashore when the Sea Lantern went down said on Thursday that he did not want to hear"
                " another apology from anybody who had signed the papers of that boat.",
                *FERRY[1:],
            ),
            hours=50,
        ),
    ),
    "a short report that borrows half of a long one": (
        item("lake-post", HEAD, (*FERRY, *OTHER_FERRY)),
        item(
            "daily",
            "Divers at wreck of ferry hope for calm",
            (
                f"{FERRY[0].removesuffix(' the provincial governor said.')} officials said.",
                "Hopes now rest on the weather. A diver who had been down four times said he had never seen so little"
                " light in the lake, and that the ropes they had laid were gone in the morning.",
                FERRY[3],
            ),
        ),
    ),
    "one warning for two places, in forty words under unlike headlines": (
        item("lake-post", "Boats told to stay in at Tolvik Sound", GALE.format("Tolvik Sound")),
        item("daily", "Yellow warning of wind: Harsund Bay", GALE.format("Harsund Bay")),
    ),
    "two recalls of one bakery": (
        item("lake-post", "Glass found in poppy rolls", RECALL.format("poppy rolls", 200)),
        item("daily", "Ormund Mills wants its cheese sticks back", RECALL.format("cheese sticks", 250)),
    ),
    "headlines of which one denies the other": (
        item("lake-post", "Pilots vote to strike over night shifts", BALLOT.format("Tolvik voted")),
        item("daily", "Pilots vote not to strike over night shifts", BALLOT.format("Harsund voted not")),
    ),
    "two tremors of a day": (
        item("lake-post", "黒松岳で地震、震度3", TREMOR.format("午前６時１２分", "黒松岳の南側")),
        item("daily", "白浜湾でまた揺れ、北浜市など", TREMOR.format("午後３時４５分", "白浜湾の沖合")),
    ),
    "one phrase in two teasers": (
        item("lake-post", "Ferry sinks on Lake Ormund", "Three people, among them the captain, are in hospital."),
        item("daily", "Ferry sinks on lake", "Three people, among them the captain, were questioned."),
    ),
    "one long headline over teasers of which no day is known": tuple(
        replace(each, published=None, seen=None) for each in TEASERS
    ),
    "other toll two days later, unmarked": (FULL, item("daily", OTHER_HEAD, TOLL, hours=50)),
    "earnings of two companies in two papers": (
        item("lake-post", "Aldermoor profit rises 12 pct", earnings("Aldermoor", 12, 340, 8, 2100)),
        item("daily", "Brackwater profit rises 7 pct", earnings("Brackwater", 7, 95, 4, 870)),
    ),
    "earnings of two companies on one wire": (
        item("wire", "Aldermoor profit rises 12 pct", earnings("Aldermoor", 12, 340, 8, 2100)),
        item("wire", "Brackwater profit rises 7 pct", earnings("Brackwater", 7, 95, 4, 870)),
    ),
    "tomorrow's forecast": (
        item("lake-post", "Weather", weather("Tuesday", 18, 9), guid="1"),
        item("lake-post", "Weather", weather("Wednesday", 21, 11), guid="2", hours=24),
    ),
    "tomorrow's forecast in another paper": (
        item("lake-post", "Weather", weather("Tuesday", 18, 9)),
        item("daily", "Weather", weather("Wednesday", 21, 11), hours=20),
    ),
    "forecast for another place": (
        item("lake-post", "Weather for the lake district", weather("Tuesday", 18, 9)),
        item("daily", "Weather for the coast", weather("Tuesday", 15, 8, "northern coast")),
    ),
    "two companies cross one mark": (
        item(
            "a",
            "MICADON CROSSES $900B",
            "Shares of the memory maker Micadon rose on Tuesday and lifted its market"
            " value above $900 billion for the first time, as demand for chips used in data centres grew.",
        ),
        item(
            "b",
            "SK HALVOR CROSSES $900B",
            "Shares of the memory maker SK Halvor rose on Tuesday and lifted its"
            " market value above $900 billion for the first time, as demand for chips used in data centres grew.",
        ),
    ),
    "one crime in two towns": (
        item(
            "a",
            "Gunman kills three in Tolvik bank",
            "A gunman shot dead three people in a bank in Tolvik on Tuesday"
            " before he was overpowered by guards, police said. The motive was not known.",
        ),
        item(
            "b",
            "Gunman kills three in Harsund bank",
            "A gunman shot dead three people in a bank in Harsund on"
            " Tuesday before he was overpowered by guards, police said. The motive was not known.",
        ),
    ),
    "may and may not": (
        item(
            "a",
            "Court lets lake road be built",
            "The Court of Appeal in Tolvik ruled on Tuesday that the lake road"
            " may be built through the reserve, ending a dispute of eleven years with three villages.",
        ),
        item(
            "b",
            "Court does not let lake road be built",
            "The Court of Appeal in Tolvik ruled on Tuesday that the"
            " lake road may not be built through the reserve, ending a dispute of eleven years with three villages.",
        ),
    ),
    "two results": (
        item(
            "a",
            "Harriers beat Rovers 3-1",
            "Two goals by Emil Varga gave the Harriers a 3-1 win over the Rovers on"
            " Saturday and kept them top of the league with four matches left to play.",
        ),
        item(
            "b",
            "Harriers beat Wanderers 2-0",
            "Two goals by Emil Varga gave the Harriers a 2-0 win over the"
            " Wanderers on Tuesday and kept them top of the league with three matches left to play.",
            hours=60,
        ),
    ),
    "the site's advert under two headlines": (
        item("lake-post", "Ferry sinks", BANNER),
        item("lake-post", "How eggs are cooked well", BANNER),
    ),
    "headlines alone": (item("a", "Ferry sinks on Lake Ormund", ""), item("b", "Ferry sinks on Lake Ormund", "")),
    "a reused address": (
        item("lake-post", HEAD, FERRY, url_key="page", guid="1"),
        item("lake-post", "How eggs are cooked well", weather("Tuesday", 18, 9), url_key="page", guid="2"),
    ),
}


@pytest.mark.parametrize(("a", "b", "relation"), MERGED.values(), ids=MERGED.keys())
def test_one_story_is_merged(a: Prepared, b: Prepared, relation: Relation | None) -> None:
    match = compare(a, b)
    assert match.merged, match
    assert relation is None or match.relation is relation


@pytest.mark.parametrize(("a", "b"), APART.values(), ids=APART.keys())
def test_two_stories_stay_apart(a: Prepared, b: Prepared) -> None:
    match = compare(a, b)
    assert not match.merged, match
    assert match.relation is None


@pytest.mark.parametrize(("a", "b"), [v[:2] for v in MERGED.values()] + list(APART.values()))
def test_a_comparison_is_the_same_from_both_sides(a: Prepared, b: Prepared) -> None:
    there, back = compare(a, b), compare(b, a)
    assert replace(back, left=there.left, right=there.right) == there


WORDS = st.sampled_from([*"the of 7 34 Tuesday Wednesday not Tolvik ferry lake sank people".split(), "“", "”", "\n"])


@given(st.lists(WORDS, max_size=60), st.lists(WORDS, max_size=60), st.lists(WORDS, max_size=8))
def test_any_two_texts_compare_the_same_from_both_sides(one: list[str], other: list[str], head: list[str]) -> None:
    a = item("a", " ".join(head), " ".join(one), guid="1")
    b = item("b", " ".join(head[2:]), " ".join(one[:30] + other), guid="2")
    there: Verdict = compare(a, b)
    assert replace(compare(b, a), left=there.left, right=there.right) == there


def test_furniture_is_not_what_two_items_share() -> None:
    heads = ("Ferry sinks on lake", "How eggs are cooked", "Council votes on budget", "Harriers win again")
    texts = (FERRY[2], weather("Tuesday", 18, 9), earnings("Aldermoor", 12, 340, 8, 2100), OTHER_FERRY[2])
    items = [item("lake-post", h, (BANNER, t)) for h, t in zip(heads, texts, strict=True)]
    bare = [item("lake-post", "Tax office to close early", BANNER), item("daily", "A day at the fair", BANNER)]
    furniture = learn(items)
    assert not compare(bare[0], bare[1], furniture).merged
    match = compare(items[0], item("daily", OTHER_HEAD, FERRY[2]), furniture)
    assert match.merged, match


def test_one_story_run_three_times_is_no_furniture() -> None:
    items = [item("lake-post", f"Ferry sinks on Lake Ormund, {n} dead", FERRY, guid=str(n)) for n in range(30, 36)]
    assert not learn(items).packed()
