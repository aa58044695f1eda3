"""Frames of pandas, Polars and PyArrow as items, and rows as a frame of the same kind, through narwhals.

narwhals is a dependency, since a frame should be taken wherever feedhub is installed: it is pure Python and needs
nothing. None of the frames' own packages is asked for, and narwhals is imported only once a frame comes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Protocol

from feedhub.errors import ItemError, UsageError
from feedhub.model import Relation

if TYPE_CHECKING:
    from feedhub.match import DedupeRow

#: rows that are made into mappings at once
_AT_ONCE = 1_000
#: columns of a result, in their order
COLUMNS = ("id", "story", "canonical", "relation", "matched", "score", "ground")
#: without one of these there is nothing to compare
TEXTS = ("title", "summary", "text")


class Frame(Protocol):
    """What the frames of pandas, Polars and PyArrow have in common, for type checkers."""

    @property
    def columns(self) -> Any:
        """Return the columns, or their names."""

    @property
    def shape(self) -> Any:
        """Return how many rows and columns there are."""


def frame_of(value: object) -> ItemFrame | None:
    """Return a frame to read items from; None for what is no frame; raises ItemError for a lazy one."""
    if isinstance(value, Mapping) or not hasattr(type(value), "columns"):
        return None
    import narwhals as nw

    try:
        return ItemFrame(nw.from_native(value, eager_only=True))
    except TypeError:
        if hasattr(value, "collect"):
            raise ItemError("expected a frame in memory, got a lazy one: call its collect() first") from None
        return None


def check_columns(names: Sequence[str], wanted: Mapping[str, str], where: str = "") -> None:
    """Raise UsageError, with the nearest names, where columns have no id or nothing to compare.

    `wanted`: of each field the column that is asked for.
    """
    place = f"{where}: " if where else ""
    for field, column in wanted.items():
        named = field != column
        if column not in names and (named or field == "id"):
            raise UsageError(
                f"{place}no column {column!r}{_nearest(column, names)}; columns: {_listed(names)}"
                f"{_hint(field, names, where)}"
            )
    if not any(wanted.get(field, field) in names for field in TEXTS):
        raise UsageError(
            f"{place}none of the columns title, summary, text{_nearest('title', names)}; columns: {_listed(names)}"
            f"{_hint('text', names, where)}"
        )


def _nearest(name: str, names: Sequence[str]) -> str:
    folded = {each.casefold().strip(): each for each in reversed(names)}
    near = get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)
    return f": did you mean {folded[near[0]]!r}?" if near else ""


def _hint(field: str, names: Sequence[str], where: str) -> str:
    return f" (--columns {field}=NAME takes another)" if where and names else ""


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "") if names else "none"


class ItemFrame:
    """A frame whose rows are items."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def items(self, fields: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        """Return the rows as mappings of these fields; raises ItemError where a column is missing."""
        try:
            check_columns(self._frame.columns, {field: field for field in fields})
        except UsageError as error:
            raise ItemError(str(error)) from None
        known = [field for field in fields if field in self._frame.columns]
        yield from self._frame.select(known).iter_rows(named=True, buffer_size=_AT_ONCE)

    def with_rows(self, rows: Sequence[DedupeRow], errors: Sequence[ItemError], *, keeps: bool) -> Any:
        """Return rows as a frame of this kind, ids of the type that they have here; bad rows stay if `keeps`."""
        import narwhals as nw

        lines: list[Any] = list(rows)
        why: list[str | None] = [None] * len(lines)
        for error in errors if keeps else ():
            assert error.row is not None
            lines.insert(error.row - 1, None)
            why.insert(error.row - 1, str(error))
        made = {name: [None if line is None else _plain(getattr(line, name)) for line in lines] for name in COLUMNS}
        if keeps and len(lines) == len(self._frame):
            made["id"] = self._frame["id"].to_list()
        types = dict.fromkeys(("id", "story", "matched"), self._frame["id"].dtype) | {
            "canonical": nw.Boolean(),
            "relation": nw.String(),
            "score": nw.Float64(),
            "ground": nw.String(),
        }
        series = [self._series(name, values, types[name]) for name, values in made.items()]
        if keeps:
            series.append(self._series("error", why, nw.String()))
        return self._indexed(nw.from_dict({each.name: each for each in series}))

    def _series(self, name: str, values: list[Any], dtype: Any) -> Any:
        import narwhals as nw

        if None in values and self._frame.implementation.is_pandas_like() and not isinstance(dtype, nw.Float64):
            # a null among whole numbers would make pandas turn the others into floats: 5 has to stay 5
            dtype = dtype if isinstance(dtype, nw.String) else nw.Object()
        return nw.new_series(name, values, dtype, backend=self._frame.implementation)

    def _indexed(self, made: Any) -> Any:
        """Return the frame itself, with the index of this one where that has one and as many rows."""
        import narwhals as nw

        index, native = nw.maybe_get_index(self._frame), made.to_native()
        if index is not None and len(made) == len(self._frame):
            native.index = index
        return native


def _plain(value: Any) -> Any:
    """Return an enumeration's value, anything else as it is."""
    return value.value if isinstance(value, Relation) else value
