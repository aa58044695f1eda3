"""Whose fault a failed connection is: what this machine itself refuses must never count against a source."""

from __future__ import annotations

import errno
import os
import socket

from feedhub.errors import EnvironmentFailed

_OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def raise_if_ours(error: BaseException) -> None:
    """Raise EnvironmentFailed where an error, or one that it stems from, says that this machine is at its limits."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError):
            number = _open_error() if isinstance(cause, socket.gaierror) else cause.errno
            if number in _OURS:
                raise EnvironmentFailed(
                    f"{os.strerror(number).lower()}: raise the limit (LimitNOFILE, ulimit -n) or lower "
                    "polling.concurrency; no source is to blame"
                ) from error
        cause = cause.__cause__ or cause.__context__


def _open_error() -> int | None:
    """Return why no file can be opened, None where one can: a look-up without its files says only "not known"."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno
    return None
