"""An invented archive of items: stories in several papers, cut, edited, with what each prints below its texts."""

from __future__ import annotations

import random
from typing import Any

from faults import prose

FURNITURE = (
    "Subscribe to the morning letter of our paper, it is free and comes to you before breakfast on every day.",
    "Write to the desk of our paper about this report, and tell us what you have seen of it with your own eyes.",
)


def archive(count: int, seed: int = 11) -> list[dict[str, Any]]:
    """So many items; a few without source or date."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        lines = prose(number % max(2, count * 3 // 8), 90)
        paper = number * 8 // (3 * count) * 2 + chance.randrange(2)
        text = lines[: len(lines) - chance.randrange(3)] if chance.random() < 0.4 else list(lines)
        if chance.random() < 0.3:
            text.insert(1, f"A {chance.choice(['baker', 'sailor'])} said {number} people came to the {paper}th fair.")
        made.append(
            {
                "id": number if number % 7 else f"item {number}",
                "source": f"paper{paper % 4}" if number % 23 else None,
                "title": f"{lines[0][: 20 + chance.randrange(30)]} {number % 7}",
                "text": "\n".join([*text, FURNITURE[paper % 2]] if paper % 3 else text),
                "url": f"https://paper{paper}.example/{number}",
                "published": f"2026-03-{10 + number % 2}T{number % 24:02}:00:00Z" if number % 31 else None,
            }
        )
    return made
