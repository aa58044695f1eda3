"""Source -> Fetched | NotModified | FetchFailed, over HTTP or from a path; the one package that knows httpx."""

from .client import ABOUT, Client, Limits, user_agent
from .post import Poster

__all__ = ["ABOUT", "Client", "Limits", "Poster", "user_agent"]
