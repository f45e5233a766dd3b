"""Limits counted in working days (docs/rules.md, deadlines)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vng_alv.domain.clock import AMSTERDAM
from vng_alv.domain.deadlines import (
    deadline,
    easter,
    holidays,
    is_over,
    is_working_day,
    moved_along,
    working_days_before,
)

days = st.dates(date(1901, 1, 1), date(2199, 12, 31))


@pytest.mark.parametrize(
    "day",
    [
        date(1943, 4, 25),  # the latest possible
        date(1954, 4, 18),
        date(1961, 4, 2),
        date(1981, 4, 19),
        date(2000, 4, 23),
        date(2008, 3, 23),
        date(2011, 4, 24),
        date(2016, 3, 27),
        date(2019, 4, 21),
        date(2020, 4, 12),
        date(2021, 4, 4),
        date(2022, 4, 17),
        date(2023, 4, 9),
        date(2024, 3, 31),
        date(2025, 4, 20),
        date(2026, 4, 5),
        date(2027, 3, 28),
        date(2028, 4, 16),
        date(2029, 4, 1),
        date(2030, 4, 21),
        date(2038, 4, 25),
        date(2049, 4, 18),
        date(2076, 4, 19),
    ],
)
def test_easter(day: date) -> None:
    assert easter(day.year) == day


def test_easter_is_a_sunday_between_22_march_and_25_april() -> None:
    for year in range(1900, 2200):
        assert easter(year).isoweekday() == 7
        assert date(year, 3, 22) <= easter(year) <= date(year, 4, 25)


def test_the_holidays_of_a_year() -> None:
    assert sorted(holidays(2026)) == [
        date(2026, 1, 1),
        date(2026, 4, 3),
        date(2026, 4, 6),
        date(2026, 4, 27),
        date(2026, 5, 5),
        date(2026, 5, 14),
        date(2026, 5, 25),
        date(2026, 12, 25),
        date(2026, 12, 26),
    ]


def test_kings_day_is_never_on_a_sunday() -> None:
    assert date(2025, 4, 26) in holidays(2025)
    assert date(2025, 4, 27) not in holidays(2025)
    assert date(2026, 4, 27) in holidays(2026)


@pytest.mark.parametrize("year", [1, 1899, 2200])
def test_other_years_are_refused(year: int) -> None:
    with pytest.raises(ValueError, match="no holidays"):
        is_working_day(date(year, 6, 2))
    with pytest.raises(ValueError, match="no holidays"):
        working_days_before(date(year, 1, 1), 5000)


@pytest.mark.parametrize(
    ("day", "number", "limit"),
    [
        (date(2024, 6, 26), 9, date(2024, 6, 13)),
        (date(2023, 12, 1), 9, date(2023, 11, 20)),
        (date(2026, 4, 14), 9, date(2026, 3, 30)),  # Good Friday, Easter Monday
        (date(2026, 5, 1), 4, date(2026, 4, 24)),  # King's Day
        (date(2025, 5, 2), 5, date(2025, 4, 25)),  # King's Day on the Saturday before
        (date(2026, 5, 22), 9, date(2026, 5, 8)),  # Ascension Day; the Friday after it is a working day
        (date(2026, 5, 7), 3, date(2026, 5, 1)),  # 5 May
        (date(2026, 5, 28), 3, date(2026, 5, 22)),  # Whit Monday
        (date(2025, 1, 6), 9, date(2024, 12, 19)),  # New Year, both Christmas days
        (date(2026, 6, 15), 1, date(2026, 6, 12)),  # Monday
        (date(2026, 6, 14), 1, date(2026, 6, 12)),  # Sunday
        (date(2026, 6, 14), 0, date(2026, 6, 14)),  # the day itself, whatever it is
    ],
)
def test_counting_back(day: date, number: int, limit: date) -> None:
    assert working_days_before(day, number) == limit


@given(days, st.integers(1, 60))
def test_so_many_working_days_lie_in_between(day: date, number: int) -> None:
    found = working_days_before(day, number)
    assert is_working_day(found)
    assert sum(is_working_day(found + timedelta(days=n)) for n in range((day - found).days)) == number


@given(days, st.integers(0, 30), st.integers(0, 30))
def test_counting_goes_on_where_it_stopped(day: date, one: int, other: int) -> None:
    assert working_days_before(working_days_before(day, one), other) == working_days_before(day, one + other)


def test_no_limit_after_the_meeting() -> None:
    with pytest.raises(ValueError, match="before the meeting"):
        working_days_before(date(2026, 6, 1), -1)


@pytest.mark.parametrize(
    ("starts_at", "limit"),
    [
        # The clock goes forward on 29 March 2026 and back on 25 October: the hour in Amsterdam stays the same.
        (datetime(2026, 3, 31, 10, tzinfo=AMSTERDAM), datetime(2026, 3, 18, 11, tzinfo=UTC)),
        (datetime(2026, 10, 27, 10, tzinfo=AMSTERDAM), datetime(2026, 10, 14, 10, tzinfo=UTC)),
        (datetime(2024, 6, 26, 13, tzinfo=AMSTERDAM), datetime(2024, 6, 13, 10, tzinfo=UTC)),
        # 22:30 in London is already the 26th in Amsterdam.
        (datetime(2024, 6, 25, 22, 30, tzinfo=UTC), datetime(2024, 6, 13, 10, tzinfo=UTC)),
    ],
)
def test_the_limit_is_an_hour_in_amsterdam(starts_at: datetime, limit: datetime) -> None:
    found = deadline(starts_at, 9, time(12))
    assert found == limit
    assert found.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        deadline(datetime(2026, 6, 1, 10), 9, time(12))  # noqa: DTZ001 - that is the mistake


def test_the_moment_itself_is_too_late() -> None:
    closes_at = deadline(datetime(2026, 3, 31, 10, tzinfo=AMSTERDAM), 9, time(12))
    assert not is_over(closes_at, closes_at - timedelta(seconds=1))
    assert is_over(closes_at, closes_at)
    assert is_over(closes_at, datetime(2026, 3, 18, 12, tzinfo=AMSTERDAM))
    assert not is_over(closes_at, datetime(2026, 3, 18, 11, 59, 59, tzinfo=AMSTERDAM))


later = st.dates(date(1902, 1, 1), date(2199, 12, 31))


@given(later, later, st.integers(0, 40), st.times())
def test_a_limit_moves_along_by_working_days(old: date, new: date, number: int, clock: time) -> None:
    start, then = (datetime.combine(day, time(13, 30), AMSTERDAM) for day in (old, new))
    before = deadline(start, number, clock)
    shown = before.astimezone(AMSTERDAM).time()  # a clock that is skipped is an hour later
    assert moved_along(before, start, then) == min(deadline(then, number, shown), then)


def test_a_limit_on_a_day_off_moves_to_the_working_day_after_it() -> None:
    saturday = datetime(2027, 5, 29, 12, tzinfo=AMSTERDAM)
    wednesday, other = (datetime(2027, month, 2, 13, tzinfo=AMSTERDAM) for month in (6, 12))
    assert moved_along(saturday, wednesday, other) == datetime(2027, 11, 30, 12, tzinfo=AMSTERDAM), (
        "two before Thursday"
    )
    assert moved_along(wednesday + timedelta(days=3), wednesday, other) == other, "never after it begins"
