"""Opening a consultation, writing and sending reactions, answering them."""

import uuid
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.consultation import queries
from vng_alv.consultation.models import Answer, Comment, Consultation, Position
from vng_alv.domain import consultation as rules
from vng_alv.domain.mandates import MEMBER_SECRETARIES
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Refused
from vng_alv.members.models import Member
from vng_alv.members.queries import find_office, people_of_members
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.queries import published

MAX_BODY = 20_000


def is_open(consultation: Consultation) -> bool:
    """Whether members may react now."""
    return rules.is_open(consultation.opened_at, consultation.closes_at, db.now())


def open_consultation(proposal: Proposal, closes_at: datetime, actor: Actor | None) -> Consultation:
    """Ask all members to react to the published version until ``closes_at``; everybody with an office gets a notice."""
    version = published(proposal)
    if version is None:
        raise Refused(Refusal.NOT_PUBLISHED_TEXT)
    if queries.find_consultation(proposal.id):
        raise Conflict(Refusal.CONSULTATION_EXISTS)
    now = db.now()
    if closes_at <= now:
        raise Refused(Refusal.CLOCK_IN_PAST)
    consultation = Consultation(
        id=uuid.uuid4(), proposal_id=proposal.id, version_id=version.id, opened_at=now, closes_at=closes_at
    )
    db.session.add(consultation)
    db.session.flush()
    record("consultation.open", actor, f"proposal:{proposal.id}", closes_at=closes_at.isoformat())
    notify(
        NoticeKind.CONSULTATION_OPENED,
        people_of_members(),
        title=proposal.title,
        meeting=proposal.meeting.code,
        proposal=proposal.code,
        closes_at=closes_at.isoformat(),
    )
    return consultation


def set_deadline(consultation: Consultation, closes_at: datetime, actor: Actor) -> None:
    """Move the deadline of a consultation that is still open; to this moment to close it."""
    now = db.now()
    if not is_open(consultation):
        raise Refused(Refusal.CONSULTATION_CLOSED)
    consultation.closes_at = max(closes_at, now)
    db.session.flush()
    record("consultation.deadline", actor, f"proposal:{consultation.proposal_id}", closes_at=closes_at.isoformat())


def save_draft(
    consultation: Consultation,
    member: Member,
    section_id: uuid.UUID | None,
    body: str,
    position: Position | None,
    revision: int,
    actor: Actor,
) -> Comment | None:
    """Save a draft that colleagues of the same member see; an empty one is taken away (None).

    ``revision`` is the one that the writer saw (0: none yet). Raises ``Refused``, or ``Conflict(EDITED_MEANWHILE)``
    when a colleague saved in between.
    """
    body = body.replace("\r\n", "\n").strip()
    comment = queries.comments_of(consultation.id, member.id, lock=True).get(section_id)
    refusal = rules.may_write(
        open_now=is_open(consultation),
        works_here=find_office(actor.id, member.id) is not None,
        sent=comment is not None and comment.sent_at is not None,
    )
    if refusal:
        raise Refused(refusal)
    if len(body) > MAX_BODY:
        raise Refused(Refusal.TOO_LARGE)
    if (comment.revision if comment else 0) != revision:
        raise Conflict(Refusal.EDITED_MEANWHILE, name=comment.author.name if comment else "")
    if not body and position is None:
        if comment is not None:
            db.session.delete(comment)
            db.session.flush()
        return None
    if comment is None:
        comment = Comment(
            id=uuid.uuid4(), consultation_id=consultation.id, member_id=member.id, section_id=section_id, revision=0
        )
    comment.body, comment.position, comment.author_id = body, position, actor.id
    comment.revision, comment.saved_at = comment.revision + 1, db.now()
    try:
        with db.session.begin_nested():
            db.session.add(comment)
            db.session.flush()
    except IntegrityError:  # a colleague began the same one in this very moment
        raise Conflict(Refusal.EDITED_MEANWHILE, name="") from None
    return comment


def send(consultation: Consultation, member: Member, actor: Actor) -> int:
    """Send all drafts of a member, for the member; returns how many. Raises ``Refused``."""
    drafts = [c for c in queries.comments_of(consultation.id, member.id, lock=True).values() if c.sent_at is None]
    office = find_office(actor.id, member.id)
    refusal = rules.may_send(
        open_now=is_open(consultation),
        is_secretary=office is not None and office.kind in MEMBER_SECRETARIES,
        drafts=len(drafts),
    )
    if refusal:
        raise Refused(refusal)
    now = db.now()
    for comment in drafts:
        comment.sent_at = now
    db.session.flush()
    record("comments.send", actor, f"proposal:{consultation.proposal_id}", member_id=member.id, number=len(drafts))
    return len(drafts)


def answer(comment: Comment, body: str, actor: Actor) -> Answer:
    """Answer a reaction that was sent, or change the answer. Raises ``Refused``."""
    body = body.replace("\r\n", "\n").strip()
    if not actor.may(Permission.ANSWER) or comment.sent_at is None:
        raise Refused(Refusal.NOT_ALLOWED)
    if not body:
        raise Refused(Refusal.EMPTY_TEXT)
    if len(body) > MAX_BODY:
        raise Refused(Refusal.TOO_LARGE)
    now = db.now()
    if comment.answer is None:
        comment.answer = Answer(comment_id=comment.id, body=body, person_id=actor.id, answered_at=now)
    else:
        comment.answer.body, comment.answer.person_id, comment.answer.answered_at = body, actor.id, now
    db.session.flush()
    record("comment.answer", actor, f"comment:{comment.id}", member_id=comment.member_id)
    return comment.answer
