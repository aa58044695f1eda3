"""Forms sent to hubs, through the same wary transport as everything else; no redirect is followed."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from types import TracebackType

import httpx

from .client import ABOUT, Limits, user_agent
from .transport import EXEMPT, Transport
from .urls import host_port, parsed


class Poster:
    """Posts forms; open it with `async with`. `allow` exempts host:port pairs from the ban on private addresses; no
    hub that a feed names is ever exempt, so only tests have any."""

    def __init__(
        self, *, proxy: str | None = None, about: str = ABOUT, allow: Collection[str] = (), limits: Limits | None = None
    ) -> None:
        self._limits = limits or Limits()
        self._allow = frozenset(allow)
        self._http = httpx.AsyncClient(
            transport=Transport(connect_timeout=self._limits.connect, proxy=proxy),
            trust_env=False,
            follow_redirects=False,
            timeout=None,
            headers={"User-Agent": user_agent(about)},
        )

    async def __aenter__(self) -> Poster:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def post(self, url: str, form: Sequence[tuple[str, str]]) -> str | None:
        """Post a form; None where it was accepted (2xx), else why not, in one line."""
        try:
            target = parsed(url)
            body = str(httpx.QueryParams(list(form))).encode()
            request = self._http.build_request("POST", target, content=body, headers=_headers(body))
            request.extensions[EXEMPT] = host_port(target) in self._allow
            async with asyncio.timeout(self._limits.total):
                response = await self._http.send(request, stream=True)
                await response.aclose()
        except TimeoutError:
            return f"timeout: not finished after {self._limits.total:g} s"
        except (httpx.TransportError, httpx.InvalidURL, ValueError) as error:
            return str(error)
        return None if response.is_success else f"HTTP {response.status_code}"


def _headers(body: bytes) -> dict[str, str]:
    # the transport sends what it is given: the length is said by us
    return {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
