"""Votes on paper or by a show of hands, entered by two people (docs/rules.md §14)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vng_alv.domain.ballots import PLAIN, Paper, is_plain, is_written, may_say
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundState, Way


class Medium(StrEnum):
    """How votes are given that somebody else enters."""

    PAPER = "paper"
    HANDS = "hands"


class Reading(StrEnum):
    """What somebody's reading of a vote is."""

    FIRST = "first"
    SECOND = "second"
    #: The same person again: their own reading, corrected.
    AGAIN_FIRST = "again_first"
    AGAIN_SECOND = "again_second"


@dataclass(frozen=True)
class Asked:
    """What has to be known of a round before votes are entered in it."""

    state: RoundState
    way: Way
    secret: bool
    rehearsal: bool
    written: bool
    #: How many options one ballot may name.
    picks: int = 1


def may_choose(asked: Asked) -> Refusal | None:
    """Why votes in a round are not entered from paper or hands, or None.

    A secret vote is sealed by whoever casts it, and nobody may read it from paper for them.
    """
    if asked.secret:
        return Refusal.PAPER_SEALED
    if asked.rehearsal or asked.written or asked.picks > 1 or asked.way is not Way.BALLOTS:
        return Refusal.PAPER_NOT_HERE
    return None if asked.state is RoundState.OPEN else Refusal.ROUND_STATE


def may_read(choice: str, paper: Paper = PLAIN, weight: int = 0) -> Refusal | None:
    """Why this is not what one paper can say, or None: one answer, with all votes."""
    if not is_written(choice) or not is_plain(choice):
        return Refusal.UNKNOWN_CHOICE
    return may_say(choice, paper, weight)


def reading_of(first_by: object, second_by: object | None, who: object) -> Reading | Refusal:
    """What the reading of ``who`` is, beside those of the one or two that read it before."""
    if who == first_by:
        return Reading.AGAIN_FIRST
    if second_by is None:
        return Reading.SECOND
    return Reading.AGAIN_SECOND if who == second_by else Refusal.PAPER_OTHERS


def takes_online(closes_at: datetime | None, now: datetime) -> bool:
    """Whether members can still vote online in an open round: a clock that ran out stops them, not the paper."""
    return closes_at is None or now < closes_at
