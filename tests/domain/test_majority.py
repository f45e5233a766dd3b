"""Verdicts: exact, and impossible to misread (docs/rules.md §5, §7)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vng_alv.domain.ballots import Choice
from vng_alv.domain.majority import SIMPLE, TWO_THIRDS, Base, Comparison, Rule, Verdict, decide, share

votes = st.integers(0, 10**9)
sums = st.fixed_dictionaries(dict.fromkeys(Choice, votes))
rules = st.builds(
    lambda c, n, d, b: Rule(c, min(n, d), d, b),
    st.sampled_from(Comparison),
    st.integers(1, 9),
    st.integers(1, 9),
    st.sampled_from(Base),
)


def counted(votes_for: int, against: int, abstain: int = 0) -> dict[Choice, int]:
    return {Choice.FOR: votes_for, Choice.AGAINST: against, Choice.ABSTAIN: abstain}


@pytest.mark.parametrize(
    ("sums", "rule", "verdict"),
    [
        (counted(3, 2), SIMPLE, Verdict.ADOPTED),
        (counted(2, 3), SIMPLE, Verdict.REJECTED),
        (counted(50, 50), SIMPLE, Verdict.REJECTED),  # a tie is not more than half
        (counted(51, 49, 1000), SIMPLE, Verdict.ADOPTED),  # abstentions are outside the base
        (counted(0, 0), SIMPLE, Verdict.NO_VERDICT),
        (counted(0, 0, 75), SIMPLE, Verdict.NO_VERDICT),
        (counted(0, 0), TWO_THIRDS, Verdict.NO_VERDICT),  # 0 against 0 is no two thirds
        (counted(2, 1), TWO_THIRDS, Verdict.ADOPTED),  # exactly two thirds is at least two thirds
        (counted(6666, 3334), TWO_THIRDS, Verdict.REJECTED),
        (counted(6667, 3333), TWO_THIRDS, Verdict.ADOPTED),
        (counted(5, 1, 4), Rule(Comparison.MORE_THAN, 1, 2, Base.VALID), Verdict.REJECTED),
        (counted(6, 1, 3), Rule(Comparison.MORE_THAN, 1, 2, Base.VALID), Verdict.ADOPTED),
        (counted(50, 0), Rule(Comparison.MORE_THAN, 1, 2, Base.ELECTORATE), Verdict.REJECTED),
        (counted(51, 0), Rule(Comparison.MORE_THAN, 1, 2, Base.ELECTORATE), Verdict.ADOPTED),
    ],
)
def test_verdicts(sums: dict[Choice, int], rule: Rule, verdict: Verdict) -> None:
    assert decide(sums, 100, rule).verdict is verdict


def test_five_votes_need_three() -> None:
    assert [decide(counted(n, 5 - n), 5, SIMPLE).verdict for n in (2, 3)] == [Verdict.REJECTED, Verdict.ADOPTED]


@given(sums, votes, rules)
def test_the_verdict_is_the_exact_comparison(sums: dict[Choice, int], rest: int, rule: Rule) -> None:
    electorate = sum(sums.values()) + rest
    found = decide(sums, electorate, rule)
    if found.base == 0:
        assert found.verdict is Verdict.NO_VERDICT
        return
    part, needed = Fraction(sums[Choice.FOR], found.base), Fraction(rule.numerator, rule.denominator)
    reached = part > needed if rule.comparison is Comparison.MORE_THAN else part >= needed
    assert (found.verdict is Verdict.ADOPTED) == reached


@given(sums, votes, rules, st.integers(1, 1000))
def test_scaling_all_weights_changes_no_verdict(sums: dict[Choice, int], rest: int, rule: Rule, factor: int) -> None:
    electorate = sum(sums.values()) + rest
    scaled = {choice: votes * factor for choice, votes in sums.items()}
    assert decide(sums, electorate, rule).verdict is decide(scaled, electorate * factor, rule).verdict


@given(sums, votes, rules, st.integers(1, 75))
def test_a_vote_more_for_never_rejects(sums: dict[Choice, int], rest: int, rule: Rule, more: int) -> None:
    electorate = sum(sums.values()) + rest + more
    before = decide(sums, electorate, rule).verdict
    after = decide({**sums, Choice.FOR: sums[Choice.FOR] + more}, electorate, rule).verdict
    assert not (before is Verdict.ADOPTED and after is not Verdict.ADOPTED)


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
