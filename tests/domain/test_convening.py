"""Calling a meeting together in time, and what came after (docs/rules.md §3)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from vng_alv.domain.clock import moment_of
from vng_alv.domain.convening import (
    QUIET,
    Condition,
    conditions,
    days_needed,
    is_late,
    is_supplement,
    last_day,
    may_announce,
)

MEETING = datetime(2027, 3, 29, 11, tzinfo=UTC)  # the day after summer time begins


def test_the_days_of_sending_and_meeting_do_not_count() -> None:
    assert last_day(MEETING, 14) == date(2027, 3, 14)
    assert last_day(MEETING, 0) == date(2027, 3, 28)


@pytest.mark.parametrize(
    ("day", "late"), [(date(2027, 3, 13), False), (date(2027, 3, 14), False), (date(2027, 3, 15), True)]
)
def test_the_last_day_lasts_until_midnight_in_amsterdam(day: date, late: bool) -> None:
    midnight = moment_of(day, datetime.min.time())
    assert is_late(MEETING, 14, midnight) is late
    assert is_late(MEETING, 14, midnight + timedelta(hours=23, minutes=59)) is late


def test_a_change_of_the_statutes_takes_a_week_at_least() -> None:
    assert days_needed(5, changes_statutes=True) == 7
    assert days_needed(5, changes_statutes=False) == 5
    assert days_needed(14, changes_statutes=True) == 14


def test_what_is_published_after_the_convocation_is_a_supplement() -> None:
    assert not is_supplement(MEETING, None)
    assert not is_supplement(MEETING, MEETING)
    assert is_supplement(MEETING + timedelta(microseconds=1), MEETING)


def test_papers_are_announced_together_once_nothing_comes_any_more() -> None:
    first, last = MEETING, MEETING + timedelta(minutes=3)
    assert not may_announce([], last)
    assert not may_announce([first, last], first + QUIET)
    assert not may_announce([last], last + QUIET - timedelta(microseconds=1))
    assert may_announce([last, first], last + QUIET)


@pytest.mark.parametrize(
    ("early", "written", "left_out"),
    [
        (True, False, {Condition.NOT_EARLY}),
        (False, False, {Condition.EARLY}),
        (True, True, {Condition.EARLY, Condition.NOT_EARLY, Condition.FOLLOW}),
        (False, True, {Condition.EARLY, Condition.NOT_EARLY, Condition.FOLLOW}),
    ],
)
def test_the_conditions_fit_the_kind_of_meeting(early: bool, written: bool, left_out: set[Condition]) -> None:
    assert conditions(early=early, written=written) == [one for one in Condition if one not in left_out]
