"""Calling a meeting together, and what is published after that (docs/rules.md §3)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from vng_alv.domain.clock import day_of

#: Art. 2:42 BW: so many days lie at least between calling a meeting together and its vote on a change of the statutes.
STATUTE_DAYS = 7
#: Papers that are published one after another are announced in one mail: it waits until nothing came for this long.
QUIET = timedelta(minutes=5)


class Condition(StrEnum):
    """What a convocation says about voting by electronic means (art. 2:38 BW), in this order."""

    IDENTITY = "identity"
    HOLDER = "holder"
    FOLLOW = "follow"
    EARLY = "early"
    NOT_EARLY = "not_early"
    CHANGE = "change"
    DEVICE = "device"
    FAILURE = "failure"


def days_needed(by_statutes: int, *, changes_statutes: bool) -> int:
    """How many whole days lie at least between the convocation and the meeting."""
    return max(by_statutes, STATUTE_DAYS if changes_statutes else 0)


def last_day(starts_at: datetime, days: int) -> date:
    """The last day to call a meeting together: the day of sending and that of the meeting do not count."""
    return day_of(starts_at) - timedelta(days=days + 1)


def is_late(starts_at: datetime, days: int, now: datetime) -> bool:
    """Whether calling it together now is too late."""
    return day_of(now) > last_day(starts_at, days)


def conditions(*, early: bool, written: bool) -> list[Condition]:
    """What holds for voting: in a written consultation nobody gathers, and all of it is done before."""
    left_out = {Condition.NOT_EARLY if early else Condition.EARLY}
    if written:
        left_out = {Condition.EARLY, Condition.NOT_EARLY, Condition.FOLLOW}
    return [one for one in Condition if one not in left_out]


def is_supplement(published_at: datetime, convened_at: datetime | None) -> bool:
    """Whether a paper came after the convocation (*nazending*)."""
    return convened_at is not None and published_at > convened_at


def may_announce(published: Iterable[datetime], now: datetime) -> bool:
    """Whether papers that came after the convocation can be announced now, all in one mail."""
    latest = max(published, default=None)
    return latest is not None and latest + QUIET <= now
