"""The operator's pages in a browser: what was merged and what nearly was, to decide about; a server of its own.

desk_context      what every page is given: store, configuration, clock, who decides
desk_session      the one-time key, the cookies that it was exchanged for, the token of every form
desk_guard        every request: where it comes from, its cookie, its token, read-only
desk_templates    templates and values -> pages                                (jinja2)
desk_routes       functions over Desk and DeskRequest -> routes                (starlette)
desk_app          the pages behind their guard, as an ASGI app                 (starlette)
desk_pages        which pages there are, in the order of the navigation
pair_view         two copies side by side, with what speaks for one story and against it
pair_page         the same on a page of its own, and the form that decides about a pair
today_page        merges of the last hours, to undo, to keep apart, to confirm
near_miss_page    pairs that nearly merged, to join or to dismiss
queue_page        what waits for a person
decision_page     every decision, to take back
source_page       the sources: health, pace, furniture; pause, poll now, what other trust would change
chart_page        what happened by the hour and by the day
chart_svg         numbers -> bars and lines
label_page        pairs to label, what teaches most first
tune_page         what the matcher gets right of the labels
tune_work         that report, made in a thread of its own

To add a page, write a module `NAME_page.py` here and a template `templates/NAME.html`, and name the module in
`desk_pages.PAGES`. It exports two names:

    NAVIGATION = NavigationEntry(path="/name", title="Name")

    def routes(desk: Desk) -> list[Route]:
        return [page(desk, "/name", show), post(desk, "/name", act)]

`show(desk, request)` runs in a thread and returns a `View` (a template and its values) or a `Download`; it may raise
`NotHere` for 404 and UsageError for a sentence with 400. `act(desk, request)` does what a form asks for and returns an
`PostResult` (where to go, what to say); it runs only once cookie, origin and token are checked and the desk is not
read-only, and a UsageError in it becomes a sentence with 409. In a template a form is

    {% extends "desk.html" %}
    {% import "forms.html" as forms with context %}
    <form method="post" action="/name">
    {{ forms.token() }} ... {{ forms.why() }} ... {{ forms.button("do", "poll", "Poll now", "p") }}
    </form>

The last word of `forms.button` is its key, for whoever works without a mouse: it presses the button of the item that
has the focus (an element of class `item` with `tabindex="-1"`; `j` and `k` go through them). With `--read-only` the
macros write nothing; ask `read_only` where a template has more to leave out. Styles and scripts are under `static/`.
"""

from __future__ import annotations

from feedhub.desk.desk_app import create_desk_app
from feedhub.desk.desk_context import Desk
from feedhub.desk.desk_session import Sessions

__all__ = ["Desk", "Sessions", "create_desk_app"]
