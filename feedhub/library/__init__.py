"""The stored stories as documents, pages and answers: where the store meets the web server.

shelf       which outputs there are, and their addresses
editor      store -> OutputFeed: an output, its pages, its archived documents
documents   OutputFeed -> Document (validators, codings), by the hub's change number; deltas
reader      what the web server asks                     (serve.Reader)
keeper      what has to be done after a change: archives closed, what was shown noted, troubles watched
health      the report, its numbers, and the health feed; what counts as a trouble: troubles
publisher   WebSub: hubs are told of changes
subscriber  WebSub: hubs tell us of news
chores      all of that, each at its own pace, in a daemon
"""

from __future__ import annotations

from feedhub.library.chores import Chores
from feedhub.library.keeper import Keeper, keep
from feedhub.library.publisher import Publisher
from feedhub.library.reader import Library
from feedhub.library.shelf import Shelf, shelf
from feedhub.library.subscriber import subscribe

__all__ = ["Chores", "Keeper", "Library", "Publisher", "Shelf", "keep", "shelf", "subscribe"]
