"""`feedhub run`, `serve` and `worker`: the daemon, whole or one half of it."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import structlog

import feedhub
from feedhub.cli.console import set_up_log
from feedhub.cli.signals import run_until_signal
from feedhub.cli.steady_clock import Clock, SteadyClock, resume
from feedhub.config import Config, load
from feedhub.daemon import OutputJobs, PollJobs, Scheduler
from feedhub.directory import output_directory
from feedhub.feeds import StoreBackend
from feedhub.fetch import Poster
from feedhub.hub import Hub
from feedhub.serve import ServerSettings
from feedhub.serve.app import create_app
from feedhub.serve.server import Listener, listen, serve

#: how long answers under way may take once a signal came; the whole end takes less than five seconds
GRACE_SECONDS = 3


def run(path: Path, *, polls: bool, serves: bool) -> int:
    """Run until a signal; SIGTERM is the daemon's proper end and gives 0."""
    set_up_log()
    config = load(path)
    log = structlog.get_logger("feedhub")
    for warning in config.warnings:
        log.warning("configuration", where=warning)
    # The port is taken before anything else starts: a second daemon fails at once and touches nothing.
    listener = listen(config.server.host, config.server.port) if serves else None
    try:
        run_until_signal(_run(config, listener, polls=polls), terminated=0)
    finally:
        if listener is not None:
            listener.socket.close()
    return 0


async def _run(config: Config, listener: Listener | None, *, polls: bool) -> None:
    log = structlog.get_logger("feedhub")
    clock = SteadyClock()
    async with Hub.open(config, clock()) as hub:
        resume(clock, await asyncio.to_thread(hub.last_change))
        log.info("configuration", path=str(config.path))
        if polls:
            hub.load()
        # what lives as long as the process need not be looked through by every collection: with 10,000 sources that
        # stops the event loop for 150 ms each time
        gc.collect()
        gc.freeze()
        base = config.server.base_url or (listener.url if listener else config.server.url)
        stop = asyncio.Event()
        async with Poster(proxy=config.fetch.proxy, contact=config.contact) as poster:
            polling = PollJobs(hub, clock)
            outputs = OutputJobs(config, hub.store, output_directory(config, hub.identity, base), poster.post, clock)
            scheduler = Scheduler([*polling.jobs, *outputs.jobs] if polls else [])
            scheduler.start()
            if polls:
                log.info("polling", sources=len(config.sources))
            work = _serve(config, hub, clock, listener, stop) if listener is not None else stop.wait()
            working = asyncio.create_task(work)
            try:
                await asyncio.shield(working)
            finally:
                log.info("stopping")
                stop.set()
                scheduler.pause()
                ends = (
                    asyncio.wait_for(working, GRACE_SECONDS),
                    scheduler.stop(grace=GRACE_SECONDS),
                    polling.stop(),
                )
                await asyncio.gather(*ends, return_exceptions=True)
                log.info("stopped")


async def _serve(config: Config, hub: Hub, clock: Clock, listener: Listener, stop: asyncio.Event) -> None:
    base = config.server.base_url or listener.url
    directory = output_directory(config, hub.identity, base)
    backend = StoreBackend(hub.store, directory, clock, floor=config.polling.floor)
    settings = ServerSettings(
        base_url=config.server.base_url,
        host=config.server.host,
        admin_token=config.server.admin_token,
        version=feedhub.__version__,
    )
    structlog.get_logger("feedhub").info("serving", url=f"{listener.url}/", feed=f"{base}/feeds/all.atom")
    await serve(create_app(backend, settings), listener, stop)
    await backend.flush()
