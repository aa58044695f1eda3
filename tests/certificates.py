"""One TLS context for all HTTP clients of a process of tests: each would read the certificates anew, for 22 ms."""

from __future__ import annotations

import ssl
from functools import cache


def share() -> None:
    """Have what would be read from the same files be read once; who makes a context of its own kind still does."""
    ssl.create_default_context = cache(ssl.create_default_context)  # type: ignore[assignment]
