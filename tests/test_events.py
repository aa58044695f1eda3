"""Reports of one happening stand together for the eye; stories, ids and dates know nothing of it."""

from __future__ import annotations

import json
from pathlib import Path

from hubs import NOON, Newsroom
from hypothesis import given
from hypothesis import strategies as st
from newsstand import at, copy, publisher, story
from outlets import Stand

from feedhub.feeds.event_view import EventView
from feedhub.model import OutputItem, OutputRule, Story

#: outlet, headline, teaser: two reports and an analysis of one fire, two of a match, three of other things
REPORTS = {
    "lantern": (
        "Fire guts Selm fish market",
        "The Selm fish market burned down; Chief Ora Dunn blames wiring.",
    ),
    "harrow": (
        "Selm's fish market destroyed by night fire",
        "Ora Dunn, fire chief of Selm, said wiring was at fault.",
    ),
    "quay": (
        "What the Selm fish market fire means for trawlers",
        "After the fire Selm's trawlers have no hall.",
    ),
    "vale": ("Teal beat Marrow on penalties", "Keeper Yon Bask saved twice as Teal beat Marrow in the cup semi-final."),
    "dale": ("Yon Bask the hero as Teal reach cup final", "Teal beat Marrow on penalties after Bask saved two."),
    "moor": ("Council raises parking fees in Orrin", "Drivers in Orrin pay two crowns an hour from May."),
    "cape": ("Drought empties the Brell reservoir", "Water is rationed in four districts around Brell."),
    "isle": ("Poet Hanna Or wins the Laurel", "The jury praised the plain lines of her fifth book."),
}


def report(outlet: str, hours: float = 0, **changed: object) -> Story:
    """What an outlet of REPORTS reports, so many hours after noon."""
    title, teaser = REPORTS[outlet]
    own = copy(f"{outlet}.test", outlet, title=title)
    number = list(REPORTS).index(outlet) + 1
    values = {
        "title": title,
        "html": f"<p>{teaser}</p>",
        "published": at(hours),
        "copies": (own,),
        "canonical": own.key,
    }
    by = publisher(outlet=f"{outlet}.test", name=outlet.title())
    return story(number, **(values | {"publisher": by, "url": own.url} | changed))


def items(*stories: Story) -> list[OutputItem]:
    return [OutputItem(story=one, entered=one.published) for one in stories]


def grouped(*stories: Story) -> set[frozenset[str]]:
    """The events, by the outlets that report them."""
    groups = EventView().groups(items(*stories))
    return {frozenset(one.story.publisher.outlet.removesuffix(".test") for one in group) for group in groups}


EVERY = [report(outlet) for outlet in REPORTS]
EVENTS = {
    frozenset({"lantern", "harrow", "quay"}),
    frozenset({"vale", "dale"}),
    frozenset({"moor"}),
    frozenset({"cape"}),
    frozenset({"isle"}),
}


@given(st.permutations(EVERY))
def test_reports_of_one_happening_stand_together_whatever_their_order(stories: list[Story]) -> None:
    assert grouped(*stories) == EVENTS


def test_reports_further_apart_than_three_days_tell_of_two_happenings() -> None:
    late = report("harrow", hours=73)
    assert grouped(report("lantern"), late, *EVERY[3:]) >= {frozenset({"lantern"}), frozenset({"harrow"})}


def test_two_reports_of_one_outlet_alone_are_no_event() -> None:
    one_paper = publisher(outlet="lantern.test", name="Lantern")
    assert frozenset({"lantern"}) in grouped(report("lantern"), *EVERY[3:])
    groups = EventView().groups(items(report("lantern"), report("harrow", publisher=one_paper), *EVERY[3:]))
    assert max(len(group) for group in groups if group[0].story.publisher.outlet == "lantern.test") == 1


def test_an_entry_of_an_event_is_the_story_that_entered_first_with_the_others_inside() -> None:
    first, second, third = report("lantern", 0), report("harrow", 2), report("quay", 5)
    shown = EventView().joined(items(third, second, first, report("isle")))
    assert [one.story.id for one in shown] == [first.id, report("isle").id]
    assert [one.name for one in shown[0].reports] == ["Harrow", "Quay"]
    assert shown[0].event == first.id
    assert shown[1].event is None
    assert shown[1].reports == ()


def newsroom(folder: Path) -> Stand:
    """A hub whose outlets report as in REPORTS, with an output of stories and one of events."""
    rules = (OutputRule(name="all"), OutputRule(name="day", group="event", limit=4))
    room = Newsroom(folder, settings={"feeds": rules})
    for outlet, (title, teaser) in REPORTS.items():
        room.source(outlet)
        text = f"<p>{teaser}</p>"
        when = NOON.isoformat()
        page = f"https://{outlet}.test/1"
        room.serve(outlet, {"id": page, "url": page, "title": title, "content_html": text, "date_published": when})
    made = Stand(room)
    made.round(0)
    return made


def test_outputs_name_events_and_show_them_as_one_entry_where_asked(tmp_path: Path) -> None:
    with newsroom(tmp_path).served() as hub:
        stories = json.loads(hub.get("/feeds/all.json").content)["items"]
        events = json.loads(hub.get("/feeds/day.json").content)["items"]
        rest = json.loads(hub.get("/feeds/day.json?page=2").content)["items"]
        atom = hub.get("/feeds/day.atom").text
    named = {one["title"]: one["_feedhub"]["event"] for one in stories}
    assert len(named) == len(REPORTS)
    fire = {named[REPORTS[outlet][0]] for outlet in ("lantern", "harrow", "quay")}
    assert len(fire) == 1
    assert fire <= {one["id"] for one in stories}
    assert named[REPORTS["isle"][0]] is None
    assert (len(events), len(rest)) == (4, 1)
    entry = next(one for one in [*events, *rest] if one["_feedhub"]["event"] in fire)
    assert len(entry["_feedhub"]["reports"]) == 2
    assert "<p>More:</p>" in entry["content_html"]
    assert {one["id"] for one in [*events, *rest]} < {one["id"] for one in stories}
    assert atom.count("<entry") == 4


def test_dates_and_ids_are_those_of_the_story_alone(tmp_path: Path) -> None:
    with newsroom(tmp_path).served() as hub:
        stories = {one["id"]: one for one in json.loads(hub.get("/feeds/all.json").content)["items"]}
        for one in json.loads(hub.get("/feeds/day.json").content)["items"]:
            for key in ("date_published", "date_modified", "title", "url", "authors"):
                assert one.get(key) == stories[one["id"]].get(key)
