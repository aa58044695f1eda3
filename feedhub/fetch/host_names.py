"""Which host names a proxy may be asked for: none that means this machine, its network or its cloud.

Without a proxy the address of the socket decides. Behind one only the proxy resolves names, and it may reach more than
the internet.
"""

from __future__ import annotations

import re

from feedhub.fetch.ip_address import is_public, literal

#: a name of several labels, in ASCII (RFC 1123, 2.1; underscores are met): no escapes, no blanks, no other signs
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+", re.ASCII)
#: a last label that is a number makes the whole an IPv4 address (WHATWG URL, "ends in a number")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
#: special-use names (RFC 6761, 6762, 8375; ICANN 2024 for `internal`), and what routers, offices and clusters use
_PRIVATE = frozenset(
    "localhost localdomain local internal intranet private lan home corp mail home.arpa svc consul".split()
)
#: names that anybody may know to be the machine itself
_LOOPBACK = frozenset({"localtest.me", "lvh.me", "vcap.me", "lacolhost.com", "localho.st"})


def may_be_public(host: str) -> bool:
    """Whether a host, as a URL has it, is a public address or a name that the public internet may know."""
    bare = host.lower().rstrip(".")
    address = literal(bare)
    if address is not None:
        return is_public(address)
    labels = bare.split(".")
    if not _NAME.fullmatch(bare) or _NUMBER.fullmatch(labels[-1]):
        return False
    endings = {".".join(labels[n:]) for n in range(len(labels))}
    return not endings & (_PRIVATE | _LOOPBACK)
