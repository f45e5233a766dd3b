"""Reading motions, which of them may be voted on, and the account of what was adopted."""

import re
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from vng_alv import db
from vng_alv.domain.motions import ACCOUNTED, FollowUpState, may_be_asked
from vng_alv.domain.permissions import Actor
from vng_alv.errors import Missing
from vng_alv.meetings.models import Meeting
from vng_alv.motions.models import FollowUp, Motion
from vng_alv.proposals.models import Proposal, ProposalKind, Version
from vng_alv.submissions.models import Advice, CoSubmitter, Submission
from vng_alv.submissions.queries import may_see

#: The code of a motion's text: 'M12'.
_CODE = re.compile(r"[Mm]0*(\d{1,6})\Z")


def _with_all() -> list[ORMOption]:
    """How a motion is read with all that its page shows, in a fixed number of statements."""
    whole = contains_eager(Motion.submission)
    return [
        whole.joinedload(Submission.member),
        whole.joinedload(Submission.author),
        whole.joinedload(Submission.meeting),
        whole.selectinload(Submission.co_submitters).joinedload(CoSubmitter.member),
        whole.selectinload(Submission.advice).joinedload(Advice.person),
        joinedload(Motion.proposal).options(selectinload(Proposal.versions), joinedload(Proposal.agenda_item)),
        selectinload(Motion.follow_ups).options(joinedload(FollowUp.meeting), joinedload(FollowUp.person)),
    ]


def get_motion(motion_id: uuid.UUID, actor: Actor | None) -> Motion:
    """One motion with all that its page shows. Raises ``Missing`` also where ``actor`` may not read it."""
    found = db.session.scalars(
        select(Motion)
        .join(Motion.submission)
        .options(*_with_all())
        .where(Motion.submission_id == motion_id, may_see(actor))
    ).one_or_none()
    if found is None:
        raise Missing("motion")
    return found


def motions_of(meeting_id: uuid.UUID, actor: Actor | None) -> Sequence[Motion]:
    """The motions of a meeting that ``actor`` may read: drafts first, then by number."""
    return db.session.scalars(
        select(Motion)
        .join(Motion.submission)
        .options(
            contains_eager(Motion.submission).joinedload(Submission.member),
            contains_eager(Motion.submission).selectinload(Submission.co_submitters).joinedload(CoSubmitter.member),
            contains_eager(Motion.submission).selectinload(Submission.advice),
            joinedload(Motion.proposal),
        )
        .where(Submission.meeting_id == meeting_id, may_see(actor))
        .order_by(Submission.number.is_not(None), Submission.number, Submission.created_at)
    ).all()


def texts_of(meeting_id: uuid.UUID) -> Sequence[Proposal]:
    """The published motions of a meeting that the secretariat brought in as a text, by code."""
    return db.session.scalars(
        select(Proposal)
        .outerjoin(Motion, Motion.proposal_id == Proposal.id)
        .options(joinedload(Proposal.submitter))
        .where(
            Proposal.meeting_id == meeting_id,
            Proposal.kind == ProposalKind.MOTION,
            Motion.submission_id.is_(None),
            Proposal.versions.any(Version.published_at.is_not(None)),
        )
        .order_by(Proposal.code)
    ).all()


def least_number(codes: Iterable[str]) -> int:
    """The lowest number with which 'M<number>' is after every code that is taken."""
    return 1 + max((int(found[1]) for code in codes if (found := _CODE.match(code))), default=0)


def find_motion(submission_id: uuid.UUID) -> Motion | None:
    """The motion that a submission is, or None for an amendment."""
    return db.session.get(Motion, submission_id)


def find_by_proposal(proposal_id: uuid.UUID) -> Motion | None:
    """The motion whose text this is, or None for another text."""
    return db.session.scalars(
        select(Motion).options(joinedload(Motion.submission)).where(Motion.proposal_id == proposal_id)
    ).one_or_none()


@dataclass(frozen=True)
class Standing:
    """Of some texts, the motions that are voted on in parts, and those that do not wait for a vote (any more)."""

    in_parts: set[uuid.UUID]
    not_for_vote: set[uuid.UUID]


def standing(proposal_ids: Collection[uuid.UUID]) -> Standing:
    """How the motions among these texts stand."""
    if not proposal_ids:
        return Standing(set(), set())
    rows = db.session.execute(
        select(Motion.proposal_id, Motion.parts, Submission.state)
        .join(Motion.submission)
        .where(Motion.proposal_id.in_(proposal_ids))
    ).all()
    return Standing(
        {key for key, parts, _state in rows if parts},
        {key for key, parts, state in rows if not may_be_asked(state, in_parts=bool(parts))},
    )


def in_parts(proposal_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Of these texts, the motions that are voted on in parts."""
    return standing(proposal_ids).in_parts


def not_for_vote(proposal_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Of these texts, the motions that do not wait for a vote (any more)."""
    return standing(proposal_ids).not_for_vote


def board_advice(proposal_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Advice]:
    """The newest published advice on the motions that these texts are, by text."""
    rows = db.session.execute(
        select(Motion.proposal_id, Advice)
        .join(Advice, Advice.submission_id == Motion.submission_id)
        .where(Motion.proposal_id.in_(proposal_ids), Advice.published_at.is_not(None))
        .order_by(Advice.number)
    )
    return {row[0]: row[1] for row in rows if row[0]}


# --- The account of what was adopted


def _accounts(*conditions: ColumnElement[bool]) -> Sequence[Motion]:
    return db.session.scalars(
        select(Motion)
        .join(Motion.submission)
        .join(Submission.meeting)
        .options(
            contains_eager(Motion.submission).contains_eager(Submission.meeting),
            contains_eager(Motion.submission).joinedload(Submission.member),
            selectinload(Motion.follow_ups).joinedload(FollowUp.meeting),
        )
        .where(Submission.state.in_(ACCOUNTED), *conditions)
        .order_by(Meeting.starts_at.desc(), Meeting.code, Submission.number)
    ).all()


def accounts(states: Collection[FollowUpState | None] | None = None) -> list[Motion]:
    """What the assembly adopted and the board took over, of all meetings, the latest first, with its follow-up; only
    those whose newest follow-up is one of ``states`` (None among them: nothing was said yet)."""
    found = _accounts()
    return [m for m in found if states is None or (m.newest.state if m.newest else None) in states]


def accounts_at(meeting_id: uuid.UUID) -> Sequence[Motion]:
    """The motions of which account is given at a meeting."""
    return _accounts(Motion.follow_ups.any(FollowUp.meeting_id == meeting_id))


def account_numbers() -> dict[FollowUpState | None, int]:
    """How many motions have each state of follow-up now."""
    newest = select(FollowUp.motion_id, func.max(FollowUp.at).label("at")).group_by(FollowUp.motion_id).subquery()
    rows = db.session.execute(
        select(FollowUp.state, func.count())
        .select_from(Motion)
        .join(Motion.submission)
        .outerjoin(newest, newest.c.motion_id == Motion.submission_id)
        .outerjoin(FollowUp, (FollowUp.motion_id == newest.c.motion_id) & (FollowUp.at == newest.c.at))
        .where(Submission.state.in_(ACCOUNTED))
        .group_by(FollowUp.state)
    )
    return {row[0]: row[1] for row in rows}
