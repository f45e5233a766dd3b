"""Votes from inhabitants (docs/rules.md §1)."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vng_alv.domain.weights import Rounding, WeightRule, faults, weigh

VNG = WeightRule(divisor=1000, rounding=Rounding.DOWN, floor=1, cap=75)
REGISTER = Path(__file__).parents[2] / "vng_alv" / "demo" / "data" / "gemeenten.csv"
populations = st.integers(0, 2_000_000)
rules = st.builds(
    WeightRule,
    divisor=st.integers(1, 10_000),
    rounding=st.sampled_from(Rounding),
    floor=st.integers(0, 10),
    cap=st.integers(10, 200),
)


@pytest.mark.parametrize(
    ("population", "rounding", "votes"),
    [
        (0, Rounding.DOWN, 1),
        (999, Rounding.DOWN, 1),
        (1000, Rounding.DOWN, 1),
        (1001, Rounding.DOWN, 1),
        (1999, Rounding.DOWN, 1),
        (2000, Rounding.DOWN, 2),
        (74_999, Rounding.DOWN, 74),
        (75_000, Rounding.DOWN, 75),
        (900_000, Rounding.DOWN, 75),
        (1499, Rounding.HALF_UP, 1),
        (1500, Rounding.HALF_UP, 2),
        (1501, Rounding.HALF_UP, 2),
        (1001, Rounding.UP, 2),
        (1000, Rounding.UP, 1),
    ],
)
def test_votes_at_the_edges(population: int, rounding: Rounding, votes: int) -> None:
    assert weigh(population, WeightRule(1000, rounding, 1, 75)) == votes


def test_the_register_gives_the_published_total() -> None:
    with REGISTER.open(encoding="utf-8") as file:
        votes = [weigh(int(row["inwoners"]), VNG) for row in csv.DictReader(file)]
    assert (len(votes), sum(votes), votes.count(75)) == (342, 13_209, 54)


@given(populations, rules)
def test_never_below_the_floor_or_above_the_cap(population: int, rule: WeightRule) -> None:
    assert rule.floor <= weigh(population, rule) <= rule.cap


@given(populations, populations, rules)
def test_more_inhabitants_never_give_fewer_votes(one: int, other: int, rule: WeightRule) -> None:
    small, large = sorted((one, other))
    assert weigh(small, rule) <= weigh(large, rule)


@given(populations, st.integers(1, 10_000))
def test_roundings_lie_around_the_exact_quotient(population: int, divisor: int) -> None:
    down, half, up = (weigh(population, WeightRule(divisor, r, 0, 10**9)) for r in ("down", "half_up", "up"))  # type: ignore[arg-type]
    assert down <= half <= up <= down + 1
    assert down * divisor <= population <= up * divisor
    assert abs(2 * half * divisor - 2 * population) <= divisor


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        (WeightRule(0, Rounding.DOWN, 1, 75), ["divisor"]),
        (WeightRule(1000, Rounding.DOWN, -1, 75), ["floor"]),
        (WeightRule(1000, Rounding.DOWN, 80, 75), ["cap"]),
        (VNG, []),
    ],
)
def test_an_impossible_rule_is_named(rule: WeightRule, wrong: list[str]) -> None:
    assert faults(rule) == wrong
