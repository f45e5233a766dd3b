"""Votes by a formula, by bands and by fixed numbers (docs/rules.md §1)."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vng_alv.domain.weight_words import explanation, fault_words, group_words, rule_words
from vng_alv.domain.weights import (
    MAX_BANDS,
    MAX_VOTES,
    Band,
    Bands,
    Fixed,
    Formula,
    Group,
    Rounding,
    RuleFault,
    WeightRule,
    faults,
    from_data,
    spread,
    to_data,
    weigh,
)

VNG = Formula(divisor=1000, rounding=Rounding.DOWN, floor=1, cap=75)
REGISTER = Path(__file__).parents[2] / "vng_alv" / "demo" / "data" / "gemeenten.csv"
#: Worked by hand, not by the code; the same go through the database in tests/database/test_weights.py.
CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "weights.json").read_text())

populations = st.integers(0, 2_000_000)
formulas = st.builds(
    Formula,
    divisor=st.integers(1, 10_000),
    rounding=st.sampled_from(Rounding),
    floor=st.integers(0, 10),
    cap=st.none() | st.integers(10, 200),
)
tables = st.tuples(
    st.sets(st.integers(1, 1_000_000), max_size=MAX_BANDS - 1), st.lists(st.integers(0, 100), min_size=MAX_BANDS)
).map(
    lambda made: Bands(
        tuple(Band(lower, votes) for lower, votes in zip([0, *sorted(made[0])], sorted(made[1]), strict=False))
    )
)
fixed_rules = st.builds(Fixed, votes=st.integers(0, MAX_VOTES))
rules: st.SearchStrategy[WeightRule] = st.one_of(formulas, tables, fixed_rules)
own_numbers = st.none() | st.integers(0, MAX_VOTES)


@pytest.mark.parametrize("case", CASES, ids=[f"{case['what']} ({case['population']})" for case in CASES])
def test_the_worked_cases(case: dict[str, Any]) -> None:
    rule = from_data(case["rule"])
    assert faults(rule) == []
    assert weigh(case["population"], rule, case.get("fixed")) == case["votes"]
    assert rule_words(rule, "nl") == case["rule_words_nl"]
    assert to_data(rule) == case["rule"]


def test_there_are_worked_cases_of_every_kind() -> None:
    assert len(CASES) >= 60
    assert {case["rule"]["kind"] for case in CASES} == {"formula", "bands", "fixed"}
    assert {case["rule"].get("rounding") for case in CASES} == {None, *Rounding}


def test_the_register_gives_the_published_total() -> None:
    with REGISTER.open(encoding="utf-8") as file:
        votes = [weigh(int(row["inwoners"]), VNG) for row in csv.DictReader(file)]
    assert (len(votes), sum(votes), votes.count(75)) == (342, 13_209, 54)


@given(populations, formulas)
def test_a_formula_never_goes_below_the_floor_or_above_the_cap(population: int, rule: Formula) -> None:
    votes = weigh(population, rule)
    assert rule.floor <= votes
    assert rule.cap is None or votes <= rule.cap


@given(populations, populations, rules)
def test_more_inhabitants_never_give_fewer_votes(one: int, other: int, rule: WeightRule) -> None:
    small, large = sorted((one, other))
    assert weigh(small, rule) <= weigh(large, rule)


@given(populations, st.integers(1, 10_000))
def test_roundings_lie_around_the_exact_quotient(population: int, divisor: int) -> None:
    down, half, up = (weigh(population, Formula(divisor, r, 0)) for r in (Rounding.DOWN, Rounding.HALF_UP, Rounding.UP))
    assert down <= half <= up <= down + 1
    assert down * divisor <= population <= up * divisor
    assert abs(2 * half * divisor - 2 * population) <= divisor


@given(tables)
def test_bands_give_what_their_table_says_at_both_ends(rule: Bands) -> None:
    for band, after in zip(rule.table, [*rule.table[1:], None], strict=True):
        last = after.lower - 1 if after else band.lower + 10_000_000
        assert weigh(band.lower, rule) == weigh(last, rule) == band.votes


@given(populations, rules, own_numbers)
def test_an_own_number_counts_where_votes_are_fixed_and_nowhere_else(
    population: int, rule: WeightRule, own: int | None
) -> None:
    if isinstance(rule, Fixed):
        assert weigh(population, rule, own) == (rule.votes if own is None else own)
    else:
        assert weigh(population, rule, own) == weigh(population, rule)


@given(rules)
def test_a_rule_survives_being_data(rule: WeightRule) -> None:
    assert from_data(json.loads(json.dumps(to_data(rule)))) == rule


@given(rules, st.lists(st.tuples(populations, own_numbers), max_size=20))
def test_every_member_is_in_one_part_of_a_rule(rule: WeightRule, members: list[tuple[int, int | None]]) -> None:
    groups = spread(rule, members)
    assert sum(group.members for group in groups) == len(members)
    assert sum(group.votes for group in groups) == sum(weigh(people, rule, own) for people, own in members)
    for locale in ("nl", "en"):
        assert len({group_words(group, rule, locale) for group in groups}) == len(groups)


def test_members_at_the_floor_the_cap_and_in_each_band() -> None:
    members = [(0, None), (1000, None), (2500, None), (75_000, None), (900_000, 3)]
    assert spread(VNG, members) == [Group("floor", 2, 2), Group("between", 1, 2), Group("cap", 2, 150)]
    bands = Bands((Band(0, 1), Band(2000, 4), Band(5000, 5), Band(900_000, 9)))
    assert spread(bands, members) == [
        Group("band", 2, 2, 1), Group("band", 1, 4, 2), Group("band", 1, 5, 3), Group("band", 1, 9, 4),
    ]  # fmt: skip
    assert spread(Fixed(2), members) == [Group("own", 1, 3), Group("equal", 4, 8)]


def bands(*pairs: tuple[int, int]) -> Bands:
    return Bands(tuple(Band(lower, votes) for lower, votes in pairs))


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        (VNG, []),
        (Formula(0, Rounding.DOWN, 1, 75), [("too_small", "divisor", 0)]),
        (Formula(1000, Rounding.DOWN, -1, 75), [("too_small", "floor", 0)]),
        (Formula(1000, Rounding.DOWN, 80, 75), [("too_small", "cap", 0)]),
        (Formula(1000, Rounding.DOWN, 0, 0), [("too_small", "cap", 0)]),
        (Formula(0, Rounding.DOWN, -1, -5), [("too_small", f, 0) for f in ("divisor", "floor", "cap")]),
        (Formula(1000, Rounding.DOWN, 80, None), []),
        (Fixed(-1), [("too_small", "fixed_votes", 0)]),
        (Fixed(MAX_VOTES + 1), [("too_large", "fixed_votes", 0)]),
        (Fixed(0), []),
        (bands(), [("no_bands", "bands", 0)]),
        (bands((1, 1)), [("first_not_zero", "bands", 1)]),
        (bands((0, 1), (100, 2), (100, 3)), [("twice", "bands", 3)]),
        (bands((0, 1), (100, 2), (99, 3)), [("not_increasing", "bands", 3)]),
        (bands((0, 2), (100, 1)), [("fewer_votes", "bands", 2)]),
        (bands((0, 0), (100, 0)), [("no_votes", "bands", 0)]),
        (bands((0, -1), (100, 1)), [("negative", "bands", 1)]),
        (bands((-5, 1), (100, 1)), [("negative", "bands", 1)]),
        (bands((0, 1), (100_000_001, 2)), [("too_large", "bands", 2)]),
        (bands((0, 1), (100, MAX_VOTES + 1)), [("too_large", "bands", 2)]),
        (bands(*((n, n) for n in range(MAX_BANDS))), []),
        (bands(*((n, n) for n in range(MAX_BANDS + 1))), [("too_many", "bands", MAX_BANDS + 1)]),
        (
            bands((5, 2), (5, 1), (3, -1)),
            [
                ("first_not_zero", "bands", 1), ("twice", "bands", 2), ("fewer_votes", "bands", 2),
                ("negative", "bands", 3), ("not_increasing", "bands", 3), ("fewer_votes", "bands", 3),
            ],
        ),
    ],
)  # fmt: skip
def test_everything_that_is_wrong_with_a_rule_is_named_with_its_place(
    rule: WeightRule, wrong: list[tuple[str, str, int]]
) -> None:
    assert faults(rule) == [RuleFault(*fault) for fault in wrong]
    for what, _field, _band in wrong:
        assert fault_words(what, "nl") != fault_words(what, "en")


@pytest.mark.parametrize(
    ("rule", "population", "own", "dutch", "english"),
    [
        (VNG, 75_000, None, "75.000 inwoners gedeeld door 1.000 = 75 stemmen",
         "75,000 inhabitants divided by 1,000 = 75 votes"),
        (VNG, 23_465, None, "23.465 inwoners gedeeld door 1.000, naar beneden afgerond, = 23 stemmen",
         "23,465 inhabitants divided by 1,000, rounded down, = 23 votes"),
        (VNG, 971, 5, "971 inwoners gedeeld door 1.000, naar beneden afgerond, = 0; ten minste 1 stem",
         "971 inhabitants divided by 1,000, rounded down, = 0; at least 1 vote"),
        (VNG, 942_504, None,
         "942.504 inwoners gedeeld door 1.000, naar beneden afgerond, = 942; ten hoogste 75 stemmen",
         "942,504 inhabitants divided by 1,000, rounded down, = 942; at most 75 votes"),
        (bands((0, 4), (200_001, 5), (300_001, 6)), 250_000, None,
         "250.000 inwoners: klasse 200.001-300.000 = 5 stemmen", "250,000 inhabitants: band 200,001-300,000 = 5 votes"),
        (bands((0, 1), (10, 6)), 1, None, "1 inwoner: klasse 0-9 = 1 stem", "1 inhabitant: band 0-9 = 1 vote"),
        (bands((0, 4), (300_001, 6)), 300_001, None,
         "300.001 inwoners: klasse vanaf 300.001 = 6 stemmen", "300,001 inhabitants: band from 300,001 = 6 votes"),
        (Fixed(1), 971, 12, "12 stemmen, zo staat het in het ledenbestand", "12 votes, as the register says"),
        (Fixed(1), 971, None, "1 stem, zoals elk lid zonder eigen aantal",
         "1 vote, like every member without a number of its own"),
    ],
)  # fmt: skip
def test_why_a_member_has_its_votes(
    rule: WeightRule, population: int, own: int | None, dutch: str, english: str
) -> None:
    assert explanation(population, rule, own, "nl") == dutch
    assert explanation(population, rule, own, "en") == english


def test_a_rule_in_english() -> None:
    assert rule_words(VNG, "en") == "1 vote for every 1,000 inhabitants, rounded down, at least 1 and at most 75"
    table = bands((0, 1), (1000, 2))
    assert rule_words(table, "en") == "0-999 inhabitants: 1 vote; from 1,000 inhabitants: 2 votes"
    assert rule_words(Fixed(1), "en") == "1 vote for every member, unless the register gives it a number of its own"
