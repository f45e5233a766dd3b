"""How many votes a member has: by a formula, a table of bands, or fixed numbers (docs/rules.md §1.2 to §1.4)."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never

#: What a register and a table can hold, in inhabitants, votes and bands.
MAX_POPULATION = 100_000_000
MAX_VOTES = 1_000_000
MAX_BANDS = 50


class Rounding(StrEnum):
    """What happens to a part of the divisor."""

    DOWN = "down"
    HALF_UP = "half_up"
    UP = "up"


class WeightKind(StrEnum):
    """In which way an association gives votes."""

    FORMULA = "formula"
    BANDS = "bands"
    FIXED = "fixed"


@dataclass(frozen=True)
class Formula:
    """One vote for every ``divisor`` inhabitants, rounded, never below ``floor`` and never above ``cap``, if any."""

    divisor: int
    rounding: Rounding
    floor: int
    cap: int | None = None


@dataclass(frozen=True)
class Band:
    """From ``lower`` inhabitants up to the next band, a member has ``votes``."""

    lower: int
    votes: int


@dataclass(frozen=True)
class Bands:
    """A table of bands in order; the first begins at 0 and the last has no end."""

    table: tuple[Band, ...]


@dataclass(frozen=True)
class Fixed:
    """``votes`` for every member that has no number of its own in the register."""

    votes: int


WeightRule = Formula | Bands | Fixed


@dataclass(frozen=True)
class RuleFault:
    """What is wrong with a rule: a code, and the field it is about, for ``bands`` also which band, from 1 (0: all)."""

    what: str
    field: str
    band: int = 0


@dataclass(frozen=True)
class Group:
    """How many members, with how many votes together, a part of a rule serves; ``band`` counts from 1."""

    key: str
    members: int
    votes: int
    band: int = 0


def faults(rule: WeightRule) -> list[RuleFault]:
    """Everything that is wrong with a rule; empty when it can be used."""
    match rule:
        case Formula():
            highest = rule.cap is not None and rule.cap < max(rule.floor, 1)
            wrong = {"divisor": rule.divisor < 1, "floor": rule.floor < 0, "cap": highest}
            return [RuleFault("too_small", field) for field, bad in wrong.items() if bad]
        case Bands():
            return list(_band_faults(rule.table))
        case Fixed():
            what = "too_small" if rule.votes < 0 else "too_large" if rule.votes > MAX_VOTES else ""
            return [RuleFault(what, "fixed_votes")] if what else []
        case _:
            assert_never(rule)


def _band_faults(table: tuple[Band, ...]) -> Iterable[RuleFault]:
    """A table may not leave anybody out, say two things of somebody, or give a larger member fewer votes."""
    if not table:
        yield RuleFault("no_bands", "bands")
        return
    if len(table) > MAX_BANDS:
        yield RuleFault("too_many", "bands", MAX_BANDS + 1)
    if table[0].lower > 0:
        yield RuleFault("first_not_zero", "bands", 1)
    for number, band in enumerate(table, 1):
        if band.lower < 0 or band.votes < 0:
            yield RuleFault("negative", "bands", number)
        if band.lower > MAX_POPULATION or band.votes > MAX_VOTES:
            yield RuleFault("too_large", "bands", number)
        if number == 1:
            continue
        before = table[number - 2]
        if band.lower == before.lower:
            yield RuleFault("twice", "bands", number)
        elif band.lower < before.lower:
            yield RuleFault("not_increasing", "bands", number)
        if band.votes < before.votes:
            yield RuleFault("fewer_votes", "bands", number)
    if not any(band.votes for band in table):
        yield RuleFault("no_votes", "bands")


def quotient(population: int, rule: Formula) -> int:
    """``population`` divided by the divisor, rounded by the rule, before floor and cap."""
    match rule.rounding:
        case Rounding.DOWN:
            return population // rule.divisor
        case Rounding.UP:
            return -(-population // rule.divisor)
        case Rounding.HALF_UP:
            return (2 * population + rule.divisor) // (2 * rule.divisor)
        case _:
            assert_never(rule.rounding)


def band_at(population: int, rule: Bands) -> int:
    """Which band of the table holds for ``population`` inhabitants, counted from 0."""
    return bisect_right(rule.table, population, key=lambda band: band.lower) - 1


def weigh(population: int, rule: WeightRule, fixed: int | None = None) -> int:
    """Votes of a member with ``population`` inhabitants (0 or more), as a whole number.

    ``fixed`` is the member's own number in the register, which counts only where the association has fixed votes.
    The rule is one without :func:`faults`.
    """
    match rule:
        case Formula():
            votes = max(quotient(population, rule), rule.floor)
            return votes if rule.cap is None else min(votes, rule.cap)
        case Bands():
            return rule.table[band_at(population, rule)].votes
        case Fixed():
            return rule.votes if fixed is None else fixed
        case _:
            assert_never(rule)


def spread(rule: WeightRule, members: Iterable[tuple[int, int | None]]) -> list[Group]:
    """How members, each ``(population, fixed)``, fall over the parts of a rule: its floor and cap, its bands, or
    own and equal numbers. A part that nobody is in is named too."""
    parts: dict[tuple[str, int], list[int]] = {part: [] for part in _parts(rule)}
    for population, fixed in members:
        votes = weigh(population, rule, fixed)
        parts[_part(population, votes, rule, fixed)].append(votes)
    return [Group(key, len(found), sum(found), band) for (key, band), found in parts.items()]


def _parts(rule: WeightRule) -> list[tuple[str, int]]:
    match rule:
        case Formula(cap=None):
            return [("floor", 0), ("between", 0)]
        case Formula():
            return [("floor", 0), ("between", 0), ("cap", 0)]
        case Bands():
            return [("band", number) for number in range(1, len(rule.table) + 1)]
        case Fixed():
            return [("own", 0), ("equal", 0)]
        case _:
            assert_never(rule)


def _part(population: int, votes: int, rule: WeightRule, fixed: int | None) -> tuple[str, int]:
    match rule:
        case Formula():
            return ("cap" if votes == rule.cap else "floor" if votes == rule.floor else "between"), 0
        case Bands():
            return "band", band_at(population, rule) + 1
        case Fixed():
            return ("equal" if fixed is None else "own"), 0
        case _:
            assert_never(rule)


def to_data(rule: WeightRule) -> dict[str, Any]:
    """A rule as JSON keeps it; bands are pairs (from inhabitants, votes)."""
    match rule:
        case Formula():
            limits = {"floor": rule.floor, "cap": rule.cap}
            return {"kind": "formula", "divisor": rule.divisor, "rounding": rule.rounding.value, **limits}
        case Bands():
            return {"kind": "bands", "bands": [[band.lower, band.votes] for band in rule.table]}
        case Fixed():
            return {"kind": "fixed", "votes": rule.votes}
        case _:
            assert_never(rule)


def from_data(data: Mapping[str, Any]) -> WeightRule:
    """The rule of what :func:`to_data` made."""
    match WeightKind(data["kind"]):
        case WeightKind.FORMULA:
            return Formula(data["divisor"], Rounding(data["rounding"]), data["floor"], data.get("cap"))
        case WeightKind.BANDS:
            return Bands(tuple(Band(lower, votes) for lower, votes in data["bands"]))
        case WeightKind.FIXED:
            return Fixed(data["votes"])
