"""Forms sent to hubs, through the same wary transport as everything else; no redirect is followed."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from types import TracebackType

import httpx

from feedhub.fetch.client import Limits, user_agent
from feedhub.fetch.transport import EXEMPT, Transport
from feedhub.fetch.urls import bare, host_port, parsed


class Poster:
    """Posts forms; open it with `async with`. `allow` exempts host:port pairs from the ban on private addresses; no
    hub that a feed names is ever exempt, so only tests have any."""

    def __init__(
        self,
        *,
        proxy: str | None = None,
        contact: str | None = None,
        allow: Collection[str] = (),
        limits: Limits | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._allow = frozenset(allow)
        # no httpx.AsyncClient: it would keep cookies, and send what user info a feed's hub has in its address
        self._transport = Transport(connect_timeout=self._limits.connect, proxy=proxy)
        self._standing = {
            "User-Agent": user_agent(contact),
            "Accept": "*/*",
            "Connection": "close",
            "Content-Type": "application/x-www-form-urlencoded",
        }

    async def __aenter__(self) -> Poster:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.aclose()

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> str | None:
        """Post a body with headers of its own; None where it was accepted (2xx), else why not, in one line."""
        try:
            return await self._request(url, body, {**self._standing, **headers})
        except TimeoutError as error:
            return str(error)

    async def post(self, url: str, form: Sequence[tuple[str, str]]) -> str | None:
        """Post a form; None where it was accepted (2xx), else why not, in one line.

        Raise TimeoutError, with such a line, where there was no response in time.
        """
        return await self._request(url, str(httpx.QueryParams(list(form))).encode(), self._standing)

    async def _request(self, url: str, body: bytes, headers: Mapping[str, str]) -> str | None:
        try:
            target = bare(parsed(url))
            exempt = {EXEMPT: host_port(target) in self._allow}
            request = httpx.Request("POST", target, content=body, headers=headers, extensions=exempt)
            async with asyncio.timeout(self._limits.total):
                response = await self._transport.handle_async_request(request)
                await response.aclose()
        except TimeoutError as error:
            raise TimeoutError(f"timeout: not finished after {self._limits.total:g} s") from error
        except httpx.TimeoutException as error:
            raise TimeoutError(str(error)) from error
        except (httpx.TransportError, httpx.InvalidURL, ValueError) as error:
            return str(error)
        return None if response.is_success else f"HTTP {response.status_code}"
