"""Stored stories -> what is served.

output_query        store -> OutputFeed: an output, its pages, its archived documents
output_documents    OutputFeed -> Document (validators, codings), by the hub's change number; deltas
store_backend       what the web server reads                   (serve.Backend)
static_files        whether a folder of static files still says what the store has
output_maintenance  what follows a change: archives are closed, what was shown is noted, conditions are updated
websub_publisher    WebSub: hubs are told of changes
websub_subscriber   WebSub: hubs tell us of news
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub.exports import load_on_use

if TYPE_CHECKING:
    from feedhub.feeds.output_maintenance import OutputMaintenance, maintain
    from feedhub.feeds.store_backend import StoreBackend
    from feedhub.feeds.websub_publisher import WebSubPublisher
    from feedhub.feeds.websub_subscriber import subscribe

__all__ = ["OutputMaintenance", "StoreBackend", "WebSubPublisher", "maintain", "subscribe"]

__getattr__ = load_on_use(
    __name__,
    {
        "output_maintenance": ("OutputMaintenance", "maintain"),
        "store_backend": ("StoreBackend",),
        "websub_publisher": ("WebSubPublisher",),
        "websub_subscriber": ("subscribe",),
    },
)
