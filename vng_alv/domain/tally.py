"""Counting: from ballots to sums (docs/rules.md §5). Whole numbers only; the order of ballots does not matter."""

from collections.abc import Iterable
from dataclasses import dataclass

from vng_alv.domain.ballots import CHOICES, Choice, is_divided, votes_of
from vng_alv.domain.majority import Arithmetic, Hall, Rule, Sums, decide


@dataclass(frozen=True)
class Count:
    """The sums that decide, the advisory votes that do not, who could have voted, and the verdict over the first."""

    sums: Sums
    advisory: Sums
    hall: Hall
    arithmetic: Arithmetic


def add_up(lines: Iterable[tuple[str, int, bool, int]]) -> tuple[Sums, Sums]:
    """Sums of ``(ballot, weight, advisory, members)`` lines: those that decide, and the advisory ones.

    Raises ``KeyError`` for a ballot that is neither for, against nor an abstention.
    """
    weight = {advisory: dict.fromkeys(Choice, 0) for advisory in (False, True)}
    members = {advisory: dict.fromkeys(Choice, 0) for advisory in (False, True)}
    divided = {False: 0, True: 0}
    for ballot, votes, advisory, number in lines:
        for key, part in votes_of(ballot, votes):
            weight[advisory][CHOICES[key]] += part * number
        if is_divided(ballot):  # it is on no side with all that it has
            divided[advisory] += number
        else:
            members[advisory][CHOICES[ballot]] += number
    return tuple(Sums(weight[a], members[a], divided[a]) for a in (False, True))  # type: ignore[return-value]


def count(lines: Iterable[tuple[str, int, bool, int]], hall: Hall, rule: Rule) -> Count:
    """Count ``(ballot, weight, advisory, members)`` lines of the ballots that stand, of this electorate."""
    sums, advisory = add_up(lines)
    return Count(sums, advisory, hall, decide(sums, hall, rule))
