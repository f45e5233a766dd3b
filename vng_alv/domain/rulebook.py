"""The rules an association chooses from, and what makes a rule impossible (docs/rules.md §5, §6)."""

from dataclasses import replace
from enum import StrEnum

from vng_alv.domain.majority import (
    SIMPLE,
    TWO_THIRDS,
    Base,
    Comparison,
    Measure,
    Quorum,
    Rule,
    Taking,
    Threshold,
    Tie,
)

#: The largest number in a fraction: nobody says 'ten minste 1.001/2.000'.
LARGEST = 1_000

#: Votes on the consultation of members count when at least half of all weighted votes was cast (docs/rules.md §6.3).
HALF_TAKES_PART = Quorum(Comparison.AT_LEAST, 1, 2, Taking.VOTED, Base.ELECTORATE)

#: The rules that every association can choose, by name.
RULES: dict[str, Rule] = {
    "simple": SIMPLE,
    "two_thirds": TWO_THIRDS,
    "three_quarters": Rule(Threshold(Comparison.AT_LEAST, 3, 4, Base.FOR_AGAINST)),
    "all_votes": Rule(Threshold(Comparison.MORE_THAN, 1, 2, Base.ELECTORATE)),
    "double": replace(SIMPLE, second=Threshold(Comparison.MORE_THAN, 1, 2, Base.FOR_AGAINST, Measure.MEMBERS)),
    "simple_quorum": replace(SIMPLE, quorum=HALF_TAKES_PART),
}


class RuleFault(StrEnum):
    """Why a rule cannot be."""

    FRACTION = "fraction"
    NEVER = "never"
    LESS_THAN_HALF = "less_than_half"
    SAME_MEASURE = "same_measure"
    TIE = "tie"
    QUORUM_BASE = "quorum_base"
    QUORUM_OF_ITSELF = "quorum_of_itself"
    NOBODY_PRESENT = "nobody_present"


def faults(rule: Rule, *, gathering: bool = True) -> list[RuleFault]:
    """What is impossible in a rule, each once, in the order of the enumeration; empty when it can be used.

    ``gathering`` is whether there is a meeting where somebody can be present: in writing nobody is.
    """
    found: set[RuleFault] = set()
    for one in rule.thresholds:
        found |= _of_fraction(one)
    if any(2 * one.numerator < one.denominator for one in rule.thresholds):
        found.add(RuleFault.LESS_THAN_HALF)
    if rule.second and rule.second.measure is rule.first.measure:
        found.add(RuleFault.SAME_MEASURE)
    if rule.tie is Tie.TIED and not _can_tie(rule):
        found.add(RuleFault.TIE)
    if rule.quorum:
        found |= _of_fraction(rule.quorum)
        if rule.quorum.base not in {Base.ELECTORATE, Base.PRESENT}:
            found.add(RuleFault.QUORUM_BASE)
        if rule.quorum.taking is Taking.PRESENT and rule.quorum.base is Base.PRESENT:
            found.add(RuleFault.QUORUM_OF_ITSELF)
    if rule.needs_attendance and not gathering:
        found.add(RuleFault.NOBODY_PRESENT)
    return [fault for fault in RuleFault if fault in found]


def _of_fraction(part: Threshold | Quorum) -> set[RuleFault]:
    if not (1 <= part.numerator <= part.denominator <= LARGEST):
        return {RuleFault.FRACTION}
    whole = part.numerator == part.denominator
    return {RuleFault.NEVER} if whole and part.comparison is Comparison.MORE_THAN else set()


def _can_tie(rule: Rule) -> bool:
    """Only where exactly half is not enough, and half of for and against is what counts, can votes be even."""
    first = rule.first
    half = 2 * first.numerator == first.denominator and first.comparison is Comparison.MORE_THAN
    return half and first.base is Base.FOR_AGAINST and rule.second is None
