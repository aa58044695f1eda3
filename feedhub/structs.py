"""How a frozen value is made of another, and one that holds secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct

if TYPE_CHECKING:
    # a type checker knows which changes a dataclass can take, by name and type, and takes a struct for one
    from dataclasses import replace as replace
else:
    from msgspec.structs import replace as replace

__all__ = ["WithSecrets", "replace"]


class WithSecrets(Struct, frozen=True):
    """A struct that is written without the fields that may be secrets, for logs and tracebacks."""

    secrets: ClassVar[frozenset[str]] = frozenset()

    def __rich_repr__(self) -> list[tuple[str, object]]:
        """Return names and values of the fields that may be shown."""
        return [(name, getattr(self, name)) for name in self.__struct_fields__ if name not in self.secrets]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"
