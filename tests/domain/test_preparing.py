"""Who prepares an intended vote until when, and when two people get in each other's way (docs/rules.md §2)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from vng_alv.domain.preparing import collides, is_hash, is_stale, may_prepare, stands_for
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import IN_PREPARATION, RoundState

NOW = datetime(2026, 11, 30, 13, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Put:
    """A round."""

    state: RoundState = RoundState.OPEN
    number: int = 1
    closes_at: datetime | None = None


@pytest.mark.parametrize("state", RoundState)
def test_it_is_prepared_until_the_round_closes(state: RoundState) -> None:
    expected = None if state in {*IN_PREPARATION, RoundState.OPEN} else Refusal.PREPARING_CLOSED
    assert may_prepare(Put(state), NOW, works_here=True) is expected


def test_the_announced_moment_itself_is_too_late() -> None:
    later = NOW + timedelta(microseconds=1)
    assert may_prepare(Put(closes_at=later), NOW, works_here=True) is None
    assert may_prepare(Put(closes_at=NOW), NOW, works_here=True) is Refusal.PREPARING_CLOSED


def test_whoever_does_not_work_there_hears_that_first() -> None:
    for state in RoundState:
        assert may_prepare(Put(state), NOW, works_here=False) is Refusal.NOT_ALLOWED


def test_of_rounds_on_one_question_the_last_that_is_not_void_asks_it() -> None:
    void, asks = Put(RoundState.ANNULLED), Put(RoundState.DRAFT, 2)
    assert stands_for(None, void)
    assert stands_for(void, asks)
    assert stands_for(void, Put(RoundState.ANNULLED, 2))
    assert not stands_for(asks, Put(RoundState.ANNULLED, 3))


@pytest.mark.parametrize(
    ("begun", "stands", "wanted", "expected"),
    [
        (3, ("for", "a"), ("against", "b"), False),
        (2, ("for", "a"), ("for", "a"), False),
        (2, ("for", "a"), ("against", "a"), True),
        (2, ("for", "a"), ("for", "b"), True),
        (4, ("for", "a"), (None, ""), True),
    ],
)
def test_two_collide_unless_they_want_the_same(
    begun: int, stands: tuple[str | None, str], wanted: tuple[str | None, str], expected: bool
) -> None:
    assert collides(begun, 3, stands, wanted) is expected


def test_advice_on_other_words_is_stale() -> None:
    assert is_stale("a" * 64, "b" * 64)
    assert not is_stale("a" * 64, "a" * 64)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a" * 64, True), ("0123456789abcdef" * 4, True), ("a" * 63, False), ("A" * 64, False), ("g" * 64, False)],
)
def test_a_hash_is_64_digits(text: str, expected: bool) -> None:
    assert is_hash(text) is expected
