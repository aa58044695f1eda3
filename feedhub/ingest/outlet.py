"""The host that names an outlet where the configuration does not."""

from __future__ import annotations

#: second-level names under which countries register hosts
_SECOND = frozenset(
    [
        "ac",
        "co",
        "com",
        "edu",
        "gob",
        "gov",
        "gouv",
        "go",
        "govt",
        "gr",
        "ind",
        "mil",
        "ne",
        "net",
        "nic",
        "nom",
        "or",
        "org",
        "press",
        "res",
        "sch",
    ]
)


def registrable(host: str) -> str:
    """The part of a host that its owner registered: `www.news.example.co.uk` -> `example.co.uk`."""
    labels = [label for label in host.lower().rstrip(".").split(".") if label]
    if len(labels) <= 2 or labels[-1].isdigit():
        return ".".join(labels)
    keep = 3 if len(labels[-1]) == 2 and labels[-2] in _SECOND else 2
    return ".".join(labels[-keep:])
