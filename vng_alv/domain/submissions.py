"""The life of an amendment or a motion, from draft to what became of it (docs/rules.md, amendments and motions)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from vng_alv.domain.clock import start_of_day
from vng_alv.domain.deadlines import is_over, is_working_day, working_days_before
from vng_alv.domain.mandates import Standing
from vng_alv.domain.permissions import Permission, Role, permissions
from vng_alv.domain.refusals import Refusal


class SubmissionKind(StrEnum):
    """What members bring to a meeting."""

    AMENDMENT = "amendment"
    MOTION = "motion"


def label_of(kind: SubmissionKind, number: int | None) -> str:
    """What people call it: 'AM3' or 'M12'; '' for a draft. Sections are often called A3, so amendments are not."""
    letter = "AM" if kind is SubmissionKind.AMENDMENT else "M"
    return f"{letter}{number}" if number else ""


class SubmissionState(StrEnum):
    """Where a submission stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    TAKEN_OVER = "taken_over"
    ADOPTED = "adopted"
    REJECTED = "rejected"
    HELD_OVER = "held_over"
    #: Its words are in a later version of the text.
    MERGED = "merged"
    #: The text that it changes went another way.
    LAPSED = "lapsed"


class AdviceKind(StrEnum):
    """What the board advises (preadvies)."""

    TAKE_OVER = "take_over"
    ADVISE_AGAINST = "advise_against"
    HOLD_OVER = "hold_over"
    LEAVE_TO_ASSEMBLY = "leave_to_assembly"


class CoAnswer(StrEnum):
    """What another member said to being asked to submit along."""

    ASKED = "asked"
    JOINED = "joined"
    DECLINED = "declined"
    LEFT = "left"


S = SubmissionState
_NEXT: dict[SubmissionState, frozenset[SubmissionState]] = {
    S.DRAFT: frozenset({S.SUBMITTED}),
    S.SUBMITTED: frozenset({S.WITHDRAWN, S.TAKEN_OVER, S.ADOPTED, S.REJECTED, S.HELD_OVER, S.LAPSED}),
    S.HELD_OVER: frozenset({S.WITHDRAWN, S.TAKEN_OVER, S.ADOPTED, S.REJECTED, S.LAPSED, S.SUBMITTED}),
    S.TAKEN_OVER: frozenset({S.MERGED, S.SUBMITTED}),
    # Back to submitted where the vote on it was annulled.
    S.ADOPTED: frozenset({S.MERGED, S.SUBMITTED}),
    S.WITHDRAWN: frozenset(),
    S.REJECTED: frozenset({S.SUBMITTED}),
    S.MERGED: frozenset(),
    S.LAPSED: frozenset({S.SUBMITTED}),
}
#: What still waits for a decision.
OPEN = frozenset({S.SUBMITTED, S.HELD_OVER})
#: What may go into the text.
ACCEPTED = frozenset({S.TAKEN_OVER, S.ADOPTED})


def may_follow(now: SubmissionState, then: SubmissionState) -> bool:
    """Whether a submission in state ``now`` may go to ``then``."""
    return then in _NEXT[now]


def transitions() -> list[tuple[SubmissionState, SubmissionState]]:
    """Every allowed step, for the database's own guard."""
    return sorted((now, then) for now, nexts in _NEXT.items() for then in nexts)


def is_held(lasts_until: datetime, now: datetime) -> bool:
    """Whether a meeting has been held: from the day after it began, in Amsterdam, or after its end if that is known
    (``lasts_until``). On the day itself it may still be under way, and that is when the last motions come."""
    return lasts_until < start_of_day(now)


@dataclass(frozen=True)
class SubmitFacts:
    """What has to be known before a draft is submitted."""

    kind: SubmissionKind
    who: Standing
    state: SubmissionState
    says_something: bool
    closes_at: datetime
    #: The end of the meeting, or its beginning where that is all that is known.
    lasts_until: datetime
    now: datetime
    #: Members that joined, without the first submitter.
    joined: int
    #: How many must have joined.
    needed: int
    #: Why it comes after the deadline.
    late_reason: str = ""


# What members bring ends with the meeting: ``held`` says whether it has been held (``is_held``).


def may_write(who: Standing, state: SubmissionState, *, held: bool) -> Refusal | None:
    """Why somebody may not change the draft of a member, or None: colleagues write together."""
    if refusal := may_discard(who, state):
        return refusal
    return Refusal.MEETING_HELD if held else None


def may_discard(who: Standing, state: SubmissionState) -> Refusal | None:
    """Why somebody may not throw the draft of a member away, or None: its people may, at any time."""
    if who.office is None:
        return Refusal.NOT_ALLOWED
    return None if state is S.DRAFT else Refusal.ALREADY_SUBMITTED


def may_submit(facts: SubmitFacts) -> Refusal | None:
    """Why a draft may not be submitted, or None.

    The secretary or clerk speaks for the member; the secretariat does it for a member that asks. After the deadline
    an amendment is taken by the secretariat only, and a motion by whoever may submit, both with a reason; after the
    meeting nothing is.
    """
    helps = facts.who.helps(Permission.MANAGE_MEETINGS)
    if not facts.who.is_secretary and not helps:
        return Refusal.NOT_ALLOWED
    if facts.state is not S.DRAFT:
        return Refusal.ALREADY_SUBMITTED
    if is_held(facts.lasts_until, facts.now):
        return Refusal.MEETING_HELD
    if not facts.says_something:
        return Refusal.EMPTY_SUBMISSION
    if is_over(facts.closes_at, facts.now):
        if facts.kind is SubmissionKind.AMENDMENT and not helps:
            return Refusal.SUBMITTING_CLOSED
        if not facts.late_reason:
            return Refusal.LATE_WITHOUT_REASON
    return Refusal.TOO_FEW_SUBMITTERS if facts.joined < facts.needed else None


def may_withdraw(who: Standing, state: SubmissionState, *, asked_now: bool, held: bool) -> Refusal | None:
    """Why a submission may not be withdrawn, or None; not any more once the vote on it (``asked_now``) has opened.

    After the meeting the secretariat still records what was withdrawn there.
    """
    helps = who.helps(Permission.MANAGE_MEETINGS)
    if not who.is_secretary and not helps:
        return Refusal.NOT_ALLOWED
    if held and not helps:
        return Refusal.MEETING_HELD
    return None if may_follow(state, S.WITHDRAWN) and not asked_now else Refusal.SUBMISSION_STATE


def may_change(
    who: Standing, state: SubmissionState, closes_at: datetime, now: datetime, *, held: bool
) -> Refusal | None:
    """Why what was submitted may not be changed, or None: its secretary may, until the deadline."""
    if not who.is_secretary:
        return Refusal.NOT_ALLOWED
    if held:
        return Refusal.MEETING_HELD
    if state is not S.SUBMITTED:
        return Refusal.SUBMISSION_STATE
    return Refusal.SUBMITTING_CLOSED if is_over(closes_at, now) else None


def may_adapt(who: Standing, state: SubmissionState, *, held: bool) -> Refusal | None:
    """Why an amendment that no longer fits the newest text may not be put on it, or None: its secretary may until the
    decision, also after the deadline, and colleagues may as long as it is a draft."""
    if state is S.DRAFT:
        return may_write(who, state, held=held)
    if not who.is_secretary:
        return Refusal.NOT_ALLOWED
    if held:
        return Refusal.MEETING_HELD
    return None if state in OPEN else Refusal.SUBMISSION_STATE


def may_offer_late(facts: SubmitFacts) -> Refusal | None:
    """Why a draft may not be shown to the secretariat to be taken in late, or None: only an amendment that missed
    the deadline, by the member's secretary, with a reason."""
    if not facts.who.is_secretary or facts.kind is not SubmissionKind.AMENDMENT:
        return Refusal.NOT_ALLOWED
    if is_held(facts.lasts_until, facts.now):
        return Refusal.MEETING_HELD
    if facts.state is not S.DRAFT or not is_over(facts.closes_at, facts.now):
        return Refusal.SUBMISSION_STATE
    if not facts.says_something:
        return Refusal.EMPTY_SUBMISSION
    return None if facts.late_reason else Refusal.LATE_WITHOUT_REASON


def may_ask_along(who: Standing, state: SubmissionState, *, held: bool) -> Refusal | None:
    """Why somebody may not ask other members to submit along, or None: people of the first submitter may, and the
    secretariat."""
    if who.office is None and not who.helps(Permission.MANAGE_MEETINGS):
        return Refusal.NOT_ALLOWED
    if held:
        return Refusal.MEETING_HELD
    return None if state in {S.DRAFT, S.SUBMITTED} else Refusal.NOT_ALLOWED


def may_answer_along(
    who: Standing, state: SubmissionState, now: CoAnswer, then: CoAnswer, *, held: bool
) -> Refusal | None:
    """Why a member may not answer ``then`` after ``now``, or None: whoever speaks for it says whether it submits along,
    or that it no longer does, until the decision."""
    if not who.is_secretary:
        return Refusal.NOT_ALLOWED
    if held:
        return Refusal.MEETING_HELD
    leaves = now is CoAnswer.JOINED and then is CoAnswer.LEFT
    answers = now is not CoAnswer.JOINED and then in {CoAnswer.JOINED, CoAnswer.DECLINED}
    return None if state in {S.DRAFT, *OPEN} and (leaves or answers) else Refusal.SUBMISSION_STATE


#: What may be said of a submission by hand; withdrawing is its submitter's, and merging comes with the new text.
BY_HAND = (S.TAKEN_OVER, S.ADOPTED, S.REJECTED, S.HELD_OVER, S.LAPSED, S.SUBMITTED)


def may_decide(roles: frozenset[Role], now: SubmissionState, then: SubmissionState) -> Refusal | None:
    """Why somebody with these roles may not let a submission go from ``now`` to ``then``, or None.

    The board takes over; what the assembly decided is recorded by whoever manages the meeting, who may do both.
    """
    manages = Permission.MANAGE_MEETINGS in permissions(roles)
    takes_over = then is S.TAKEN_OVER and Role.BOARD in roles
    if then not in BY_HAND or now is S.DRAFT or not (manages or takes_over):
        return Refusal.NOT_ALLOWED
    return None if may_follow(now, then) else Refusal.SUBMISSION_STATE


class DayKind(StrEnum):
    """Why a day counts for a deadline, or does not."""

    COUNTED = "counted"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


def days_before(day: date, number: int) -> tuple[tuple[date, DayKind], ...]:
    """Every day between a meeting on ``day`` and the ``number``-th working day before it, that one included, the
    latest first."""
    last, found = working_days_before(day, number), []
    while day > last:
        day -= timedelta(days=1)
        kind = DayKind.WEEKEND if day.isoweekday() > 5 else DayKind.HOLIDAY
        found.append((day, DayKind.COUNTED if is_working_day(day) else kind))
    return tuple(found)
