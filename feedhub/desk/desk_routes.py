"""A page's functions -> routes: run in a thread, what they raise turned into a sentence for a person."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from feedhub.desk.desk_context import Desk, DeskRequest, Download, NotHere, PostResult, View
from feedhub.desk.desk_templates import DeskTemplates
from feedhub.errors import UsageError
from feedhub.serve.html_pages import HTML_TYPE

log = logging.getLogger("feedhub.desk")

Show = Callable[[Desk, DeskRequest], View | Download]
Act = Callable[[Desk, DeskRequest], PostResult]

#: a path of the desk's own, with its query
_OWN_PATH = re.compile(r"/(?!/)[A-Za-z0-9/_.~?=&%-]*")


def page(desk: Desk, path: str, show: Show) -> Route:
    """Make the route of a page; `show` runs in a thread, may raise NotHere, and UsageError for a sentence."""

    async def respond(request: Request) -> Response:
        asked = _asked(request)
        messages = tuple(asked.session.messages)
        try:
            made = await desk.workers.run(show, desk, asked)
        except NotHere as error:
            raise HTTPException(404) from error
        except UsageError as error:
            made = message("That cannot be shown", str(error), 400)
        if isinstance(made, Download):
            return _download(made)
        # only once they can be shown
        asked.session.messages.clear()
        return await rendered(desk, request, made, asked, messages)

    return Route(path, respond, methods=["GET"])


def post(desk: Desk, path: str, act: Act) -> Route:
    """Make the route of a form; `act` runs in a thread, only for a form that the guard let through."""

    async def respond(request: Request) -> Response:
        asked = _asked(request)
        if desk.read_only:
            raise HTTPException(403)
        try:
            outcome = await desk.workers.run(act, desk, asked)
        except NotHere as error:
            raise HTTPException(404) from error
        except UsageError as error:
            return await rendered(desk, request, message("That was not done", str(error), 409), asked, ())
        if outcome.decision is not None:
            asked.session.made.append(outcome.decision)
            log.info("decision", extra={"number": outcome.decision})
        if outcome.revoked is not None:
            asked.session.made[:] = [number for number in asked.session.made if number != outcome.revoked]
            log.info("decision taken back", extra={"number": outcome.revoked})
        if outcome.text:
            asked.session.messages.append((outcome.text, outcome.decision))
        return RedirectResponse(outcome.path, 303)

    return Route(path, respond, methods=["POST"])


def own_path(text: str, otherwise: str) -> str:
    """Return a path of this desk that a form names to come back to, `otherwise` where it is something else."""
    return text if _OWN_PATH.fullmatch(text) and len(text) < 500 else otherwise


def message(title: str, text: str, status: int) -> View:
    """Return the page that says one thing."""
    return View(template="desk_message.html", values={"title": title, "text": text}, status=status)


async def rendered(
    desk: Desk, request: Request, view: View, asked: DeskRequest, messages: tuple[tuple[str, int | None], ...]
) -> Response:
    """Render a page in a thread."""
    templates = cast(DeskTemplates, request.app.state.templates)
    body = await desk.workers.run(templates.render, view, asked, messages)
    return Response(body, view.status, media_type=HTML_TYPE)


def _asked(request: Request) -> DeskRequest:
    return DeskRequest(
        session=request.scope["desk_session"],
        path=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        parameters={name: str(value) for name, value in request.path_params.items()},
        query=dict(request.query_params),
        form=request.scope["desk_form"],
    )


def _download(made: Download) -> Response:
    headers = {"content-disposition": f'attachment; filename="{made.name}"'} if made.name else {}
    return Response(made.body, 200, headers, made.media_type)
