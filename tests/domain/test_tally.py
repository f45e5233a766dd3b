"""Counting: exact, whatever the order (docs/rules.md §5)."""

import random

from hypothesis import given
from hypothesis import strategies as st

from vng_alv.domain.ballots import Choice
from vng_alv.domain.majority import SIMPLE, Hall, Totals
from vng_alv.domain.tally import add_up, count

EVERYBODY = Hall(Totals(10**15, 10**6), Totals())

lines = st.lists(st.tuples(st.sampled_from(Choice), st.integers(0, 10**12), st.booleans(), st.just(1)), max_size=200)


@given(lines, st.randoms(use_true_random=False))
def test_order_does_not_matter(ballots: list[tuple[Choice, int, bool, int]], dice: random.Random) -> None:
    shuffled = list(ballots)
    dice.shuffle(shuffled)
    assert count(shuffled, EVERYBODY, SIMPLE) == count(ballots, EVERYBODY, SIMPLE)


@given(lines)
def test_sums_are_those_of_the_ballots(ballots: list[tuple[Choice, int, bool, int]]) -> None:
    full, advisory = add_up(ballots)
    assert sum(full.weight.values()) == sum(w for _, w, a, _ in ballots if not a)
    assert sum(advisory.weight.values()) == sum(w for _, w, a, _ in ballots if a)
    assert sum(full.members.values()) + sum(advisory.members.values()) == len(ballots)


@given(lines)
def test_advisory_votes_decide_nothing(ballots: list[tuple[Choice, int, bool, int]]) -> None:
    without = [ballot for ballot in ballots if not ballot[2]]
    assert count(ballots, EVERYBODY, SIMPLE).arithmetic == count(without, EVERYBODY, SIMPLE).arithmetic


@given(lines, st.data())
def test_a_replaced_ballot_leaves_nothing(ballots: list[tuple[Choice, int, bool, int]], data: st.DataObject) -> None:
    if not ballots:
        return
    choice, weight, advisory, _ = data.draw(st.sampled_from(ballots))
    taken_back = [*ballots, (choice, weight, advisory, -1), (choice, weight, advisory, 1)]
    assert add_up(taken_back) == add_up(ballots)


def test_large_sums_stay_exact() -> None:
    counted = count([(Choice.FOR, 2**53 + 1, False, 1), (Choice.AGAINST, 2**53, False, 1)], EVERYBODY, SIMPLE)
    assert counted.sums.weight[Choice.FOR] - counted.sums.weight[Choice.AGAINST] == 1
    assert counted.arithmetic.verdict == "adopted"
