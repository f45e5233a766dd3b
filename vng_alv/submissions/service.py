"""What amendments and motions have in common: submitting them, submitting along, advising, and how they end.

Each ends with a flush. Whatever changes a submission takes its row first, so that two people do not both do so.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain import submissions as rules
from vng_alv.domain.deadlines import is_over
from vng_alv.domain.mandates import MEMBER_SECRETARIES
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.submissions import AdviceKind, CoAnswer, SubmissionKind, SubmissionState, SubmitFacts
from vng_alv.errors import Conflict, Missing, Refused
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import lock_meeting
from vng_alv.members.models import Member
from vng_alv.members.queries import get_association, offices_at, standing_at
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify
from vng_alv.submissions.models import Advice, CoSubmitter, Submission, SubmissionVersion
from vng_alv.submissions.queries import closes_at, held, lock_submission, next_number, versions_of

#: What must be so before a submission of a kind is withdrawn, or is decided on by hand: the room of the votes says so
#: when it is read in. It raises ``Refused`` once the vote has opened.
LET_GO: dict[SubmissionKind, Callable[[Submission], None]] = {}
#: What must be so before the words of a submitted one of a kind change, said by the same room in the same way.
BEFORE_CHANGE: dict[SubmissionKind, Callable[[Submission], object]] = {}
#: What the same room takes before an advice on a submission of a kind is published, and what it then does.
AROUND_ADVICE: dict[SubmissionKind, Callable[[Submission], Callable[[], None]]] = {}


def begin(kind: SubmissionKind, meeting: Meeting, member: Member, title: str, reason: str, actor: Actor) -> Submission:
    """A new draft of a member. Raises ``Refused(NOT_ALLOWED or MEETING_HELD)``: only its own people write for it."""
    if refusal := rules.may_write(standing_at(actor, member.id), SubmissionState.DRAFT, held=held(meeting)):
        raise Refused(refusal)
    now = db.now()
    submission = Submission(
        id=uuid.uuid4(),
        meeting=meeting,
        kind=kind,
        member=member,
        title=title,
        reason=reason,
        state=SubmissionState.DRAFT,
        revision=1,
        author_id=actor.id,
        created_at=now,
        saved_at=now,
        co_submitters=[],
        advice=[],
    )
    db.session.add(submission)
    db.session.flush()
    record(f"{kind.value}.begin", actor, f"submission:{submission.id}", member_id=member.id)
    return submission


def edit(submission: Submission, title: str, reason: str, revision: int, actor: Actor) -> Submission:
    """Change a draft; ``revision`` is the one that the writer saw. What its kind holds, the caller changes.

    Raises ``Refused``, or ``Conflict(EDITED_MEANWHILE)`` when a colleague saved in between.
    """
    submission = lock_submission(submission.id)
    who = standing_at(actor, submission.member_id)
    if refusal := rules.may_write(who, submission.state, held=held(submission.meeting)):
        raise Refused(refusal)
    if submission.revision != revision:
        raise Conflict(Refusal.EDITED_MEANWHILE, name=submission.author.name)
    submission.title, submission.reason = title, reason
    submission.revision, submission.saved_at, submission.author_id = revision + 1, db.now(), actor.id
    db.session.flush()
    return submission


def facts_of(submission: Submission, content: Mapping[str, Any], actor: Actor, *, late_reason: str = "") -> SubmitFacts:
    """What has to be known before a draft is submitted, as it is now; the row may be locked for it."""
    association = get_association()
    return SubmitFacts(
        kind=submission.kind,
        who=standing_at(actor, submission.member_id),
        state=submission.state,
        says_something=bool(submission.title and content),
        closes_at=closes_at(submission.meeting, association),
        lasts_until=submission.meeting.is_coming_until,
        now=db.now(),
        joined=sum(co.answer is CoAnswer.JOINED for co in submission.co_submitters),
        needed=association.co_submitters,
        late_reason=late_reason,
    )


def submit(
    submission: Submission,
    content: Mapping[str, Any],
    actor: Actor,
    *,
    late_reason: str = "",
    revision: int | None = None,
    least: int = 1,
) -> Submission:
    """Submit a draft in the name of its member, with ``content`` as what it says; it gets its number.

    ``revision`` is the one that was looked over, ``least`` the lowest number that is free. Raises
    ``Conflict(EDITED_MEANWHILE)`` where a colleague saved since, and ``Refused`` with what
    ``domain.submissions.may_submit`` says.
    """
    lock_meeting(submission.meeting_id)
    submission = lock_submission(submission.id)
    facts = facts_of(submission, content, actor, late_reason=late_reason)
    if refusal := rules.may_submit(facts):
        raise Refused(refusal, needed=facts.needed, joined=facts.joined)
    if revision not in (None, submission.revision):
        raise Conflict(Refusal.EDITED_MEANWHILE, name=submission.author.name)
    submission.number = max(next_number(submission.meeting_id, submission.kind), least)
    submission.submitted_at, submission.state = facts.now, SubmissionState.SUBMITTED
    submission.late_reason = late_reason if is_over(facts.closes_at, facts.now) else ""
    keep_version(submission, content, actor)
    record(
        f"{submission.kind.value}.submit", actor, f"submission:{submission.id}", member_id=submission.member_id,
        number=submission.number, late=bool(submission.late_reason),
    )  # fmt: skip
    return submission


def offer_late(submission: Submission, content: Mapping[str, Any], reason: str, actor: Actor) -> None:
    """Ask the secretariat to take a draft in that missed the deadline; it may read the draft from now on. An empty
    ``reason`` takes that back. Raises ``Refused``."""
    submission = lock_submission(submission.id)
    refusal = rules.may_offer_late(facts_of(submission, content, actor, late_reason=reason))
    if refusal and not (refusal is Refusal.LATE_WITHOUT_REASON and submission.late_reason):
        raise Refused(refusal)
    submission.late_reason = reason
    db.session.flush()
    record(
        f"{submission.kind.value}.offer_late", actor, f"submission:{submission.id}", member_id=submission.member_id,
        offered=bool(reason),
    )  # fmt: skip


def change(submission: Submission, title: str, reason: str, revision: int, actor: Actor) -> Submission:
    """Change what was submitted, which keeps its number; what its kind holds, the caller changes, and then keeps a
    version and tells the submitters ('changed'). Raises ``Refused``, or ``Conflict(EDITED_MEANWHILE)``."""
    before_change(submission)
    submission = lock_submission(submission.id)
    who, meeting = standing_at(actor, submission.member_id), submission.meeting
    until = closes_at(meeting, get_association())
    if refusal := rules.may_change(who, submission.state, until, db.now(), held=held(meeting)):
        raise Refused(refusal)
    if submission.revision != revision:
        raise Conflict(Refusal.EDITED_MEANWHILE, name=submission.author.name)
    submission.title, submission.reason = title, reason
    submission.revision, submission.saved_at, submission.author_id = revision + 1, db.now(), actor.id
    db.session.flush()
    record(f"{submission.kind.value}.change", actor, f"submission:{submission.id}", member_id=submission.member_id)
    return submission


def keep_version(submission: Submission, content: Mapping[str, Any], actor: Actor | None) -> None:
    """Keep what a submission says from now on."""
    db.session.add(
        SubmissionVersion(
            submission_id=submission.id,
            number=len(versions_of(submission.id)) + 1,
            content={"title": submission.title, "reason": submission.reason, **content},
            at=db.now(),
            person_id=actor.id if actor else None,
        )
    )
    db.session.flush()


def discard(submission: Submission, actor: Actor) -> None:
    """Take a draft away for good; what its kind holds, the caller takes away first. Raises ``Refused``."""
    submission = lock_submission(submission.id)
    if refusal := rules.may_discard(standing_at(actor, submission.member_id), submission.state):
        raise Refused(refusal)
    db.session.delete(submission)
    db.session.flush()
    record(f"{submission.kind.value}.discard", actor, f"submission:{submission.id}", member_id=submission.member_id)


def withdraw(submission: Submission, note: str, actor: Actor) -> None:
    """Withdraw a submission in the name of its member. Raises ``Refused``."""
    who, over = standing_at(actor, submission.member_id), held(submission.meeting)
    if refusal := rules.may_withdraw(who, submission.state, asked_now=False, held=over):
        raise Refused(refusal)
    _let_go(submission)
    submission = lock_submission(submission.id)
    if refusal := rules.may_withdraw(who, submission.state, asked_now=False, held=over):
        raise Refused(refusal)
    move(submission, SubmissionState.WITHDRAWN, actor, note=note)


def before_change(submission: Submission) -> None:
    """Raises ``Refused`` where the words of a submission may not change any more: the vote on it has opened."""
    if submission.kind in BEFORE_CHANGE:
        BEFORE_CHANGE[submission.kind](submission)


def _let_go(submission: Submission) -> None:
    """The votes come first: they take their rows before that of the submission, as pronouncing one does."""
    if submission.kind in LET_GO:
        LET_GO[submission.kind](submission)


def decide(submission: Submission, state: SubmissionState, note: str, actor: Actor) -> None:
    """Record by hand what the board or the assembly decided on a submission. Raises ``Refused``."""
    if refusal := rules.may_decide(actor.roles, submission.state, state):
        raise Refused(refusal)
    _let_go(submission)
    submission = lock_submission(submission.id)
    if refusal := rules.may_decide(actor.roles, submission.state, state):
        raise Refused(refusal)
    move(submission, state, actor, note=note)


def move(submission: Submission, state: SubmissionState, actor: Actor | None, *, note: str = "") -> None:
    """Let a submission go on to ``state``; its submitters hear of it. Raises ``Refused(SUBMISSION_STATE)``."""
    submission = lock_submission(submission.id)
    if not rules.may_follow(submission.state, state):
        raise Refused(Refusal.SUBMISSION_STATE)
    submission.state = state
    submission.closing_note, submission.closed_at = note, None if state in rules.OPEN else db.now()
    db.session.flush()
    record(
        f"{submission.kind.value}.{state.value}", actor, f"submission:{submission.id}", member_id=submission.member_id,
        note=note,
    )  # fmt: skip
    tell(submission, state.value, actor)


def settle(submission_id: uuid.UUID, state: SubmissionState, actor: Actor | None) -> None:
    """Let a submission be what its pronounced votes say, back to submitted first where it was decided otherwise; one
    that cannot come there, such as what was merged or withdrawn, stays as it is."""
    submission = lock_submission(submission_id)
    if submission.state is state:
        return
    if not rules.may_follow(submission.state, state) and rules.may_follow(submission.state, SubmissionState.SUBMITTED):
        move(submission, SubmissionState.SUBMITTED, actor)
    if rules.may_follow(submission.state, state):
        move(submission, state, actor)


# --- Submitting along


def ask_along(submission: Submission, members: Iterable[Member], actor: Actor) -> int:
    """Ask other members to submit along; those that were asked before and did not say no stay asked. Their secretaries
    get a mail; returns how many were asked now. Raises ``Refused``."""
    submission = lock_submission(submission.id)
    who = standing_at(actor, submission.member_id)
    if refusal := rules.may_ask_along(who, submission.state, held=held(submission.meeting)):
        raise Refused(refusal)
    known = {co.member_id: co for co in submission.co_submitters}
    asked = []
    for member in members:
        if member.id == submission.member_id:
            continue
        co = known.get(member.id)
        if co is None:
            co = CoSubmitter(member=member, asked_at=db.now(), asked_by=actor.id, answer=CoAnswer.ASKED)
            submission.co_submitters.append(co)
        elif co.answer in {CoAnswer.ASKED, CoAnswer.JOINED}:
            continue
        else:
            co.answer, co.asked_at, co.asked_by, co.answered_at = CoAnswer.ASKED, db.now(), actor.id, None
        asked.append(member)
    db.session.flush()
    for member in asked:
        record(f"{submission.kind.value}.ask_along", actor, f"submission:{submission.id}", member_id=member.id)
        _mail(NoticeKind.CO_SUBMITTER_ASKED, submission, [member.id], actor, asked=member.name)
    return len(asked)


def answer_along(submission: Submission, member: Member, answer: CoAnswer, actor: Actor) -> None:
    """Say for a member whether it submits along, or that it no longer does. Raises ``Missing`` or ``Refused``."""
    submission = lock_submission(submission.id)
    co = next((one for one in submission.co_submitters if one.member_id == member.id), None)
    if co is None:
        raise Missing("co-submitter")
    who, over = standing_at(actor, member.id), held(submission.meeting)
    if refusal := rules.may_answer_along(who, submission.state, co.answer, answer, held=over):
        raise Refused(refusal)
    co.answer, co.answered_at, co.answered_by = answer, db.now(), actor.id
    db.session.flush()
    record(f"{submission.kind.value}.{answer.value}", actor, f"submission:{submission.id}", member_id=member.id)


# --- Advice


def advise(submission: Submission, kind: AdviceKind, body: str, actor: Actor) -> Advice:
    """The board's advice, as a new version that only the board sees until it is published. Raises ``Refused``."""
    submission = lock_submission(submission.id)
    if not actor.may(Permission.ADVISE) or submission.state is SubmissionState.DRAFT:
        raise Refused(Refusal.NOT_ALLOWED)
    advice = Advice(
        submission_id=submission.id,
        number=len(submission.advice) + 1,
        kind=kind,
        body=body,
        person_id=actor.id,
        given_at=db.now(),
    )
    submission.advice.append(advice)
    db.session.flush()
    record("advice.give", actor, f"submission:{submission.id}", member_id=submission.member_id, number=advice.number)
    return advice


def publish_advice(submission: Submission, number: int, actor: Actor) -> Advice:
    """Let everybody read a version of the advice: the newest one and no other. Raises ``Missing`` or ``Refused``."""
    around = AROUND_ADVICE.get(submission.kind)
    after = around(submission) if around else None
    submission = lock_submission(submission.id)
    if not actor.may(Permission.ADVISE):
        raise Refused(Refusal.NOT_ALLOWED)
    newest = submission.advice[-1] if submission.advice else None
    if newest is None or newest.number != number:
        raise Missing("advice")
    if newest.published_at is None:
        newest.published_at = db.now()
        db.session.flush()
        record("advice.publish", actor, f"submission:{submission.id}", member_id=submission.member_id, number=number)
        if after:
            after()
        tell(submission, "advice", actor)
    return newest


def discard_advice(submission: Submission, number: int, actor: Actor) -> None:
    """Throw the newest version of the advice away, while it is not published; the one before it is the newest again.
    Raises ``Missing`` where it is another one by now, or ``Refused``."""
    submission = lock_submission(submission.id)
    if not actor.may(Permission.ADVISE):
        raise Refused(Refusal.NOT_ALLOWED)
    newest = submission.advice[-1] if submission.advice else None
    if newest is None or newest.number != number or newest.published_at is not None:
        raise Missing("advice")
    submission.advice.remove(newest)
    db.session.delete(newest)
    db.session.flush()
    record("advice.discard", actor, f"submission:{submission.id}", member_id=submission.member_id, number=number)


# --- Telling


def tell(submission: Submission, what: str, actor: Actor | None) -> None:
    """Mail those who speak for the submitters what happened: a state, 'advice', 'changed', 'text' or 'misfit'."""
    joined = [co.member_id for co in submission.co_submitters if co.answer is CoAnswer.JOINED]
    _mail(NoticeKind.SUBMISSION_NEWS, submission, [submission.member_id, *joined], actor, what=what)


def _mail(
    kind: NoticeKind, submission: Submission, member_ids: Iterable[uuid.UUID], actor: Actor | None, **more: object
) -> None:
    people = {
        office.person_id
        for member_id in member_ids
        for office in offices_at(member_id)
        if office.kind in MEMBER_SECRETARIES and office.person.active
    }
    notify(
        kind,
        sorted(people - ({actor.id} if actor else set())),
        submission=str(submission.id),
        submission_kind=submission.kind.value,
        label=submission.label,
        title=submission.title,
        member=submission.member.name,
        meeting=submission.meeting.code,
        meeting_title=submission.meeting.title,
        **more,
    )


def set_deadline(meeting: Meeting, until: datetime | None, actor: Actor) -> None:
    """Let members submit until another moment than follows from the rules; None: until that one again."""
    if not actor.may(Permission.MANAGE_MEETINGS):
        raise Refused(Refusal.NOT_ALLOWED)
    meeting.amendments_until = until
    db.session.flush()
    record("meeting.deadline", actor, f"meeting:{meeting.id}", until=until.isoformat() if until else None)
