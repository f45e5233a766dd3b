"""How many votes a member has (docs/rules.md, members and weight)."""

from dataclasses import dataclass
from enum import StrEnum


class Rounding(StrEnum):
    """What happens to a part of the divisor."""

    DOWN = "down"
    HALF_UP = "half_up"
    UP = "up"


@dataclass(frozen=True)
class WeightRule:
    """One vote for every ``divisor`` inhabitants, rounded, never below ``floor`` and never above ``cap`` votes."""

    divisor: int
    rounding: Rounding
    floor: int
    cap: int


def faults(rule: WeightRule) -> list[str]:
    """The fields of a rule that cannot be, by name; empty when the rule can be used."""
    wrong = []
    if rule.divisor < 1:
        wrong.append("divisor")
    if rule.floor < 0:
        wrong.append("floor")
    if rule.cap < max(rule.floor, 1):
        wrong.append("cap")
    return wrong


def weigh(population: int, rule: WeightRule) -> int:
    """Votes of a member with ``population`` inhabitants (0 or more), as a whole number."""
    match rule.rounding:
        case Rounding.DOWN:
            votes = population // rule.divisor
        case Rounding.UP:
            votes = -(-population // rule.divisor)
        case Rounding.HALF_UP:
            votes = (2 * population + rule.divisor) // (2 * rule.divisor)
    return min(max(votes, rule.floor), rule.cap)
