"""Source -> Fetched | NotModified | FetchFailed, over HTTP or from a path; the one package that knows httpx."""

from .client import Client, Limits, user_agent

__all__ = ["Client", "Limits", "user_agent"]
