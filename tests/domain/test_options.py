"""Questions with options: ballots, outcomes, run-offs and lots (docs/rules.md §5.11)."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vng_alv.domain.ballots import (
    MAX_BALLOT,
    NONE,
    Choice,
    Paper,
    divided,
    is_written,
    lines_of,
    may_say,
    picked,
    votes_of,
)
from vng_alv.domain.majority import Hall, Totals, Verdict
from vng_alv.domain.option_sentences import ballot_words, option_threshold, outcome_lines, outcome_sentence
from vng_alv.domain.options import (
    Even,
    OptionFault,
    OptionRule,
    OptionSums,
    Outcome,
    Winning,
    add_up,
    drawn,
    elect,
    faults,
    paper_of,
    run_off,
)
from vng_alv.domain.refusals import Refusal

CASES = json.loads((Path(__file__).parent / "cases" / "options.json").read_text())
TITLES = {str(n): f"Tekst {n}" for n in range(1, 41)}


def counted(case: dict[str, Any]) -> tuple[OptionSums, Hall, OptionRule]:
    """A worked case as the domain takes it."""
    rule = OptionRule.from_data(case["rule"])
    keys = paper_of([str(n) for n in range(1, case["options"] + 1)], rule).keys
    sums, _ = add_up([(ballot, weight, False, 1) for ballot, weight in case["ballots"]], keys)
    weights = [*(weight for _, weight in case["ballots"]), *case["absent"]]
    return sums, Hall(Totals(sum(weights), len(weights)), Totals()), rule


@pytest.mark.parametrize("case", CASES, ids=[f"{n}: {case['why']}" for n, case in enumerate(CASES, 1)])
def test_worked_cases(case: dict[str, Any]) -> None:
    found = elect(*counted(case))
    assert (found.verdict.value, list(found.elected), list(found.ahead), list(found.even), found.left) == (
        case["verdict"], case["elected"], case["ahead"], case["even"], case["left"],
    )  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_every_outcome_is_told_in_both_tongues_with_its_sums(case: dict[str, Any]) -> None:
    sums, hall, rule = counted(case)
    found = elect(sums, hall, rule)
    for locale in ("nl", "en"):
        told = outcome_sentence(found, sums, rule, TITLES, locale)
        for key in (*found.elected, *found.ahead, *found.even):
            if key != NONE:
                assert TITLES[key] in told
        assert outcome_lines(found, sums, rule, TITLES, locale)[-1].endswith(".")
    assert option_threshold(rule, "nl") != option_threshold(rule, "en")


rules = st.builds(OptionRule, st.sampled_from(Winning), st.sampled_from(Even), st.just(1), st.booleans())


@st.composite
def votes(draw: st.DrawFn) -> tuple[OptionRule, tuple[str, ...], list[tuple[str, int]]]:
    """A rule, the keys of its ballot, and ballots on it: whole, of several options, or divided."""
    rule = draw(rules)
    number = draw(st.integers(2, 5))
    rule = replace(rule, seats=draw(st.integers(1, number - 1)))
    paper = paper_of([str(n) for n in range(1, number + 1)], rule, divides=True)
    ballots = []
    for weight in draw(st.lists(st.integers(1, 75), max_size=8)):
        if paper.divides and draw(st.booleans()):
            parts = draw(st.lists(st.integers(0, 30), min_size=len(paper.keys), max_size=len(paper.keys)))
            if sum(parts):
                ballots.append((divided(dict(zip(paper.keys, parts, strict=True)), paper.keys), sum(parts)))
                continue
        names = st.lists(st.sampled_from(paper.keys[:number]), min_size=1, max_size=rule.seats)
        ballots.append(
            (draw(st.one_of(st.sampled_from(paper.keys), names.map(lambda n: picked(n, paper.keys)))), weight)
        )
    return rule, paper.keys, ballots


def outcome(rule: OptionRule, keys: tuple[str, ...], ballots: list[tuple[str, int]]) -> Outcome:
    sums, _ = add_up([(ballot, weight, False, 1) for ballot, weight in ballots], keys)
    return elect(sums, Hall(Totals(10_000, 100), Totals()), rule)


@given(votes(), st.randoms(use_true_random=False))
def test_the_order_of_ballots_never_matters(given_: Any, random: Any) -> None:
    rule, keys, ballots = given_
    shuffled = random.sample(ballots, len(ballots))
    assert outcome(rule, keys, ballots) == outcome(rule, keys, shuffled)


@given(votes(), st.integers(2, 9))
def test_more_votes_for_everybody_in_the_same_measure_change_nothing(given_: Any, times: int) -> None:
    rule, keys, ballots = given_
    found, more = outcome(rule, keys, ballots), outcome(rule, keys, ballots * times)
    assert replace(more, base=found.base) == found
    assert more.base == found.base * times


@given(votes())
def test_nobody_is_chosen_with_less_than_the_rule_asks(given_: Any) -> None:
    """By fractions, which the domain does not use."""
    rule, keys, ballots = given_
    sums, _ = add_up([(ballot, weight, False, 1) for ballot, weight in ballots], keys)
    found = outcome(rule, keys, ballots)
    named = {key for key in keys if key not in {NONE, Choice.ABSTAIN}}
    assert set(found.elected) | set(found.even) <= named
    assert not set(found.elected) & (set(found.even) | set(found.ahead))
    for key in (*found.elected, *found.even):
        if rule.winning is Winning.MAJORITY and found.verdict in {Verdict.CHOSEN, Verdict.RUN_OFF}:
            assert Fraction(sums.weight[key], found.base) > Fraction(1, 2)
        if rule.none:
            assert sums.weight[key] > sums.weight[NONE] or rule.winning is Winning.MAJORITY
        assert sums.weight[key] > 0
    assert len(found.elected) + found.left == rule.seats or found.verdict in {Verdict.NO_VERDICT, Verdict.NO_QUORUM}
    losers = named - set(found.elected) - set(found.even) - set(found.ahead)
    for loser in losers:
        assert all(sums.weight[loser] <= sums.weight[key] for key in found.elected)
        assert all(sums.weight[loser] < sums.weight[key] for key in (*found.even, *(set(found.ahead) - {NONE})))


@given(votes())
def test_a_run_off_has_an_outcome_and_leaves_somebody_out(given_: Any) -> None:
    rule, keys, ballots = given_
    found = outcome(rule, keys, ballots)
    if found.verdict is not Verdict.RUN_OFF:
        return
    options, then = run_off(found, rule)
    assert then.winning is Winning.MOST
    assert then.seats == found.left
    assert set(options) <= set(keys) - set(found.elected)
    again = outcome(then, paper_of(options, then).keys, [(one, n) for n, one in enumerate(options, 1)])
    assert again.verdict is not Verdict.RUN_OFF


def test_lots_choose_as_many_as_there_are_seats_left() -> None:
    found = Outcome(Verdict.LOTS, 10, ("4",), even=("1", "2", "3"), left=2)
    assert drawn(found, ["3", "1"]) == ("4", "1", "3")
    assert drawn(found, ["1"]) is None
    assert drawn(found, ["1", "2", "3"]) is None
    assert drawn(found, ["1", "4"]) is None
    assert drawn(replace(found, verdict=Verdict.TIED), ["1", "2"]) is None


# --- What can be asked


@pytest.mark.parametrize(
    ("titles", "seats", "expected"),
    [
        (["A", "B"], 1, []),
        (["A"], 1, [OptionFault.TOO_FEW]),
        ([], 1, [OptionFault.TOO_FEW]),
        (["A", "a"], 1, [OptionFault.TWICE]),
        (["A", "B"], 2, [OptionFault.SEATS]),
        (["A", "B", "C"], 2, []),
        (["A", "B"], 0, [OptionFault.SEATS]),
        ([str(n) for n in range(41)], 1, [OptionFault.TOO_MANY]),
        ([str(n) for n in range(40)], 39, []),
    ],
)
def test_what_cannot_be_asked_is_told(titles: list[str], seats: int, expected: list[OptionFault]) -> None:
    assert faults(titles, OptionRule(Winning.MOST, Even.LOTS, seats)) == expected


# --- Ballots

THREE = Paper(("1", "2", "3", NONE, Choice.ABSTAIN), picks=1)
PAPERS = {
    "plain": Paper(),
    "texts": THREE,
    "two seats": replace(THREE, picks=2),
    "divides": Paper(divides=True),
}


@pytest.mark.parametrize(
    ("paper", "ballot", "refusal"),
    [
        ("plain", "for", None),
        ("plain", "1", Refusal.UNKNOWN_CHOICE),
        ("plain", "for+against", Refusal.TOO_MANY_OPTIONS),
        ("plain", "for:40+against:35", Refusal.UNKNOWN_CHOICE),
        ("texts", "3", None),
        ("texts", "none", None),
        ("texts", "abstain", None),
        ("texts", "4", Refusal.UNKNOWN_CHOICE),
        ("texts", "for", Refusal.UNKNOWN_CHOICE),
        ("texts", "1+2", Refusal.TOO_MANY_OPTIONS),
        ("two seats", "1+3", None),
        ("two seats", "3+1", Refusal.UNKNOWN_CHOICE),
        ("two seats", "1+1", Refusal.UNKNOWN_CHOICE),
        ("two seats", "1+2+3", Refusal.TOO_MANY_OPTIONS),
        ("two seats", "1+abstain", Refusal.ABSTAINS_AND_CHOOSES),
        ("two seats", "1+none", Refusal.ABSTAINS_AND_CHOOSES),
        ("divides", "for:40+against:35", None),
        ("divides", "for:40+against:34", Refusal.VOTES_LEFT),
        ("divides", "for:40+against:36", Refusal.VOTES_LEFT),
        ("divides", "for:40+against", Refusal.UNKNOWN_CHOICE),
        ("divides", "for:75", None),
        ("divides", "against:40+for:35", Refusal.UNKNOWN_CHOICE),
        ("divides", "for", None),
    ],
)
def test_a_ballot_says_what_its_round_allows(paper: str, ballot: str, refusal: Refusal | None) -> None:
    """By a member with 75 votes."""
    assert may_say(ballot, PAPERS[paper], 75) == refusal


@pytest.mark.parametrize(
    "ballot", ["", "+", "for+", "for:", "for:0", "for:-1", "for:1.5", "0", "100", "FOR", "for ", "é"]
)
def test_what_is_no_ballot_is_none(ballot: str) -> None:
    assert not is_written(ballot)


def test_the_longest_ballot_fits_its_column() -> None:
    keys = tuple(str(n) for n in range(1, 41))
    assert is_written(picked(keys, keys))
    assert not is_written("+".join(["40"] * MAX_BALLOT))
    most = divided(dict.fromkeys((*keys, NONE, Choice.ABSTAIN.value), 75), (*keys, NONE, Choice.ABSTAIN))
    assert is_written(most)


@given(st.dictionaries(st.sampled_from(THREE.keys), st.integers(1, 75), min_size=1))
def test_a_divided_ballot_loses_and_invents_no_vote(parts: dict[str, int]) -> None:
    ballot = divided(parts, THREE.keys)
    assert dict(lines_of(ballot)) == parts
    assert sum(votes for _, votes in votes_of(ballot, sum(parts.values()))) == sum(parts.values())


def test_a_ballot_in_words() -> None:
    assert ballot_words("for", {}, "nl") == "voor"
    assert ballot_words("1+3", TITLES, "nl") == "Tekst 1 en Tekst 3"
    assert ballot_words("1+2+3", TITLES, "en") == "Tekst 1, Tekst 2 and Tekst 3"
    assert ballot_words("for:1040+against:35", {}, "nl") == "1.040 voor, 35 tegen"
    assert ballot_words("none", TITLES, "en") == "none of these"
