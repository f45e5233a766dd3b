"""Reading meetings, mandates and proxies."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload, selectinload

from vng_alv import db
from vng_alv.errors import Missing
from vng_alv.meetings.models import AgendaItem, Mandate, Meeting, Proxy
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


def current_item(meeting: Meeting) -> AgendaItem | None:
    """The item of the agenda that a meeting is at now."""
    return next((item for item in meeting.agenda if item.id == meeting.current_item_id), None)


def get_item(meeting: Meeting, item_id: uuid.UUID) -> AgendaItem:
    """An item of the agenda of a meeting. Raises ``Missing``."""
    item = next((one for one in meeting.agenda if one.id == item_id), None)
    if item is None:
        raise Missing("agenda item")
    return item


def meetings() -> Sequence[Meeting]:
    """All meetings, the latest first."""
    return db.session.scalars(select(Meeting).order_by(Meeting.starts_at.desc(), Meeting.code)).all()


def coming_meetings(since: datetime) -> Sequence[Meeting]:
    """The meetings that start at ``since`` or later, or last until then, the first one first."""
    return db.session.scalars(
        select(Meeting)
        .where(func.coalesce(Meeting.ends_at, Meeting.starts_at) >= since)
        .order_by(Meeting.starts_at, Meeting.code)
    ).all()


def _lent() -> ColumnElement[bool]:
    """Whether the member of a mandate gave its votes to another one."""
    given = select(Proxy.id).where(
        Proxy.meeting_id == Mandate.meeting_id, Proxy.member_id == Mandate.member_id, Proxy.until.is_(None)
    )
    return given.exists()


@dataclass(frozen=True)
class Seat:
    """A member that a person casts the votes of at a meeting: ``through`` another one, where that has its proxy."""

    meeting: Meeting
    member: Member
    through: Member | None


def seats_of(person_id: uuid.UUID, meeting_id: uuid.UUID | None = None) -> list[Seat]:
    """All members that a person votes for now (at one meeting), the latest meeting first, then by name."""
    here = [Mandate.person_id == person_id, Mandate.until.is_(None)]
    if meeting_id:
        here.append(Mandate.meeting_id == meeting_id)
    own = db.session.scalars(
        select(Mandate).options(joinedload(Mandate.member), joinedload(Mandate.meeting)).where(*here, ~_lent())
    )
    lent = db.session.scalars(
        select(Proxy)
        .join(Mandate, (Mandate.meeting_id == Proxy.meeting_id) & (Mandate.member_id == Proxy.to_member_id))
        .options(joinedload(Proxy.member), joinedload(Proxy.to_member), joinedload(Proxy.meeting))
        .where(*here, Proxy.until.is_(None))
    )
    found = [Seat(mandate.meeting, mandate.member, None) for mandate in own]
    found += [Seat(proxy.meeting, proxy.member, proxy.to_member) for proxy in lent]
    return sorted(found, key=lambda seat: (-seat.meeting.starts_at.timestamp(), seat.member.name, seat.member.code))


def holders(meeting_id: uuid.UUID) -> dict[uuid.UUID, Mandate]:
    """The mandate that each member's votes are cast with now, by member: another member's, where that has a proxy."""
    rows = db.session.scalars(
        select(Mandate)
        .options(joinedload(Mandate.person), joinedload(Mandate.member))
        .where(Mandate.meeting_id == meeting_id, Mandate.until.is_(None))
    )
    own = {mandate.member_id: mandate for mandate in rows}
    lent = {proxy.member_id: own.get(proxy.to_member_id) for proxy in proxies_at(meeting_id)}
    return {key: mandate for key, mandate in {**own, **lent}.items() if mandate}


def mandates_at(meeting_ids: Sequence[uuid.UUID], member_id: uuid.UUID) -> Sequence[Mandate]:
    """Who held a member's mandate at meetings, with who gave and ended it, the newest first."""
    return db.session.scalars(
        select(Mandate)
        .options(joinedload(Mandate.person), joinedload(Mandate.giver), joinedload(Mandate.ender))
        .where(Mandate.meeting_id.in_(meeting_ids), Mandate.member_id == member_id)
        .order_by(Mandate.since.desc(), Mandate.until.desc())
    ).all()


def proxies_at(meeting_id: uuid.UUID) -> Sequence[Proxy]:
    """The proxies that stand now at a meeting."""
    return db.session.scalars(select(Proxy).where(Proxy.meeting_id == meeting_id, Proxy.until.is_(None))).all()


def proxies_of(meeting_ids: Sequence[uuid.UUID], member_id: uuid.UUID) -> Sequence[Proxy]:
    """The proxies that a member gave or received at meetings, ended ones too, the newest first."""
    return db.session.scalars(
        select(Proxy)
        .options(
            joinedload(Proxy.member), joinedload(Proxy.to_member), joinedload(Proxy.giver), joinedload(Proxy.ender)
        )
        .where(Proxy.meeting_id.in_(meeting_ids), (Proxy.member_id == member_id) | (Proxy.to_member_id == member_id))
        .order_by(Proxy.since.desc(), Proxy.id)
    ).all()
