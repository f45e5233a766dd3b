"""The clock of the association: moments are UTC in storage and Amsterdam's for people."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def day_of(moment: datetime) -> date:
    """The day that it is in Amsterdam at a moment."""
    return moment.astimezone(AMSTERDAM).date()


def start_of_day(moment: datetime) -> datetime:
    """The start of the day that it is in Amsterdam at a moment: a meeting that began an hour ago is still to come."""
    return moment_of(day_of(moment), time())


def moment_of(day: date, clock: time) -> datetime:
    """A day and a time of day, as people in Amsterdam mean it, as a moment in UTC.

    An hour that comes twice, when the clock goes back, is the first of the two; one that is skipped is the hour after.
    """
    return datetime.combine(day, clock, AMSTERDAM).astimezone(UTC)


def exists(day: date, clock: time) -> bool:
    """Whether the clock shows this time on this day: it skips an hour when summer time begins."""
    return moment_of(day, clock).astimezone(AMSTERDAM).replace(tzinfo=None) == datetime.combine(day, clock)
