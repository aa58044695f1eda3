"""structlog, without rich: of that it would import seventy modules, 3 MB, for tracebacks that we print ourselves.

For commands alone, whose first thread imports this: while that lasts nobody in the process can import rich, and
structlog goes on without it.
"""

from __future__ import annotations

import sys

__all__ = ["structlog"]

_HIDDEN = {"rich"} - sys.modules.keys()

for _name in _HIDDEN:
    # whoever imports it now hears that it is not there, and structlog does without
    sys.modules[_name] = None  # type: ignore[assignment]
try:
    import structlog
finally:
    for _name in _HIDDEN:
        del sys.modules[_name]
