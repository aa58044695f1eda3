"""Short texts of one form are told apart by the few places where they differ; a revision of one text is not."""

from __future__ import annotations

import pytest
from comparing import compare, item

WEATHER = (
    "In {0} it will be mostly dry on Tuesday with a light wind from the west. The day brings {1} degrees, the night {2}"
    " degrees, and fog may form again towards the morning in the valleys along the river, the weather service said."
)
WETTER = (
    "Am {0} bleibt es in Lauen meist trocken, der Wind weht schwach aus Westen. Am Tag werden es {1} Grad, in der Nacht"
    " bildet sich in den Tälern am Fluss wieder Nebel, wie der Wetterdienst am Morgen mitteilte."
)
DRAW = (
    "The numbers drawn on {0} evening in the Ormund lottery were {1}. Nobody had all of them, so the first prize grows"
    " again. Tickets are sold at every kiosk until an hour before the draw, and prizes lapse after three months."
)
ROADS = (
    "Drivers between {0} and {1} must wait for up to {2} minutes on Tuesday since two lorries have collided there. One"
    " lane is shut while the wreck is taken away. The police ask everybody to go round by the old road if they can."
)
COUNCIL = (
    "The council of Tolvik decided on Monday evening {0}to close the old ferry pier from May on. Repairs would cost 1.2"
    " million crowns, a sum that the town has not seen in years, the treasurer said, and the fishermen who still use"
    " the pier have offered to mend it with their own hands if the town pays for the timber."
)
COURT = (
    "A court in Tolvik {0} the former harbour pilot Anders Holm of letting the ferry leave in a storm, after a trial of"
    " nine weeks. Holm, 58, had said all along that nobody told him of the warning. The judge called the log book"
    " {1}. The families of those who died sat in the first rows and left without a word."
)
BUS = (
    "قالت الشرطة يوم الثلاثاء إن حافلة انقلبت على الطريق قرب المدينة مما أسفر عن مقتل {0} أشخاص وإصابة {1} آخرين. وفقد"
    " السائق السيطرة على الحافلة بعد انفجار أحد الإطارات ونقل المصابون إلى المستشفى وفتحت السلطات تحقيقا في الحادث."
)
FERRY = (
    "At least {0} people died when a ferry with 140 people sank off Tolvik at 6 in the morning on Tuesday, 3 miles from"
    " the shore, the coast guard said. Two boats were on their way, and {1} people were still missing."
)
APART = {
    "weather of two towns": (
        ("The weather", WEATHER.format("Tolvik", 19, 11)),
        ("The weather", WEATHER.format("Harrow", 24, 15)),
    ),
    "weather of two days": (
        ("Das Wetter", WETTER.format("Dienstag", 22)),
        ("Das Wetter", WETTER.format("Mittwoch", 24)),
    ),
    "two draws": (
        ("Lottery numbers", DRAW.format("Tuesday", "4, 9, 17, 22, 31 and 40")),
        ("Lottery numbers", DRAW.format("Friday", "2, 11, 18, 25, 33 and 47")),
    ),
    "two roads": (
        ("Long waits", ROADS.format("Tolvik", "Selm", 40)),
        ("Long waits", ROADS.format("Harrow", "Ormund", 25)),
    ),
    "a denial": (("Pier to close", COUNCIL.format("")), ("Pier saved by a vote", COUNCIL.format("not "))),
    "a verdict": (
        ("Pilot convicted over ferry", COURT.format("convicted", "a witness that cannot be bought")),
        ("Pilot acquitted over ferry", COURT.format("acquitted", "a bundle of guesses")),
    ),
    "numbers in Arabic words": (
        ("انقلاب حافلة", BUS.format("سبعة", "تسعة")),
        ("انقلاب حافلة", BUS.format("ثلاثة", "ستة")),
    ),
}
ONE = {
    "a rising toll": (("Ferry sinks", FERRY.format(12, 30)), ("Ferry toll rises", FERRY.format(17, 25))),
    "a pun for a headline": (("Pier to close", COUNCIL.format("")), ("Peer pressure", COUNCIL.format(""))),
    "a number in words": (("انقلاب حافلة", BUS.format("سبعة", "تسعة")), ("انقلاب حافلة", BUS.format("7", "9"))),
}


@pytest.mark.parametrize(("one", "other"), APART.values(), ids=APART.keys())
def test_two_stories_of_one_form_stay_apart(one: tuple[str, str], other: tuple[str, str]) -> None:
    found = compare(item("lantern", *one), item("courier", *other))
    assert found.shared_words > 20
    assert not found.merged
    assert found.vetoes


@pytest.mark.parametrize(("one", "other"), ONE.values(), ids=ONE.keys())
def test_one_story_told_with_a_difference_is_one(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert compare(item("lantern", *one), item("courier", *other)).merged


def test_a_teaser_under_a_headline_that_has_nothing_to_do_with_it_decides_nothing() -> None:
    teaser = (
        "The old pier of Tolvik will be closed from May on because nobody wants to pay for its repair, the town said."
    )
    assert not compare(
        item("lantern", "Pier to close", teaser), item("courier", "Eggs, and how to boil them", teaser)
    ).merged
