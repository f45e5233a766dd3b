"""The life of a submission: what may follow what, who may do it, until when, and which days count (docs/rules.md)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from vng_alv.domain.amendments import Wording, changes, tidied, touching
from vng_alv.domain.deadlines import working_days_before
from vng_alv.domain.mandates import OfficeKind, Standing
from vng_alv.domain.permissions import Role
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.submissions import (
    ACCEPTED,
    OPEN,
    CoAnswer,
    DayKind,
    SubmissionKind,
    SubmissionState,
    SubmitFacts,
    days_before,
    is_held,
    may_adapt,
    may_answer_along,
    may_ask_along,
    may_change,
    may_decide,
    may_discard,
    may_follow,
    may_offer_late,
    may_submit,
    may_withdraw,
    may_write,
    transitions,
)

S = SubmissionState
CLOSES = datetime(2027, 6, 3, 10, tzinfo=UTC)
BEFORE, AFTER = CLOSES - timedelta(microseconds=1), CLOSES
#: The meeting, in summer time: it has been held from midnight in Amsterdam, which is 22:00 UTC.
STARTS = datetime(2027, 6, 16, 11, tzinfo=UTC)
HELD = datetime(2027, 6, 16, 22, tzinfo=UTC)
CLERK = Standing(frozenset(), OfficeKind.CLERK)
OFFICIAL = Standing(frozenset(), OfficeKind.OFFICIAL)
STAFF = Standing(frozenset({Role.SECRETARIAT}), None)
BOARD = Standing(frozenset({Role.BOARD}), None)
GUEST = Standing(frozenset(), None)
FACTS = SubmitFacts(
    kind=SubmissionKind.AMENDMENT, who=CLERK, state=S.DRAFT, says_something=True, closes_at=CLOSES,
    lasts_until=STARTS, now=BEFORE, joined=0, needed=0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, None),
        ({"who": STAFF}, None),
        ({"who": OFFICIAL}, Refusal.NOT_ALLOWED),
        ({"who": BOARD}, Refusal.NOT_ALLOWED),
        ({"state": S.SUBMITTED}, Refusal.ALREADY_SUBMITTED),
        ({"says_something": False}, Refusal.EMPTY_SUBMISSION),
        ({"now": AFTER}, Refusal.SUBMITTING_CLOSED),
        ({"now": AFTER, "late_reason": "Storing"}, Refusal.SUBMITTING_CLOSED),
        ({"now": AFTER, "who": STAFF}, Refusal.LATE_WITHOUT_REASON),
        ({"now": AFTER, "who": STAFF, "late_reason": "Storing"}, None),
        ({"now": AFTER, "kind": SubmissionKind.MOTION}, Refusal.LATE_WITHOUT_REASON),
        ({"now": AFTER, "kind": SubmissionKind.MOTION, "late_reason": "Actueel"}, None),
        ({"now": HELD, "kind": SubmissionKind.MOTION, "late_reason": "Actueel"}, Refusal.MEETING_HELD),
        ({"now": HELD, "closes_at": HELD + timedelta(days=1)}, Refusal.MEETING_HELD),
        ({"now": HELD, "who": STAFF, "late_reason": "Storing"}, Refusal.MEETING_HELD),
        ({"needed": 2, "joined": 1}, Refusal.TOO_FEW_SUBMITTERS),
        ({"needed": 2, "joined": 2}, None),
        ({"needed": 1, "now": AFTER, "who": STAFF, "late_reason": "Storing"}, Refusal.TOO_FEW_SUBMITTERS),
    ],
)
def test_who_submits_what_and_when(changed: dict[str, object], expected: Refusal | None) -> None:
    assert may_submit(replace(FACTS, **changed)) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, None),
        ({"now": BEFORE}, Refusal.SUBMISSION_STATE),
        ({"now": HELD}, Refusal.MEETING_HELD),
        ({"state": S.SUBMITTED}, Refusal.SUBMISSION_STATE),
        ({"who": OFFICIAL}, Refusal.NOT_ALLOWED),
        ({"who": STAFF}, Refusal.NOT_ALLOWED),
        ({"kind": SubmissionKind.MOTION}, Refusal.NOT_ALLOWED),
        ({"says_something": False}, Refusal.EMPTY_SUBMISSION),
        ({"late_reason": ""}, Refusal.LATE_WITHOUT_REASON),
    ],
)
def test_a_late_draft_is_offered_by_its_own_secretary(changed: dict[str, object], expected: Refusal | None) -> None:
    late = replace(FACTS, now=AFTER, late_reason="Storing")
    assert may_offer_late(replace(late, **changed)) is expected  # type: ignore[arg-type]


def test_what_was_submitted_is_changed_by_its_secretary_until_the_deadline() -> None:
    assert may_change(CLERK, S.SUBMITTED, CLOSES, BEFORE, held=False) is None
    assert may_change(CLERK, S.SUBMITTED, CLOSES, AFTER, held=False) is Refusal.SUBMITTING_CLOSED
    assert may_change(CLERK, S.TAKEN_OVER, CLOSES, BEFORE, held=False) is Refusal.SUBMISSION_STATE
    for who in (OFFICIAL, STAFF, BOARD, GUEST):
        assert may_change(who, S.SUBMITTED, CLOSES, BEFORE, held=False) is Refusal.NOT_ALLOWED


@pytest.mark.parametrize(
    ("starts_at", "now", "expected"),
    [
        (STARTS, STARTS - timedelta(days=300), False),
        (STARTS, STARTS, False),
        (STARTS, HELD - timedelta(microseconds=1), False),
        (STARTS, HELD, True),
        # In winter midnight in Amsterdam is 23:00 UTC, and a meeting that begins just before it is over just after it.
        (datetime(2026, 12, 1, 22, 59, tzinfo=UTC), datetime(2026, 12, 1, 22, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 12, 1, 22, 59, tzinfo=UTC), datetime(2026, 12, 1, 23, tzinfo=UTC), True),
        (datetime(2026, 12, 1, 23, tzinfo=UTC), datetime(2026, 12, 1, 23, tzinfo=UTC), False),
    ],
)
def test_a_meeting_has_been_held_from_the_day_after_it(starts_at: datetime, now: datetime, expected: bool) -> None:
    assert is_held(starts_at, now) is expected


def test_after_the_meeting_members_bring_and_change_nothing() -> None:
    held = Refusal.MEETING_HELD
    assert may_write(CLERK, S.DRAFT, held=True) is held
    assert may_discard(CLERK, S.DRAFT) is None
    assert may_change(CLERK, S.SUBMITTED, CLOSES, BEFORE, held=True) is held
    assert may_adapt(CLERK, S.SUBMITTED, held=True) is held
    assert may_adapt(OFFICIAL, S.DRAFT, held=True) is held
    assert may_ask_along(CLERK, S.DRAFT, held=True) is held
    assert may_ask_along(STAFF, S.SUBMITTED, held=True) is held
    assert may_answer_along(CLERK, S.SUBMITTED, CoAnswer.ASKED, CoAnswer.JOINED, held=True) is held
    assert may_answer_along(CLERK, S.SUBMITTED, CoAnswer.JOINED, CoAnswer.LEFT, held=True) is held
    assert may_withdraw(CLERK, S.SUBMITTED, asked_now=False, held=True) is held
    assert may_withdraw(STAFF, S.SUBMITTED, asked_now=False, held=True) is None  # it was withdrawn in the meeting
    assert may_decide(STAFF.roles, S.SUBMITTED, S.ADOPTED) is None


def test_who_asks_and_answers_about_submitting_along() -> None:
    for state in S:
        open_now = state in {S.DRAFT, S.SUBMITTED}
        for who in (CLERK, OFFICIAL, STAFF):
            assert may_ask_along(who, state, held=False) is (None if open_now else Refusal.NOT_ALLOWED)
    assert may_ask_along(BOARD, S.DRAFT, held=False) is Refusal.NOT_ALLOWED
    asked, joined, declined, left = CoAnswer.ASKED, CoAnswer.JOINED, CoAnswer.DECLINED, CoAnswer.LEFT
    right = {(asked, joined), (asked, declined), (declined, joined), (declined, declined), (left, joined),
             (left, declined), (joined, left)}  # fmt: skip
    for now in CoAnswer:
        for then in CoAnswer:
            expected = None if (now, then) in right else Refusal.SUBMISSION_STATE
            assert may_answer_along(CLERK, S.HELD_OVER, now, then, held=False) is expected
    assert may_answer_along(OFFICIAL, S.DRAFT, asked, joined, held=False) is Refusal.NOT_ALLOWED
    assert may_answer_along(CLERK, S.ADOPTED, asked, joined, held=False) is Refusal.SUBMISSION_STATE


def test_drafts_are_written_by_people_of_the_member() -> None:
    assert may_write(OFFICIAL, S.DRAFT, held=False) is None
    assert may_write(OFFICIAL, S.SUBMITTED, held=False) is Refusal.ALREADY_SUBMITTED
    assert may_write(STAFF, S.DRAFT, held=False) is Refusal.NOT_ALLOWED


def test_who_decides_what() -> None:
    board, staff = frozenset({Role.BOARD}), frozenset({Role.SECRETARIAT})
    for then in (S.TAKEN_OVER, S.ADOPTED, S.REJECTED, S.HELD_OVER, S.LAPSED):
        assert may_decide(staff, S.SUBMITTED, then) is None
        assert may_decide(board, S.SUBMITTED, then) is (None if then is S.TAKEN_OVER else Refusal.NOT_ALLOWED)
        assert may_decide(frozenset({Role.RAPPORTEUR, Role.CHAIR}), S.SUBMITTED, then) is Refusal.NOT_ALLOWED
    assert may_decide(staff, S.DRAFT, S.TAKEN_OVER) is Refusal.NOT_ALLOWED
    assert may_decide(staff, S.DRAFT, S.SUBMITTED) is Refusal.NOT_ALLOWED
    assert may_decide(staff, S.ADOPTED, S.MERGED) is Refusal.NOT_ALLOWED
    assert may_decide(staff, S.SUBMITTED, S.WITHDRAWN) is Refusal.NOT_ALLOWED
    assert may_decide(staff, S.REJECTED, S.ADOPTED) is Refusal.SUBMISSION_STATE
    assert may_decide(staff, S.LAPSED, S.SUBMITTED) is None


def test_withdrawing_ends_once_it_is_put_to_the_vote() -> None:
    assert may_withdraw(CLERK, S.SUBMITTED, asked_now=False, held=False) is None
    assert may_withdraw(CLERK, S.SUBMITTED, asked_now=True, held=False) is Refusal.SUBMISSION_STATE
    assert may_withdraw(CLERK, S.WITHDRAWN, asked_now=False, held=False) is Refusal.SUBMISSION_STATE
    assert may_withdraw(OFFICIAL, S.SUBMITTED, asked_now=False, held=False) is Refusal.NOT_ALLOWED


def test_nothing_comes_back_from_its_end_or_into_a_draft() -> None:
    ends = {S.WITHDRAWN, S.MERGED}
    assert not [step for step in transitions() if step[0] in ends or step[1] is S.DRAFT]
    assert all(may_follow(state, S.WITHDRAWN) for state in OPEN)
    assert all(may_follow(state, S.MERGED) for state in ACCEPTED)
    assert {then for _, then in transitions()} == set(S) - {S.DRAFT}


def test_the_days_of_a_deadline_are_shown_as_they_are_counted() -> None:
    day = date(2027, 5, 19)
    shown = days_before(day, 9)
    assert shown[-1] == (working_days_before(day, 9), DayKind.COUNTED)
    assert [kind for _, kind in shown].count(DayKind.COUNTED) == 9
    holidays = [d for d, kind in shown if kind is DayKind.HOLIDAY]
    assert holidays == [date(2027, 5, 17), date(2027, 5, 6), date(2027, 5, 5)]
    assert all((d.isoweekday() > 5) is (kind is DayKind.WEEKEND) for d, kind in shown)
    assert [d for d, _ in shown] == [day - timedelta(days=n) for n in range(1, len(shown) + 1)]
    assert days_before(day, 0) == ()


# --- Words


def test_words_that_a_form_sends_back_untouched_are_no_change() -> None:
    base = Wording("Wonen", "Wij bouwen.\n\n- Snel\n- Goed")
    assert not changes(base, tidied("  Wonen ", "\r\nWij bouwen.\r\n\r\n- Snel\r\n- Goed\r\n  "))
    assert changes(base, tidied("Wonen", "Wij bouwen.\n\n- Snel\n- Goed\n- Mooi"))
    assert changes(base, tidied("Bouwen", base.body))
    assert changes(base, None)
    assert changes(None, tidied("Nieuw", ""))
    assert not changes(None, tidied("", " \r\n"))
    assert tidied("", "    code").body == "    code"


def test_amendments_touch_each_other_where_they_change_the_same_words() -> None:
    base = "De gemeente bouwt elk jaar tien woningen voor starters."
    mine = "De gemeente bouwt elk jaar twintig woningen voor starters."
    others = {
        "same place": base.replace("tien", "dertig"),
        "same words": mine,
        "elsewhere": base.replace("starters", "ouderen"),
        "all of it": "",
    }
    found = touching(base, mine, others)
    assert set(found) == {"same place", "all of it"}
    assert found["same place"] == ("tien",)
