"""The outlet's name at the end of nearly all titles of a document leaves them, in later polls, too."""

from __future__ import annotations

from pathlib import Path

from hubs import Newsroom, item

HEADS = [
    "Ferry runs north again after a week", "Bear led back into the hills", "Choir sings under a mended roof",
    "Barley is brought in early this year", "Anchor found by divers in the strait", "Library opens its garden to all",
    "Snow falls on the pass in the night", "Mill sold to the village for one coin", "Lamp lit again in the old tower",
]  # fmt: skip


def test_what_titles_end_with_is_known_when_one_more_comes(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("list")
    items = [
        item(f"l{n}", f"{head} - Elsewhere Post", f"{head}, said the harbour master.") for n, head in enumerate(HEADS)
    ]
    room.serve("list", *items[:8])
    room.round()
    room.serve("list", items[8], *items[:8])
    room.round(1)
    assert sorted(story.title for story in room.stories()) == sorted(HEADS)
