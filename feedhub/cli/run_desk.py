"""`feedhub desk`: the operator's pages on loopback, behind an address that is good for one browser."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import webbrowser
from contextlib import suppress
from pathlib import Path

from feedhub.cli.console import print_message, set_up_log
from feedhub.cli.operator_name import operator_name
from feedhub.cli.signals import run_until_signal
from feedhub.cli.steady_clock import clock_of
from feedhub.cli.story_output import open_hub
from feedhub.desk import Desk, Sessions, create_desk_app
from feedhub.serve.server import Listener, listen, serve


def run(path: Path, *, port: int, read_only: bool, who: str | None, browser: bool, now: str | None) -> int:
    """Serve the desk until a signal; print its address, and a fresh one for each Enter in the terminal."""
    name = operator_name(who)
    clock = clock_of(now)
    config, store = open_hub(path)
    try:
        listener = listen("127.0.0.1", port, setting="--port")
        desk = Desk(store=store, config=config, clock=clock, sessions=Sessions(), operator=name, read_only=read_only)
        set_up_log()
        if "FEEDHUB_LOG" not in os.environ:
            # a line a request would push the address out of the terminal; decisions are told all the same
            logging.getLogger("feedhub.serve").setLevel(logging.WARNING)
        return run_until_signal(_serve(desk, listener, browser=browser), terminated=0)
    finally:
        store.close()


async def _serve(desk: Desk, listener: Listener, *, browser: bool) -> int:
    address = _announce(desk, listener)
    if browser and sys.stdout.isatty() and (sys.platform == "darwin" or os.environ.get("DISPLAY")):
        await asyncio.to_thread(webbrowser.open, address)
    if sys.stdin.isatty():
        # not every loop can watch every stream
        with suppress(NotImplementedError, OSError):
            asyncio.get_running_loop().add_reader(sys.stdin.fileno(), _listen_for_enter, desk, listener)
    await serve(create_desk_app(desk, listener.port), listener, asyncio.Event())
    return 0


def _announce(desk: Desk, listener: Listener) -> str:
    address = f"{listener.url}/sign-in?key={desk.sessions.new_key()}"
    print(address, flush=True)
    kind = "for a look alone (--read-only)" if desk.read_only else f"decisions are recorded as {desk.operator}"
    print_message(f"open it in one browser, it works once; {kind}; Ctrl-C ends the desk")
    return address


def _listen_for_enter(desk: Desk, listener: Listener) -> None:
    if sys.stdin.readline():
        _announce(desk, listener)
    else:
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
