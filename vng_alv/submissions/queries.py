"""Reading submissions, who submits them along, and until when they may be submitted."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from vng_alv import db
from vng_alv.domain.deadlines import deadline
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.submissions import OPEN, CoAnswer, SubmissionKind, SubmissionState, is_held
from vng_alv.errors import Missing
from vng_alv.meetings.models import Meeting
from vng_alv.members.models import Association, Office
from vng_alv.submissions.models import Advice, CoSubmitter, Submission, SubmissionVersion


def held(meeting: Meeting) -> bool:
    """Whether a meeting has been held: what members bring ends with it."""
    return is_held(meeting.is_coming_until, db.now())


def closes_at(meeting: Meeting, association: Association) -> datetime:
    """Until when members may submit for a meeting: what follows from the rules, unless it was set otherwise."""
    return meeting.amendments_until or by_rule(meeting, association)


def by_rule(meeting: Meeting, association: Association) -> datetime:
    """Until when members may submit by the rules of the association."""
    return deadline(meeting.starts_at, association.amendment_days, association.amendment_clock)


def whole() -> list[Any]:
    """How a submission is read with all that its page shows, in a fixed number of statements."""
    return [
        joinedload(Submission.member),
        joinedload(Submission.author),
        selectinload(Submission.co_submitters).joinedload(CoSubmitter.member),
        selectinload(Submission.advice).joinedload(Advice.person),
    ]


def lock_submission(submission_id: uuid.UUID) -> Submission:
    """One submission, for this transaction alone. Raises ``Missing``."""
    found = db.session.scalars(
        select(Submission)
        .where(Submission.id == submission_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise Missing("submission")
    return found


def may_see(actor: Actor | None) -> ColumnElement[bool]:
    """Which submissions somebody may read: all that were submitted, and drafts of members that they work for or that
    those were asked to submit along. Drafts are a member's own; staff sees those that it is asked to take in late."""
    submitted = Submission.state != SubmissionState.DRAFT
    if actor is None:
        return submitted
    mine = select(Office.member_id).where(Office.person_id == actor.id)
    asked = exists().where(
        CoSubmitter.submission_id == Submission.id,
        CoSubmitter.member_id.in_(mine),
        CoSubmitter.answer.in_((CoAnswer.ASKED, CoAnswer.JOINED)),
    )
    offered = [Submission.late_reason != ""] if actor.may(Permission.MANAGE_MEETINGS) else []
    return or_(submitted, Submission.member_id.in_(mine), asked, *offered)


def get_submission(submission_id: uuid.UUID, actor: Actor | None) -> Submission:
    """One submission with what belongs to it. Raises ``Missing`` where ``actor`` may not read it."""
    found = db.session.scalars(
        select(Submission).options(*whole()).where(Submission.id == submission_id, may_see(actor))
    ).one_or_none()
    if found is None:
        raise Missing("submission")
    return found


def may_still_see(submission_id: uuid.UUID, actor: Actor) -> bool:
    """Whether somebody may (still) read a submission."""
    return db.session.scalar(select(Submission.id).where(Submission.id == submission_id, may_see(actor))) is not None


def submissions_of(meeting_id: uuid.UUID) -> Sequence[Submission]:
    """What was submitted to a meeting, with its advice: amendments first, by number."""
    return db.session.scalars(
        select(Submission)
        .options(joinedload(Submission.member), selectinload(Submission.advice))
        .where(Submission.meeting_id == meeting_id, Submission.state != SubmissionState.DRAFT)
        .order_by(Submission.kind, Submission.number)
    ).all()


def offered_late(meeting_id: uuid.UUID) -> Sequence[Submission]:
    """The drafts that the secretariat is asked to take in after the deadline."""
    return db.session.scalars(
        select(Submission)
        .options(joinedload(Submission.member))
        .where(
            Submission.meeting_id == meeting_id,
            Submission.state == SubmissionState.DRAFT,
            Submission.late_reason != "",
        )
        .order_by(Submission.saved_at)
    ).all()


def drafts_of(person_id: uuid.UUID, since: datetime) -> Sequence[Submission]:
    """The drafts of members that a person works for, for meetings that begin at ``since`` or later or last until then,
    the latest saved first."""
    mine = select(Office.member_id).where(Office.person_id == person_id)
    return db.session.scalars(
        select(Submission)
        .join(Submission.meeting)
        .options(joinedload(Submission.member), contains_eager(Submission.meeting))
        .where(
            Submission.member_id.in_(mine),
            Submission.state == SubmissionState.DRAFT,
            func.coalesce(Meeting.ends_at, Meeting.starts_at) >= since,
        )
        .order_by(Submission.saved_at.desc())
    ).all()


def asked_of(person_id: uuid.UUID, since: datetime) -> Sequence[CoSubmitter]:
    """The requests to submit along that still wait for an answer of a member that this person works for, for meetings
    that begin at ``since`` or later or last until then."""
    mine = select(Office.member_id).where(Office.person_id == person_id)
    return db.session.scalars(
        select(CoSubmitter)
        .join(CoSubmitter.submission)
        .join(Submission.meeting)
        .options(
            joinedload(CoSubmitter.member),
            contains_eager(CoSubmitter.submission).options(
                joinedload(Submission.member), contains_eager(Submission.meeting)
            ),
        )
        .where(
            CoSubmitter.member_id.in_(mine),
            CoSubmitter.answer == CoAnswer.ASKED,
            Submission.state.in_((SubmissionState.DRAFT, *OPEN)),
            func.coalesce(Meeting.ends_at, Meeting.starts_at) >= since,
        )
        .order_by(CoSubmitter.asked_at)
    ).all()


def next_number(meeting_id: uuid.UUID, kind: SubmissionKind) -> int:
    """The number of the next submission of a kind; whoever asks has locked the meeting."""
    last = db.session.scalar(
        select(func.max(Submission.number)).where(Submission.meeting_id == meeting_id, Submission.kind == kind)
    )
    return (last or 0) + 1


def versions_of(submission_id: uuid.UUID) -> Sequence[SubmissionVersion]:
    """What a submission said each time, the first one first."""
    return db.session.scalars(
        select(SubmissionVersion)
        .where(SubmissionVersion.submission_id == submission_id)
        .order_by(SubmissionVersion.number)
    ).all()


def advice_for(submission: Submission, actor: Actor | None) -> list[Advice]:
    """The versions of the advice that somebody may read, the newest first: all of them for those who advise, the
    published ones for everybody else."""
    early = actor is not None and actor.may(Permission.ADVISE)
    return [a for a in reversed(submission.advice) if a.published_at or early]
