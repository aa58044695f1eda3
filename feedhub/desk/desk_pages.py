"""Which pages the desk has, in the order of its navigation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from starlette.routing import Route

from feedhub.desk import (
    chart_page,
    decision_page,
    label_page,
    near_miss_page,
    pair_page,
    queue_page,
    source_page,
    today_page,
    tune_page,
)
from feedhub.desk.desk_context import Desk, NavigationEntry


class PageModule(Protocol):
    """A module of pages."""

    @property
    def NAVIGATION(self) -> NavigationEntry | None:
        """Return how the navigation names it, None where other pages lead to it."""

    def routes(self, desk: Desk) -> list[Route]:
        """Return the routes of its pages."""


PAGES: Sequence[PageModule] = (
    today_page,
    near_miss_page,
    queue_page,
    decision_page,
    source_page,
    chart_page,
    label_page,
    tune_page,
    pair_page,
)
