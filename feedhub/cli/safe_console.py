"""A console for what strangers wrote; a module of its own, since what prints no table needs no rich."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from feedhub.cli.console import without_controls


class SafeConsole(Console):
    """A console on which no text of a stranger's commands the terminal."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """Yield segments whose text holds no control characters; they have no width, so columns stay in line."""
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(without_controls(segment.text), segment.style)
