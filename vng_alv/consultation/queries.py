"""Reading consultations and reactions."""

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from vng_alv import db
from vng_alv.consultation.models import Comment, Consultation, Position
from vng_alv.errors import Missing
from vng_alv.members.models import Member
from vng_alv.proposals.models import Proposal


def find_consultation(proposal_id: uuid.UUID) -> Consultation | None:
    """The consultation on a proposal."""
    return db.session.scalars(select(Consultation).where(Consultation.proposal_id == proposal_id)).one_or_none()


def get_consultation(proposal_id: uuid.UUID) -> Consultation:
    """The consultation on a proposal. Raises ``Missing``."""
    consultation = find_consultation(proposal_id)
    if consultation is None:
        raise Missing("consultation")
    return consultation


def consultations_of(proposal_ids: Sequence[uuid.UUID]) -> Sequence[Consultation]:
    """The consultations on several proposals, the nearest deadline first."""
    return db.session.scalars(
        select(Consultation)
        .options(joinedload(Consultation.proposal))
        .where(Consultation.proposal_id.in_(proposal_ids))
        .order_by(Consultation.closes_at, Consultation.id)
    ).all()


def open_consultations(now: datetime) -> Sequence[Consultation]:
    """The consultations in which members may react now, the nearest deadline first."""
    return db.session.scalars(
        select(Consultation)
        .options(joinedload(Consultation.proposal).joinedload(Proposal.meeting))
        .where(Consultation.opened_at <= now, Consultation.closes_at > now)
        .order_by(Consultation.closes_at, Consultation.id)
    ).all()


def sent_comments(consultation_id: uuid.UUID) -> Sequence[Comment]:
    """All reactions that were sent, with member and answer, by name of the member."""
    return db.session.scalars(
        select(Comment)
        .join(Comment.member)
        .options(joinedload(Comment.member), joinedload(Comment.answer))
        .where(Comment.consultation_id == consultation_id, Comment.sent_at.is_not(None))
        .order_by(Member.name, Comment.sent_at, Comment.id)
    ).all()


def comments_of(
    consultation_id: uuid.UUID, member_id: uuid.UUID, *, lock: bool = False
) -> dict[uuid.UUID | None, Comment]:
    """A member's reactions, drafts too, by section; under None the one to the whole.

    With ``lock`` they are read anew, and nobody else changes them until this transaction ends.
    """
    query = (
        select(Comment)
        .options(joinedload(Comment.author), joinedload(Comment.answer))
        .where(Comment.consultation_id == consultation_id, Comment.member_id == member_id)
    )
    if lock:
        query = query.with_for_update(of=Comment).execution_options(populate_existing=True)
    rows = db.session.scalars(query)
    return {comment.section_id: comment for comment in rows}


def get_comment(comment_id: uuid.UUID) -> Comment:
    """One reaction with its answer. Raises ``Missing``."""
    comment = db.session.get(Comment, comment_id, options=[joinedload(Comment.answer)])
    if comment is None:
        raise Missing("comment")
    return comment


def positions(comments: Sequence[Comment]) -> dict[uuid.UUID | None, Counter[Position]]:
    """How often each position was taken, by section."""
    found: dict[uuid.UUID | None, Counter[Position]] = {}
    for comment in comments:
        if comment.position:
            found.setdefault(comment.section_id, Counter())[comment.position] += 1
    return found
