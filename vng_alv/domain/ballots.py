"""What a member may choose and who may cast for it (docs/rules.md, mandate; rounds and states).

A ballot is one line of text. Usually that is the key of one option: ``for``, or ``2`` of a question with options. Who
may choose several writes them with a plus: ``1+3``. Who divides its votes writes how many: ``for:40+against:35``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundState, Way, takes_ballots


class Choice(StrEnum):
    """The three answers to a question; what a member did not cast is no choice."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


#: The three by their spelling.
CHOICES = {choice.value: choice for choice in Choice}
#: What a ballot of a secret round says where others have their choice; the choice is sealed.
SEALED = "secret"
#: The answer 'none of these' to a question with several texts.
NONE = "none"
#: Options of one question: what can be read on one ballot.
MAX_OPTIONS = 40
#: Characters of a ballot; the database keeps no longer one.
MAX_BALLOT = 400

_LINE = re.compile(r"([a-z]{2,12}|[1-9]\d?)(?::([1-9]\d{0,9}))?", re.ASCII)


@dataclass(frozen=True)
class Paper:
    """What can be written on the ballot of a round."""

    #: The keys of the options, in the order in which they stand; abstaining is the last one.
    keys: tuple[str, ...] = tuple(Choice)
    #: How many options one ballot may name; abstaining goes with no other.
    picks: int = 1
    #: Whether a member may divide its votes over the options.
    divides: bool = False


#: The ballot of most questions.
PLAIN = Paper()


@dataclass(frozen=True)
class CastFacts:
    """What has to be known about one cast in one round."""

    state: RoundState
    closes_at: datetime | None
    now: datetime
    on_roll: bool
    holds_mandate: bool
    choice: str
    paper: Paper = PLAIN
    #: The member's votes in this round.
    weight: int = 0
    way: Way = Way.BALLOTS


def may_cast(facts: CastFacts) -> Refusal | None:
    """Why this ballot is not recorded, or None. The order is the order in which a person is told."""
    if not is_written(facts.choice):
        return Refusal.UNKNOWN_CHOICE
    if not facts.holds_mandate:
        return Refusal.NOT_HOLDER
    if not facts.on_roll:
        return Refusal.NOT_ON_ROLL
    if facts.way is Way.ACCLAMATION:
        return Refusal.BY_ACCLAMATION
    if not takes_ballots(facts.state, facts.closes_at, facts.now):
        return Refusal.ROUND_NOT_OPEN
    return may_say(facts.choice, facts.paper, facts.weight)


def same_ballots(earlier: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Whether a key that comes back asks for what it already did: a repeat, and not a conflict."""
    return all(now.get(round_id) == choice for round_id, choice in earlier.items())


# --- What is written on a ballot


def lines_of(ballot: str) -> list[tuple[str, int | None]]:
    """The lines of a ballot: an option, and how many votes it gets (None: all). Raises ``ValueError``."""
    found = []
    for part in ballot.split("+"):
        line = _LINE.fullmatch(part)
        if line is None:
            raise ValueError(ballot)
        found.append((line[1], int(line[2]) if line[2] else None))
    return found


def votes_of(ballot: str, weight: int) -> list[tuple[str, int]]:
    """The options that a ballot of this weight names, each with the votes that it gets: all of them, or its part."""
    return [(key, weight if votes is None else votes) for key, votes in lines_of(ballot)]


def is_plain(ballot: str) -> bool:
    """Whether it names one option, which gets all votes."""
    return "+" not in ballot and ":" not in ballot


def is_divided(ballot: str) -> bool:
    """Whether it divides votes over options."""
    return ":" in ballot


def is_written(ballot: str) -> bool:
    """Whether it is a ballot at all, of whatever question."""
    try:
        return len(ballot) <= MAX_BALLOT and bool(lines_of(ballot))
    except ValueError:
        return False


def may_say(ballot: str, paper: Paper, weight: int) -> Refusal | None:
    """Why this cannot be written on the ballot of a round, by a member with this weight; or None."""
    lines = lines_of(ballot)
    keys = [key for key, _ in lines]
    if any(key not in paper.keys for key in keys) or keys != in_order(keys, paper.keys):
        return Refusal.UNKNOWN_CHOICE
    if is_divided(ballot):
        if not paper.divides or any(votes is None for _, votes in lines):
            return Refusal.UNKNOWN_CHOICE
        return None if sum(votes or 0 for _, votes in lines) == weight else Refusal.VOTES_LEFT
    if len(keys) > 1 and (Choice.ABSTAIN in keys or NONE in keys):
        return Refusal.ABSTAINS_AND_CHOOSES
    return Refusal.TOO_MANY_OPTIONS if len(keys) > paper.picks else None


def in_order(keys: Iterable[str], order: Sequence[str]) -> list[str]:
    """Options in the order in which they stand on the ballot, each once."""
    wanted = set(keys)
    return [key for key in order if key in wanted]


def picked(keys: Iterable[str], order: Sequence[str]) -> str:
    """The ballot that names these options; '' for none."""
    wanted = list(keys)
    return "+".join([*in_order(wanted, order), *sorted(set(wanted) - set(order))])


def divided(votes: Mapping[str, int], order: Sequence[str]) -> str:
    """The ballot that gives these options so many votes; '' for none. All of it to one is that option alone."""
    given = [(key, votes[key]) for key in order if votes.get(key)]
    return "+".join(f"{key}:{number}" for key, number in given)
