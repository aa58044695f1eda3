"""A bound port, and uvicorn on it inside the caller's event loop; signals stay the caller's."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from msgspec import Struct
from starlette.types import ASGIApp

from feedhub.errors import EnvironmentFailed
from feedhub.serve.connections import Connections
from feedhub.serve.limited_http import LimitedProtocol

#: connections that the kernel keeps until they are accepted
_BACKLOG = 512
#: how long answers under way may take once the hub stops
GRACE = 5


class Listener(Struct, frozen=True, kw_only=True):
    """A port that is ours already."""

    socket: socket.socket
    host: str
    #: the real one, where 0 was asked for
    port: int

    @property
    def url(self) -> str:
        """Return the address at which a person on this machine reaches it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"


def listen(host: str, port: int, *, setting: str = "server.port") -> Listener:
    """Take the port, before anything else starts; raises EnvironmentFailed, naming it and its setting, without it."""
    host = host.strip("[]")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        taken = socket.socket(family, kind, protocol)
    except OSError as error:
        raise EnvironmentFailed(f"server.host: cannot listen on {host}: {error.strerror or error}") from error
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
        taken.listen(_BACKLOG)
    except OSError as error:
        taken.close()
        raise EnvironmentFailed(
            f"{setting}: port {port} on {host} cannot be had ({error.strerror}); "
            "stop the program that uses it, or set another port"
        ) from error
    taken.setblocking(False)
    return Listener(socket=taken, host=host, port=taken.getsockname()[1])


async def serve(app: ASGIApp, listener: Listener, stop: asyncio.Event) -> None:
    """Serve on the port until `stop` is set, then let responses under way finish and close it."""
    server = _Server(
        uvicorn.Config(
            app,
            http=LimitedProtocol,
            backlog=_BACKLOG,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
    )
    server.server_state = connections = Connections()
    sweeping = asyncio.create_task(connections.sweep())
    running = asyncio.create_task(server.serve(sockets=[listener.socket]))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await running
    finally:
        stopping.cancel()
        running.cancel()
        sweeping.cancel()
        listener.socket.close()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the shell."""
        yield
