"""What the hub did, drawn: polls, entries, merges, pages read, latency; by the hour and by the day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup
from msgspec import Struct
from starlette.routing import Route

from feedhub.admin.activity import Activity, Step, activity
from feedhub.desk.chart_svg import Chart, ChartSeries, chart_svg
from feedhub.desk.desk_context import Desk, DeskRequest, NavigationEntry, View
from feedhub.desk.desk_routes import page
from feedhub.store.story_latency import BOUNDS

NAVIGATION = NavigationEntry(path="/charts", title="Charts")
#: kind -> how a chart of it is called, and what its numbers count
_COUNTED = {
    "poll": ("Polls", "polls"),
    "entry": ("New entries", "entries"),
    "merge": ("Merges: entries that joined a story", "merges"),
    "page": ("Articles' pages read", "pages"),
}
#: what lies beyond the last class of a latency is drawn as so many seconds: a day
_BEYOND = 86_400.0


class DrawnChart(Struct, frozen=True, kw_only=True):
    """A chart as the page has it: the picture, and the same numbers as a table."""

    key: str
    title: str
    svg: Markup
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def routes(desk: Desk) -> list[Route]:
    """Return the page of the charts."""
    return [page(desk, NAVIGATION.path, show)]


def show(desk: Desk, request: DeskRequest) -> View:
    """Show the last 48 hours, or with `by=day` the last 30 days."""
    by: Step = "day" if request.query.get("by") == "day" else "hour"
    with desk.store.read() as connection:
        known = activity(connection, by=by, now=desk.clock())
    drawn = [_drawn(chart, known, by) for chart in charts(known, by)]
    return View(template="charts.html", values={"charts": drawn, "by": by})


def charts(known: Activity, by: Step) -> list[Chart]:
    """Return what is drawn of these numbers."""
    places = [_place(at, by) for at in known.starts]
    span = "48 hours" if by == "hour" else "30 days"
    made = [
        Chart(
            key=kind,
            title=title,
            description=f"{sum(known.counts[kind]):,} {unit} in the last {span}, "
            f"at most {max(known.counts[kind], default=0):,} in one {by}.",
            kind="bars",
            places=places,
            series=[ChartSeries(name=unit, values=known.counts[kind])],
        )
        for kind, (title, unit) in _COUNTED.items()
    ]
    rows = [
        ChartSeries(name="half of the stories", values=[_seconds(each) for each in known.half]),
        ChartSeries(name="nineteen of twenty", values=[_seconds(each) for each in known.most]),
    ]
    words = f"Seconds from a story's first copy to the feeds, in the last {span}: within which half of the stories of "
    latency = Chart(
        key="latency",
        title="Seconds from first copy to feed, at most",
        description=f"{words}each {by} came, and nineteen of twenty.",
        kind="lines",
        places=places,
        series=rows,
    )
    return [*made, latency]


def _place(at: datetime, by: Step) -> str:
    return f"{at:%H:%M}" if by == "hour" else f"{at.day} {at:%b}"


def _seconds(seconds: float | None) -> float | None:
    return None if seconds is None else min(seconds, _BEYOND)


def _drawn(chart: Chart, known: Activity, by: Step) -> DrawnChart:
    """Draw a chart; the rows of its table are the newest first, those without a number left out."""
    names = [f"{at:%-d %b, %H:%M}" if by == "hour" else f"{at:%-d %B}" for at in known.starts]
    rows = zip(names, *(each.values for each in chart.series), strict=True)
    return DrawnChart(
        key=chart.key,
        title=chart.title,
        svg=Markup(chart_svg(chart)),
        columns=tuple(each.name for each in chart.series),
        rows=tuple(
            (name, *map(_number if chart.kind == "bars" else _bound, numbers))
            for name, *numbers in reversed([*rows])
            if _says(numbers)
        ),
    )


def _says(numbers: Sequence[float | None]) -> bool:
    return any(number for number in numbers if number is not None)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _bound(value: float | None) -> str:
    return f"over {BOUNDS[-1]:,}" if value is not None and value >= _BEYOND else _number(value)
