"""A small round of a hub, for processes that others are forked from: what it imports and compiles is there for all."""

from __future__ import annotations

import gc
import tempfile
from pathlib import Path

import certificates
import statements
from hubs import NOON, Newsroom, item

from feedhub.directory import output_directory
from feedhub.feeds import StoreBackend


def warm() -> None:
    """Poll, settle, edit and publish in a folder that goes again; nothing of it stays open."""
    statements.share()
    certificates.share()
    with tempfile.TemporaryDirectory(prefix="fhwarm") as folder:
        Newsroom.elsewhere = f"sqlite:///{folder}/hub.db"
        room = Newsroom(Path(folder))
        text = " ".join(f"Word{number}" for number in range(60)) + "."
        for name in ("anvil", "beacon"):
            room.source(name)
            room.serve(name, item(name, "Ferry aground at Marrow", text), item(f"{name}-2", f"A garden of {name}"))
        room.round()
        room.serve("anvil", item("anvil", "Ferry afloat at Marrow", text, "It left."))
        room.round(1)
        config = room.config
        list(StoreBackend(room.store, output_directory(config, "warm.test,2026", ""), lambda: NOON).files(NOON))
        room.close()
        Newsroom.elsewhere = None
    gc.collect()
    gc.freeze()
