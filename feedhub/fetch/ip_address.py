"""Which network addresses a stranger's URL may lead to: public unicast, and nothing else."""

from __future__ import annotations

import ipaddress
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

#: what `is_global` of the older interpreters lets through, and what it has no opinion on
_NEVER_4 = tuple(
    IPv4Network(net)
    for net in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        # cloud hosts answer machine metadata on this public-looking address
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
_UNICAST_6 = IPv6Network("2000::/3")
_NEVER_6 = tuple(IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16"))
#: mapped, and NAT64's well-known prefix (RFC 6052): the last 32 bits are the true target
_CARRIERS = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
_SIX_TO_FOUR = IPv6Network("2002::/16")


def is_public(address: str) -> bool:
    """Whether an address, as a socket would be given it, is one that the open internet reaches."""
    try:
        ip = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        inner = _carried(ip)
        if inner is None:
            return ip in _UNICAST_6 and ip.is_global and not any(ip in net for net in _NEVER_6)
        ip = inner
    return ip.is_global and not ip.is_multicast and not any(ip in net for net in _NEVER_4)


def _carried(ip: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 one stands for, if it does."""
    if any(ip in net for net in _CARRIERS):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip in _SIX_TO_FOUR:
        return IPv4Address(int(ip) >> 80 & 0xFFFFFFFF)
    return None


def literal(host: str) -> str | None:
    """Return the address that a host spells out (`127.1`, `0x7f.1`, `2130706433`, `::1`), or None if it is a name."""
    bare = host.strip("[]").rstrip(".")
    if ":" in bare:
        return bare
    try:
        return socket.inet_ntoa(socket.inet_aton(bare))
    except OSError:
        return None
