"""The path that the hub is reached below, taken off a request where a proxy has left it on."""

from __future__ import annotations

from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send


class BasePathMiddleware:
    """ASGI middleware for a hub below a path: what a proxy passes on with it and without it is served alike.

    A path is taken off only where one of the hub's own stands behind it: below `/feeds`, `/feeds/all.atom` is the hub's
    own already, and `/feeds/feeds/all.atom` is the same one, passed on as it came.
    """

    def __init__(self, app: ASGIApp, base_path: str, names: Collection[str]) -> None:
        self._app = app
        self._base_path = base_path
        self._names = frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request by the path below the hub's own."""
        if scope["type"] == "http" and (below := self._below(scope["path"])) is not None:
            scope = {**scope, "path": below, "raw_path": below.encode("utf-8", "surrogateescape")}
        await self._app(scope, receive, send)

    def _below(self, path: str) -> str | None:
        if path == self._base_path:
            return "/"
        if not path.startswith(f"{self._base_path}/"):
            return None
        below = path[len(self._base_path) :]
        return below if below[1:].partition("/")[0].partition(".")[0] in self._names else None
