"""What other rules would have made of the same votes: no verdict, but a way to understand one (docs/rules.md §8.11)."""

from collections.abc import Sequence
from dataclasses import dataclass

from vng_alv.domain.majority import (
    SIMPLE,
    TWO_THIRDS,
    Base,
    Comparison,
    Hall,
    Measure,
    Rule,
    Sums,
    Threshold,
    Verdict,
    decide,
)
from vng_alv.domain.rulebook import RULES

#: By members, whatever their weight.
BY_MEMBERS = Rule(Threshold(Comparison.MORE_THAN, 1, 2, Base.FOR_AGAINST, Measure.MEMBERS))
#: The rules that are tried, in the order in which they are told.
OTHERS = (SIMPLE, BY_MEMBERS, RULES["double"], TWO_THIRDS, RULES["three_quarters"], RULES["all_votes"])


@dataclass(frozen=True)
class WhatIf:
    """What another rule would have made of it."""

    rule: Rule
    verdict: Verdict


def what_if(sums: Sums, hall: Hall, rule: Rule) -> Sequence[WhatIf]:
    """The verdicts of the other rules over the same votes. A member that divided its votes is on no side, so that then
    nothing is counted by members."""
    others = [one for one in OTHERS if one != rule and not (sums.divided and one.counts_members)]
    return [WhatIf(one, decide(sums, hall, one).verdict) for one in others]
