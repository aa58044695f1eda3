"""For every rule of the judge a pair for which it speaks and one for which it is silent; all texts are invented."""

from __future__ import annotations

from math import inf

from comparing import FERRY, NOON, OTHER_FERRY, STATEMENT, changed, first_words, item

from feedhub.match import Furniture, Prepared, prepare
from feedhub.model import RevisionKind
from feedhub.structs import replace

Pair = tuple[Prepared, Prepared]

HEAD, OTHER_HEAD = "Ferry sinks on Lake Ormund, 34 dead", "Dozens missing after boat capsizes in storm"
FULL = item("lake-post", HEAD, FERRY)
TOLL = changed(FERRY, _34="36")
LEDE = (
    "Prosecutors in Tolvik charged the owner of a sunken ferry with manslaughter on Wednesday and asked a judge to keep"
    " him in custody until the trial opens in the autumn.",
    "He told the court through a lawyer that he had never been informed of the limit, and that the papers had been"
    " filled in by an agent whom he paid in cash.",
)
NOTICE = (
    "The plan was put before the {0} committee by Councillor Ilse Brandvold and passed by {1} votes to {2} after {3}"
    " minutes of debate. Residents said that they had waited {4} years. “Nobody asked us,” said a baker who lives at"
    " number {5}."
)
WARNING = "Strong winds may lead to some disruption to travel on the coast roads and on the bridges of the sound."


def agency(p: Prepared, name: str) -> Prepared:
    return prepare(replace(p.copy, wire=replace(p.copy.wire, agency=name)))


def listed(p: Prepared, until: float = inf) -> Prepared:
    """An item that its source listed for so many hours after noon."""
    return replace(p, listed_until=NOON.timestamp() + 3600 * until)


def weather(day: str, high: int, low: int) -> str:
    return (
        f"Partly cloudy skies are expected over the lake district on {day} with a light breeze from the west. The high"
        f" will be near {high} degrees and the low around {low}. A shower cannot be ruled out in the evening, mainly"
        " over the hills. Boaters should watch for gusts near the mouth of the river."
    )


def earnings(company: str, percent: int, profit: int, growth: int, revenue: int) -> str:
    return (
        f"{company} Holdings said net profit for the three months to March rose {percent} percent to {profit} million"
        f" crowns, helped by stronger demand at home and a weaker currency. Revenue grew {growth} percent to {revenue}"
        f" million crowns. The company kept its forecast for the full year. Shares in {company} were little changed."
    )


def bulletin(day: str, more: str) -> str:
    return (
        f"A change in the prevailing dry weather can be expected from {day}, {more}. Several spells of showers will"
        " occur in the eastern and northern valleys. Misty conditions can be expected in the hills in the morning."
    )


ARREST = (
    "Former mayor Emil Varga Halvorsen was {0} of ballot papers that {1} found behind the Harsund Northern Medical"
    " College and Hospital{2}"
)
CHARGE = "{0} booked under the Disruptive Activities and Public Safety Prevention Act."
SENTENCE = "The minister of culture says it is one of the most important finds in years."
TAKEOVER = (
    "The firm said on Tuesday it had agreed to buy the ferry line Tolvik Lakes in a deal that would give it control of"
    " eleven piers and most of the traffic on the eastern shore."
)
COURT = (
    "The Court of Appeal in Tolvik ruled on Tuesday that the lake road {0} be built through the reserve, ending a"
    " dispute of eleven years with three villages."
)
TRIAL = (
    "A jury in Tolvik {0} the owner of the Sea Lantern on Tuesday after four days of talks. The owner {1}. The families"
    " of the dead, who had come by bus before dawn, {2} as the foreman spoke."
)
TREMOR = (
    "A quake of magnitude {0} was felt in Harsund at {1}, the observatory said. Its centre lay {2} kilometres below the"
    " hills, and nothing was known of damage to houses or bridges."
)
GALE = (
    "The weather office has issued a yellow warning of strong wind for {0} and the coast within ten miles of it, valid"
    " until the evening. Gusts of 80 to 95 kilometres an hour are expected, and lorries are told to keep off the"
    " bridges."
)
TAMIL = (
    "அமைச்சர் நேற்று வெளியிட்ட அறிக்கையில் பதினெட்டு அதிகாரிகள் உடனடியாக இடமாற்றம் செய்யப்பட்டுள்ளதாக தெரிவித்தார். "
    "இந்த முடிவு ஆணைக்குழுவின் பரிந்துரைக்கு அமைய எடுக்கப்பட்டது என்று அவர் மேலும் கூறினார். புதிய பதவிகள் நாளை முதல் "
    "அமுலுக்கு வரும் என்றும் பட்டியல் இணைக்கப்பட்டுள்ளது என்றும் அவர் சொன்னார். இது குறித்து மேலதிக விபரங்கள் பின்னர் "
    "அறிவிக்கப்படும் என திணைக்களம் தெரிவித்துள்ளது. மக்கள் அமைதியாக இருக்குமாறு கேட்டுக்கொள்ளப்படுகிறார்கள்."
)
LIST = " ".join(
    f"Officer {first} {last} has been moved from the post at {place} to the harbour division with immediate effect."
    for first, last, place in zip(
        "Emil Ilse Jonas Marta Nils Petra Olaf Greta Ivar Sanna".split(),
        "Varga Brandvold Krell Dahl Ostrem Lind Falk Moen Rud Strand".split(),
        "Tolvik Harsund Norvik Elmstad Brekke Sundal Korvik Mosby Lunde Askim".split(),
        strict=True,
    )
)
FORM = NOTICE.format("Harrow", 5, 3, 59, 6, 5)
OTHER_FORM = NOTICE.format("Denholm", 8, 1, 20, 9, 77)
MAIN = "Harrow Road will close from Monday so that men of the gas works can lay a new main, the council said."
HEAT = "More than fifty millimetres of rain may fall in places, and thunder is not ruled out over the sound by noon."


def furniture_of(*parts: str) -> Furniture:
    """Everything in these texts, as furniture of both papers."""
    grams = prepare(item("x", "x", parts).copy).sorted_shingles
    return Furniture(shingles={"lake-post": grams, "daily": grams})


#: rule -> the pair for which it speaks, the pair for which it is silent
EXAMPLES: dict[str, tuple[Pair, Pair]] = {
    "foreign-headline": (
        (item("lake-post", "How eggs are cooked well", FERRY[3]), item("daily", "Council votes on budget", FERRY[3:5])),
        (item("lake-post", "A grave mistake", FERRY[:2]), item("daily", "Troubled waters", FERRY[:2])),
    ),
    "own-lede": (
        (FULL, item("daily", "Owner charged", (*LEDE, *FERRY[4:]))),
        (FULL, item("daily", OTHER_HEAD, FERRY[:4])),
    ),
    "insert": (
        (
            item("lake-post", HEAD, FERRY[:3]),
            item("daily", HEAD, (*OTHER_FERRY[:2], *FERRY[:3], *OTHER_FERRY[2:])),
        ),
        (
            item("lake-post", HEAD, first_words(FERRY, 34)),
            item("daily", HEAD, ("By Emil Varga and Ilse Brandvold", "TLV +0.28 HRS -0.16 NRV +1.02", *FERRY)),
        ),
    ),
    "quoted-part": (
        (item("lake-post", HEAD, (*OTHER_FERRY[:2], STATEMENT)), item("daily", HEAD, (*FERRY[:2], STATEMENT))),
        (item("lake-post", HEAD, (*FERRY[:2], STATEMENT)), item("daily", OTHER_HEAD, (*FERRY[:2], STATEMENT))),
    ),
    "other-order": (
        (
            FULL,
            item("daily", OTHER_HEAD, " ".join((FERRY[2].split(". ")[1], FERRY[1].split(". ")[0], FERRY[0]))),
        ),
        (FULL, item("daily", OTHER_HEAD, first_words(FERRY, 40))),
    ),
    "few-words": (
        (
            item("lake-post", "Ferry sinks on Lake Ormund", "Three people, among them the captain, are in hospital."),
            item("daily", "Ferry sinks on lake", "Three people, among them the captain, were questioned."),
        ),
        (
            item("lake-post", "Ferry sinks on Lake Ormund", "Three people, among them the captain, are missing."),
            item("daily", "Ferry sinks on Lake Ormund", "Three people, among them the captain, are missing."),
        ),
    ),
    "names-alone": (
        (
            item(
                "lake-post",
                "Former mayor Halvorsen arrested over ballot papers",
                "Former mayor Emil Varga Halvorsen was arrested on Tuesday over alleged burning of ballot papers that"
                " were found at Harsund Northern Medical College and Hospital in August, along with a driver.",
            ),
            item(
                "daily",
                "Former mayor Halvorsen held over burnt ballot papers",
                "Former mayor Emil Varga Halvorsen was seized at dawn in connection with claims that somebody set fire"
                " to votes kept in cellars of Harsund Northern Medical College and Hospital last year.",
            ),
        ),
        (
            item("lake-post", HEAD, first_words(FERRY, 40)),
            item("daily", HEAD, first_words(changed(FERRY, villagers="peasants", missing="unaccounted"), 40)),
        ),
    ),
    "little-of-a-teaser": (
        (
            item(
                "lake-post",
                "Office shuts three kitchens of Brekke Pizza in Tolvik",
                "The food office of the lake district has suspended the licences of three Brekke Pizza kitchens in"
                " Tolvik over alleged breaches. They lie in the west of the town, near the pier and the old mill.",
            ),
            item(
                "daily",
                "Tolvik crackdown: three pizza kitchens, two taverns lose licences",
                "Inspectors of hygiene have suspended the licences of three Brekke Pizza kitchens in Tolvik, along with"
                " two taverns in Harsund and a stall, because flour had been stored beside paint for weeks.",
            ),
        ),
        (item("lake-post", HEAD, first_words(FERRY, 30)), item("daily", HEAD, first_words(FERRY, 28))),
    ),
    "own-beginnings": (
        (
            item(
                "lake-post",
                "Bomber held after 35 years",
                "Jonas Krell, a tiler who had lived quietly in a village near Askim, was booked under the Disruptive"
                " Activities and Public Safety Act.",
            ),
            item(
                "daily",
                "Bomber held after 35 years",
                "The railway police of Harsund said they had traced an absconding man to a farm, who was booked under"
                " the Disruptive Activities and Public Safety Act in the station case of that spring.",
            ),
        ),
        (
            item("lake-post", HEAD, first_words(FERRY, 30)),
            item("daily", HEAD, "By our reporter in Tolvik, Tuesday evening " + first_words(FERRY, 30)),
        ),
    ),
    "closing-sentence": (
        (
            item("lake-post", "Old wreck found off the coast", SENTENCE),
            item(
                "daily",
                "Divers find a wreck, jars and anchors off the coast",
                f"The ship is believed to be more than two thousand years old. {SENTENCE}",
            ),
        ),
        (
            item("lake-post", "Old wreck found off the coast of Tolvik", SENTENCE),
            item("daily", "Old wreck found off the coast of Tolvik", f"By our staff. {SENTENCE}"),
        ),
    ),
    "quoted-headline": (
        (
            item("lake-post", "“Total disgrace of harbour police”: opposition on ferry", first_words(FERRY, 28)),
            item("daily", "Ferry sinks, one held", FERRY),
        ),
        (
            item("lake-post", "“Few of the life jackets were within reach”", first_words(FERRY, 28)),
            item("daily", "Ferry sinks, one held", FERRY),
        ),
    ),
    "other-script": (
        (
            item("lake-post", "Ten officers transferred", (first_words(OTHER_FERRY, 45), LIST)),
            item("daily", "பத்து அதிகாரிகள் இடமாற்றம்", (TAMIL, LIST)),
        ),
        (
            item("lake-post", "பத்து அதிகாரிகள் இடமாற்றம்", (TAMIL, LIST)),
            item("daily", "பத்து அதிகாரிகள் உடனடியாக இடமாற்றம்", (TAMIL, LIST)),
        ),
    ),
    "two-agencies": (
        (
            agency(item("lake-post", HEAD, first_words(FERRY, 30)), "Norwire"),
            agency(item("daily", HEAD, first_words(FERRY, 26)), "Lakepress"),
        ),
        (
            agency(item("lake-post", HEAD, FERRY[:2]), "Norwire"),
            agency(item("daily", HEAD, FERRY[:2]), "Lakepress"),
        ),
    ),
    "own-headlines": (
        (
            item(
                "lake-post",
                "Harrow Road closes for gas main",
                f"Harrow Road closes for ten days for a gas main. {FORM}",
            ),
            item("daily", "Denholm library opens Sundays", f"The Denholm library opens on Sundays from May. {FORM}"),
        ),
        (FULL, item("daily", OTHER_HEAD, FERRY)),
    ),
    "form": (
        (
            item("lake-post", "Harrow Road to close for ten weeks", (MAIN, FORM)),
            item("daily", "Harrow Road to close for ten weeks", (MAIN, OTHER_FORM)),
        ),
        (
            item("lake-post", "Harrow Road to close for ten weeks", (FORM, first_words(FERRY, 40))),
            item("daily", "Harrow Road to close for ten weeks", (FORM, first_words(FERRY, 40))),
        ),
    ),
    "other-day-form": (
        (
            item("lake-post", "Weather", weather("Tuesday", 18, 9)),
            item("daily", "Weather", weather("Wednesday", 21, 11), hours=20),
        ),
        (
            item("lake-post", "Weather", weather("Tuesday", 18, 9)),
            item("daily", "Forecast", weather("Tuesday", 18, 9), hours=2),
        ),
    ),
    "next-day-form": (
        (
            item("lake-post", "Dry weather to end from tomorrow", (bulletin("tomorrow", "the office said"), MAIN)),
            item("daily", "Dry weather to end from today", (bulletin("today", "we hear"), HEAT), hours=19),
        ),
        (
            item("lake-post", "Dry weather to end from tomorrow", bulletin("tomorrow", "the office said")),
            item("daily", "Dry weather to end from today", bulletin("today", "the office said"), hours=10),
        ),
    ),
    "short-form-numbers": (
        (
            item("lake-post", "Weather", weather("Tuesday", 18, 9)),
            item("daily", "Weather", weather("Tuesday", 15, 8)),
        ),
        (item("lake-post", HEAD, first_words(FERRY, 60)), item("daily", HEAD, first_words(TOLL, 60), hours=3)),
    ),
    "short-form-names": (
        (
            item(
                "a",
                "Gunman kills three",
                "A gunman shot dead three people in a bank in Tolvik on Tuesday before guards"
                " of the Harsund branch overpowered him, police said.",
            ),
            item(
                "b",
                "Gunman kills three",
                "A gunman shot dead three people in a bank in Norvik on Tuesday before guards"
                " of the Elmstad branch overpowered him, police said.",
            ),
        ),
        (item("lake-post", HEAD, first_words(FERRY, 40)), item("daily", HEAD.upper(), first_words(FERRY, 36))),
    ),
    "opposite-headlines": (
        (
            item("lake-post", "Ferry owner convicted", TRIAL.format("convicted", "wept", "cheered")),
            item("daily", "Ferry owner acquitted", TRIAL.format("acquitted", "smiled", "wailed")),
        ),
        (FULL, item("daily", OTHER_HEAD, FERRY)),
    ),
    "denial": (
        (
            item("a", "Court rules on lake road", COURT.format("may")),
            item("b", "Court rules on lake road", COURT.format("may not")),
        ),
        (
            item("a", "Court rules on lake road", (*FERRY, *OTHER_FERRY, COURT.format("may"))),
            item("b", "Court decides on road", (*FERRY, *OTHER_FERRY, COURT.format("may not"))),
        ),
    ),
    "template": (
        (
            item("lake-post", "Profit up", earnings("Aldermoor", 12, 340, 8, 2100)),
            item("daily", "Profit up", earnings("Brackwater", 7, 95, 4, 870)),
        ),
        (FULL, item("daily", OTHER_HEAD, changed(FERRY, _34="36", _120="130"), hours=6)),
    ),
    "template-numbers": (
        (
            item("lake-post", "Aldermoor profit up", earnings("Aldermoor", 12, 340, 8, 2100)),
            item("daily", "Aldermoor profit up", earnings("Aldermoor", 7, 95, 4, 870)),
        ),
        (FULL, item("daily", OTHER_HEAD, TOLL, hours=6)),
    ),
    "other-date": (
        (
            item("a", "Weather", weather("Tuesday, May 6", 18, 9)),
            item("b", "Weather", weather("Wednesday, May 7", 18, 9), hours=20),
        ),
        (item("a", "Weather", weather("Tuesday, May 6", 18, 9)), item("b", "Weather", weather("May 6", 18, 9))),
    ),
    "other-hour": (
        (
            item("a", "Quake of 4.6 felt in Harsund", TREMOR.format("4.6", "06:12", "twenty")),
            item("b", "Quake of 5.1 felt in Harsund", TREMOR.format("5.1", "15:45", "twenty"), hours=6),
        ),
        (
            item("a", "Quake felt in Harsund", TREMOR.format("4.6", "06:12", "twenty")),
            item("b", "Quake felt in Harsund", TREMOR.format("4.6", "07:12", "twenty")),
        ),
    ),
    "numbers-differ": (
        (item("lake-post", HEAD, first_words(FERRY, 40)), item("daily", HEAD, first_words(TOLL, 40), hours=3)),
        (item("lake-post", HEAD, first_words(FERRY, 40)), item("daily", HEAD, first_words(FERRY, 36))),
    ),
    "follow-up": (
        (FULL, item("daily", "Survivor rejects apology", (*LEDE, *FERRY[1:]), hours=50)),
        (FULL, item("daily", "Survivor rejects apology", (*LEDE, *FERRY[1:]), hours=5)),
    ),
    "late-conflict": (
        (FULL, item("daily", OTHER_HEAD, TOLL, hours=50)),
        (FULL, item("daily", OTHER_HEAD, TOLL, hours=6)),
    ),
    "little-shared": (
        (
            item("a", "Ferry sinks on lake", "At least 34 people were killed when the ferry sank on Tuesday."),
            item("b", "Ferry sinks on lake", "At least 51 people were killed when the ferry sank on Tuesday."),
        ),
        (item("lake-post", HEAD, first_words(FERRY, 40)), item("daily", HEAD, first_words(TOLL, 40), hours=3)),
    ),
    "other-names": (
        (
            item("a", "MICADON CROSSES $900B", f"Micadon rose on Tuesday. {TAKEOVER}"),
            item("b", "SK HALVOR CROSSES $900B", f"SK Halvor rose on Tuesday. {TAKEOVER}"),
        ),
        (
            item("a", "Ferry sinks near Tolvik pier", (*FERRY, *OTHER_FERRY)),
            item("b", "Ferry sinks near Ormund shore", (*FERRY, *OTHER_FERRY)),
        ),
    ),
    "swapped-headlines": (
        (
            item("lake-post", "Boats told to stay in at Tolvik Sound", GALE.format("Tolvik Sound")),
            item("daily", "Yellow warning of wind: Harsund Bay", GALE.format("Harsund Bay")),
        ),
        (
            item("lake-post", "Canal fears a strong El Niño", f"{GALE.format('El Niño')}"),
            item("daily", "Canal fears a strong El Nino", f"{GALE.format('El Nino')}"),
        ),
    ),
    "denying-headline": (
        (
            item("lake-post", "Pilots vote to strike over night shifts", f"Pilots of Tolvik voted. {TAKEOVER}"),
            item("daily", "Pilots vote not to strike over night shifts", f"Pilots of Harsund voted. {TAKEOVER}"),
        ),
        (FULL, item("daily", OTHER_HEAD, FERRY)),
    ),
    "outlet-conflict": (
        (
            item("wire", "Fund sets payout", first_words(FERRY, 70)),
            item("wire", "Fund sets payout", first_words(changed(TOLL, _120="130"), 70), guid="2"),
        ),
        (FULL, item("lake-post", "Ferry sinks on Lake Ormund, 36 dead", TOLL, hours=5)),
    ),
    "outlet-follow-up": (
        (
            item("daily", "Suspect in ferry case arrested", FERRY),
            item("daily", "Suspect in ferry case flees", (*LEDE, *FERRY[1:]), hours=14),
        ),
        (
            item("daily", "Suspect in ferry case arrested", FERRY),
            item("lake-post", "Suspect in ferry case flees", (*LEDE, *FERRY[1:]), hours=14),
        ),
    ),
    "outlet-headlines": (
        (
            item("wire", HEAD, FERRY),
            item("wire", "Council votes on budget", FERRY[:5], guid="2"),
        ),
        (item("wire", HEAD, FERRY), item("wire", OTHER_HEAD, FERRY, guid="2", hours=1)),
    ),
    "outlet-advert": (
        (
            item("wire", "How eggs are cooked well", FERRY[3:5]),
            item("wire", "Council votes on budget", FERRY[3:5]),
        ),
        (item("wire", HEAD, FERRY), item("wire", "Lake ferry sinks", FERRY, guid="2")),
    ),
    "outlet-another-day": (
        (item("wire", HEAD, FERRY), item("wire", HEAD, (*FERRY[:3], *OTHER_FERRY[:2]), guid="2", hours=14)),
        (item("wire", HEAD, FERRY), item("wire", HEAD, FERRY, guid="2", hours=14)),
    ),
    "outlet-days": (
        (
            item("wire", "Tuesday fixtures of the lake league", FERRY[:2]),
            item("wire", "Wednesday fixtures of the lake league", FERRY[:2]),
        ),
        (
            item("wire", "Tuesday fixtures of the lake league", FERRY[:2]),
            item("wire", "Fixtures of the lake league", FERRY[:2]),
        ),
    ),
    "side-by-side": (
        (
            listed(item("met", "Yellow warning of wind", WARNING, guid="1", url_key="met/1")),
            listed(item("met", "Yellow warning of wind", WARNING, guid="2", url_key="met/2", hours=1)),
        ),
        (
            listed(item("met", "Yellow warning of wind", WARNING, guid="1", url_key="met/1"), until=1),
            listed(item("met", "Yellow warning of wind", WARNING, guid="2", url_key="met/2", hours=1)),
        ),
    ),
    "recurring-item": (
        (
            item("met", "Yellow warning of wind", WARNING, guid="1", url_key="met/1"),
            item("met", "Yellow warning of wind", WARNING, guid="2", url_key="met/2", hours=24),
        ),
        (
            item("met", "Yellow warning of wind", WARNING, guid="1", url_key="met/1"),
            item("met", "Yellow warning of wind", WARNING, guid="2", url_key="met/2", hours=1),
        ),
    ),
    "outlet-headline-word": (
        (
            item("wire", "Ohlsen fund sets payout", first_words(FERRY, 36)),
            item("wire", "Puerto Brekke fund sets payout", first_words(FERRY, 36)),
        ),
        (
            item("wire", "Fund sets payout", first_words(FERRY, 50)),
            item("wire", "Puerto Brekke fund sets payout", first_words(FERRY, 50)),
        ),
    ),
    "recurring-headline": (
        (
            item("wire", "Money market report of the day", FERRY[:4]),
            item("wire", "Money market report of the day", (*TOLL[:3], OTHER_FERRY[0]), guid="2", hours=40),
        ),
        (
            item("wire", "Money market report of the day", FERRY),
            item("wire", "Money market report of the day", FERRY, guid="2", hours=40),
        ),
    ),
}
#: what is furniture of both papers in the examples of a rule
FURNITURE = {"form": furniture_of(FORM, OTHER_FORM)}
#: (nothing here is a mark of a revision; that one lets many rules be silent is tried with this)
UPDATE = item("daily", OTHER_HEAD, TOLL, hours=30, mark=RevisionKind.UPDATE, number=2)
