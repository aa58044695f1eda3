"""A small WebSub hub that really runs on loopback: takes pings and subscriptions, verifies, distributes, signs."""

from __future__ import annotations

import asyncio
import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl

import httpx
from commands import PATIENCE
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feedhub.serve.server import listen, serve


class HubServer:
    """What the hub was asked, and what it does on demand."""

    def __init__(self) -> None:
        self.pings: list[str] = []
        self.asked: list[dict[str, str]] = []
        self.refuses = 0
        self.url = ""
        self.app = Starlette(routes=[Route("/", self.take, methods=["POST"])])

    async def take(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if self.refuses:
            self.refuses -= 1
            return Response(status_code=503)
        if form["hub.mode"] == "publish":
            self.pings.append(form["hub.url"])
            return Response(status_code=204)
        self.asked.append(form)
        return Response(status_code=202)

    def verify(self, **changed: str) -> httpx.Response:
        """Verify the newest request's intent, as said or changed."""
        form = self.asked[-1]
        said = {
            "hub.mode": "subscribe",
            "hub.topic": form["hub.topic"],
            "hub.challenge": "a-challenge",
            "hub.lease_seconds": form["hub.lease_seconds"],
        } | {f"hub.{name}": value for name, value in changed.items()}
        return httpx.get(form["hub.callback"], params=said, trust_env=False, timeout=PATIENCE)

    def distribute(self, body: bytes, *, method: str = "sha256", secret: str | None = None) -> httpx.Response:
        """Bring news to the newest subscriber."""
        form = self.asked[-1]
        made = hmac.new((secret or form["hub.secret"]).encode(), body, method).hexdigest()
        headers = {"x-hub-signature": f"{method}={made}", "content-type": "application/feed+json"}
        return httpx.post(form["hub.callback"], content=body, headers=headers, trust_env=False, timeout=PATIENCE)


@contextmanager
def running() -> Iterator[HubServer]:
    """A hub that runs until the test is over."""
    hub = HubServer()
    listener = listen("127.0.0.1", 0)
    hub.url = f"{listener.url}/"
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve(hub.app, listener, stop)), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
