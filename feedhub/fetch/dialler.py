"""Connections to places that a stranger named: the address of every socket is looked at before it is connected."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, zip_longest
from typing import Any

from feedhub.fetch.http1 import Exchange
from feedhub.fetch.ip_address import is_public, literal

#: (family, address): what a socket is made of and what it is connected to
Place = tuple[int, tuple[Any, ...]]
#: a second address is tried beside one that does not answer for so long (RFC 8305)
_STAGGER = 0.25
_LOOK_UPS = 64


class NotAllowed(OSError):
    """The address is none that sources may lead to."""


class Dialler:
    """Opens connections; names are looked up in threads that a hanging name server may keep without harm."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self._slots: asyncio.Semaphore | None = None

    async def connect(self, host: str, port: int, *, exempt: bool, tls: ssl.SSLContext | None) -> Exchange:
        """Connect to one of the host's addresses, if `exempt` whatever they are; raise OSError or TimeoutError."""
        places = await self._places(host, port)
        if not exempt:
            # what the name said before does not matter: these very addresses are what the sockets get
            public = [place for place in places if is_public(str(place[1][0]))]
            if places and not public:
                raise NotAllowed(places[0][1][0])
            places = public
        loop, name = asyncio.get_running_loop(), host.rstrip(".") if tls else None
        async with asyncio.timeout(self.timeout):
            if len(places) == 1 and not any(places[0][1][2:]):
                # an address, not a name: the loop looks up nothing, and makes the socket in a third less time
                address, number, *_ = places[0][1]
                _, exchange = await loop.create_connection(Exchange, address, number, ssl=tls, server_hostname=name)
                return exchange
            connected = await _first(places)
            try:
                _, exchange = await loop.create_connection(Exchange, sock=connected, ssl=tls, server_hostname=name)
            except BaseException:
                connected.close()
                raise
        return exchange

    async def _places(self, host: str, port: int) -> list[Place]:
        """Look up the host's addresses; alternate between the families (RFC 8305)."""
        spelled = literal(host)
        if spelled is not None and "%" not in spelled:
            six = ":" in spelled
            return [(socket.AF_INET6, (spelled, port, 0, 0)) if six else (socket.AF_INET, (spelled, port))]
        look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        self._slots = self._slots or asyncio.Semaphore(_LOOK_UPS)
        async with self._slots:
            addresses = await _in_daemon_thread(look_up)
        first = addresses[0][0] if addresses else None
        mine, others = ([(f, a) for f, _, _, _, a in addresses if (f == first) is same] for same in (True, False))
        return [place for place in chain.from_iterable(zip_longest(mine, others)) if place is not None]


async def _first(places: Sequence[Place]) -> socket.socket:
    """Return a socket connected to the first address that answers; a silent one does not hold up the next."""
    if len(places) == 1:
        return await _connected(places[0])
    errors: list[OSError] = []
    remaining, running = list(places), set[asyncio.Task[socket.socket]]()
    try:
        while remaining or running:
            if remaining:
                running.add(asyncio.create_task(_connected(remaining.pop(0))))
            done, running = await asyncio.wait(
                running, timeout=_STAGGER if remaining else None, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                if (error := task.exception()) is None:
                    return task.result()
                errors.append(error if isinstance(error, OSError) else OSError(str(error)))
        raise errors[0] if errors else socket.gaierror(socket.EAI_NONAME, "no address")
    finally:
        for task in running:
            task.cancel()
            task.add_done_callback(_close_unwanted)


def _close_unwanted(task: asyncio.Task[socket.socket]) -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().close()


async def _connected(place: Place) -> socket.socket:
    family, address = place
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        one.setblocking(False)
        await asyncio.get_running_loop().sock_connect(one, address)
    except BaseException:
        one.close()
        raise
    return one


async def _in_daemon_thread(call: Callable[[], list[Any]]) -> list[Any]:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[list[Any]] = loop.create_future()

    def settle(result: list[Any] | None, error: OSError | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result or [])

    def run() -> None:
        result, failure = None, None
        try:
            result = call()
        except OSError as error:
            failure = error
        except ValueError:
            failure = socket.gaierror(socket.EAI_NONAME, "no such host")
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, daemon=True, name="feedhub-dns").start()
    return await done
