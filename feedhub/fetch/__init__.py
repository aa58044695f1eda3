"""Source -> Fetched | NotModified | FetchFailed, over HTTP or from a path; the one package that knows httpx."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from feedhub.exports import load_on_use

if TYPE_CHECKING:
    from feedhub.fetch.client import Client, Limits, user_agent
    from feedhub.fetch.host_gate import HostGate, LeasedElsewhere
    from feedhub.fetch.polled_host import host_of
    from feedhub.fetch.post import Poster

# httpx loads its own command line, with pygments, where click and rich happen to be installed: a third of its import
if "httpx" not in sys.modules:
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

__all__ = ["Client", "HostGate", "LeasedElsewhere", "Limits", "Poster", "host_of", "user_agent"]

__getattr__ = load_on_use(
    __name__,
    {
        "client": ("Client", "Limits", "user_agent"),
        "host_gate": ("HostGate", "LeasedElsewhere"),
        "polled_host": ("host_of",),
        "post": ("Poster",),
    },
)
