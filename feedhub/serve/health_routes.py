"""The routes of those who run the hub: whether it is alive and ready, its health report, its numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from feedhub.serve.backend import Backend, ServerSettings
from feedhub.serve.http_document import document
from feedhub.serve.prometheus_text import METRICS_TYPE, RequestCounts, metrics
from feedhub.serve.raw_response import response_of
from feedhub.serve.security import may_see_details
from feedhub.serve.workers import Workers

_TEXT = "text/plain; charset=utf-8"
_ATOM = "application/atom+xml; charset=utf-8"


class HealthRoutes:
    """Anybody learns whether the hub is alive; what its sources do, the operator alone."""

    def __init__(
        self,
        backend: Backend,
        settings: ServerSettings,
        clock: Callable[[], datetime],
        counts: RequestCounts,
        workers: Workers,
    ) -> None:
        self._backend = backend
        self._settings = settings
        self._clock = clock
        self._counts = counts
        self._workers = workers

    async def alive(self, request: Request) -> Response:
        """Tell that the process answers."""
        return _plain(200, "alive")

    async def ready(self, request: Request) -> Response:
        """Tell whether the hub can serve: 503 where its database cannot be reached."""
        health = await self._backend.readiness()
        return _plain(200 if health.ready else 503, "ready" if health.ready else "not ready")

    async def report(self, request: Request) -> Response:
        """Send the health report, to the operator alone."""
        if not may_see_details(request.scope, self._settings):
            return _unauthorized()
        health = await self._backend.health()
        report = {"ready": health.ready, "reason": health.reason, **health.report}
        body = await self._workers.run(_json, report)
        return Response(body, 200, {"cache-control": "no-store"}, "application/json")

    async def feed(self, request: Request) -> Response:
        """Send the conditions of the sources as Atom, for the operator's own reader."""
        if not may_see_details(request.scope, self._settings):
            return _unauthorized()
        return response_of(document(await self._backend.health_feed(), _ATOM, private=True), request, self._clock())

    async def metrics(self, request: Request) -> Response:
        """Send the numbers to the operator's collector."""
        if not may_see_details(request.scope, self._settings):
            return _unauthorized()
        health = await self._backend.health()
        body = await self._workers.run(metrics, health.numbers, self._counts, self._settings.version)
        return Response(body, 200, {"cache-control": "no-store"}, METRICS_TYPE)


def _unauthorized() -> Response:
    challenge = {"www-authenticate": 'Basic realm="feedhub", charset="UTF-8"', "cache-control": "no-store"}
    return Response("401 server.admin_token is needed to see this\n", 401, challenge, _TEXT)


def _json(report: Mapping[str, object]) -> bytes:
    return json.dumps(report, ensure_ascii=False, indent=2, default=_value).encode() + b"\n"


def _value(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _plain(status: int, text: str) -> Response:
    return Response(f"{text}\n", status, {"cache-control": "no-store"}, _TEXT)
