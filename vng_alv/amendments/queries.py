"""Reading amendments."""

import uuid
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from vng_alv import db
from vng_alv.amendments.models import Amendment, AmendmentSection
from vng_alv.domain.permissions import Actor
from vng_alv.domain.submissions import OPEN, AdviceKind, CoAnswer, SubmissionKind, SubmissionState, label_of
from vng_alv.errors import Missing
from vng_alv.members.models import Member
from vng_alv.proposals.models import Proposal
from vng_alv.submissions.models import Advice, CoSubmitter, Submission
from vng_alv.submissions.queries import may_see, whole


def get_amendment(amendment_id: uuid.UUID, actor: Actor | None) -> Amendment:
    """One amendment with what belongs to it. Raises ``Missing`` where ``actor`` may not read it."""
    found = db.session.scalars(
        select(Amendment)
        .join(Amendment.submission)
        .options(
            contains_eager(Amendment.submission).options(*whole(), joinedload(Submission.meeting)),
            joinedload(Amendment.proposal).selectinload(Proposal.versions),
            selectinload(Amendment.sections),
        )
        .where(Amendment.submission_id == amendment_id, may_see(actor))
    ).one_or_none()
    if found is None:
        raise Missing("amendment")
    return found


class Brought(NamedTuple):
    """An amendment as a list shows it: without its words, of which there are many."""

    submission_id: uuid.UUID
    number: int | None
    title: str
    state: SubmissionState
    #: Its place in the order of voting.
    position: int | None
    member: str
    #: Who submits along, by name.
    along: tuple[str, ...]
    #: The newest published advice.
    advice: AdviceKind | None
    #: The sections that it touches; for a new one that which it comes after.
    touches: frozenset[uuid.UUID]
    #: Whether it adds a section.
    new: bool

    @property
    def label(self) -> str:
        """What people call it; '' for a draft."""
        return label_of(SubmissionKind.AMENDMENT, self.number)


def amendments_on(proposal_id: uuid.UUID, actor: Actor | None) -> list[Brought]:
    """The amendments of a text that somebody may read, by number; drafts last."""
    here = [Amendment.proposal_id == proposal_id, may_see(actor)]
    keys = select(Amendment.submission_id).join(Amendment.submission).where(*here)
    along: dict[uuid.UUID, list[str]] = {}
    for key, name in db.session.execute(
        select(CoSubmitter.submission_id, Member.name)
        .join(CoSubmitter.member)
        .where(CoSubmitter.submission_id.in_(keys), CoSubmitter.answer == CoAnswer.JOINED)
    ):
        along.setdefault(key, []).append(name)
    advised = db.session.execute(
        select(Advice.submission_id, Advice.kind)
        .where(Advice.submission_id.in_(keys), Advice.published_at.is_not(None))
        .order_by(Advice.number)
    )
    advice = {row[0]: row[1] for row in advised}
    touches: dict[uuid.UUID, set[uuid.UUID]] = {}
    new: set[uuid.UUID] = set()
    for key, section_id, after_id in db.session.execute(
        select(AmendmentSection.amendment_id, AmendmentSection.section_id, AmendmentSection.after_id).where(
            AmendmentSection.amendment_id.in_(keys)
        )
    ):
        touches.setdefault(key, set()).add(after_id or section_id)
        if after_id:
            new.add(key)
    rows = db.session.execute(
        select(Submission.id, Submission.number, Submission.title, Submission.state, Amendment.position, Member.name)
        .join(Amendment, Amendment.submission_id == Submission.id)
        .join(Submission.member)
        .where(*here)
        .order_by(Submission.number.is_(None), Submission.number, Submission.created_at)
    )
    return [
        Brought(*row, tuple(sorted(along.get(row[0], ()), key=str.lower)), advice.get(row[0]),
                frozenset(touches.get(row[0], ())), row[0] in new)
        for row in rows
    ]  # fmt: skip


def amendments_of_meeting(meeting_id: uuid.UUID) -> Sequence[Amendment]:
    """What was submitted to a meeting, by number."""
    return db.session.scalars(
        select(Amendment)
        .join(Amendment.submission)
        .options(
            contains_eager(Amendment.submission).options(*whole()),
            joinedload(Amendment.proposal),
            selectinload(Amendment.sections),
        )
        .where(Submission.meeting_id == meeting_id, Submission.state != SubmissionState.DRAFT)
        .order_by(Submission.number)
    ).all()


def rivals(version_id: uuid.UUID, member_id: uuid.UUID | None, but: uuid.UUID | None) -> Sequence[Amendment]:
    """The amendments of a version that still wait for a decision, and the drafts of one member, ``but`` one."""
    here: list[ColumnElement[bool]] = [Submission.state.in_(OPEN)]
    if member_id:
        here.append((Submission.state == SubmissionState.DRAFT) & (Submission.member_id == member_id))
    query = (
        select(Amendment)
        .join(Amendment.submission)
        .options(contains_eager(Amendment.submission).joinedload(Submission.member), selectinload(Amendment.sections))
        .where(Amendment.version_id == version_id, or_(*here))
        .order_by(Submission.number.is_(None), Submission.number, Submission.created_at)
    )
    if but:
        query = query.where(Amendment.submission_id != but)
    return db.session.scalars(query).all()
