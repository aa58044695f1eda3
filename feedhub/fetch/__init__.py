"""Source -> Fetched | NotModified | FetchFailed, over HTTP or from a path; the one package that knows httpx."""

from feedhub.fetch.client import ABOUT, Client, Limits, user_agent
from feedhub.fetch.host_gate import Elsewhere, Gate
from feedhub.fetch.post import Poster
from feedhub.fetch.urls import lane

__all__ = ["ABOUT", "Client", "Elsewhere", "Gate", "Limits", "Poster", "lane", "user_agent"]
