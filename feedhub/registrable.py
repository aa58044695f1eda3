"""Which part of a host its owner registered, by the public suffix list."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files
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
    if not host.isascii() or "xn--" in host:
        return _all_suffixes().privatesuffix(host) or host
    labels = host.split(".")
    return ".".join(labels[max(_suffix_start(labels) - 1, 0) :]) if all(labels) else host


def is_known_domain(host: str) -> bool:
    """Whether a name ends in a public suffix of the list: `bbc.co.uk` does, `feed.xml` does not."""
    labels = host.lower().rstrip(".").split(".")
    return any(".".join(labels[start:]) in _lines() for start in range(1, len(labels)))


def _suffix_start(labels: list[str]) -> int:
    """Return where a name's public suffix begins (publicsuffix.org/list, "Algorithm").

    The rules are looked up one by one: the library reads all of them first, which takes a tenth of a second.
    """
    rules = _lines()
    for start in range(len(labels)):
        ending = ".".join(labels[start:])
        if f"!{ending}" in rules:
            return start + 1
        # where all names below one are suffixes, the library takes that for one, too
        if ending in rules or f"*.{ending}" in rules or f"*.{'.'.join(labels[start + 1 :])}" in rules:
            return start
    return len(labels) - 1


@cache
def _lines() -> frozenset[str]:
    text = files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text("utf-8")
    # the comments take more than the rules
    return frozenset(line for line in text.lower().split("\n") if not line.startswith("//"))


@cache
def _all_suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _is_address(host: str) -> bool:
    bare = host.strip("[]")
    # no name ends in a digit or holds a colon; to have each of a thousand names refused takes a while
    if ":" not in bare and not bare[-1:].isdigit():
        return False
    try:
        ip_address(bare)
    except ValueError:
        return False
    return True
