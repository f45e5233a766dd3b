"""Whether a member comes to a meeting, told beforehand: its table, reading and telling (docs/rules.md, attendance)."""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.db import enum_of
from vng_alv.domain.attendance import MAX_GUESTS, Coming, guests_allowed, may_register
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.meetings.models import Mandate, Meeting
from vng_alv.meetings.queries import lock_meeting
from vng_alv.members.models import Member
from vng_alv.members.queries import standing_at


class Registration(db.Base):
    """What a member told last about coming to a meeting. Who told what before stands in the log."""

    __tablename__ = "registration"
    __table_args__ = (
        CheckConstraint(
            f"guests >= 0 AND guests <= {MAX_GUESTS} AND (guests = 0 OR coming = 'hall')", name="guests_to_hall"
        ),
    )

    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"), primary_key=True)
    coming: Mapped[Coming] = mapped_column(enum_of(Coming))
    #: Those that come along with whoever votes.
    guests: Mapped[int] = mapped_column(default=0)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


def find_registration(meeting_id: uuid.UUID, member_id: uuid.UUID) -> Registration | None:
    """What a member told, or None while it told nothing."""
    return db.session.get(Registration, (meeting_id, member_id))


def registered_at(meeting_id: uuid.UUID) -> dict[uuid.UUID, Registration]:
    """What members told about one meeting, by member."""
    rows = db.session.scalars(select(Registration).where(Registration.meeting_id == meeting_id))
    return {one.member_id: one for one in rows}


def registered_for(
    meeting_ids: Collection[uuid.UUID], member_ids: Collection[uuid.UUID]
) -> dict[tuple[uuid.UUID, uuid.UUID], Registration]:
    """What some members told about some meetings, by (meeting, member)."""
    if not meeting_ids or not member_ids:
        return {}
    rows = db.session.scalars(
        select(Registration).where(Registration.meeting_id.in_(meeting_ids), Registration.member_id.in_(member_ids))
    )
    return {(one.meeting_id, one.member_id): one for one in rows}


def why_not(meeting: Meeting, member: Member, actor: Actor) -> Refusal | None:
    """Why somebody may not tell whether a member comes, or None."""
    held = select(Mandate.id).where(
        Mandate.meeting_id == meeting.id,
        Mandate.member_id == member.id,
        Mandate.person_id == actor.id,
        Mandate.until.is_(None),
    )
    return may_register(
        standing_at(actor, member.id),
        holds=db.session.scalar(held) is not None,
        written=meeting.is_written,
        starts_at=meeting.starts_at,
        now=db.now(),
    )


def register(meeting: Meeting, member: Member, coming: Coming, guests: int, actor: Actor) -> Registration:
    """Keep whether a member comes; what it told before is replaced.

    Raises ``Refused`` with what ``domain.attendance.may_register`` says, or ``GUESTS``.
    """
    if refusal := why_not(meeting, member, actor):
        raise Refused(refusal)
    if not guests_allowed(coming, guests):
        raise Refused(Refusal.GUESTS, most=MAX_GUESTS)
    lock_meeting(meeting.id)
    now = db.now()
    found = db.session.get(Registration, (meeting.id, member.id), populate_existing=True)
    found = found or Registration(meeting_id=meeting.id, member_id=member.id)
    found.coming, found.guests, found.person_id, found.at = coming, guests, actor.id, now
    db.session.add(found)
    db.session.flush()
    record(
        "attendance.register", actor, f"meeting:{meeting.id}", member_id=member.id, coming=coming.value, guests=guests
    )
    return found
