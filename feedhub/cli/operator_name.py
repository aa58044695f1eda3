"""Who decides, for the record."""

from __future__ import annotations

import getpass

from feedhub.errors import UsageError

_MOST = 80


def operator_name(name: str | None) -> str:
    """Return the name that decisions are recorded under: as given, else the login name; UsageError where it is none."""
    if name is None:
        try:
            return getpass.getuser()[:_MOST]
        except (KeyError, OSError):
            # no login name: a container whose user is in no list
            return "nobody"
    if not name.strip() or not name.isprintable() or len(name) > _MOST:
        raise UsageError(f"--as: expected a name of at most {_MOST} printable characters, got {name[:_MOST]!r}")
    return name.strip()
