"""Source -> Fetched | NotModified | FetchFailed, over HTTP or from a path; the one package that knows httpx."""

from .client import ABOUT, Client, Limits, user_agent
from .gate import Elsewhere, Gate
from .post import Poster
from .urls import lane

__all__ = ["ABOUT", "Client", "Elsewhere", "Gate", "Limits", "Poster", "lane", "user_agent"]
