"""Charts: drawn inside their box whatever the numbers are, and the numbers that they are drawn from."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from feedhub.admin.activity import activity, quantile
from feedhub.desk.chart_svg import HEIGHT, WIDTH, Chart, ChartSeries, chart_svg
from feedhub.store import Database, counts
from feedhub.store.counts import CountKey
from feedhub.store.story_latency import LatencyCount
from feedhub.store.tables import story

NOON = datetime(2031, 5, 6, 12, 30, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"
values = some.lists(some.none() | some.floats(), max_size=40)


def drawn(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(chart_svg(chart).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def chart(*rows: list[float | None], kind: str = "bars", name: str = "polls") -> Chart:
    places = [f"{number}:00" for number in range(max(map(len, rows), default=0))]
    series = [ChartSeries(name=name, values=row) for row in rows]
    return Chart(key="c", title=name, description=name, kind=kind, places=places, series=series)  # type: ignore[arg-type]


@settings(max_examples=60)
@given(some.lists(values, min_size=0, max_size=3), some.sampled_from(["bars", "lines"]), some.text(max_size=12))
def test_a_chart_is_well_formed_and_inside_its_box(rows: list[list[float | None]], kind: str, name: str) -> None:
    name = "".join(letter for letter in name if letter.isprintable())
    root = drawn(chart(*rows, kind=kind, name=f"<b onload=x>&\"'{name}"))
    assert root.find(f"{SVG}title") is not None
    assert root.find(f"{SVG}desc") is not None
    for each in root.iter():
        places = {
            key: [float(number) for number in re.split("[ ,]", text)]
            for key, text in each.attrib.items()
            if key in {"x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height", "points"}
        }
        across = [n for key in ("x", "x1", "x2", "cx") for n in places.get(key, [])] + places.get("points", [])[::2]
        down = [n for key in ("y", "y1", "y2", "cy") for n in places.get(key, [])] + places.get("points", [])[1::2]
        assert all(math.isfinite(number) for numbers in places.values() for number in numbers)
        assert all(0 <= number <= WIDTH for number in across)
        assert all(0 <= number <= HEIGHT + 4 for number in down)
        if each.tag == f"{SVG}rect":
            assert places["x"][0] + places["width"][0] <= WIDTH
            assert places["y"][0] + places["height"][0] <= HEIGHT


def test_the_longest_bar_is_the_largest_number_and_a_gap_parts_a_line() -> None:
    bars = [float(each.attrib["height"]) for each in drawn(chart([1, 50, 1000])).iter(f"{SVG}rect")]
    assert bars == sorted(bars)
    assert bars[0] >= 0.5, "what is there is seen"
    root = drawn(chart([1, 2, None, 3, None, 4, 5], kind="lines"))
    assert len([*root.iter(f"{SVG}polyline")]) == 2
    assert len([*root.iter(f"{SVG}circle")]) == 1


def test_nothing_is_an_empty_chart_with_words() -> None:
    root = drawn(chart())
    assert not [*root.iter(f"{SVG}rect")]
    assert (root.attrib["aria-labelledby"], root.attrib["aria-describedby"]) == ("c-title", "c-words")


@pytest.mark.parametrize(
    ("classes", "share", "expected"),
    [
        ({}, 0.5, None),
        ({1: 1}, 0.5, 1),
        ({1: 19, 60: 1}, 0.95, 1),
        ({1: 18, 60: 2}, 0.95, 60),
        ({1: 1, None: 1}, 0.95, math.inf),
        ({None: 3, 5: 3}, 0.5, 5),
    ],
)
def test_a_quantile_is_the_bound_by_which_that_share_is_reached(
    classes: dict[int | None, int], share: float, expected: float | None
) -> None:
    rows = [LatencyCount(stretch=0, bound=bound, count=count) for bound, count in classes.items()]
    assert quantile(rows, share) == expected


def add_story(store: Database, number: int, released: datetime, took: timedelta) -> None:
    with store.write() as connection:
        connection.execute(
            story.insert().values(
                id=number,
                tag=f"tag:{number}",
                founder_source="a",
                founder_guid=str(number),
                founded=released - took,
                state="live",
                released=released,
                updated=released,
                newest=released,
                change=number,
            )
        )


@pytest.mark.parametrize("by", ["hour", "day"])
def test_the_numbers_of_a_stretch_are_those_that_were_counted_in_it(database_url: str, by: str) -> None:
    store = Database.open(database_url)
    polls = {CountKey("poll", "changed", "a"): 3, CountKey("poll", "failed", "b"): 1, CountKey("page", "read"): 2}
    with store.write() as connection:
        for at in (NOON, NOON - timedelta(hours=1), NOON - timedelta(days=1), NOON - timedelta(days=40)):
            counts.save(connection, {**polls, CountKey("page", "refused"): 7, CountKey("veto", "x"): 9}, at)
    for number, took in enumerate((0, 0, 30, 90_000)):
        add_story(store, number + 1, NOON - timedelta(minutes=number), timedelta(seconds=took))
    add_story(store, 9, NOON + timedelta(hours=2), timedelta(0))
    with store.read() as connection:
        made = activity(connection, by=by, now=NOON)  # type: ignore[arg-type]
    store.close()
    shown = {"hour": (48, (4, 4)), "day": (30, (4, 8))}[by]
    assert (len(made.starts), made.counts["poll"][-2:]) == shown
    assert sum(made.counts["poll"]) == 12, "what is older is not in it"
    assert sum(made.counts["page"]) == 6
    assert made.starts[-1] == NOON.replace(minute=0, hour=12 if by == "hour" else 0)
    assert (made.half[-1], made.most[-1], made.half[-2]) == (1.0, math.inf, None)


def test_counts_of_hours_long_ago_go(database_url: str) -> None:
    store = Database.open(database_url)
    with store.write() as connection:
        counts.save(connection, {CountKey("poll", "changed", "a"): 1}, NOON - timedelta(hours=counts.KEPT_HOURS))
        counts.save(connection, {CountKey("poll", "changed", "a"): 1}, NOON)
        counts.drop_old(connection, NOON)
        assert [each.count for each in counts.of_hours(connection, NOON - timedelta(days=9))] == [1]
    store.close()
