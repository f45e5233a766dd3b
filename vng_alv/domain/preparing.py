"""The intended vote (*stemadvies*) that a municipality prepares for its delegate (docs/rules.md §2)."""

from datetime import datetime
from typing import Protocol

from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundState

#: Characters of a reason.
MAX_REASON = 5_000
#: States in which a question can no longer be answered.
OVER = frozenset({RoundState.CLOSED, RoundState.COUNTED, RoundState.PUBLISHED, RoundState.ANNULLED})


class Put(Protocol):
    """A round as far as it matters for whether its question is still asked."""

    @property
    def state(self) -> RoundState:
        """Where it stands."""

    @property
    def number(self) -> int:
        """Its place among the rounds of the meeting."""

    @property
    def closes_at(self) -> datetime | None:
        """The announced moment of closing, if any."""


def may_prepare(one: Put, now: datetime, *, works_here: bool) -> Refusal | None:
    """Why a person may not prepare what a member votes in a round, or None. Whatever their office there is."""
    if not works_here:
        return Refusal.NOT_ALLOWED
    is_over = one.state in OVER or (one.closes_at is not None and now >= one.closes_at)
    return Refusal.PREPARING_CLOSED if is_over else None


def stands_for(earlier: Put | None, later: Put) -> bool:
    """Of two rounds on one question, whether it is the later one that asks it: a void one does so only as the last."""
    return earlier is None or later.state is not RoundState.ANNULLED or earlier.state is RoundState.ANNULLED


def collides(begun: int, revision: int, stands: tuple[str | None, str], wanted: tuple[str | None, str]) -> bool:
    """Whether somebody changed an intended vote (choice, reason) after the revision that the writer began from.

    The two are not put together, as words of a reaction are: a choice belongs to its reason. Equal changes agree.
    """
    return begun != revision and stands != wanted


def is_stale(written_on: str, text_now: str) -> bool:
    """Whether the text of the question is another one (SHA-256) than that of the one who wrote."""
    return written_on != text_now


def is_hash(text: str) -> bool:
    """Whether this is a SHA-256 as it is written: 64 hexadecimal digits in lower case."""
    return len(text) == 64 and set(text) <= set("0123456789abcdef")
