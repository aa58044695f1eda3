"""Items as mappings and as frames: ids as they came, dates in many forms, errors that name the row."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

import feedhub
from feedhub.item_fields import date_of

FERRY = (
    "A ferry ran aground off Selm on Tuesday and all 34 people aboard were brought ashore by two lifeboats before "
    "dark, the coast guard said. The vessel had left Harrow in the morning with a cargo of timber and was on its way."
)
NOON = datetime(2026, 6, 2, 12, tzinfo=UTC)
ITEMS: list[dict[str, Any]] = [
    {"id": 7, "title": "Ferry aground", "text": FERRY, "published": NOON},
    {"id": 5, "title": "Eggs to cost more", "text": None, "published": None},
    {"id": 3, "title": "Ferry aground, all safe", "text": FERRY, "published": NOON + timedelta(hours=2)},
]


def frame(kind: str, items: list[dict[str, Any]] = ITEMS) -> Any:
    library = pytest.importorskip(kind)
    if kind == "pyarrow":
        return library.Table.from_pylist(items)
    return library.DataFrame(items)


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_a_frame_gives_a_frame_of_its_kind_with_ids_of_its_type(kind: str) -> None:
    given = frame(kind)
    result = feedhub.dedupe(given)
    assert type(result) is type(given)
    rows = result.to_pylist() if kind == "pyarrow" else [dict(row) for row in _rows(result)]
    assert [(row["id"], row["story"]) for row in rows] == [(7, 7), (5, 5), (3, 7)]
    assert [row["matched"] for row in rows] == [None, None, 7]
    assert [type(row["matched"]) for row in rows][2] is int
    assert [row["relation"] for row in rows] == ["first", "first", "copy"]


def _rows(result: Any) -> list[dict[str, Any]]:
    return result.to_dicts() if hasattr(result, "to_dicts") else result.to_dict("records")  # type: ignore[no-any-return]


def test_a_pandas_frame_keeps_its_index_and_knows_nat() -> None:
    pandas = pytest.importorskip("pandas")
    given = pandas.DataFrame(ITEMS, index=[30, 10, 20])
    assert given["published"].isna().tolist() == [False, True, False]
    result = feedhub.dedupe(given)
    assert list(result.index) == [30, 10, 20]
    assert result["id"].dtype == given["id"].dtype


def test_bad_rows_of_a_frame_stay_with_the_reason_where_they_are_collected() -> None:
    given = frame("polars", [{**each, "published": str(each["published"] or "")} for each in ITEMS])
    polars = pytest.importorskip("polars")
    given = given.with_columns(published=polars.Series(["2026-06-02", "soon", "2026-06-02T01:00+02:00"]))
    result = feedhub.dedupe(given, errors="collect")
    assert result["id"].to_list() == [7, 5, 3]
    assert result["story"].to_list() == [3, None, 3]
    assert result["error"].to_list() == [
        None,
        'item 2: published: expected an ISO 8601 or RFC 822 date, got "soon"',
        None,
    ]
    assert feedhub.dedupe(given, errors="skip")["id"].to_list() == [7, 3]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"ID": [1], "title": ["x"]}, r"no column 'id': did you mean 'ID'\?; columns: ID, title"),
        ({"id": [1], "titel": ["x"]}, r"none of the columns title, summary, text: did you mean 'titel'\?"),
    ],
)
def test_a_frame_without_the_columns_is_told_the_nearest(columns: dict[str, Any], message: str) -> None:
    given = pytest.importorskip("polars").DataFrame(columns)
    with pytest.raises(feedhub.ItemError, match=message):
        feedhub.dedupe(given)


def test_a_lazy_frame_is_told_to_collect() -> None:
    given = frame("polars").lazy()
    with pytest.raises(feedhub.ItemError, match=r"a lazy one: call its collect\(\) first"):
        feedhub.dedupe(given)


def test_ids_of_any_hashable_kind_come_back_as_they_were() -> None:
    ids: list[Any] = ["a", 5, uuid.UUID(int=7), (1, "x"), 2.5, frozenset({1}), date(2026, 1, 2), True, b"x"]
    rows = feedhub.dedupe([{"id": each, "text": FERRY} for each in ids])
    assert [row.id for row in rows] == ids
    assert [type(row.id) for row in rows] == [type(each) for each in ids]
    assert {row.story for row in rows} <= set(ids)


@pytest.mark.parametrize("again", [("5", 5), (5, 5.0), ((1,), (1,)), (frozenset("ab"), frozenset("ba"))])
def test_an_id_that_was_there_before_is_named(again: tuple[Any, Any]) -> None:
    with pytest.raises(feedhub.ItemError, match=r"item 2: id: .* was there before") as raised:
        feedhub.dedupe([{"id": each} for each in again])
    assert (raised.value.row, raised.value.field) == (2, "id")


@pytest.mark.parametrize(
    "value",
    [
        NOON,
        NOON.astimezone(timezone(timedelta(hours=5))),
        NOON.replace(tzinfo=None),
        "2026-06-02T12:00:00Z",
        "2026-06-02 14:00+02:00",
        "Tue, 02 Jun 2026 12:00:00 GMT",
        "Tue, 02 Jun 2026 08:00:00 -0400",
    ],
)
def test_a_date_is_read_in_the_forms_that_people_use(value: object) -> None:
    assert date_of(value) == NOON
    assert type(date_of(value)) is datetime


def test_dates_of_pandas_and_numpy_are_read() -> None:
    pandas, numpy = pytest.importorskip("pandas"), pytest.importorskip("numpy")
    assert date_of(pandas.Timestamp(NOON)) == NOON
    assert date_of(numpy.datetime64("2026-06-02T12:00:00.000000000")) == NOON
    assert date_of(date(2026, 6, 2)) == NOON.replace(hour=0)
    for none in (pandas.NaT, pandas.NA, float("nan"), numpy.datetime64("NaT"), None, ""):
        assert date_of(none) is None


@pytest.mark.parametrize(
    ("item", "field", "message"),
    [
        ({"id": "x", "title": NOON}, "title", "item 1: title: expected text or null, got a datetime"),
        ({"id": "x", "text": ["a"]}, "text", "item 1: text: expected text or null, got a list"),
        ({"id": "x", "text": {"a"}}, "text", "item 1: text: expected text or null, got a set"),
        ({"id": "x", "published": 5}, "published", "item 1: published: expected a datetime .one without a zone is"),
        ({"id": [1]}, "id", "item 1: id: expected text, a number or another hashable, got a list"),
        ({"title": "x"}, "id", "item 1: id: missing"),
        ({"id": float("nan")}, "id", "item 1: id: missing"),
        (["x"], None, "item 1: expected an object with an id, got a list"),
    ],
)
def test_an_error_names_row_field_and_kind(item: Any, field: str | None, message: str) -> None:
    with pytest.raises(feedhub.ItemError, match=message) as raised:
        feedhub.dedupe([item])
    assert (raised.value.row, raised.value.field) == (1, field)
    result = feedhub.dedupe([{"id": "a"}, item], errors="collect")
    assert ([row.id for row in result], result.errors[0].row) == (["a"], 2)
    assert feedhub.dedupe([item], errors="skip").errors == []


def test_an_item_that_could_not_be_used_leaves_its_id_free() -> None:
    rows = feedhub.dedupe([{"id": "a", "published": "soon"}, {"id": "a", "title": "Ferry"}], errors="collect")
    assert [row.id for row in rows] == ["a"]


def test_one_item_and_a_wrong_policy_are_refused() -> None:
    with pytest.raises(feedhub.ItemError, match="expected many items or a frame, got an object"):
        feedhub.dedupe({"id": "a"})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match='errors: expected "raise", "skip" or "collect"'):
        feedhub.dedupe([], errors="ignore")  # type: ignore[call-overload]


def test_clean_takes_furniture_away_and_lifts_out_the_wire_s_marks() -> None:
    made = feedhub.clean(
        "<p>SELM, June 2 (AP) — The ferry ran aground.</p><p>Subscribe to our newsletter</p>",
        title="Ferry aground | Herald",
        source="Herald",
    )
    assert (made.title, made.text) == ("Ferry aground", "The ferry ran aground.")
    assert (made.wire.agency, made.wire.place) == ("AP", "Selm")
    import feedhub.clean as package

    assert package.__name__ == "feedhub.clean"
    assert feedhub.clean("The ferry ran aground.").text == "The ferry ran aground."
