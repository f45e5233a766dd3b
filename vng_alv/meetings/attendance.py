"""Who is at a meeting: members that arrive and leave, with the time (docs/rules.md §5.2, §6)."""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.meetings.models import Attendance, Meeting
from vng_alv.meetings.queries import lock_meeting


def present_now(meeting_id: uuid.UUID) -> dict[uuid.UUID, datetime]:
    """The members that are there now, with since when."""
    rows = db.session.execute(
        select(Attendance.member_id, Attendance.since).where(
            Attendance.meeting_id == meeting_id, Attendance.until.is_(None)
        )
    )
    return {row.member_id: row.since for row in rows}


def anybody(meeting_id: uuid.UUID) -> bool:
    """Whether it was kept of any member that it was there."""
    return bool(db.session.scalar(select(select(Attendance.id).where(Attendance.meeting_id == meeting_id).exists())))


def was_present(
    meeting_id: uuid.UUID, member: InstrumentedAttribute[uuid.UUID], moment: datetime
) -> ColumnElement[bool]:
    """Whether the member of a row was there at a moment."""
    return (
        select(Attendance.id)
        .where(
            Attendance.meeting_id == meeting_id,
            Attendance.member_id == member,
            Attendance.since <= moment,
            Attendance.until.is_(None) | (Attendance.until > moment),
        )
        .exists()
    )


def arrive(meeting: Meeting, member_ids: Collection[uuid.UUID], actor: Actor | None) -> int:
    """Members are there from now on; how many were not already. Raises ``Refused(NOT_ALLOWED)``."""
    _may(actor)
    lock_meeting(meeting.id)
    new = sorted(set(member_ids) - present_now(meeting.id).keys())
    now, by = db.now(), actor.id if actor else None
    for key in new:
        db.session.add(Attendance(meeting_id=meeting.id, member_id=key, since=now, recorded_by=by))
        record("attendance.arrive", actor, f"meeting:{meeting.id}", member_id=key)
    db.session.flush()
    return len(new)


def leave(meeting: Meeting, member_ids: Collection[uuid.UUID], actor: Actor | None) -> int:
    """Members are no longer there; how many of them were. Raises ``Refused(NOT_ALLOWED)``."""
    _may(actor)
    lock_meeting(meeting.id)
    here = db.session.scalars(
        select(Attendance)
        .where(Attendance.meeting_id == meeting.id, Attendance.member_id.in_(member_ids), Attendance.until.is_(None))
        .order_by(Attendance.member_id)
    ).all()
    for one in here:
        one.until, one.ended_by = db.now(), actor.id if actor else None
        record("attendance.leave", actor, f"meeting:{meeting.id}", member_id=one.member_id)
    db.session.flush()
    return len(here)


def _may(actor: Actor | None) -> None:
    if actor is not None and not actor.may(Permission.MANAGE_MEETINGS):
        raise Refused(Refusal.NOT_ALLOWED)
