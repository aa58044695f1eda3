"""What the tests of fetching share: an origin whose feeds are fetched for real."""

from __future__ import annotations

import asyncio
from typing import Any

from feedhub.fetch import Client
from feedhub.model import Fetched, FetchFailed, FetchResult, NotModified, Source, Validators


def source(url: str, **values: Any) -> Source:
    return Source(id="paper", url=url, name="Paper", **values)


def fetch(url: str, validators: Validators | None = None, body_hash: str | None = None, **options: Any) -> FetchResult:
    """One fetch by a client of its own."""

    async def run() -> FetchResult:
        async with Client(host_delay=0, **options) as client:
            return await client.fetch(source(url), validators, body_hash=body_hash)

    return asyncio.run(run())


def fetched(result: FetchResult) -> Fetched:
    assert isinstance(result, Fetched), result
    return result


def unchanged(result: FetchResult) -> NotModified:
    assert isinstance(result, NotModified), result
    return result


def reason(result: FetchResult) -> str:
    assert isinstance(result, FetchFailed), result
    assert "\n" not in result.reason
    return result.reason
