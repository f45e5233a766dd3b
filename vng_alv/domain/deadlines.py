"""Limits that are counted back in working days from a meeting (docs/rules.md, deadlines)."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

from vng_alv.domain.clock import AMSTERDAM, day_of, moment_of

#: A date outside these years is a slip of the pen; they also keep counting back from never ending.
FIRST_YEAR, LAST_YEAR = 1900, 2199


def easter(year: int) -> date:
    """Easter Sunday by the Gregorian rule: the first Sunday after the calendar's full moon on or after 21 March."""
    century = year // 100
    # The age of the calendar's moon, put right for left-out leap days and for the moon's drift in 19 years.
    epact = (19 * (year % 19) + century - century // 4 - (8 * century + 13) // 25 + 15) % 30
    if epact == 29 or (epact == 28 and year % 19 > 10):  # keeps the full moon from falling after 18 April
        epact -= 1
    full_moon = date(year, 3, 21) + timedelta(days=epact)
    return full_moon + timedelta(days=7 - (full_moon.weekday() + 1) % 7)


@lru_cache
def holidays(year: int) -> frozenset[date]:
    """The days that the Algemene termijnenwet, as it is now, counts with Sundays.

    Raises ``ValueError`` outside 1900 to 2199.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"no holidays are known for {year}")
    sunday = easter(year)
    kings_day = date(year, 4, 27)
    return frozenset(
        {
            date(year, 1, 1),
            sunday - timedelta(days=2),  # Good Friday
            sunday + timedelta(days=1),  # Easter Monday
            kings_day - timedelta(days=1) if kings_day.isoweekday() == 7 else kings_day,
            date(year, 5, 5),
            sunday + timedelta(days=39),  # Ascension Day
            sunday + timedelta(days=50),  # Whit Monday
            date(year, 12, 25),
            date(year, 12, 26),
        }
    )


def is_working_day(day: date) -> bool:
    """No Saturday, Sunday or holiday. Raises ``ValueError`` outside 1900 to 2199."""
    return day not in holidays(day.year) and day.isoweekday() < 6


def working_days_before(day: date, number: int) -> date:
    """The ``number``-th working day before a day, which itself does not count; 0 is the day, whatever it is.

    Raises ``ValueError`` for a negative number and outside 1900 to 2199.
    """
    if number < 0:
        raise ValueError("a limit lies before the meeting")
    holidays(day.year)  # refuses other years, also where nothing is counted
    while number:
        day -= timedelta(days=1)
        number -= is_working_day(day)
    return day


def deadline(starts_at: datetime, working_days: int, clock: time) -> datetime:
    """When a limit before a meeting ends: that many working days earlier, at that time in Amsterdam; aware, in UTC.

    Raises ``ValueError`` for a moment without a zone, a negative number and outside 1900 to 2199.
    """
    if starts_at.tzinfo is None:
        raise ValueError("the start of a meeting needs a time zone")
    return moment_of(working_days_before(day_of(starts_at), working_days), clock)


def moved_along(limit: datetime, starts_at: datetime, new_start: datetime) -> datetime:
    """A limit before one meeting as it would be before another: as many working days, at the same time of day.

    One that was on a day off is on the working day after it, and none is after the meeting begins.
    """
    day, first = day_of(starts_at), day_of(limit)
    number = sum(is_working_day(first + timedelta(days=n)) for n in range(max(0, (day - first).days)))
    clock = limit.astimezone(AMSTERDAM).time()
    return min(deadline(new_start, number, clock), new_start)


def is_over(closes_at: datetime, now: datetime) -> bool:
    """Whether it is too late: the moment of the limit itself is."""
    return now >= closes_at
