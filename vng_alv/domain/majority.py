"""The verdict of a round: exact arithmetic on whole numbers (docs/rules.md §5, §6).

A rule is one threshold, or one by weight and one by members (a double majority), with perhaps a quorum. It is stored as
data with its round, so that a verdict can be recounted from that alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from vng_alv.domain.ballots import Choice


class Measure(StrEnum):
    """What is counted: votes, or members whatever their weight."""

    WEIGHT = "weight"
    MEMBERS = "members"


class Comparison(StrEnum):
    """How a part compares with what is needed."""

    MORE_THAN = "more_than"
    AT_LEAST = "at_least"


class Base(StrEnum):
    """What a threshold is a part of."""

    FOR_AGAINST = "for_against"
    VALID = "valid"
    PRESENT = "present"
    ELECTORATE = "electorate"


class Taking(StrEnum):
    """Who counts for a quorum: those that cast a ballot, whatever the choice, or those that are present."""

    VOTED = "voted"
    PRESENT = "present"


class Tie(StrEnum):
    """What as many votes for as against means."""

    REJECTED = "rejected"
    TIED = "tied"


class Verdict(StrEnum):
    """What the count means. A base of 0 gives no verdict, never an adoption; a quorum that is not there neither."""

    ADOPTED = "adopted"
    REJECTED = "rejected"
    TIED = "tied"
    #: Of a question with options: who was chosen, that nobody is yet, or that lots decide.
    CHOSEN = "chosen"
    RUN_OFF = "run_off"
    LOTS = "lots"
    NO_QUORUM = "no_quorum"
    NO_VERDICT = "no_verdict"


@dataclass(frozen=True)
class Totals:
    """Votes and members of some part of the electorate."""

    weight: int = 0
    members: int = 0

    def by(self, measure: Measure) -> int:
        """One of the two."""
        return self.weight if measure is Measure.WEIGHT else self.members


@dataclass(frozen=True)
class Hall:
    """The electorate, and who of it is present at closing: by attendance, or by having cast a ballot."""

    electorate: Totals
    present: Totals


@dataclass(frozen=True)
class Sums:
    """Votes and members for each choice; every choice has an entry."""

    weight: dict[Choice, int]
    members: dict[Choice, int]
    #: Members that divided their votes: these are at their choices, and the members at none.
    divided: int = 0

    def by(self, measure: Measure) -> dict[Choice, int]:
        """One of the two."""
        return self.weight if measure is Measure.WEIGHT else self.members

    @property
    def cast(self) -> Totals:
        """All that took part, whatever the choice."""
        return Totals(sum(self.weight.values()), sum(self.members.values()) + self.divided)


@dataclass(frozen=True)
class Threshold:
    """``comparison`` ``numerator/denominator`` of ``base``, counted in ``measure``."""

    comparison: Comparison
    numerator: int
    denominator: int
    base: Base
    measure: Measure = Measure.WEIGHT

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """As it was stored; what is stored without a measure is by weight."""
        return cls(
            Comparison(data["comparison"]),
            int(data["numerator"]),
            int(data["denominator"]),
            Base(data["base"]),
            Measure(data.get("measure", Measure.WEIGHT)),
        )

    def to_data(self) -> dict[str, Any]:
        """As data; by weight is not said."""
        data: dict[str, Any] = {
            "comparison": self.comparison.value,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "base": self.base.value,
        }
        return data if self.measure is Measure.WEIGHT else {**data, "measure": self.measure.value}


@dataclass(frozen=True)
class Quorum:
    """``taking`` must be ``comparison`` ``numerator/denominator`` of ``base``: the electorate, or who is present."""

    comparison: Comparison
    numerator: int
    denominator: int
    taking: Taking
    base: Base
    measure: Measure = Measure.WEIGHT

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """As it was stored."""
        return cls(
            Comparison(data["comparison"]),
            int(data["numerator"]),
            int(data["denominator"]),
            Taking(data["taking"]),
            Base(data["base"]),
            Measure(data["measure"]),
        )

    def to_data(self) -> dict[str, Any]:
        """As data."""
        return {
            "comparison": self.comparison.value,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "taking": self.taking.value,
            "base": self.base.value,
            "measure": self.measure.value,
        }


@dataclass(frozen=True)
class Rule:
    """When a proposal is adopted: ``first``, and ``second`` too if there is one; if the ``quorum`` is there."""

    first: Threshold
    second: Threshold | None = None
    quorum: Quorum | None = None
    tie: Tie = Tie.REJECTED

    @property
    def thresholds(self) -> tuple[Threshold, ...]:
        """One or two."""
        return (self.first, self.second) if self.second else (self.first,)

    @property
    def counts_members(self) -> bool:
        """Whether members are on a side with all that they have, so that none can divide its votes."""
        return any(one.measure is Measure.MEMBERS for one in self.thresholds)

    @property
    def needs_attendance(self) -> bool:
        """Whether it asks who is present."""
        bases = {one.base for one in self.thresholds} | ({self.quorum.base} if self.quorum else set())
        return Base.PRESENT in bases or (self.quorum is not None and self.quorum.taking is Taking.PRESENT)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """The rule as it was stored with its round."""
        return cls(
            Threshold.from_data(data),
            Threshold.from_data(data["second"]) if "second" in data else None,
            Quorum.from_data(data["quorum"]) if "quorum" in data else None,
            Tie(data.get("tie", Tie.REJECTED)),
        )

    def to_data(self) -> dict[str, Any]:
        """The rule as data, the same for storage and publication; what is not there is not said."""
        data = self.first.to_data()
        if self.second:
            data["second"] = self.second.to_data()
        if self.quorum:
            data["quorum"] = self.quorum.to_data()
        return data if self.tie is Tie.REJECTED else {**data, "tie": self.tie.value}


SIMPLE = Rule(Threshold(Comparison.MORE_THAN, 1, 2, Base.FOR_AGAINST))
TWO_THIRDS = Rule(Threshold(Comparison.AT_LEAST, 2, 3, Base.FOR_AGAINST))


# --- The verdict


@dataclass(frozen=True)
class Step:
    """One comparison: ``part × denominator`` (``left``) against ``base × numerator`` (``right``)."""

    part: int
    base: int
    left: int
    right: int
    reached: bool


@dataclass(frozen=True)
class Arithmetic:
    """The sums that were made: one step for each threshold of the rule, and one for its quorum if it has one."""

    verdict: Verdict
    steps: tuple[Step, ...]
    quorum: Step | None = None

    @property
    def base(self) -> int:
        """What the first threshold is a part of."""
        return self.steps[0].base


def needed(part: int, base: int, wanted: Threshold | Quorum) -> Step:
    """Exact, by cross-multiplication. Nothing of nothing reaches nothing."""
    left, right = part * wanted.denominator, base * wanted.numerator
    reached = left > right if wanted.comparison is Comparison.MORE_THAN else left >= right
    return Step(part, base, left, right, reached and base > 0)


def base_of(sums: Sums, hall: Hall, threshold: Threshold) -> int:
    """What a threshold is a part of, in its measure."""
    counted = sums.by(threshold.measure)
    match threshold.base:
        case Base.FOR_AGAINST:
            return counted[Choice.FOR] + counted[Choice.AGAINST]
        case Base.VALID:
            return sum(counted.values())
        case Base.PRESENT:
            return hall.present.by(threshold.measure)
        case Base.ELECTORATE:
            return hall.electorate.by(threshold.measure)


def decide(sums: Sums, hall: Hall, rule: Rule) -> Arithmetic:
    """The verdict over ``sums``: first the quorum, then a base of 0, then every threshold."""
    steps = tuple(needed(sums.by(t.measure)[Choice.FOR], base_of(sums, hall, t), t) for t in rule.thresholds)
    quorum = None
    if rule.quorum:
        taking = sums.cast if rule.quorum.taking is Taking.VOTED else hall.present
        of = hall.electorate if rule.quorum.base is Base.ELECTORATE else hall.present
        quorum = needed(taking.by(rule.quorum.measure), of.by(rule.quorum.measure), rule.quorum)
    return Arithmetic(_verdict(sums, rule, steps, quorum), steps, quorum)


def _verdict(sums: Sums, rule: Rule, steps: tuple[Step, ...], quorum: Step | None) -> Verdict:
    if quorum and not quorum.reached:
        return Verdict.NO_QUORUM
    if any(step.base == 0 for step in steps):
        return Verdict.NO_VERDICT
    if all(step.reached for step in steps):
        return Verdict.ADOPTED
    even = sums.by(rule.first.measure)
    if rule.tie is Tie.TIED and even[Choice.FOR] == even[Choice.AGAINST]:
        return Verdict.TIED
    return Verdict.REJECTED


def share(part: int, whole: int) -> str | None:
    """``part`` of ``whole`` as a percentage with two decimals, rounded half up: '54.70'. None of nothing."""
    if whole == 0:
        return None
    hundredths = (2 * 10_000 * part + whole) // (2 * whole)
    return f"{hundredths // 100}.{hundredths % 100:02d}"
