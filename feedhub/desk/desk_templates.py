"""The pages of the desk, out of the templates beside this file; everything is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from feedhub.desk.desk_context import Desk, DeskRequest, NavigationEntry, View
from feedhub.serve import html_pages, page_filters

_HERE = Path(__file__).parent
_FILES = {"desk.css": "text/css; charset=utf-8", "desk.js": "text/javascript; charset=utf-8"}


class DeskTemplates:
    """Renders every page of one desk. Safe between threads."""

    def __init__(self, desk: Desk, navigation: Sequence[NavigationEntry]) -> None:
        self._desk = desk
        self._environment = html_pages.page_templates(_HERE / "templates")
        self._environment.globals.update(
            navigation=navigation, hub=desk.config.title or "feedhub", operator=desk.operator, read_only=desk.read_only
        )

    def render(self, view: View, asked: DeskRequest | None, messages: Sequence[tuple[str, int | None]] = ()) -> bytes:
        """Render a page for a request; without one, for somebody who is not signed in."""
        values: Mapping[str, object] = {
            "token_value": asked.session.token if asked else None,
            "current": urlsplit(asked.path).path if asked else "",
            "here": asked.path if asked else "/",
            "messages": messages,
            "undo": asked.session.made[-1] if asked and asked.session.made else None,
            "ago": partial(page_filters.ago, now=self._desk.clock()),
            **view.values,
        }
        return self._environment.get_template(view.template).render(values).encode("utf-8", "replace")


def desk_files() -> dict[str, tuple[bytes, str]]:
    """Read the files that pages load, the public pages' styles and icon among them: name -> body, media type."""
    own = {name: ((_HERE / "static" / name).read_bytes(), kind) for name, kind in _FILES.items()}
    return {**html_pages.static(), **own}
