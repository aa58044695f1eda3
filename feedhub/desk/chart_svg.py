"""Numbers -> bars and lines as SVG, without scripts; colours by CSS, words for screen readers. Pure functions.

A chart is drawn in a box of fixed units and scales with the page. Every number that is drawn is finite and lies inside
the box, whatever comes in: nothing, zeros, numbers that are not finite (left out), numbers without end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Literal

from msgspec import Struct

#: the box, and what of it is left for words at the left, below, above
WIDTH, HEIGHT = 640.0, 200.0
_LEFT, _RIGHT, _BELOW, _ABOVE = 46.0, 8.0, 24.0, 10.0
_GAP = 0.18
#: labels below are at least so far apart
_APART = 64.0
#: what is larger is drawn as this
_MOST = 1e15


class ChartSeries(Struct, frozen=True, kw_only=True):
    """A row of numbers, one for each place on the axis; None where nothing is known."""

    name: str
    values: Sequence[float | None]


class Chart(Struct, frozen=True, kw_only=True):
    """What is drawn: a name, a sentence that says it in words, series over places in time."""

    key: str
    title: str
    description: str
    kind: Literal["bars", "lines"]
    #: what each place is called below the axis, and in the table
    places: Sequence[str]
    series: Sequence[ChartSeries]
    #: what the numbers count, as the axis names it
    unit: str = ""


def chart_svg(chart: Chart) -> str:
    """Draw a chart; the result is safe to stand in a page."""
    top = _ceiling([value for each in chart.series for value in _finite(each.values)])
    ident = escape(chart.key, quote=True)
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" '
        f'aria-labelledby="{ident}-title" aria-describedby="{ident}-words">',
        f'<title id="{ident}-title">{escape(chart.title)}</title>',
        f'<desc id="{ident}-words">{escape(chart.description)}</desc>',
        *_grid(top),
        *_places(chart.places),
    ]
    draw = _bars if chart.kind == "bars" else _line
    for number, each in enumerate(chart.series):
        parts += draw(each, number, len(chart.series), len(chart.places), top, chart.places)
    return "".join([*parts, "</svg>"])


def _finite(values: Sequence[float | None]) -> list[float]:
    return [min(max(value, 0.0), _MOST) for value in values if value is not None and math.isfinite(value)]


def _ceiling(values: Sequence[float]) -> float:
    """Return the round number at the top of the axis, over 0."""
    highest = max(values, default=0.0)
    if highest <= 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(highest))
    if not size:
        return 1.0
    return float(next((step * size for step in (1, 2, 2.5, 5) if step * size >= highest), 10 * size))


def _x(place: float, places: int) -> float:
    return _LEFT + (WIDTH - _LEFT - _RIGHT) * place / max(places, 1)


def _y(value: float, top: float) -> float:
    return HEIGHT - _BELOW - (HEIGHT - _BELOW - _ABOVE) * min(max(value / top, 0.0), 1.0)


def short(value: float) -> str:
    """Write a number in few signs: 1200 is 1.2k."""
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def _grid(top: float) -> list[str]:
    parts = []
    for share in (0.0, 0.5, 1.0):
        y = _y(top * share, top)
        parts.append(f'<line class="grid" x1="{_LEFT:g}" x2="{WIDTH - _RIGHT:g}" y1="{y:.2f}" y2="{y:.2f}"/>')
        parts.append(f'<text class="tick" x="{_LEFT - 6:g}" y="{y + 4:.2f}">{escape(short(top * share))}</text>')
    return parts


def _places(places: Sequence[str]) -> list[str]:
    step = max(1, math.ceil(len(places) * _APART / (WIDTH - _LEFT - _RIGHT)))
    shown = [(_x(number + 0.5, len(places)), places[number]) for number in range(step // 2, len(places), step)]
    return [f'<text class="place" x="{x:.2f}" y="{HEIGHT - 7:g}">{escape(name)}</text>' for x, name in shown]


def _bars(each: ChartSeries, number: int, series: int, places: int, top: float, names: Sequence[str]) -> list[str]:
    width = (WIDTH - _LEFT - _RIGHT) / max(places, 1) * (1 - _GAP) / max(series, 1)
    parts = []
    for place, value in enumerate(each.values[:places]):
        known = _finite([value])
        if known and known[0] > 0:
            y = _y(known[0], top)
            # what is there is seen, however small
            height = max(HEIGHT - _BELOW - y, 0.75)
            x = _x(place + _GAP / 2, places) + number * width
            words = f"{names[place]}: {short(known[0])} {each.name}"
            parts.append(
                f'<rect class="series{number}" x="{x:.2f}" y="{HEIGHT - _BELOW - height:.2f}" width="{width:.2f}" '
                f'height="{height:.2f}"><title>{escape(words)}</title></rect>'
            )
    return parts


def _line(each: ChartSeries, number: int, series: int, places: int, top: float, names: Sequence[str]) -> list[str]:
    """Draw a line that ends where nothing is known; a place without neighbours is a dot."""
    runs: list[list[tuple[float, float]]] = [[]]
    for place, value in enumerate(each.values[:places]):
        known = _finite([value])
        if known:
            runs[-1].append((_x(place + 0.5, places), _y(known[0], top)))
        elif runs[-1]:
            runs.append([])
    parts = []
    for run in runs:
        if len(run) == 1:
            parts.append(f'<circle class="series{number}" cx="{run[0][0]:.2f}" cy="{run[0][1]:.2f}" r="2.5"/>')
        elif run:
            points = " ".join(f"{x:.2f},{y:.2f}" for x, y in run)
            parts.append(f'<polyline class="series{number}" points="{points}"/>')
    return parts
