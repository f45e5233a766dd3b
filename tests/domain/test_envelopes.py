"""What is in the envelopes of a secret ballot, and when sums would tell who chose what (docs/rules.md §11)."""

import itertools
import random
import uuid
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vng_alv.domain import envelopes
from vng_alv.domain.ballots import Paper
from vng_alv.domain.envelopes import INNER, inner_text, padded, rare_weights, read_inner, revealing

PAPER = Paper(("1", "2", "3", "abstain"), 2)
ROUND = uuid.uuid4()


@pytest.mark.parametrize("ballot", ["1", "1+3", "abstain"])
def test_all_envelopes_are_as_long_and_say_what_was_put_in(ballot: str) -> None:
    content = inner_text(ROUND, ballot)
    assert len(content) == INNER
    assert read_inner(content, ROUND, PAPER, 5) == ballot


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * INNER,
        inner_text(uuid.uuid4(), "1"),
        inner_text(ROUND, "1") + b" ",
        inner_text(ROUND, "1").replace(b"alv-ballot-1", b"alv-ballot-2"),
        *(inner_text(ROUND, ballot) for ballot in ("9", "1+2+3", "1:5", "3+1", "secret", "Jansen", "1 2")),
    ],
)
def test_what_nobody_can_say_is_no_ballot(content: bytes) -> None:
    assert read_inner(content, ROUND, PAPER, 5) is None


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        padded("x" * (INNER + 1), INNER)


# --- Sums that tell


def by_hand(ballots: Sequence[tuple[str, int]], *, members: bool) -> bool:
    """Whether somebody's ballot is the same in all ways to come to these sums, by trying all."""

    def sums(chosen: Sequence[str]) -> tuple[Counter[str], Counter[str]]:
        weight: Counter[str] = Counter()
        for one, (_, votes) in zip(chosen, ballots, strict=True):
            weight[one] += votes
        return weight, Counter(chosen) if members else Counter()

    truth = [ballot for ballot, _ in ballots]
    ways = [one for one in itertools.product(sorted(set(truth)), repeat=len(ballots)) if sums(one) == sums(truth)]
    return any(len(set(column)) == 1 for column in zip(*ways, strict=True))


BALLOTS = st.lists(st.tuples(st.sampled_from(["1", "2", "abstain"]), st.integers(1, 6)), min_size=5, max_size=7)


@given(BALLOTS, st.booleans())
def test_it_is_what_trying_all_ways_finds(ballots: list[tuple[str, int]], members: bool) -> None:
    assert revealing(ballots, members=members) is by_hand(ballots, members=members)


@given(BALLOTS, st.booleans())
def test_where_not_all_ways_are_looked_at_nobody_is_called_safe_who_is_not(
    ballots: list[tuple[str, int]], members: bool
) -> None:
    if by_hand(ballots, members=members):
        assert envelopes._unexchanged(ballots, members=members)


@pytest.mark.parametrize(
    ("ballots", "votes", "numbers"),
    [
        ([], False, False),
        ([("1", 1), ("2", 1), ("1", 1), ("2", 1)], True, True),  # too few
        ([("1", 1)] * 9, True, True),  # all the same
        ([("1", 1), ("2", 1)] * 3, False, False),
        ([("1", 1), ("2", 1)] * 3 + [("1", 75)], True, True),  # nobody else has 75
        (
            [("1", 1), ("2", 1)] * 3 + [("1", 3)],
            False,
            True,
        ),  # three for one are as many votes, and not as many members
    ],
)
def test_worked_cases(ballots: list[tuple[str, int]], votes: bool, numbers: bool) -> None:
    assert revealing(ballots, members=False) is votes
    assert revealing(ballots, members=True) is numbers


def test_an_assembly_is_looked_at_in_the_blink_of_an_eye() -> None:
    draw = random.Random(7)
    ballots = [(draw.choice(["1", "2", "3", "abstain"]), draw.randint(1, 75)) for _ in range(342)]
    assert not revealing(ballots, members=False)
    assert not revealing(ballots, members=True)
    assert revealing([*ballots, ("1", 5_000)], members=False)


def test_rare_weights() -> None:
    assert rare_weights([75, 75, 3, 3, 3, 3, 3, 1]) == [75, 1]
