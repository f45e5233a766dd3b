"""Reading consultations and reactions."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import joinedload, selectinload, undefer
from sqlalchemy.orm.interfaces import ORMOption

from vng_alv import db
from vng_alv.consultation.models import (
    Answer,
    Attachment,
    Comment,
    CommentRevision,
    CommentTheme,
    Consultation,
    Position,
    Theme,
)
from vng_alv.domain.consultation import RevisionAct
from vng_alv.errors import Missing
from vng_alv.members.models import Member
from vng_alv.proposals.models import Proposal, VersionSection


def with_answers() -> tuple[ORMOption, ...]:
    """What a query for reactions takes along, so that ``Comment.answers`` asks for nothing more."""
    return joinedload(Comment.answer), selectinload(Comment.under).joinedload(CommentTheme.theme)


def find_consultation(proposal_id: uuid.UUID) -> Consultation | None:
    """The consultation on a proposal."""
    return db.session.scalars(select(Consultation).where(Consultation.proposal_id == proposal_id)).one_or_none()


def get_consultation(proposal_id: uuid.UUID) -> Consultation:
    """The consultation on a proposal. Raises ``Missing``."""
    consultation = find_consultation(proposal_id)
    if consultation is None:
        raise Missing("consultation")
    return consultation


def hold(consultation: Consultation, *, change: bool = False) -> None:
    """Read a consultation anew; nobody moves its deadline until this transaction ends."""
    query = select(Consultation).where(Consultation.id == consultation.id)
    db.session.scalars(
        query.with_for_update(read=not change, of=Consultation).execution_options(populate_existing=True)
    ).one()


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


def answered() -> ColumnElement[bool]:
    """In SQL what ``Comment.answers`` says: an answer of its own, or a theme with one."""
    own = select(Answer.comment_id).where(Answer.comment_id == Comment.id).exists()
    by_theme = (
        select(CommentTheme.comment_id)
        .join(CommentTheme.theme)
        .where(CommentTheme.comment_id == Comment.id, Theme.answer != "")
        .exists()
    )
    return own | by_theme


def in_order(consultation: Consultation, *conditions: ColumnElement[bool]) -> Select[Comment]:
    """Reactions that were sent, of a member each: to the whole, then by section and name."""
    place = case((Comment.section_id.is_(None), -1), else_=func.coalesce(VersionSection.position, 100_000))
    return (
        select(Comment)
        .join(Comment.member)
        .outerjoin(
            VersionSection,
            (VersionSection.section_id == Comment.section_id) & (VersionSection.version_id == consultation.version_id),
        )
        .where(Comment.consultation_id == consultation.id, Comment.sent_at.is_not(None), *conditions)
        .order_by(place, Member.name, Comment.id)
    )


def some_sent(
    consultation: Consultation, *, unanswered: bool, province: str, first: int, number: int
) -> Sequence[Comment]:
    """The sent reactions of this kind from place ``first`` (from 0), with member and answers."""
    narrowed = [*([~answered()] if unanswered else []), *([Member.province == province] if province else [])]
    query = in_order(consultation, *narrowed).options(joinedload(Comment.member), *with_answers())
    return db.session.scalars(query.offset(first).limit(number)).all()


def count_sent(consultation_id: uuid.UUID) -> tuple[int, int, int]:
    """Of what was sent: how many reactions, of how many members, and how many are not answered."""
    row = db.session.execute(
        select(
            func.count(),
            func.count(Comment.member_id.distinct()),
            func.coalesce(func.sum(case((answered(), 0), else_=1)), 0),
        ).where(Comment.consultation_id == consultation_id, Comment.sent_at.is_not(None))
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


def provinces(consultation_id: uuid.UUID) -> Sequence[str]:
    """The provinces that reactions came from, by name."""
    return db.session.scalars(
        select(Member.province)
        .distinct()
        .join(Comment, Comment.member_id == Member.id)
        .where(Comment.consultation_id == consultation_id, Comment.sent_at.is_not(None))
        .order_by(Member.province)
    ).all()


def sent_comments(consultation_id: uuid.UUID) -> Sequence[Comment]:
    """All reactions that were sent, with member and answers, by name of the member."""
    return db.session.scalars(
        select(Comment)
        .join(Comment.member)
        .options(joinedload(Comment.member), *with_answers())
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
        .options(joinedload(Comment.author), *with_answers())
        .where(Comment.consultation_id == consultation_id, Comment.member_id == member_id)
    )
    if lock:
        query = query.with_for_update(of=Comment).execution_options(populate_existing=True)
    rows = db.session.scalars(query)
    return {comment.section_id: comment for comment in rows}


def find_revision(comment_id: uuid.UUID, revision: int) -> CommentRevision | None:
    """What a reaction said after one act on it."""
    return db.session.get(CommentRevision, (comment_id, revision))


@dataclass(frozen=True)
class Act:
    """An act on a reaction, without the words."""

    revision: int
    act: RevisionAct
    person_id: uuid.UUID
    at: datetime
    #: Characters of the text.
    words: int


def acts_of(comment_id: uuid.UUID) -> list[Act]:
    """All that was done with a reaction, the oldest first."""
    rows = db.session.execute(
        select(
            CommentRevision.revision,
            CommentRevision.act,
            CommentRevision.person_id,
            CommentRevision.at,
            func.length(CommentRevision.body),
        )
        .where(CommentRevision.comment_id == comment_id)
        .order_by(CommentRevision.revision)
    )
    return [Act(*row) for row in rows]


def revisions_of(comment_id: uuid.UUID, numbers: Sequence[int]) -> dict[int, CommentRevision]:
    """Some revisions of a reaction with who made them, by number."""
    rows = db.session.scalars(
        select(CommentRevision)
        .options(joinedload(CommentRevision.person))
        .where(CommentRevision.comment_id == comment_id, CommentRevision.revision.in_(numbers))
    )
    return {row.revision: row for row in rows}


def attachments_of(consultation_id: uuid.UUID, member_id: uuid.UUID, *, lock: bool = False) -> Sequence[Attachment]:
    """The files beside a member's reaction, drafts too, without their content; the oldest first."""
    query = (
        select(Attachment)
        .where(Attachment.consultation_id == consultation_id, Attachment.member_id == member_id)
        .order_by(Attachment.added_at, Attachment.id)
    )
    if lock:
        query = query.with_for_update(of=Attachment).execution_options(populate_existing=True)
    return db.session.scalars(query).all()


def sent_attachments(consultation_id: uuid.UUID) -> Sequence[Attachment]:
    """All files that were sent, without their content, by name of the member."""
    return db.session.scalars(
        select(Attachment)
        .join(Attachment.member)
        .options(joinedload(Attachment.member))
        .where(Attachment.consultation_id == consultation_id, Attachment.sent_at.is_not(None))
        .order_by(Member.name, Attachment.added_at, Attachment.id)
    ).all()


def get_attachment(consultation_id: uuid.UUID, attachment_id: uuid.UUID, *, content: bool = False) -> Attachment:
    """One file beside a reaction in this consultation. Raises ``Missing``."""
    found = db.session.get(Attachment, attachment_id, options=[undefer(Attachment.content)] if content else [])
    if found is None or found.consultation_id != consultation_id:
        raise Missing("attachment")
    return found


def positions(comments: Sequence[Comment]) -> dict[uuid.UUID | None, Counter[Position]]:
    """How often each position was taken in what was sent, by section."""
    found: dict[uuid.UUID | None, Counter[Position]] = {}
    for comment in comments:
        if comment.sent_position:
            found.setdefault(comment.section_id, Counter())[comment.sent_position] += 1
    return found
