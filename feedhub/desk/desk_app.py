"""The desk as an ASGI app: its pages behind their guard, and the files that they load."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from feedhub.desk.desk_context import Desk
from feedhub.desk.desk_guard import DESK_HEADERS, DeskGuard
from feedhub.desk.desk_pages import PAGES
from feedhub.desk.desk_routes import message
from feedhub.desk.desk_templates import DeskTemplates, desk_files
from feedhub.errors import FeedhubError
from feedhub.serve import ServerSettings
from feedhub.serve.html_pages import HTML_TYPE
from feedhub.serve.prometheus_text import RequestCounts
from feedhub.serve.security import SecurityMiddleware, log

_MISDIRECTED = "the desk goes by 127.0.0.1 and localhost alone; forward a port to it (ssh -L)"
_TITLES = {401: "Not signed in", 403: "Refused", 404: "Not here", 405: "Refused", 413: "Too large"}
_NOT_FOUND = "There is no such page on this desk, or what it was about is gone."


def create_desk_app(desk: Desk, port: int) -> ASGIApp:
    """Make the app of a desk that is reached on this port."""
    navigation = [each.NAVIGATION for each in PAGES if each.NAVIGATION is not None]
    templates = DeskTemplates(desk, navigation)
    files = desk_files()

    def refusal(status: int, text: str) -> Response:
        body = templates.render(message(_TITLES.get(status, "Refused"), text, status), None)
        return Response(body, status, media_type=HTML_TYPE)

    async def file(request: Request) -> Response:
        name = request.path_params.get("file", "favicon.ico")
        if name not in files:
            raise HTTPException(404)
        body, kind = files[name]
        return Response(body, 200, media_type=kind)

    async def http_error(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return refusal(status, _NOT_FOUND if status == 404 else "The desk does not do that.")

    async def unavailable(request: Request, error: Exception) -> Response:
        log.error("unavailable", extra={"reason": str(error)})
        return refusal(503, f"{error}. Nothing was changed; try again soon.")

    async def crashed(request: Request, error: Exception) -> Response:
        return refusal(500, "Something broke: this is a fault of the desk; what the command prints says more.")

    async def first(request: Request) -> Response:
        return RedirectResponse(navigation[0].path, 303)

    routes: list[BaseRoute] = [Route("/", first), Route("/static/{file}", file), Route("/favicon.ico", file)]
    for each in PAGES:
        routes += each.routes(desk)
    app = Starlette(
        routes=routes,
        exception_handlers={HTTPException: http_error, FeedhubError: unavailable, Exception: crashed},
    )
    app.state.templates = templates
    app.router.redirect_slashes = False
    guard = DeskGuard(app, desk.sessions, port=port, read_only=desk.read_only, page=refusal)
    return SecurityMiddleware(guard, ServerSettings(), RequestCounts(), DESK_HEADERS, _MISDIRECTED)
