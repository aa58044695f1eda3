"""`feedhub run`, `serve` and `worker`: the daemon, whole or one half of it, under a configuration that may change."""

from __future__ import annotations

import asyncio
import gc
import signal
from contextlib import suppress
from pathlib import Path

import structlog

from feedhub.cli.configuration import create_config
from feedhub.cli.console import set_up_log
from feedhub.cli.reload import Signatures, changes, differences, is_same, signatures, with_fixed_settings
from feedhub.cli.running_hub import GRACE_SECONDS, RunningHub
from feedhub.cli.signals import run_until_signal
from feedhub.cli.steady_clock import SteadyClock
from feedhub.config import Config, load
from feedhub.errors import ConfigError, FeedhubError
from feedhub.serve.app import ReplaceableApp, RequestCounts
from feedhub.serve.server import Listener, listen, serve

log = structlog.get_logger("feedhub")


def run(path: Path, *, polls: bool, serves: bool, begin: bool = False) -> int:
    """Run until a signal; SIGTERM is the daemon's proper end and gives 0.

    `begin`: write a configuration to run with where there is none.
    """
    set_up_log()
    if begin and not path.exists():
        create_config(path)
        log.info("begun", path=str(path.resolve()))
    read = signatures([path.resolve()])
    config = load(path)
    _warn(config)
    # The port is taken before anything else starts: a second daemon fails at once and touches nothing.
    listener = listen(config.server.host, config.server.port) if serves else None
    try:
        run_until_signal(_Daemon(path, listener, read, polls=polls).run(config), terminated=0)
    finally:
        if listener is not None:
            listener.socket.close()
    return 0


def _warn(config: Config) -> None:
    for warning in config.warnings:
        log.warning("configuration", where=warning)


class _Daemon:
    """The process: its port, the hub at work, and those that another has replaced and that end their polls."""

    def __init__(self, path: Path, listener: Listener | None, read: Signatures, *, polls: bool) -> None:
        self._path = path
        #: the configuration's files before they were read last
        self._read = read
        self._listener = listener
        self._polls = polls
        self._clock = SteadyClock()
        self._counts = RequestCounts()
        self._stop = asyncio.Event()
        self._asked = asyncio.Event()
        self._ending: set[asyncio.Task[None]] = set()

    async def run(self, config: Config) -> None:
        """Run until the task is cancelled, taking over each change of the configuration."""
        hub = await self._open(config)
        log.info("configuration", path=str(config.path))
        app = ReplaceableApp(hub.app(self._counts))
        # what lives as long as the process need not be looked through by every collection: with 10,000 sources that
        # stops the event loop for 150 ms each time
        _freeze()
        await hub.start()
        if self._listener is not None:
            log.info("serving", url=f"{self._listener.url}/", feed=f"{hub.base_url}/feeds/all.atom")
        working = asyncio.create_task(self._work(app))
        reloading = asyncio.create_task(self._reload_always(hub, app))
        with suppress(NotImplementedError, AttributeError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._asked.set)
        try:
            await asyncio.wait({working, reloading}, return_when=asyncio.FIRST_COMPLETED)
            await (reloading if reloading.done() else working)
        finally:
            log.info("stopping")
            self._stop.set()
            self._hub.pause()
            reloading.cancel()
            for task in self._ending:
                task.cancel()
            ends = (asyncio.wait_for(working, GRACE_SECONDS), self._hub.stop(), *self._ending)
            await asyncio.gather(*ends, return_exceptions=True)
            log.info("stopped")

    async def _open(self, config: Config) -> RunningHub:
        own_url = self._listener.url if self._listener is not None else None
        self._hub = await RunningHub.open(config, self._clock, own_url=own_url, polls=self._polls)
        return self._hub

    async def _work(self, app: ReplaceableApp) -> None:
        if self._listener is None:
            await self._stop.wait()
        else:
            await serve(app, self._listener, self._stop)

    async def _reload_always(self, hub: RunningHub, app: ReplaceableApp) -> None:
        """Look at the configuration's files, and take over what changed; SIGHUP asks for a look at once."""
        while True:
            watching = asyncio.create_task(changes(hub.config.files, self._read))
            asking = asyncio.create_task(self._asked.wait())
            await asyncio.wait({watching, asking}, return_when=asyncio.FIRST_COMPLETED)
            for task in (watching, asking):
                task.cancel()
            self._asked.clear()
            try:
                hub = await self._reload(hub, app)
            except ConfigError as error:
                for line in str(error).splitlines():
                    log.error("reload refused", where=line)
            except FeedhubError as error:
                log.error("reload failed", reason=str(error))
            except Exception:
                log.exception("reload broke")

    async def _reload(self, running: RunningHub, app: ReplaceableApp) -> RunningHub:
        """Have the hub under the changed configuration take over; return the one that runs from now on."""
        self._read = await asyncio.to_thread(signatures, running.config.files)
        new, fixed = with_fixed_settings(await asyncio.to_thread(load, self._path), running.config)
        _warn(new)
        for name in fixed:
            log.warning("restart needed", setting=name)
        if is_same(new, running.config):
            log.info("reloaded", **differences(new, running.config))
            # the files that it was read from may be others
            running.config = new
            return running
        hub = await self._open(new)
        app.app = hub.app(self._counts)
        running.pause()
        await hub.start()
        log.info("reloaded", **differences(new, running.config))
        ending = asyncio.create_task(running.drain())
        self._ending.add(ending)
        ending.add_done_callback(self._ended)
        return hub

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._ending.discard(task)
        self._hub.polling.wake()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("reload failed", reason=str(error))
        gc.unfreeze()
        _freeze()


def _freeze() -> None:
    gc.collect()
    gc.freeze()
