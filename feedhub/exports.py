"""Packages whose names are imported when somebody asks for them: who needs one of them does not pay for the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any


def load_on_use(package: str, names: Mapping[str, Iterable[str]]) -> Callable[[str], Any]:
    """Return a package's `__getattr__` (PEP 562); `names` are those that each of its modules exports.

    No name may be that of a module: importing the module puts it in the name's place.
    """
    homes = {name: f"{package}.{module}" for module, exported in names.items() for name in exported}

    assert not homes.keys() & names.keys(), f"{package}: a name is called as its module"

    def load(name: str) -> Any:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(home), name)

    return load
