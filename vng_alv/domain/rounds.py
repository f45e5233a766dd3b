"""The life of a round: which state may follow which (docs/rules.md, rounds and states)."""

from datetime import datetime
from enum import StrEnum


class RoundState(StrEnum):
    """Where a round stands. It only moves forward; until it opens, what was planned can be taken back."""

    DRAFT = "draft"
    #: The moment at which the clock opens it was announced.
    SCHEDULED = "scheduled"
    OPEN = "open"
    CLOSED = "closed"
    COUNTED = "counted"
    PUBLISHED = "published"
    ANNULLED = "annulled"


class RoundKind(StrEnum):
    """What is put to the vote."""

    #: A change of the text, before its sections and the whole are put.
    AMENDMENT = "amendment"
    SECTION = "section"
    #: What the board advises on a motion, in the place of the motion itself.
    ADVICE = "advice"
    WHOLE = "whole"
    #: Several texts, of which at most one is chosen.
    TEXTS = "texts"
    #: Candidates for one or more seats.
    CANDIDATES = "candidates"


class Way(StrEnum):
    """How a question is decided."""

    BALLOTS = "ballots"
    #: The chair asks the hall whether anybody is against; nothing is counted.
    ACCLAMATION = "acclamation"


#: Kinds with options of their own instead of for and against; they have no place in the order of a text.
WITH_OPTIONS = frozenset({RoundKind.TEXTS, RoundKind.CANDIDATES})

_NEXT: dict[RoundState, frozenset[RoundState]] = {
    RoundState.DRAFT: frozenset({RoundState.SCHEDULED, RoundState.OPEN, RoundState.ANNULLED}),
    RoundState.SCHEDULED: frozenset({RoundState.DRAFT, RoundState.OPEN, RoundState.ANNULLED}),
    RoundState.OPEN: frozenset({RoundState.CLOSED, RoundState.ANNULLED}),
    RoundState.CLOSED: frozenset({RoundState.COUNTED, RoundState.ANNULLED}),
    RoundState.COUNTED: frozenset({RoundState.PUBLISHED, RoundState.ANNULLED}),
    RoundState.PUBLISHED: frozenset({RoundState.ANNULLED}),
    RoundState.ANNULLED: frozenset(),
}

#: States in which nobody could vote yet, and what is asked may still change.
IN_PREPARATION = frozenset({RoundState.DRAFT, RoundState.SCHEDULED})
#: States of a question that is put, or was: its round is not void and no longer in preparation.
ASKED = frozenset({RoundState.OPEN, RoundState.CLOSED, RoundState.COUNTED, RoundState.PUBLISHED})
#: Those before its outcome is known.
UNDER_WAY = ASKED - {RoundState.PUBLISHED}
#: States in which the rule, the text, the weights and the electorate can no longer change.
FROZEN = frozenset(RoundState) - IN_PREPARATION


def label_of(number: int, *, rehearsal: bool) -> str:
    """The number of a round as people read it: '7', or 'P1' for a rehearsal."""
    return f"P{number}" if rehearsal else str(number)


def may_follow(now: RoundState, then: RoundState) -> bool:
    """Whether a round in state ``now`` may go to ``then``."""
    return then in _NEXT[now]


def transitions() -> list[tuple[RoundState, RoundState]]:
    """Every allowed step, for the database's own guard."""
    return sorted((now, then) for now, nexts in _NEXT.items() for then in nexts)


def takes_ballots(state: RoundState, closes_at: datetime | None, now: datetime, way: Way = Way.BALLOTS) -> bool:
    """Whether a ballot cast at ``now`` counts: the round is open and decided by ballots, and its announced clock has
    not run out."""
    return state is RoundState.OPEN and way is Way.BALLOTS and (closes_at is None or now < closes_at)
