"""The configuration that `feedhub init` writes: the shipped example with the sources of whoever begins."""

from __future__ import annotations

import re

from feedhub.errors import EnvironmentFailed
from feedhub.shipped_files import shipped

_HEAD = """\
# feedhub's configuration: every key with its default. `feedhub run` polls what stands under `sources:` and serves
# http://127.0.0.1:8080/ ; `feedhub check` tells every mistake as FILE:LINE:COL: path: what, and how every source does.
# Durations read 2s, 15m, 2h, 30d. ${NAME} in a value is taken from the environment.
"""
_NO_ROWS = """\
  # `feedhub sources add https://a-paper.example` finds the feed of any page and puts it here; by hand it is one line:
  # - https://www.example.org/feed.xml
"""
#: (what the example says of its invented newsroom, what a beginner needs in its place)
_CHANGES = (
    (r"\A(?:#[^\n]*\n)+", _HEAD),
    (r"^identity: [^\n]*\n", "# identity: hub.example.org,2026\n"),
    (
        r"(?<=^feeds:\n).*?(?=^# What is polled)",
        '  - {name: all, title: "Every story once", limit: 300, per_outlet: 60}\n\n',
    ),
    (r"^# Real feeds are one line away:\n#   - [^\n]*\n", "# A whole list of them: - {opml: subscriptions.opml}\n"),
)


def starter_text(rows: str = "", host: str | None = None) -> str:
    """Return a configuration over `rows`, as `row_text` makes them; raise EnvironmentFailed without an example.

    `host` is the address to listen on, where it is another than this machine's own alone.
    """
    example = shipped("config.yaml")
    if example is None or not example.is_file():
        raise EnvironmentFailed("the example configuration is missing: install feedhub whole")
    text = example.read_text(encoding="utf-8")
    for pattern, replacement in _CHANGES:
        text, count = re.subn(pattern, lambda match: replacement, text, count=1, flags=re.MULTILINE | re.DOTALL)  # noqa: B023
        assert count == 1, pattern
    if host:
        text = text.replace("  host: 127.0.0.1\n", f"  host: {host}\n", 1)
    head = text[: re.search(r"^sources:\n", text, re.MULTILINE).end()]  # type: ignore[union-attr]
    return head + ("".join(f"  {line}\n" for line in rows.splitlines()) or _NO_ROWS)
