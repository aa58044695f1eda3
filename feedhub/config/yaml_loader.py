"""PyYAML's loader in C, which ends at documents that are no configuration: it calls itself at each level of nesting."""

from __future__ import annotations

from typing import Any

import yaml

#: levels of nesting: a configuration has six; some ten thousand would end the process without a word
MOST_LEVELS = 64
#: words, lists and mappings written: 10,000 sources of eight keys are 170,000
MOST_NODES = 1_000_000


class BoundedLoader(yaml.CSafeLoader):
    """Raises yaml.MarkedYAMLError at what is nested deeper than MOST_LEVELS, or has more than MOST_NODES."""

    def __init__(self, stream: Any) -> None:
        """Take a text."""
        super().__init__(stream)
        self._levels = self._nodes = 0

    def descend_resolver(self, current_node: Any, current_index: Any) -> None:
        """Count what begins; a configuration has no resolvers by path, which this would look for."""
        self._levels += 1
        self._nodes += 1
        if self._levels > MOST_LEVELS:
            raise yaml.MarkedYAMLError(problem="nested too deeply", problem_mark=current_node.start_mark)
        if self._nodes > MOST_NODES:
            raise yaml.MarkedYAMLError(
                problem=f"more than {MOST_NODES:,} words, lists and mappings", problem_mark=current_node.start_mark
            )

    def ascend_resolver(self) -> None:
        """Count what ends."""
        self._levels -= 1
