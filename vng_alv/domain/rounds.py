"""The life of a round: which state may follow which (docs/rules.md, rounds and states)."""

from datetime import datetime
from enum import StrEnum


class RoundState(StrEnum):
    """Where a round stands. It only moves forward."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    COUNTED = "counted"
    PUBLISHED = "published"
    ANNULLED = "annulled"


class RoundKind(StrEnum):
    """What is put to the vote."""

    SECTION = "section"
    WHOLE = "whole"


_NEXT: dict[RoundState, frozenset[RoundState]] = {
    RoundState.DRAFT: frozenset({RoundState.OPEN, RoundState.ANNULLED}),
    RoundState.OPEN: frozenset({RoundState.CLOSED, RoundState.ANNULLED}),
    RoundState.CLOSED: frozenset({RoundState.COUNTED, RoundState.ANNULLED}),
    RoundState.COUNTED: frozenset({RoundState.PUBLISHED, RoundState.ANNULLED}),
    RoundState.PUBLISHED: frozenset({RoundState.ANNULLED}),
    RoundState.ANNULLED: frozenset(),
}

#: States in which the rule, the text, the weights and the electorate can no longer change.
FROZEN = frozenset(RoundState) - {RoundState.DRAFT}


def may_follow(now: RoundState, then: RoundState) -> bool:
    """Whether a round in state ``now`` may go to ``then``."""
    return then in _NEXT[now]


def transitions() -> list[tuple[RoundState, RoundState]]:
    """Every allowed step, for the database's own guard."""
    return sorted((now, then) for now, nexts in _NEXT.items() for then in nexts)


def takes_ballots(state: RoundState, closes_at: datetime | None, now: datetime) -> bool:
    """Whether a ballot cast at ``now`` counts: the round is open and its announced clock has not run out."""
    return state is RoundState.OPEN and (closes_at is None or now < closes_at)
