"""What was ticked by hand on the checklist of a meeting: who did so, and when."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.audit.service import record
from vng_alv.db import Base, enum_of
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.phases import HandItem
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import lock_meeting


class ChecklistTick(Base):
    """That something was done for a meeting. Taking the tick away removes the row; the log keeps both."""

    __tablename__ = "checklist_tick"

    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    item: Mapped[HandItem] = mapped_column(enum_of(HandItem), primary_key=True)
    ticked_at: Mapped[datetime]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))

    person: Mapped[Person | None] = relationship()


def ticks_of(meeting_id: uuid.UUID) -> dict[HandItem, ChecklistTick]:
    """What was ticked for a meeting, with who did."""
    rows = db.session.scalars(
        select(ChecklistTick).options(joinedload(ChecklistTick.person)).where(ChecklistTick.meeting_id == meeting_id)
    )
    return {one.item: one for one in rows}


def tick(meeting: Meeting, item: HandItem, actor: Actor | None, *, done: bool) -> None:
    """Tick something, or take the tick away; what is so already stays as it is. Raises ``Refused(NOT_ALLOWED)``."""
    if actor is not None and not actor.may(Permission.MANAGE_MEETINGS):
        raise Refused(Refusal.NOT_ALLOWED)
    lock_meeting(meeting.id)
    there = db.session.get(ChecklistTick, (meeting.id, item), populate_existing=True)
    if (there is not None) is done:
        return
    if there is not None:
        db.session.delete(there)
    else:
        by = actor.id if actor else None
        db.session.add(ChecklistTick(meeting_id=meeting.id, item=item, ticked_at=db.now(), person_id=by))
    db.session.flush()
    record("checklist.tick" if done else "checklist.untick", actor, f"meeting:{meeting.id}", item=item.value)
