"""When rounds open and close, and when members hear that they have not voted (docs/rules.md, time limits; rounds)."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from vng_alv.domain.clock import day_of, moment_of
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundState, takes_ballots

#: Votes cast before the thirtieth day preceding an assembly do not count as cast in it, whatever a setting says.
EARLIEST = 30
#: Who has not voted hears so this long before a round closes; not when it opened less than a day before that.
REMIND_BEFORE = timedelta(days=3)
OPEN_BEFORE_REMINDER = timedelta(days=1)


def early_voting_from(starts_at: datetime, days: int) -> datetime:
    """From when ballots may be cast for an assembly: the start, in Amsterdam, of the day so many days before its own.

    With 0 days it is the start of the day of the assembly itself. Raises ``ValueError`` for a negative number.
    """
    if days < 0:
        raise ValueError("early voting begins before the assembly")
    return moment_of(day_of(starts_at) - timedelta(days=min(days, EARLIEST)), time())


@dataclass(frozen=True)
class Opening:
    """What has to be known to open a round at a moment."""

    #: When it is opened: now, or the moment that is planned.
    at: datetime
    closes_at: datetime | None
    #: From when ballots may be cast; None where nothing holds them back, as in a rehearsal.
    not_before: datetime | None
    #: Whether it must have an announced end.
    needs_end: bool
    #: Whether its text is there to be voted on.
    has_text: bool
    #: Whether the keys that it needs, if it is secret, are there.
    has_keys: bool = True


def may_open(opening: Opening) -> Refusal | None:
    """Why a round cannot open then, or None. The order is the order in which a person is told."""
    if not opening.has_text:
        return Refusal.SUBMISSION_STATE
    if opening.not_before is not None and opening.at < opening.not_before:
        return Refusal.TOO_EARLY
    if not opening.has_keys:
        return Refusal.TELLERS_MISSING
    if opening.closes_at is None:
        return Refusal.NO_END if opening.needs_end else None
    return Refusal.CLOSES_FIRST if opening.closes_at <= opening.at else None


def may_extend(state: RoundState, closes_at: datetime | None, later: datetime, now: datetime) -> Refusal | None:
    """Why a round may not close at ``later`` instead, or None: it is open, its clock has not run out, and only later.

    A round that is closed by hand may be given an end.
    """
    if state is not RoundState.OPEN:
        return Refusal.ROUND_STATE
    if not takes_ballots(state, closes_at, now):
        return Refusal.CLOCK_RAN_OUT
    if later <= now:
        return Refusal.CLOCK_IN_PAST
    return Refusal.NOT_LATER if closes_at is not None and later <= closes_at else None


def is_to_be_reminded(opened_at: datetime, closes_at: datetime, now: datetime) -> bool:
    """Whether it is time to tell who has not voted in a round, which was open long enough before that."""
    remind_at = closes_at - REMIND_BEFORE
    return opened_at <= remind_at - OPEN_BEFORE_REMINDER and remind_at <= now < closes_at
