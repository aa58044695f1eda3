"""`feedhub run`, `serve` and `worker`: the daemon, whole or one half of it, under a configuration that may change."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable
from contextlib import suppress
from functools import partial
from pathlib import Path

from feedhub.cli import signals
from feedhub.cli.configuration import create_config
from feedhub.cli.console import set_up_log
from feedhub.cli.reload import changes, signatures
from feedhub.cli.reloading_hub import ReloadingHub
from feedhub.cli.running_hub import GRACE_SECONDS
from feedhub.cli.serving_process import BEGIN, RELOAD, Requests, ServingProcess, can_fork, fork_serving
from feedhub.config import Config, load
from feedhub.errors import ConfigError, EnvironmentFailed, FeedhubError
from feedhub.serve.server import GRACE as ANSWER_SECONDS
from feedhub.serve.server import Listener, listen, serve
from feedhub.store import Database
from feedhub.structured_log import structlog

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
    _create_database(config.database)
    hub = ReloadingHub(path, read, own_url=listener.url if listener else None, polls=polls, indexes=True)
    serving = None
    if listener is not None and polls and can_fork():
        # what both have imported is in memory once, as long as no collection writes to it
        gc.freeze()
        serving = fork_serving(partial(_serve_beside, path, config, listener))
        listener.socket.close()
        listener = None
    try:
        signals.run_until_signal(_Daemon(hub, listener, serving).run(config), terminated=0)
    finally:
        if listener is not None:
            listener.socket.close()
    return 0


def _create_database(url: str) -> None:
    """Make the tables of a database file that is not there yet, in a process that ends: Alembic takes 15 MB."""
    if not (can_fork() and Database.is_missing(url)):
        return
    child = os.fork()
    if child:
        # who starts us may ignore the end of children: then the system forgets it
        with suppress(ChildProcessError):
            os.waitpid(child, 0)
        return
    try:
        # whatever is wrong is met again, and told, by the process that goes on
        with suppress(BaseException):
            Database.open(url).close()
    finally:
        os._exit(0)


def _warn(config: Config) -> None:
    for warning in config.warnings:
        log.warning("configuration", where=warning)


class _Daemon:
    """The process: its hub, its port or the process that has it, and what it does when files or signals ask for it."""

    def __init__(self, hub: ReloadingHub, listener: Listener | None, serving: ServingProcess | None) -> None:
        self._hub = hub
        self._listener = listener
        self._serving = serving
        self._stop = asyncio.Event()
        self._asked = asyncio.Event()

    async def run(self, config: Config) -> None:
        """Run until the task is cancelled, taking over each change of the configuration."""
        try:
            await self._hub.open(config)
            log.info("configuration", path=str(config.path))
            if self._serving is not None:
                await self._serving.ask(BEGIN)
            await self._hub.start()
            _tell_where(self._hub, self._listener)
            await self._work()
        finally:
            if self._serving is not None:
                await self._serving.stop(ANSWER_SECONDS + GRACE_SECONDS)

    async def _work(self) -> None:
        working = asyncio.create_task(self._serve())
        reloading = asyncio.create_task(self._reload_always())
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
            ends = [asyncio.wait_for(working, GRACE_SECONDS), self._hub.stop()]
            if self._serving is not None:
                ends.append(self._serving.stop(ANSWER_SECONDS + GRACE_SECONDS))
            await asyncio.gather(*ends, return_exceptions=True)
            log.info("stopped")

    async def _serve(self) -> None:
        """Serve until told to stop; raise EnvironmentFailed where the process that does it has ended."""
        if self._listener is not None:
            await serve(self._hub.app, self._listener, self._stop)
            return
        stopping = asyncio.create_task(self._stop.wait())
        watched = {stopping, asyncio.create_task(self._serving.ended())} if self._serving is not None else {stopping}
        await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        for task in watched:
            task.cancel()
        if not self._stop.is_set():
            raise EnvironmentFailed("the process that serves has ended; the log may say why, or the system's log")

    async def _reload_always(self) -> None:
        """Look at the configuration's files, and take over what changed; SIGHUP asks for a look at once."""
        while True:
            watching = asyncio.create_task(changes(self._hub.config.files, self._hub.read))
            asking = asyncio.create_task(self._asked.wait())
            await asyncio.wait({watching, asking}, return_when=asyncio.FIRST_COMPLETED)
            for task in (watching, asking):
                task.cancel()
            self._asked.clear()
            await _logged(self._reload())

    async def _reload(self) -> None:
        """Take over the configuration as it is now, first where readers see it."""
        replacement = await self._hub.read_again()
        _warn(replacement.config)
        for name in replacement.fixed:
            log.warning("restart needed", setting=name)
        if self._serving is not None:
            await self._serving.ask(RELOAD)
        await self._hub.replace(replacement)
        log.info("reloaded", **replacement.differences)


async def _logged(reloading: Awaitable[None]) -> None:
    try:
        await reloading
    except ConfigError as error:
        for line in str(error).splitlines():
            log.error("reload refused", where=line)
    except FeedhubError as error:
        log.error("reload failed", reason=str(error))
    except Exception:
        log.exception("reload broke")


def _tell_where(hub: ReloadingHub, listener: Listener | None) -> None:
    if listener is not None:
        log.info("serving", url=f"{listener.url}/", feed=f"{hub.base_url}/feeds/all.atom")


def _serve_beside(path: Path, config: Config, listener: Listener, requests: Requests) -> int:
    """Serve in a process of its own as the process that polls asks for it, until that asks no more."""
    try:
        hub = ReloadingHub(path, {}, own_url=listener.url, polls=False, indexes=False)
        signals.run(_answer(hub, config, listener, requests))
    except FeedhubError as error:
        log.error("serving failed", reason=str(error))
        return 1
    return 0


async def _answer(hub: ReloadingHub, config: Config, listener: Listener, requests: Requests) -> None:
    stop = asyncio.Event()
    serving: asyncio.Task[None] | None = None
    try:
        async for request in requests:
            if request == BEGIN:
                await hub.open(config)
                await hub.start()
                serving = asyncio.create_task(serve(hub.app, listener, stop))
                serving.add_done_callback(lambda _: requests.end())
                _tell_where(hub, listener)
            elif request == RELOAD:
                await _logged(_replace(hub))
    finally:
        stop.set()
        if serving is not None:
            await serving
            await hub.stop()


async def _replace(hub: ReloadingHub) -> None:
    """Take over the configuration as it is now; what is to be said of it is said by the process that polls."""
    await hub.replace(await hub.read_again())
