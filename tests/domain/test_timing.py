"""When rounds may open, close later, and remind (docs/rules.md §3.11, §4.4)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vng_alv.domain.clock import AMSTERDAM, day_of, exists, moment_of
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundState
from vng_alv.domain.timing import (
    EARLIEST,
    REMIND_BEFORE,
    Opening,
    early_voting_from,
    is_to_be_reminded,
    may_extend,
    may_open,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


# --- Early voting


@pytest.mark.parametrize(
    ("starts_at", "days", "first"),
    [
        (datetime(2026, 6, 24, 13, tzinfo=AMSTERDAM), 0, datetime(2026, 6, 24, tzinfo=AMSTERDAM)),
        (datetime(2026, 6, 24, 13, tzinfo=AMSTERDAM), 1, datetime(2026, 6, 23, tzinfo=AMSTERDAM)),
        (datetime(2026, 6, 24, 13, tzinfo=AMSTERDAM), 30, datetime(2026, 5, 25, tzinfo=AMSTERDAM)),
        # Whatever a setting says, the law's thirtieth day is the first.
        (datetime(2026, 6, 24, 13, tzinfo=AMSTERDAM), 31, datetime(2026, 5, 25, tzinfo=AMSTERDAM)),
        # The clock goes forward on 29 March and back on 25 October; the day begins at midnight in Amsterdam.
        (datetime(2026, 4, 10, 13, tzinfo=AMSTERDAM), 20, datetime(2026, 3, 20, 23, tzinfo=UTC)),
        (datetime(2026, 11, 5, 13, tzinfo=AMSTERDAM), 20, datetime(2026, 10, 15, 22, tzinfo=UTC)),
        # 22:30 in London is already the 26th in Amsterdam.
        (datetime(2024, 6, 25, 22, 30, tzinfo=UTC), 0, datetime(2024, 6, 26, tzinfo=AMSTERDAM)),
    ],
)
def test_early_voting_begins_with_a_day_in_amsterdam(starts_at: datetime, days: int, first: datetime) -> None:
    assert early_voting_from(starts_at, days) == first


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1900 < moment.year < 2200), st.integers(0, 400))
def test_it_never_begins_before_the_thirtieth_day(starts_at: datetime, days: int) -> None:
    first = early_voting_from(starts_at, days)
    assert (day_of(starts_at) - day_of(first)).days == min(days, EARLIEST)
    assert day_of(first - timedelta(microseconds=1)) < day_of(first)


def test_it_does_not_begin_after_the_assembly() -> None:
    with pytest.raises(ValueError, match="before the assembly"):
        early_voting_from(NOON, -1)


# --- Opening


def opening(**changed: object) -> Opening:
    usual = {"at": NOON, "closes_at": NOON + HOUR, "not_before": NOON, "needs_end": True, "has_text": True}
    return Opening(**{**usual, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({}, None),
        ({"not_before": None, "needs_end": False, "closes_at": None}, None),
        ({"not_before": NOON + timedelta(microseconds=1)}, Refusal.TOO_EARLY),
        ({"closes_at": None}, Refusal.NO_END),
        ({"closes_at": NOON}, Refusal.CLOSES_FIRST),
        ({"has_text": False, "closes_at": None, "not_before": NOON + DAY}, Refusal.SUBMISSION_STATE),
    ],
)
def test_what_keeps_a_round_from_opening(changed: dict[str, object], refusal: Refusal | None) -> None:
    assert may_open(opening(**changed)) is refusal


# --- Extending


@pytest.mark.parametrize("state", RoundState)
def test_only_what_is_open_is_extended(state: RoundState) -> None:
    refusal = may_extend(state, NOON + HOUR, NOON + DAY, NOON)
    assert refusal is (None if state is RoundState.OPEN else Refusal.ROUND_STATE)


@pytest.mark.parametrize(
    ("closes_at", "later", "refusal"),
    [
        (NOON + HOUR, NOON + HOUR, Refusal.NOT_LATER),
        (NOON + HOUR, NOON + HOUR - timedelta(microseconds=1), Refusal.NOT_LATER),
        (NOON + HOUR, NOON + HOUR + timedelta(microseconds=1), None),
        (NOON, NOON + DAY, Refusal.CLOCK_RAN_OUT),  # the moment itself is too late
        (NOON - HOUR, NOON + DAY, Refusal.CLOCK_RAN_OUT),
        (None, NOON + HOUR, None),
        (None, NOON, Refusal.CLOCK_IN_PAST),
    ],
)
def test_only_later_and_never_after_it_ran_out(
    closes_at: datetime | None, later: datetime, refusal: Refusal | None
) -> None:
    assert may_extend(RoundState.OPEN, closes_at, later, NOON) is refusal


# --- Reminding


@pytest.mark.parametrize(
    ("opened", "now", "expected"),
    [
        (14 * DAY, REMIND_BEFORE, True),
        (14 * DAY, REMIND_BEFORE + timedelta(microseconds=1), False),
        (14 * DAY, timedelta(microseconds=1), True),
        (14 * DAY, timedelta(0), False),
        (REMIND_BEFORE + DAY, REMIND_BEFORE, True),
        (REMIND_BEFORE + DAY - HOUR, REMIND_BEFORE, False),  # the mail of its opening is news still
        (2 * DAY, DAY, False),
    ],
)
def test_when_members_are_reminded(opened: timedelta, now: timedelta, expected: bool) -> None:
    """All counted back from the closing."""
    assert is_to_be_reminded(NOON - opened, NOON, NOON - now) is expected


# --- The clock


def test_an_hour_that_comes_twice_is_the_first_and_one_that_is_skipped_is_none() -> None:
    assert moment_of(date(2026, 10, 25), time(2, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert exists(date(2026, 10, 25), time(2, 30))
    assert moment_of(date(2026, 3, 29), time(2, 30)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert not exists(date(2026, 3, 29), time(2))
    assert not exists(date(2026, 3, 29), time(2, 59))
    assert exists(date(2026, 3, 29), time(1, 59))
    assert exists(date(2026, 3, 29), time(3))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.times())
def test_a_moment_is_the_hour_that_was_typed(day: date, clock: time) -> None:
    shown = moment_of(day, clock).astimezone(AMSTERDAM)
    assert (shown.date() == day and shown.timetz().replace(tzinfo=None) == clock) is exists(day, clock)
