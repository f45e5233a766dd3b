"""The verdict of a round: exact arithmetic on whole numbers (docs/rules.md, verdict)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from vng_alv.domain.ballots import Choice


class Comparison(StrEnum):
    """How the votes for compare with the threshold."""

    MORE_THAN = "more_than"
    AT_LEAST = "at_least"


class Base(StrEnum):
    """Which votes the threshold is a part of."""

    FOR_AGAINST = "for_against"
    VALID = "valid"
    ELECTORATE = "electorate"


class Verdict(StrEnum):
    """What the count means. A base of 0 gives no verdict, never an adoption."""

    ADOPTED = "adopted"
    REJECTED = "rejected"
    NO_VERDICT = "no_verdict"


@dataclass(frozen=True)
class Rule:
    """``comparison`` ``numerator/denominator`` of ``base``, in votes by weight."""

    comparison: Comparison
    numerator: int
    denominator: int
    base: Base

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> Self:
        """The rule as it was stored with its round."""
        return cls(
            Comparison(str(data["comparison"])),
            int(str(data["numerator"])),
            int(str(data["denominator"])),
            Base(str(data["base"])),
        )

    def to_data(self) -> dict[str, str | int]:
        """The rule as data, the same for storage and publication."""
        return {
            "comparison": self.comparison.value,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "base": self.base.value,
        }


SIMPLE = Rule(Comparison.MORE_THAN, 1, 2, Base.FOR_AGAINST)
TWO_THIRDS = Rule(Comparison.AT_LEAST, 2, 3, Base.FOR_AGAINST)

#: The rules an association chooses from, by name.
RULES: dict[str, Rule] = {"simple": SIMPLE, "two_thirds": TWO_THIRDS}


@dataclass(frozen=True)
class Arithmetic:
    """The sum that was made: ``votes_for`` of ``base`` votes, against a threshold of ``base``; both in votes."""

    verdict: Verdict
    votes_for: int
    base: int


def base_of(sums: Mapping[Choice, int], electorate: int, rule: Rule) -> int:
    """The votes that the threshold is a part of, by weight."""
    match rule.base:
        case Base.FOR_AGAINST:
            return sums[Choice.FOR] + sums[Choice.AGAINST]
        case Base.VALID:
            return sum(sums.values())
        case Base.ELECTORATE:
            return electorate


def decide(sums: Mapping[Choice, int], electorate: int, rule: Rule) -> Arithmetic:
    """The verdict over weighted ``sums`` (one entry for each choice) of an ``electorate`` in votes.

    Exact: ``for / base`` is compared with the threshold by cross-multiplication. A tie is not more than half.
    """
    base = base_of(sums, electorate, rule)
    votes_for = sums[Choice.FOR]
    if base == 0:
        return Arithmetic(Verdict.NO_VERDICT, votes_for, base)
    left, right = votes_for * rule.denominator, base * rule.numerator
    reached = left > right if rule.comparison is Comparison.MORE_THAN else left >= right
    return Arithmetic(Verdict.ADOPTED if reached else Verdict.REJECTED, votes_for, base)


def share(part: int, whole: int) -> str | None:
    """``part`` of ``whole`` as a percentage with two decimals, rounded half up: '54.70'. None of nothing."""
    if whole == 0:
        return None
    hundredths = (2 * 10_000 * part + whole) // (2 * whole)
    return f"{hundredths // 100}.{hundredths % 100:02d}"
