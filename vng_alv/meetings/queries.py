"""Reading meetings and mandates."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from vng_alv import db
from vng_alv.errors import Missing
from vng_alv.meetings.models import Mandate, Meeting
from vng_alv.members.models import Member


def get_meeting(code: str) -> Meeting:
    """The meeting with its agenda. Raises ``Missing``."""
    meeting = db.session.scalars(
        select(Meeting).options(selectinload(Meeting.agenda)).where(Meeting.code == code)
    ).one_or_none()
    if meeting is None:
        raise Missing("meeting")
    return meeting


def lock_meeting(meeting_id: uuid.UUID) -> None:
    """Let nobody else number rounds or items, or name holders, in this meeting until this transaction ends."""
    db.session.execute(select(Meeting.id).where(Meeting.id == meeting_id).with_for_update(key_share=True))


def meetings() -> Sequence[Meeting]:
    """All meetings, the latest first."""
    return db.session.scalars(select(Meeting).order_by(Meeting.starts_at.desc(), Meeting.code)).all()


def mandates_of(person_id: uuid.UUID) -> Sequence[Mandate]:
    """The mandates that a person holds now, with member and meeting, the next meeting first."""
    return db.session.scalars(
        select(Mandate)
        .join(Mandate.meeting)
        .options(joinedload(Mandate.member), joinedload(Mandate.meeting))
        .where(Mandate.person_id == person_id, Mandate.until.is_(None))
        .order_by(Meeting.starts_at.desc(), Mandate.id)
    ).all()


def held_mandates(person_id: uuid.UUID, meeting_id: uuid.UUID) -> Sequence[Mandate]:
    """The mandates that a person holds now at one meeting, by name of the member."""
    return db.session.scalars(
        select(Mandate)
        .join(Mandate.member)
        .options(joinedload(Mandate.member))
        .where(Mandate.person_id == person_id, Mandate.meeting_id == meeting_id, Mandate.until.is_(None))
        .order_by(Member.name)
    ).all()


def holders(meeting_id: uuid.UUID) -> dict[uuid.UUID, Mandate]:
    """Who holds each member's mandate now, by member."""
    rows = db.session.scalars(
        select(Mandate)
        .options(joinedload(Mandate.person))
        .where(Mandate.meeting_id == meeting_id, Mandate.until.is_(None))
    )
    return {mandate.member_id: mandate for mandate in rows}
