"""Names that sources make up, however long and odd, are stored alike on both engines."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hubs import BRIDGE, Newsroom, item

pytestmark = pytest.mark.usefixtures("engine")


def odd(length: int) -> str:
    """Text that no index compresses: four bytes a character."""
    chance = random.Random(length)
    return "".join(chr(chance.randrange(0x20000, 0x2A000)) for _ in range(length))


@pytest.mark.parametrize(
    "guid",
    [odd(900), odd(5_000), f"https://paper.example/{odd(5_000)}", "with\x00nul", "a" * 9_000],
    ids=["long", "very long", "address", "nul", "dull"],
)
def test_an_entry_of_any_name_is_stored_once(tmp_path: Path, guid: str) -> None:
    room = Newsroom(tmp_path)
    room.source("herald")
    for hour in range(2):
        room.serve("herald", item("one", "The bridge is shut", *BRIDGE), item(guid, "Ferry town cut off", *BRIDGE[1:]))
        text = (tmp_path / "herald.json").read_text(encoding="utf-8")
        (tmp_path / "herald.json").write_text(text + " " * hour, encoding="utf-8")
        (report,) = room.round(hour).sources
        assert (report.outcome, report.new) == ("read", 2 if hour == 0 else 0)


def test_a_page_with_a_very_long_address_is_stored(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("herald")
    room.serve("herald", item("one", "The bridge is shut", *BRIDGE, url=f"https://paper.example/?q={odd(3_000)}"))
    (report,) = room.round().sources
    assert (report.outcome, report.new) == ("read", 1)
