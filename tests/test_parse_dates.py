"""Dates in the forms that feeds use, and the ones that are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.parse.feed_dates import read_date


def listed(block: str) -> list[str]:
    return block.strip().replace("\n", "|").split("|")


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
2026年11月2日（月）午前10時0分
2 Kasım 2026 Pazartesi 10:00
2026. nov. 2., hétfő, 10:00
luni, 2 noiembrie 2026, ora 10:00
วันจันทร์ที่ 2 พฤศจิกายน 2569 เวลา 10:00 น.
יום שני, 2 בנובמבר 2026 בשעה 10:00
Δευτέρα, 2 Νοεμβρίου 2026 12:00:00 EET
Thứ hai, 02/11/2026, 17:00 (GMT+7)
lundi 2 novembre 2026 à 10 h 00
Publicado el 2 de noviembre de 2026, 10:00
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


EVENING = """
Nov 2, 2026, 8:00 PM|2 November 2026 8:00 pm|Mon, 02 Nov 2026 8:00PM GMT|2026-11-02 08:00:00 PM|2026-11-02 8:00 p.m.
Nov 2 2026  8:00PM|Nov 2, 2026 8 PM|Nov. 2nd, 2026 at 8:00 p.m.|2 de noviembre de 2026, 8:00 p. m.|8:00 PM, 2 Nov 2026
2026年11月2日 午後8:00|2026年11月2日下午8:00|2 نوفمبر 2026 8:00 م|2026. 11. 3. 오전 5:00
"""
GREENWICH = """
2026-11-02 20:00:00 +0000 UTC|2026-11-02 20:00:00.123456 +0000 UTC m=+0.01|Mon, 02 Nov 2026 15:00:00 -0500 EST
Mon, 02 Nov 2026 22:00:00 GMT+2|Mon, 02 Nov 2026 22:00:00 UTC+02:00|Mon, 02 Nov 2026 22:00 +2
Mon, 02 Nov 2026 21:00 (CET)
2026-11-02T21:00:00+01:00[Europe/Berlin]|2026-11-02T20:00:00Z[UTC]|2026-11-02 21:00 Europe/Berlin
2026-11-02 15:00 America/New_York|2026-11-02 15:00 Etc/GMT+5|Mon, 02 Nov 2026 15:00 EST-0500
02/Nov/2026:20:00:00 +0000|Mon Nov 2 15:00:00 EST 2026|Selasa, 3 November 2026 03:00 WIB
"""
DOTTED_AND_NAMED = """
02.11.2026 20:00|02.11.2026, 20:00:00|2. 11. 2026 20:00|Mo., 02.11.2026 - 20:00|2. November 2026 um 20:00 Uhr
2. November 2026, 20.00 Uhr|2 novembre 2026 à 20h00|2 de novembro de 2026 às 20:00|2 novembre 2026 alle ore 20.00
2 kasım 2026 saat 20:00|2 Kas 2026 20:00|2 ноября 2026 г. в 20:00|2 нояб. 2026 20:00|2 листопада 2026 р. о 20:00
2 lis 2026 20:00|2. listopadu 2026 v 20:00|2. marraskuuta 2026 klo 20.00|2026. november 2. 20:00
2 noiembrie 2026, 20:00|2 november 2026 kl. 20:00|२ नवंबर २०२६ २०:००|2 نوفمبر 2026 20:00|2 พฤศจิกายน 2569 20:00
2 พ.ย. 2569 20:00 น.|2 নভেম্বর 2026 20:00|2 நவம்பர் 2026 20:00|2 בנובמבר 2026 20:00|2 نوامبر 2026 20:00
2026年11月2日(月) 20:00|2026年11月2日 20时00分|2026/11/02 20:00|2026.11.02 20:00|ngày 2 tháng 11 năm 2026 20:00
"""


@pytest.mark.parametrize("written", [d for block in (EVENING, GREENWICH, DOTTED_AND_NAMED) for d in listed(block)])
def test_eight_in_the_evening(written: str) -> None:
    moment = read_date(written)
    assert moment is not None
    assert moment.replace(microsecond=0) == MORNING.replace(hour=20)


@pytest.mark.parametrize(
    ("written", "hour"), [("12:00 AM", 0), ("12:30 a.m.", 0), ("12:00 PM", 12), ("0:30 am", 0), ("13:00 PM", 13)]
)
def test_the_twelfth_hour_begins_its_half_of_the_day(written: str, hour: int) -> None:
    moment = read_date(f"Mon, 02 Nov 2026 {written}")
    assert moment is not None
    assert moment.hour == hour


@pytest.mark.parametrize(
    "written",
    ["Mon, 02 Nov 2026 08:00:00 XYZ", "2026-11-02 08:00 local", "02 Nov 2026 08:00 A", "02 Nov 2026 08:00 EST+5"],
)
def test_an_unknown_zone_is_not_greenwich(written: str) -> None:
    assert read_date(written) is None


@pytest.mark.parametrize(
    "written", ["10/11/2026 08:00", "10-11-2026", "11/10/2026 8:00:00 PM", "10.11.26", "Wed, 10/11/2026"]
)
def test_what_could_be_two_days_is_none(written: str) -> None:
    assert read_date(written) is None


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("25/12/2026", datetime(2026, 12, 25, tzinfo=UTC)),
        ("12/25/2026", datetime(2026, 12, 25, tzinfo=UTC)),
        ("02-02-2026", datetime(2026, 2, 2, tzinfo=UTC)),
        ("Tue, 10/11/2026", datetime(2026, 11, 10, tzinfo=UTC)),
        ("Tuesday, 11/10/2026", datetime(2026, 11, 10, tzinfo=UTC)),
    ],
)
def test_digits_that_leave_one_day_open_are_that_day(written: str, day: datetime) -> None:
    assert read_date(written) == day


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
2026-11-02 13:00 AM|32.11.2026
2026-11-02T10:00:00+99:99|Mon, 02 Nov 2026 10:00:00 +zz:00|22013|17|-1|0|1989-12-31T23:59:59Z|0001-01-01T00:00:00Z
Mon, 01 Jan 0001 00:00:00 +0000|9999-12-31T23:59:59Z|2026-11-02T10:00:00Zextra|1e300
Κυρ, 11 Ωρα 2004 12:00:00 EST
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
