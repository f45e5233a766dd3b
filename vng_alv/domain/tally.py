"""Counting: from ballots to sums (docs/rules.md, verdict). Whole numbers only; the order of ballots does not matter."""

from collections.abc import Iterable
from dataclasses import dataclass

from vng_alv.domain.ballots import Choice
from vng_alv.domain.majority import Arithmetic, Rule, decide


@dataclass(frozen=True)
class Sums:
    """Votes and members for each choice; every choice has an entry."""

    weight: dict[Choice, int]
    members: dict[Choice, int]


@dataclass(frozen=True)
class Count:
    """The sums that decide, the advisory votes that do not, and the verdict over the first."""

    sums: Sums
    advisory: Sums
    arithmetic: Arithmetic


def add_up(lines: Iterable[tuple[Choice, int, bool, int]]) -> tuple[Sums, Sums]:
    """Sums of ``(choice, weight, advisory, members)`` lines: those that decide, and the advisory ones."""
    weight = {advisory: dict.fromkeys(Choice, 0) for advisory in (False, True)}
    members = {advisory: dict.fromkeys(Choice, 0) for advisory in (False, True)}
    for choice, votes, advisory, number in lines:
        weight[advisory][choice] += votes * number
        members[advisory][choice] += number
    return Sums(weight[False], members[False]), Sums(weight[True], members[True])


def count(lines: Iterable[tuple[Choice, int, bool, int]], electorate: int, rule: Rule) -> Count:
    """Count ``(choice, weight, advisory, members)`` lines of the ballots that stand.

    ``electorate`` is the weight of all members that may decide, in votes.
    """
    sums, advisory = add_up(lines)
    return Count(sums, advisory, decide(sums.weight, electorate, rule))
