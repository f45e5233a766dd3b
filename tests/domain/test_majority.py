"""Verdicts: exact, and impossible to misread (docs/rules.md §5, §7)."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vng_alv.domain.ballots import Choice
from vng_alv.domain.majority import (
    SIMPLE,
    Base,
    Comparison,
    Hall,
    Measure,
    Quorum,
    Rule,
    Sums,
    Taking,
    Threshold,
    Tie,
    Totals,
    Verdict,
    decide,
    share,
)
from vng_alv.domain.rulebook import RULES, RuleFault, faults

votes = st.integers(0, 10**9)
members = st.integers(0, 10**4)
sums = st.builds(
    Sums, st.fixed_dictionaries(dict.fromkeys(Choice, votes)), st.fixed_dictionaries(dict.fromkeys(Choice, members))
)


def fractions(kind: type[Threshold] | type[Quorum], **more: st.SearchStrategy[object]) -> st.SearchStrategy[Any]:
    """Thresholds or quorums of any fraction up to the whole."""
    pairs = st.tuples(st.integers(1, 9), st.integers(1, 9)).map(sorted)
    parts = st.fixed_dictionaries({"pair": pairs, "comparison": st.sampled_from(Comparison),
                                   "measure": st.sampled_from(Measure), **more})  # fmt: skip
    return parts.map(lambda p: kind(numerator=p["pair"][0], denominator=p.pop("pair")[1], **p))


thresholds = fractions(Threshold, base=st.sampled_from(Base))
quorums = fractions(Quorum, base=st.sampled_from([Base.ELECTORATE, Base.PRESENT]), taking=st.sampled_from(Taking))
rules = st.builds(Rule, thresholds, st.none() | thresholds, st.none() | quorums, st.sampled_from(Tie))


@st.composite
def counts(draw: st.DrawFn) -> tuple[Sums, Hall]:
    """Sums, with who was present and an electorate that they fit in."""
    found = draw(sums)
    present = Totals(found.cast.weight + draw(votes), found.cast.members + draw(members))
    return found, Hall(Totals(present.weight + draw(votes), present.members + draw(members)), present)


def times(number: dict[Choice, int], factor: int) -> dict[Choice, int]:
    return {choice: votes * factor for choice, votes in number.items()}


def test_five_votes_need_three() -> None:
    everybody = Hall(Totals(5, 5), Totals())
    found = [Sums({Choice.FOR: n, Choice.AGAINST: 5 - n, Choice.ABSTAIN: 0}, dict.fromkeys(Choice, 0)) for n in (2, 3)]
    assert [decide(one, everybody, SIMPLE).verdict for one in found] == [Verdict.REJECTED, Verdict.ADOPTED]


@given(counts(), rules)
def test_the_verdict_is_the_exact_comparison(count: tuple[Sums, Hall], rule: Rule) -> None:
    found = decide(*count, rule)
    for one, step in zip(rule.thresholds, found.steps, strict=True):
        if step.base:
            part, needed = Fraction(step.part, step.base), Fraction(one.numerator, one.denominator)
            assert step.reached == (part > needed if one.comparison is Comparison.MORE_THAN else part >= needed)
        else:
            assert not step.reached
    if found.verdict is Verdict.ADOPTED:
        assert all(step.reached for step in found.steps)
        assert found.quorum is None or found.quorum.reached
    assert (found.verdict is Verdict.NO_QUORUM) == (found.quorum is not None and not found.quorum.reached)


@given(counts(), rules, st.integers(1, 1000))
def test_scaling_all_weights_changes_no_verdict(count: tuple[Sums, Hall], rule: Rule, factor: int) -> None:
    found, hall = count
    scaled = Sums(times(found.weight, factor), found.members)
    larger = Hall(*(replace(one, weight=one.weight * factor) for one in (hall.electorate, hall.present)))
    assert decide(found, hall, rule).verdict is decide(scaled, larger, rule).verdict


@given(counts(), rules, st.integers(1, 75))
def test_a_member_more_for_never_takes_an_adoption_away(count: tuple[Sums, Hall], rule: Rule, more: int) -> None:
    """Whoever comes and votes for, out of those who stayed away: every rule that can be made is monotone."""
    found, hall = count
    assume(hall.electorate.weight >= found.cast.weight + more)
    assume(hall.electorate.members > found.cast.members)
    weight, heads = dict(found.weight), dict(found.members)
    weight[Choice.FOR] += more
    heads[Choice.FOR] += 1
    after = Sums(weight, heads)
    there = Totals(max(hall.present.weight, after.cast.weight), max(hall.present.members, after.cast.members))
    assume(there == hall.present)  # they were in the hall already; coming in late raises a base of those present
    if decide(found, hall, rule).verdict is Verdict.ADOPTED:
        assert decide(after, hall, rule).verdict is Verdict.ADOPTED


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(7112, 13_002, "54.70"), (0, 5, "0.00"), (5, 5, "100.00"), (1, 3, "33.33"), (2, 3, "66.67"), (1, 0, None)],
)
def test_shares_have_two_decimals_half_up(part: int, whole: int, text: str | None) -> None:
    assert share(part, whole) == text


def test_a_half_of_a_hundredth_goes_up() -> None:
    assert share(1, 20_000) == "0.01"
    assert share(4_302_500, 10_000_000) == "43.03"


@given(rules)
def test_a_rule_comes_back_from_its_data(rule: Rule) -> None:
    assert Rule.from_data(rule.to_data()) == rule


def test_a_rule_that_was_stored_without_a_measure_is_by_weight() -> None:
    stored = {"comparison": "at_least", "numerator": 2, "denominator": 3, "base": "for_against"}
    assert Rule.from_data(stored) == RULES["two_thirds"]
    assert RULES["two_thirds"].to_data() == stored


# --- What cannot be a rule

HALF = Threshold(Comparison.MORE_THAN, 1, 2, Base.FOR_AGAINST)
THERE = Quorum(Comparison.AT_LEAST, 1, 2, Taking.PRESENT, Base.ELECTORATE)


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        (Rule(replace(HALF, numerator=0)), RuleFault.FRACTION),
        (Rule(replace(HALF, numerator=3)), RuleFault.FRACTION),
        (Rule(replace(HALF, numerator=501, denominator=1001)), RuleFault.FRACTION),
        (Rule(HALF, quorum=replace(THERE, denominator=0)), RuleFault.FRACTION),
        (Rule(replace(HALF, denominator=1)), RuleFault.NEVER),
        (Rule(HALF, quorum=replace(THERE, comparison=Comparison.MORE_THAN, denominator=1)), RuleFault.NEVER),
        (Rule(replace(HALF, denominator=3)), RuleFault.LESS_THAN_HALF),
        (Rule(HALF, replace(HALF, measure=Measure.MEMBERS, denominator=3)), RuleFault.LESS_THAN_HALF),
        (Rule(HALF, HALF), RuleFault.SAME_MEASURE),
        (Rule(replace(HALF, base=Base.VALID), tie=Tie.TIED), RuleFault.TIE),
        (Rule(HALF, replace(HALF, measure=Measure.MEMBERS), tie=Tie.TIED), RuleFault.TIE),
        (Rule(replace(HALF, comparison=Comparison.AT_LEAST), tie=Tie.TIED), RuleFault.TIE),
        (Rule(HALF, quorum=replace(THERE, base=Base.VALID)), RuleFault.QUORUM_BASE),
        (Rule(HALF, quorum=replace(THERE, base=Base.PRESENT)), RuleFault.QUORUM_OF_ITSELF),
    ],
)
def test_an_impossible_rule_is_named(rule: Rule, fault: RuleFault) -> None:
    assert fault in faults(rule)


def test_in_writing_nobody_is_present() -> None:
    assert faults(Rule(HALF, quorum=THERE), gathering=False) == [RuleFault.NOBODY_PRESENT]
    assert faults(Rule(replace(HALF, base=Base.PRESENT)), gathering=False) == [RuleFault.NOBODY_PRESENT]
    assert not any(faults(rule, gathering=False) for rule in RULES.values())
