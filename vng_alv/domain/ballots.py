"""What a member may choose and who may cast for it (docs/rules.md, mandate; rounds and states)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundState, takes_ballots


class Choice(StrEnum):
    """The three answers to a question; what a member did not cast is no choice."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


@dataclass(frozen=True)
class CastFacts:
    """What has to be known about one cast in one round."""

    state: RoundState
    closes_at: datetime | None
    now: datetime
    on_roll: bool
    holds_mandate: bool
    choice: str


def may_cast(facts: CastFacts) -> Refusal | None:
    """Why this ballot is not recorded, or None. The order is the order in which a person is told."""
    if facts.choice not in set(Choice):
        return Refusal.UNKNOWN_CHOICE
    if not facts.holds_mandate:
        return Refusal.NOT_HOLDER
    if not facts.on_roll:
        return Refusal.NOT_ON_ROLL
    if not takes_ballots(facts.state, facts.closes_at, facts.now):
        return Refusal.ROUND_NOT_OPEN
    return None


def same_ballots(earlier: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Whether a key that comes back asks for what it already did: a repeat, and not a conflict."""
    return all(now.get(round_id) == choice for round_id, choice in earlier.items())
