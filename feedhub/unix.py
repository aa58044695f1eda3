"""What only Unix has: None, or a flag without effect, where the system is another: what needs none of it runs there."""

from __future__ import annotations

import os

try:
    import fcntl
    import resource
except ImportError:
    fcntl = None  # type: ignore[assignment]
    resource = None  # type: ignore[assignment]

__all__ = ["O_CLOEXEC", "O_NOCTTY", "O_NOFOLLOW", "O_NONBLOCK", "fcntl", "resource"]

O_CLOEXEC: int = getattr(os, "O_CLOEXEC", 0)
O_NOCTTY: int = getattr(os, "O_NOCTTY", 0)
O_NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
O_NONBLOCK: int = getattr(os, "O_NONBLOCK", 0)
