"""The sources: how they do, what they bring and repeat; paused, polled, and what other trust would change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args
from urllib.parse import quote, urlsplit

from markupsafe import Markup
from starlette.routing import Route

from feedhub.admin import source_actions
from feedhub.admin.source_account import SourceAccount, account_of, overviews
from feedhub.admin.trust_preview import preview
from feedhub.desk.chart_svg import Chart, ChartSeries, chart_svg
from feedhub.desk.desk_context import Desk, DeskRequest, NavigationEntry, NotHere, PostResult, View
from feedhub.desk.desk_routes import own_path, page, post
from feedhub.errors import UsageError
from feedhub.model import Source, Trust

NAVIGATION = NavigationEntry(path="/sources", title="Sources")
TRUSTS: tuple[Trust, ...] = get_args(Trust)
_HIGHEST = 1_000_000


def routes(desk: Desk) -> list[Route]:
    """Return the list of sources, a page for each, and what can be done about them."""
    return [
        page(desk, NAVIGATION.path, show_list),
        page(desk, "/sources/{name:path}", show),
        post(desk, NAVIGATION.path, act),
    ]


def show_list(desk: Desk, request: DeskRequest) -> View:
    """Show every source, those that need a person first."""
    with desk.store.read() as connection:
        rows = overviews(connection, desk.config, desk.clock())
    return View(template="sources.html", values={"rows": rows})


def show(desk: Desk, request: DeskRequest) -> View:
    """Show one source; with `trust` or `priority` what these would change."""
    now = desk.clock()
    with desk.store.read() as connection:
        account = account_of(connection, desk.config, request.parameters["name"], now)
    if account is None:
        raise NotHere("no such source")
    source = account.overview.source
    trust, priority = _asked_terms(source, request)
    asked = bool({"trust", "priority"} & request.query.keys())
    values = {
        "account": account,
        "source": source,
        "state": account.overview.row.state if account.overview.row else None,
        "address": _bare(source),
        "chart": Markup(chart_svg(_chart(account, now))),
        "trusts": TRUSTS,
        "trust": trust,
        "priority": priority,
        "preview": preview(desk.store, desk.config, source.id, trust=trust, priority=priority, now=now)
        if asked
        else None,
    }
    return View(template="source.html", values=values)


def act(desk: Desk, request: DeskRequest) -> PostResult:
    """Pause, resume, poll, or forget what a source repeats; the same rows as the commands write."""
    action = source_actions.ACTIONS.get(request.value("do"))
    name = request.value("name")
    if action is None or name not in {each.id for each in desk.config.sources}:
        raise NotHere("no such source, or nothing that can be done about one")
    now = desk.clock()
    text = desk.store.transact(
        lambda connection: action(connection, name, now=now, by=desk.operator, reason=request.why)
    )
    return PostResult(path=own_path(request.value("back"), f"{NAVIGATION.path}/{quote(name, safe='')}"), text=text)


def _asked_terms(source: Source, request: DeskRequest) -> tuple[Trust, int]:
    """Return the trust and priority that a query asks about, else those of the source; raises UsageError."""
    text = request.query.get("trust", source.trust)
    trust = next((each for each in TRUSTS if each == text), None)
    if trust is None:
        raise UsageError(f"trust: expected one of {', '.join(TRUSTS)}")
    try:
        priority = int(request.query.get("priority", str(source.priority)) or 0)
    except ValueError:
        raise UsageError("priority: expected a whole number") from None
    if abs(priority) > _HIGHEST:
        raise UsageError(f"priority: expected at most {_HIGHEST:,}")
    return trust, priority


def _bare(source: Source) -> str:
    """Return a source's address without what may be secret in it."""
    if source.is_path:
        return source.url
    parts = urlsplit(source.url)
    more = "?…" if parts.query and not source.public else f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}{more}"


def _chart(account: SourceAccount, now: datetime) -> Chart:
    today = now.astimezone(UTC).date()
    number = len(account.entries)
    days = [today - timedelta(days=number - 1 - place) for place in range(number)]
    return Chart(
        key="entries",
        title="New entries by day, and those that joined a story",
        description=f"{sum(account.entries):,} new entries in {number} days, {sum(account.merges):,} of them joined.",
        kind="bars",
        places=[f"{day.day} {day:%b}" for day in days],
        series=[
            ChartSeries(name="entries", values=account.entries),
            ChartSeries(name="merges", values=account.merges),
        ],
    )
