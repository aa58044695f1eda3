"""`feedhub run`, `serve` and `worker`: the daemon, whole or one half of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from feedhub.cli.console import set_up_log
from feedhub.cli.runtime import run_until_signal, wall_clock
from feedhub.config import Config, load
from feedhub.library import Library, shelf
from feedhub.pipeline import Hub
from feedhub.schedule import Scheduler
from feedhub.serve import Listener, Settings, create_app, listen, serve


def run(path: Path, *, polls: bool, serves: bool) -> int:
    """Run until a signal; SIGTERM is the daemon's proper end and gives 0."""
    set_up_log()
    config = load(path)
    log = structlog.get_logger("feedhub")
    for warning in config.warnings:
        log.warning("configuration", where=warning)
    # The port is taken before anything else starts: a second daemon fails at once and touches nothing.
    listener = listen(config.server.host, config.server.port) if serves else None
    run_until_signal(_run(config, listener, polls=polls), terminated=0)
    return 0


async def _run(config: Config, listener: Listener | None, *, polls: bool) -> None:
    log = structlog.get_logger("feedhub")
    async with Hub.open(config, wall_clock()) as hub:
        scheduler = Scheduler(hub, wall_clock) if polls else None
        stop = asyncio.Event()
        if scheduler is not None:
            scheduler.start()
            log.info("polling", sources=len(config.sources))
        try:
            if listener is not None:
                await _serve(config, hub, listener, stop)
            else:
                await stop.wait()
        finally:
            if scheduler is not None:
                await scheduler.stop()
            log.info("stopped")


async def _serve(config: Config, hub: Hub, listener: Listener, stop: asyncio.Event) -> None:
    base = config.server.base_url or listener.url
    library = Library(hub.store, shelf(config, hub.identity, base), wall_clock)
    settings = Settings(base_url=config.server.base_url, host=config.server.host, admin_token=config.server.admin_token)
    structlog.get_logger("feedhub").info("serving", url=f"{listener.url}/", feed=f"{base}/feeds/all.atom")
    await serve(create_app(library, settings), listener, stop)
