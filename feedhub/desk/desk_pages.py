"""Which pages the desk has, in the order of its navigation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from starlette.routing import Route

from feedhub.desk import decision_page
from feedhub.desk.desk_context import Desk, NavigationEntry


class PageModule(Protocol):
    """A module of pages: how the navigation names it, and its routes."""

    NAVIGATION: NavigationEntry

    def routes(self, desk: Desk) -> list[Route]:
        """Return the routes of its pages."""


PAGES: Sequence[PageModule] = (decision_page,)
