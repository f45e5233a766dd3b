"""Questions with other answers than for and against: several texts or none of them, or candidates for seats
(docs/rules.md §5.11).

The rule is stored as data with its round, as that of other questions is, and the outcome follows from it and the sums
alone. Exact, with whole numbers; the order of ballots does not matter, and nor does that of the options.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from vng_alv.domain.ballots import MAX_OPTIONS, NONE, Choice, Paper, votes_of
from vng_alv.domain.majority import Base, Hall, Quorum, Rule, Step, Taking, Totals, Verdict, needed


class Winning(StrEnum):
    """Who is chosen: whoever has the most votes, or only who has more than half of them."""

    MOST = "most"
    MAJORITY = "majority"


class Even(StrEnum):
    """What decides where votes are even: lots that the chair draws, or a new vote."""

    LOTS = "lots"
    AGAIN = "again"


class OptionFault(StrEnum):
    """Why a question with options cannot be put."""

    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    TWICE = "twice"
    SEATS = "seats"
    NOBODY_PRESENT = "nobody_present"


@dataclass(frozen=True)
class OptionRule:
    """How a question with options is decided."""

    winning: Winning
    even: Even
    #: How many options are chosen: one text, or as many candidates as there are seats.
    seats: int = 1
    #: Whether 'none of these' is an answer too.
    none: bool = False
    quorum: Quorum | None = None

    @property
    def needs_attendance(self) -> bool:
        """Whether it asks who is present."""
        return bool(self.quorum and (self.quorum.base is Base.PRESENT or self.quorum.taking is Taking.PRESENT))

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """As it was stored with its round."""
        return cls(
            Winning(data["winning"]),
            Even(data["even"]),
            int(data["seats"]),
            bool(data["none"]),
            Quorum.from_data(data["quorum"]) if "quorum" in data else None,
        )

    def to_data(self) -> dict[str, Any]:
        """The rule as data, the same for storage and publication."""
        data: dict[str, Any] = {
            "winning": self.winning.value,
            "even": self.even.value,
            "seats": self.seats,
            "none": self.none,
        }
        return {**data, "quorum": self.quorum.to_data()} if self.quorum else data


def has_options(rule: Mapping[str, Any]) -> bool:
    """Whether a rule, as it was stored, is one for a question with options."""
    return "winning" in rule


def read_rule(data: Mapping[str, Any]) -> Rule | OptionRule:
    """The rule of any round, as it was stored."""
    return OptionRule.from_data(data) if has_options(data) else Rule.from_data(data)


def paper_of(options: Sequence[str], rule: OptionRule, *, divides: bool = False) -> Paper:
    """The ballot of a question with these options. Who divides its votes cannot choose several whole ones too."""
    keys = (*options, *([NONE] if rule.none else []), Choice.ABSTAIN.value)
    return Paper(keys, rule.seats, divides and rule.seats == 1)


def faults(titles: Sequence[str], rule: OptionRule, *, gathering: bool = True) -> list[OptionFault]:
    """What is impossible in a question with options of these titles, each once; empty when it can be put."""
    found = set()
    if len(titles) < 2:
        found.add(OptionFault.TOO_FEW)
    if len(titles) > MAX_OPTIONS:
        found.add(OptionFault.TOO_MANY)
    if len({title.casefold() for title in titles}) < len(titles):
        found.add(OptionFault.TWICE)
    if not 1 <= rule.seats < max(len(titles), 2):
        found.add(OptionFault.SEATS)
    if rule.needs_attendance and not gathering:
        found.add(OptionFault.NOBODY_PRESENT)
    return [fault for fault in OptionFault if fault in found]


# --- Counting


@dataclass(frozen=True)
class OptionSums:
    """Votes and members for each option; every option of the ballot has an entry. A ballot that names several options
    stands at each of them, and once in ``cast``."""

    weight: dict[str, int]
    members: dict[str, int]
    cast: Totals


def add_up(lines: Iterable[tuple[str, int, bool, int]], keys: Sequence[str]) -> tuple[OptionSums, OptionSums]:
    """Sums of ``(ballot, weight, advisory, members)`` lines: those that decide, and the advisory ones.

    Raises ``KeyError`` for a ballot that names what is not on it.
    """
    weight = {advisory: dict.fromkeys(keys, 0) for advisory in (False, True)}
    members = {advisory: dict.fromkeys(keys, 0) for advisory in (False, True)}
    cast = {False: [0, 0], True: [0, 0]}
    for ballot, votes, advisory, number in lines:
        for key, part in votes_of(ballot, votes):
            weight[advisory][key] += part * number
            members[advisory][key] += number
        cast[advisory][0] += votes * number
        cast[advisory][1] += number
    decide, advise = (OptionSums(weight[a], members[a], Totals(*cast[a])) for a in (False, True))
    return decide, advise


# --- The outcome


@dataclass(frozen=True)
class Outcome:
    """What the sums mean. Options are named by their keys, the one with the most votes first."""

    verdict: Verdict
    #: The votes of all ballots that chose something: abstentions are not in it.
    base: int
    elected: tuple[str, ...] = ()
    #: Between whom a run-off is held.
    ahead: tuple[str, ...] = ()
    #: Between whom lots are drawn, or there is a new vote.
    even: tuple[str, ...] = ()
    #: Seats that ``ahead`` or ``even`` still are for, or that nobody got.
    left: int = 0
    quorum: Step | None = None


def elect(sums: OptionSums, hall: Hall, rule: OptionRule) -> Outcome:
    """The outcome over ``sums``: first the quorum, then a base of 0, then who is chosen (docs/rules.md §5.11)."""
    quorum = None
    if rule.quorum:
        taking = sums.cast if rule.quorum.taking is Taking.VOTED else hall.present
        of = hall.electorate if rule.quorum.base is Base.ELECTORATE else hall.present
        quorum = needed(taking.by(rule.quorum.measure), of.by(rule.quorum.measure), rule.quorum)
    base = sums.cast.weight - sums.weight[Choice.ABSTAIN]
    if quorum and not quorum.reached:
        return Outcome(Verdict.NO_QUORUM, base, quorum=quorum)
    if base == 0:
        return Outcome(Verdict.NO_VERDICT, base, quorum=quorum)
    found = _most(sums, base, rule) if rule.winning is Winning.MOST else _majority(sums, base, rule)
    return Outcome(found.verdict, base, found.elected, found.ahead, found.even, found.left, quorum)


def ranked(sums: OptionSums) -> list[str]:
    """The options that somebody can win with, the most votes first; among equals as they stand on the ballot."""
    return sorted((key for key in sums.weight if key not in {NONE, Choice.ABSTAIN}), key=lambda k: -sums.weight[k])


def _most(sums: OptionSums, base: int, rule: OptionRule) -> Outcome:
    """Whoever has the most votes, and more than 'none of these'."""
    least = sums.weight.get(NONE, 0)
    return _seat([key for key in ranked(sums) if sums.weight[key] > least], rule.seats, sums, base, rule)


def _seat(those: Sequence[str], seats: int, sums: OptionSums, base: int, rule: OptionRule) -> Outcome:
    """Give the seats to the first of these; where the last seats are for more than there are, votes are even."""
    if not those:
        return Outcome(Verdict.REJECTED, base, left=seats)
    if len(those) <= seats:
        return Outcome(Verdict.CHOSEN, base, tuple(those), left=seats - len(those))
    last = sums.weight[those[seats - 1]]
    above = tuple(key for key in those if sums.weight[key] > last)
    even = tuple(key for key in those if sums.weight[key] == last)
    if len(above) + len(even) == seats:
        return Outcome(Verdict.CHOSEN, base, above + even)
    verdict = Verdict.LOTS if rule.even is Even.LOTS else Verdict.TIED
    return Outcome(verdict, base, above, even=even, left=seats - len(above))


def _majority(sums: OptionSums, base: int, rule: OptionRule) -> Outcome:
    """Who has more than half; for seats that are left then, a run-off between the first of the others, twice as many
    as there are seats. 'None of these' is one of them."""
    if 2 * sums.weight.get(NONE, 0) > base:
        return Outcome(Verdict.REJECTED, base, left=rule.seats)
    reached = [key for key in ranked(sums) if 2 * sums.weight[key] > base]
    if len(reached) >= rule.seats:
        return _seat(reached, rule.seats, sums, base, rule)
    left = rule.seats - len(reached)
    others = [key for key in ranked(sums) if key not in reached]
    if rule.none:
        others = sorted([*others, NONE], key=lambda key: -sums.weight[key])
    if rule.seats == 1 and len(others) == 2:  # two that are even: to ask the same again decides nothing
        if NONE in others:
            return Outcome(Verdict.REJECTED, base, left=1)
        return Outcome(Verdict.LOTS if rule.even is Even.LOTS else Verdict.TIED, base, even=tuple(others), left=1)
    border = sums.weight[others[min(2 * left, len(others)) - 1]]
    ahead = tuple(key for key in others if sums.weight[key] >= border)
    return Outcome(Verdict.RUN_OFF, base, tuple(reached), ahead=ahead, left=left)


def run_off(found: Outcome, rule: OptionRule) -> tuple[tuple[str, ...], OptionRule]:
    """The options and the rule of the run-off after an outcome: the most votes decide there."""
    options = tuple(key for key in found.ahead if key != NONE)
    return options, OptionRule(Winning.MOST, rule.even, found.left, NONE in found.ahead, rule.quorum)


def drawn(found: Outcome, lots: Iterable[str]) -> tuple[str, ...] | None:
    """Who is chosen after lots were drawn for these; None where lots cannot say that."""
    wanted = set(lots)
    if found.verdict is not Verdict.LOTS or not wanted <= set(found.even) or len(wanted) != found.left:
        return None
    return (*found.elected, *(key for key in found.even if key in wanted))
