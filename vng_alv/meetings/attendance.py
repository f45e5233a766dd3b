"""Who is at a meeting: members that arrive and leave, with the time (docs/rules.md §5.2, §6, attendance).

Changes at one meeting follow one another, as those of its mandates do, and an index holds that a member is there once:
two desks that register the same member at the same moment make one row.
"""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain.attendance import How
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Refused
from vng_alv.meetings.models import Attendance, Meeting
from vng_alv.meetings.queries import lock_meeting


def here_now(meeting_id: uuid.UUID) -> dict[uuid.UUID, Attendance]:
    """The members that are there now, each with since when and how."""
    rows = db.session.scalars(
        select(Attendance)
        .where(Attendance.meeting_id == meeting_id, Attendance.until.is_(None))
        .execution_options(populate_existing=True)
    )
    return {one.member_id: one for one in rows}


def present_now(meeting_id: uuid.UUID) -> dict[uuid.UUID, datetime]:
    """The members that are there now, with since when."""
    return {key: one.since for key, one in here_now(meeting_id).items()}


def history(meeting_id: uuid.UUID, member_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Attendance]]:
    """When these members were there, with who recorded it, mistakes too; of each the newest first."""
    rows = db.session.scalars(
        select(Attendance)
        .options(joinedload(Attendance.recorder), joinedload(Attendance.ender))
        .where(Attendance.meeting_id == meeting_id, Attendance.member_id.in_(member_ids))
        .order_by(Attendance.since.desc(), Attendance.id)
    )
    found: dict[uuid.UUID, list[Attendance]] = {key: [] for key in member_ids}
    for one in rows:
        found[one.member_id].append(one)
    return found


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
            ~Attendance.mistaken,
            Attendance.since <= moment,
            Attendance.until.is_(None) | (Attendance.until > moment),
        )
        .exists()
    )


def arrive(meeting: Meeting, member_ids: Collection[uuid.UUID], actor: Actor | None, *, how: How = How.HALL) -> int:
    """Members are there from now on, in the hall or elsewhere; how many were not there like that already.

    Raises ``Refused(NOT_ALLOWED or NOBODY_GATHERS)``.
    """
    _may(meeting, actor)
    lock_meeting(meeting.id)
    now, by, here, changed = db.now(), actor.id if actor else None, here_now(meeting.id), 0
    for key in sorted(set(member_ids)):
        before = here.get(key)
        if before is not None:
            if before.how is how:
                continue
            before.until, before.ended_by = now, by
            db.session.flush()  # the one that ends before the one that begins: a member is there once
        db.session.add(Attendance(meeting_id=meeting.id, member_id=key, since=now, how=how, recorded_by=by))
        record("attendance.arrive", actor, f"meeting:{meeting.id}", member_id=key, how=how.value)
        changed += 1
    db.session.flush()
    return changed


def leave(meeting: Meeting, member_ids: Collection[uuid.UUID], actor: Actor | None) -> int:
    """Members are no longer there; how many of them were. Raises ``Refused(NOT_ALLOWED or NOBODY_GATHERS)``."""
    _may(meeting, actor)
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


def undo(meeting: Meeting, step_id: uuid.UUID, actor: Actor | None, *, there: bool) -> Attendance:
    """Take back what was recorded last of a member: that it arrived (``there``), or that it left.

    An arrival becomes a mistake: the member was not there, and is again as it was before if it only went from the hall
    to elsewhere. Raises ``Conflict(DOOR_MOVED)`` when something else was recorded since, ``Refused(NOT_ALLOWED)``.
    """
    _may(meeting, actor)
    lock_meeting(meeting.id)
    step = db.session.get(Attendance, step_id, populate_existing=True)
    if step is None or step.meeting_id != meeting.id:
        raise Conflict(Refusal.DOOR_MOVED)
    rows = history(meeting.id, [step.member_id])[step.member_id]
    standing = [one for one in rows if not one.mistaken]
    if not standing or standing[0] is not step or (step.until is None) is not there:
        raise Conflict(Refusal.DOOR_MOVED)
    if there:
        began = step.since
        step.until, step.ended_by, step.mistaken = db.now(), actor.id if actor else None, True
        db.session.flush()
        if standing[1:] and standing[1].until == began:
            standing[1].until = standing[1].ended_by = None
    else:
        step.until = step.ended_by = None
    db.session.flush()
    what = "arrive" if there else "leave"
    record("attendance.undo", actor, f"meeting:{meeting.id}", member_id=step.member_id, what=what)
    return step


def _may(meeting: Meeting, actor: Actor | None) -> None:
    if actor is not None and not actor.may(Permission.MANAGE_MEETINGS):
        raise Refused(Refusal.NOT_ALLOWED)
    if meeting.is_written:
        raise Refused(Refusal.NOBODY_GATHERS)
