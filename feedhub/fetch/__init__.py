"""Source -> Fetched | NotModified | FetchFailed, over HTTP or from a path; the one package that knows httpx."""

from feedhub.fetch.client import Client, Limits, user_agent
from feedhub.fetch.host_gate import HostGate, LeasedElsewhere
from feedhub.fetch.post import Poster
from feedhub.fetch.urls import host_of

__all__ = ["Client", "HostGate", "LeasedElsewhere", "Limits", "Poster", "host_of", "user_agent"]
