"""YAML files that come with the program, parsed once an installation: what they hold is kept as Python keeps bytecode.

To parse the catalogue takes forty milliseconds of every start that reads a document, to load it from `__pycache__` two.
Python's own loader does the keeping (PEP 3147): it looks at a file's time and size, obeys PYTHONDONTWRITEBYTECODE, and
where it may not write, the file is parsed each time.
"""

from __future__ import annotations

from contextlib import suppress
from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType
from typing import Any

import yaml


def parsed_yaml(path: Path) -> Any:
    """Return what a YAML file of plain values holds; raise YAMLError where it is none, OSError without the file."""
    loader = _YamlLoader(path.stem, str(path))
    try:
        code = loader.get_code(path.stem)
        assert code is not None
    except (EOFError, ImportError, ValueError, TypeError):
        # a full disk had room for a part of what is kept: older interpreters keep the part (CPython issue 126606)
        code = loader.source_to_code(path.read_bytes(), path)
        with suppress(OSError):
            Path(cache_from_source(str(path))).unlink()
    return eval(code, {"__builtins__": {}})


class _YamlLoader(SourceFileLoader):
    """Compiles a YAML file to an expression that is its value."""

    @staticmethod
    def source_to_code(data: Any, path: Any = "") -> CodeType:  # type: ignore[override]
        """Compile what a file holds; raise YAMLError."""
        value = yaml.load(bytes(data), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        code = compile(repr(value), str(path), "eval")
        if code.co_names:
            # a date is no literal
            raise yaml.YAMLError(f"not a plain value: {code.co_names[0]}")
        return code
