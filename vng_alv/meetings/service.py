"""Making meetings and naming who votes there."""

import re
import uuid
from datetime import datetime

from sqlalchemy import select

from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.audit.service import record
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Refused
from vng_alv.meetings.models import AgendaItem, Mandate, Meeting, MeetingKind
from vng_alv.meetings.queries import lock_meeting
from vng_alv.members.models import MANDATE_OFFICES, Member
from vng_alv.members.queries import find_office

#: What every assembly starts with and ends with.
STANDING_AGENDA = ("Opening", "Mededelingen", "Sluiting")


def code_from(title: str) -> str:
    """A title as it may stand in an address: 'ALV 1 december' as 'alv-1-december'."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60]


def create(code: str, title: str, kind: MeetingKind, starts_at: datetime, place: str, actor: Actor | None) -> Meeting:
    """A meeting with the standing agenda. Raises ``Conflict(CODE_TAKEN)``."""
    code = code_from(code)
    if db.session.scalar(select(Meeting.id).where(Meeting.code == code)):
        raise Conflict(Refusal.CODE_TAKEN, code=code)
    meeting = Meeting(
        id=uuid.uuid4(),
        code=code,
        title=title.strip(),
        kind=kind,
        starts_at=starts_at,
        place=place.strip(),
        created_at=db.now(),
        agenda=[AgendaItem(number=n, title=text) for n, text in enumerate(STANDING_AGENDA, 1)],
    )
    db.session.add(meeting)
    db.session.flush()
    record("meeting.create", actor, f"meeting:{meeting.id}", code=code)
    return meeting


def add_agenda_item(meeting: Meeting, title: str, actor: Actor | None, *, note: str = "") -> AgendaItem:
    """A new item, before the closing of the meeting."""
    last = meeting.agenda[-1] if meeting.agenda else None
    number = last.number if last else 1
    if last:
        last.number += 1
        db.session.flush()
    item = AgendaItem(meeting_id=meeting.id, number=number, title=title.strip(), note=note.strip())
    meeting.agenda.insert(max(len(meeting.agenda) - 1, 0), item)
    db.session.flush()
    record("agenda.add", actor, f"meeting:{meeting.id}", number=number, title=item.title)
    return item


def give_mandate(meeting: Meeting, member: Member, person: Person, actor: Actor | None) -> Mandate:
    """Make ``person`` the one who casts ``member``'s votes from now on; the holder until now no longer does.

    Only an office-holder of the same municipality may hold it. Raises ``Refused(NO_OFFICE)``.
    """
    office = find_office(person.id, member.id)
    if office is None or office.kind not in MANDATE_OFFICES or not person.active:
        raise Refused(Refusal.NO_OFFICE, person=person.name, member=member.name)
    lock_meeting(meeting.id)
    now = db.now()
    held = db.session.scalars(
        select(Mandate)
        .where(Mandate.meeting_id == meeting.id, Mandate.member_id == member.id, Mandate.until.is_(None))
        .with_for_update()
    ).one_or_none()
    if held is not None:
        if held.person_id == person.id:
            return held
        held.until = now
        db.session.flush()
    mandate = Mandate(meeting_id=meeting.id, member_id=member.id, person_id=person.id, since=now)
    db.session.add(mandate)
    db.session.flush()
    record("mandate.give", actor, f"meeting:{meeting.id}", member_id=member.id, person=str(person.id))
    return mandate
