"""Stored stories -> what is served.

query              store -> OutputFeed: an output, its pages, its archived documents
documents          OutputFeed -> Document (validators, codings), by the hub's change number; deltas
backend            what the web server asks                     (serve.Reader)
maintenance        what follows a change: archives are closed, what was shown is noted, sources are watched
websub_publisher   WebSub: hubs are told of changes
websub_subscriber  WebSub: hubs tell us of news
"""

from __future__ import annotations

from feedhub.feeds.backend import Library
from feedhub.feeds.maintenance import Keeper, keep
from feedhub.feeds.websub_publisher import Publisher
from feedhub.feeds.websub_subscriber import subscribe

__all__ = ["Keeper", "Library", "Publisher", "keep", "subscribe"]
