"""Which part of a host its owner registered, by the public suffix list."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address

from publicsuffixlist import PublicSuffixList


@lru_cache(maxsize=4096)
def registrable(host: str) -> str:
    """Return the part of a host that its owner registered: `www.news.example.co.uk` -> `example.co.uk`.

    Below hosts that let others register names (the public suffix list's private part: blogspot.com, github.io) each
    name is an owner of its own. Addresses and public suffixes are returned whole.
    """
    host = host.lower().rstrip(".")
    if _is_address(host):
        return host
    return _suffixes().privatesuffix(host) or host


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
