"""Calling a meeting together, publishing its documents, and announcing what came after."""

import hashlib
import uuid
from datetime import datetime

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.convening import queries
from vng_alv.convening.models import Convocation, MeetingDocument, Supplement
from vng_alv.domain.consultation import FileKind, safe_name
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Refused
from vng_alv.meetings.models import AgendaItem, Meeting
from vng_alv.meetings.queries import lock_meeting
from vng_alv.members.queries import people_of_members
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify


def convene(meeting: Meeting, note: str, actor: Actor, *, late: bool = False) -> Convocation:
    """Call a meeting together: everybody who works for a member gets a mail, and what it said is kept.

    Raises ``Conflict(CONVENED)``, or ``Refused(MEETING_HELD, EMPTY_AGENDA or CONVOCATION_LATE)``; the last one not
    when ``late`` says that it goes out all the same.
    """
    lock_meeting(meeting.id)
    now = db.now()
    if queries.find_convocation(meeting.id):
        raise Conflict(Refusal.CONVENED)
    if meeting.is_coming_until <= now:
        raise Refused(Refusal.MEETING_HELD)
    if not meeting.agenda:
        raise Refused(Refusal.EMPTY_AGENDA)
    call = queries.call_of(meeting, now)
    if call.late and not late:
        raise Refused(Refusal.CONVOCATION_LATE, days=call.days)
    people = people_of_members()
    made = Convocation(
        meeting_id=meeting.id,
        sent_at=now,
        person_id=actor.id,
        note=note.strip(),
        facts=call.to_data(),
        recipients=len(people),
    )
    db.session.add(made)
    db.session.flush()
    record("meeting.convene", actor, f"meeting:{meeting.id}", recipients=len(people), late=call.late)
    notify(NoticeKind.CONVOCATION, people, meeting=meeting.code, note=made.note, call=call.to_data())
    return made


def add_document(
    meeting: Meeting, title: str, name: str, data: bytes, kind: FileKind, publish_at: datetime | None, actor: Actor,
    *, item: AgendaItem | None = None,
) -> MeetingDocument:  # fmt: skip
    """Keep a file that was checked; public at ``publish_at``, or now.

    Raises ``Conflict(SAME_DOCUMENT)`` or ``Refused(CLOCK_IN_PAST)``.
    """
    lock_meeting(meeting.id)
    now, sha256 = db.now(), hashlib.sha256(data).hexdigest()
    if publish_at is not None and publish_at <= now:
        raise Refused(Refusal.CLOCK_IN_PAST)
    if any(one.sha256 == sha256 for one in queries.documents_of(meeting.id)):
        raise Conflict(Refusal.SAME_DOCUMENT)
    made = MeetingDocument(
        id=uuid.uuid4(), meeting_id=meeting.id, agenda_item=item, title=title.strip(), name=safe_name(name, kind),
        kind=kind, size=len(data), sha256=sha256, content=data, publish_at=publish_at or now, added_at=now,
        person_id=actor.id,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    record("document.add", actor, f"document:{made.id}", sha256=sha256, publish_at=made.publish_at.isoformat())
    return made


def publish_now(meeting: Meeting, document_id: uuid.UUID, actor: Actor) -> MeetingDocument:
    """Make a document public that was to be so later. Raises ``Conflict(DOCUMENT_PUBLIC)``."""
    found = _in_preparation(meeting, document_id)
    found.publish_at = db.now()
    db.session.flush()
    record("document.publish", actor, f"document:{found.id}")
    return found


def remove(meeting: Meeting, document_id: uuid.UUID, actor: Actor) -> None:
    """Take away a document that was never public. Raises ``Conflict(DOCUMENT_PUBLIC)``."""
    found = _in_preparation(meeting, document_id)
    record("document.remove", actor, f"document:{found.id}", sha256=found.sha256)
    db.session.delete(found)
    db.session.flush()


def withdraw(meeting: Meeting, document_id: uuid.UUID, reason: str, actor: Actor) -> MeetingDocument:
    """Take a public document off the site; that it was there, and why it is gone, stays.

    Raises ``Conflict(DOCUMENT_NOT_PUBLIC)``, or ``Refused(EMPTY_TEXT)`` without a reason.
    """
    found = queries.get_document(meeting.id, document_id, lock=True)
    if not reason.strip():
        raise Refused(Refusal.EMPTY_TEXT)
    if found.publish_at > db.now() or found.withdrawn_at:
        raise Conflict(Refusal.DOCUMENT_NOT_PUBLIC)
    found.withdrawn_at, found.reason = db.now(), reason.strip()
    db.session.flush()
    record("document.withdraw", actor, f"document:{found.id}", reason=found.reason)
    return found


def _in_preparation(meeting: Meeting, document_id: uuid.UUID) -> MeetingDocument:
    found = queries.get_document(meeting.id, document_id, lock=True)
    if found.publish_at <= db.now():
        raise Conflict(Refusal.DOCUMENT_PUBLIC)
    return found


def announce(meeting_id: uuid.UUID) -> int:
    """Tell everybody who works for a member what came after the convocation, in one mail; returns how many papers."""
    lock_meeting(meeting_id)
    meeting = db.session.get_one(Meeting, meeting_id)
    found, now = queries.to_announce(meeting, db.now()), db.now()
    if not found.titles:
        return 0
    for key, rows in (("document_id", found.documents), ("proposal_id", found.proposals)):
        db.session.add_all(
            Supplement(id=uuid.uuid4(), meeting_id=meeting.id, announced_at=now, **{key: row.id}) for row in rows
        )
    db.session.flush()
    record("meeting.supplement", None, f"meeting:{meeting.id}", papers=found.titles)
    notify(
        NoticeKind.SUPPLEMENT, people_of_members(), meeting=meeting.code, title=meeting.title, papers=found.titles,
        starts_at=meeting.starts_at.isoformat(),
    )  # fmt: skip
    return len(found.titles)
