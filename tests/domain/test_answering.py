"""What counts as the answer to a reaction, and how positions add up (docs/rules.md, answering)."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from vng_alv.domain.answering import (
    BOUNDS,
    Given,
    Outcome,
    Size,
    Stand,
    answers,
    changed_since,
    count_positions,
    may_answer,
    may_answer_theme,
    may_delete_theme,
    merged_answer,
    size_of,
)
from vng_alv.domain.refusals import Refusal

SENT = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATER = SENT + timedelta(days=1)
OWN = Given("Aan u", LATER)
WATER = Given("Over water", LATER, "Water", Outcome.ADOPTED)
MONEY = Given("", LATER, "Geld")


def test_the_answer_is_its_own_and_those_of_its_themes_in_that_order() -> None:
    assert answers(OWN, [WATER], SENT) == (OWN, WATER)
    assert answers(None, [WATER], SENT) == (WATER,)
    assert answers(OWN, [], SENT) == (OWN,)


def test_a_theme_without_words_answers_nothing() -> None:
    assert answers(None, [MONEY], SENT) == ()
    assert answers(None, [], SENT) == ()
    assert answers(None, [MONEY, WATER], SENT) == (WATER,)


def test_nothing_is_answered_while_nothing_is_in_force() -> None:
    assert answers(OWN, [WATER], None) == ()


def test_an_answer_to_an_earlier_text_says_so() -> None:
    found = answers(OWN, [WATER], LATER + timedelta(seconds=1))
    assert [one.before for one in found] == [True, True]
    assert [one.before for one in answers(OWN, [WATER], LATER)] == [False, False]


@pytest.mark.parametrize(
    ("allowed", "title", "body", "outcome", "expected"),
    [
        (True, "Water", "Ja", Outcome.NOTED, None),
        (True, "Water", "", None, None),
        (True, "Water", "", Outcome.NOTED, None),
        (True, "Water", "Ja", None, Refusal.NO_OUTCOME),
        (True, "", "Ja", Outcome.NOTED, Refusal.EMPTY_TEXT),
        (False, "Water", "Ja", Outcome.NOTED, Refusal.NOT_ALLOWED),
    ],
)
def test_an_answer_to_a_theme_says_what_became_of_it(
    allowed: bool, title: str, body: str, outcome: Outcome | None, expected: Refusal | None
) -> None:
    assert may_answer_theme(allowed=allowed, title=title, body=body, outcome=outcome) is expected


@pytest.mark.parametrize(
    ("allowed", "read", "body", "expected"),
    [
        (True, True, "Ja", None),
        (False, True, "Ja", Refusal.NOT_ALLOWED),
        (True, False, "Ja", Refusal.REACTION_REPLACED),
        (True, False, "", Refusal.REACTION_REPLACED),
        (True, True, "", Refusal.EMPTY_TEXT),
    ],
)
def test_an_answer_is_to_the_text_that_was_read(allowed: bool, read: bool, body: str, expected: Refusal | None) -> None:
    assert may_answer(allowed=allowed, read=read, body=body) is expected


def test_what_changed_since_it_was_read_is_another_text_or_none() -> None:
    same, other, back, elsewhere, new = (uuid.UUID(int=n) for n in range(5))
    first, second = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    seen = {same: first, other: first, back: first, elsewhere: first}
    assert changed_since(seen, {same: first, other: second, back: None, new: second}) == [other, back]


def test_only_an_empty_theme_is_deleted() -> None:
    assert may_delete_theme(allowed=True, reactions=0) is None
    assert may_delete_theme(allowed=True, reactions=1) is Refusal.THEME_NOT_EMPTY
    assert may_delete_theme(allowed=False, reactions=0) is Refusal.NOT_ALLOWED


def test_two_answers_become_one_without_losing_words() -> None:
    assert merged_answer("A", "B") == "A\n\nB"
    assert merged_answer("A", "") == merged_answer("", "A") == merged_answer("A", "A") == "A"
    assert merged_answer("", "") == ""


def test_sizes_leave_no_gap_and_do_not_overlap() -> None:
    assert [size_of(n) for n in (0, 19_999, 20_000, 49_999, 50_000, 99_999, 100_000, 10**7)] == [
        Size.SMALL, Size.SMALL, Size.MEDIUM, Size.MEDIUM, Size.LARGE, Size.LARGE, Size.CITY, Size.CITY,
    ]  # fmt: skip
    edges = [BOUNDS[size] for size in Size]
    assert [beyond for _, beyond in edges[:-1]] == [least for least, _ in edges[1:]]


def test_positions_add_up_to_all_full_members_at_each_section() -> None:
    weights = {"a": 75, "b": 40, "c": 1}
    found = count_positions(
        ["geheel", "A1"], [("A1", "a", "agree"), ("A1", "b", "disagree"), ("A1", "x", "agree")], weights
    )
    assert (found.weight, found.members, found.advisory) == (116, 3, 1)
    assert found.sections["A1"].weight == {Stand.AGREE: 75, Stand.AGREE_IF: 0, Stand.DISAGREE: 40, Stand.NONE: 1}
    assert found.sections["A1"].members == {Stand.AGREE: 1, Stand.AGREE_IF: 0, Stand.DISAGREE: 1, Stand.NONE: 1}
    assert found.sections["geheel"].weight[Stand.NONE] == 116
