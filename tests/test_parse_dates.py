"""Dates in the forms that feeds use, and the ones that are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.parse.feed_dates import read_date

MORNING = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)

FORMS = """
Mon, 02 Nov 2026 10:00:00 GMT
Mon, 02 Nov 2026 10:00:00 +0000
Mon,02 Nov 2026 10:00:00 -0000
Mon, 2 Nov 2026 15:30:00 +0530
Mon, 2 Nov 2026 15:30:00 +05:30
2 Nov 2026 15:30 IST
Mon, 02 Nov 26 05:00:00 EST
Mon, 02 November 2026 12:00:00 GMT+0200 (EET)
Monday, 2nd November 2026 10:00 UTC
Mon Nov  2 10:00:00 2026
Mon Nov 02 10:00:00 +0000 2026
Mon Nov 2 2026 10:00:00 UTC
November 2, 2026 10:00 am
Monday, November 2, 2026 - 10:00
Mon, 2026/11/02 05:00:00 EST
2026-11-02T10:00:00Z
2026-11-02t10:00:00z
2026-11-02T15:30:00+05:30
2026-11-02T15:30:00+0530
2026-11-02T15:30:00.123+05:30
2026-11-02 10:00:00 UTC
2026-11-02 10:00
20261102T100000Z
20261102100000
1793613600
1793613600000
2026年11月2日 10:00
""".strip().split("\n")


@pytest.mark.parametrize("written", FORMS)
def test_ten_in_the_morning(written: str) -> None:
    moment = read_date(written)
    assert moment is not None
    assert moment.replace(microsecond=0) == MORNING


LANGUAGES = """
2. November 2026|2 novembre 2026|2 de noviembre de 2026|2 de novembro de 2026|02 nov. 2026|2 kasım 2026|2 listopada 2026
2 ноября 2026|२ नवंबर 2026|2 नवम्बर 2026|Sen, 2 November 2026
""".strip().replace("\n", "|")


@pytest.mark.parametrize("written", LANGUAGES.split("|"))
def test_months_are_read_in_the_languages_of_many_papers(written: str) -> None:
    assert read_date(written) == MORNING.replace(hour=0)


@pytest.mark.parametrize("written", ["2026-11-02", "20261102", "2 Nov 2026", "Nov 2, 2026", "2026年11月2日"])
def test_a_day_begins_at_midnight(written: str) -> None:
    assert read_date(written) == MORNING.replace(hour=0)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("2026-11-01T24:00:00Z", MORNING.replace(hour=0)), ("2026-11-02T09:59:60Z", MORNING - timedelta(seconds=1))],
    ids=["midnight as 24", "leap second"],
)
def test_odd_clocks(written: str, expected: datetime) -> None:
    assert read_date(written) == expected


NONSENSE = """
now|yesterday|soon|02/11/2026|2026-13-01|2026-02-30|Sun, 99 Jun 2026 12:00:00 GMT|2026-11-02T25:00:00Z
2026-11-02T10:00:00+99:99|Mon, 02 Nov 2026 10:00:00 +zz:00|22013|17|-1|0|1989-12-31T23:59:59Z|0001-01-01T00:00:00Z
Mon, 01 Jan 0001 00:00:00 +0000|9999-12-31T23:59:59Z|2026-11-02T10:00:00Zextra|1e300
Ωρα, 11 Ιούλ 2004 12:00:00 EST|Κυρ, 11 Ωρα 2004 12:00:00 EST
""".strip().replace("\n", "|")


@pytest.mark.parametrize("written", [None, "", " ", "x" * 200, *NONSENSE.split("|")], ids=lambda w: str(w)[:30])
def test_what_is_no_date_is_none(written: str | None) -> None:
    assert read_date(written) is None


@given(st.text(max_size=60) | st.from_regex(r"[0-9T:+ .Z-]{1,30}"))
def test_reading_never_raises_and_never_invents_an_old_date(written: str) -> None:
    moment = read_date(written)
    assert moment is None or moment.year >= 1990


@given(
    st.datetimes(datetime(1990, 1, 2), datetime(2199, 12, 30)).map(lambda m: m.replace(microsecond=0, tzinfo=UTC)),
    st.integers(-12 * 60, 14 * 60),
)
def test_every_offset_is_honoured(moment: datetime, offset: int) -> None:
    local = (moment + timedelta(minutes=offset)).replace(tzinfo=None)
    sign, minutes = ("-" if offset < 0 else "+"), abs(offset)
    zone = f"{sign}{minutes // 60:02}{minutes % 60:02}"
    assert read_date(local.isoformat() + zone) == moment
    assert read_date(local.strftime("%a, %d %b %Y %H:%M:%S ") + zone) == moment
