"""What is known of a person: all of it as data, and taking out what is personal while log and ballots stay whole."""

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from vng_alv import db
from vng_alv.accounts import links, sessions
from vng_alv.accounts.models import FactorReset, Identity, Invitation, Passkey, Person, RecoveryCode
from vng_alv.accounts.queries import get_person
from vng_alv.audit.queries import all_entries_of
from vng_alv.audit.service import record
from vng_alv.consultation.models import Comment, Consultation
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.identity import devices
from vng_alv.meetings.models import Mandate, Meeting
from vng_alv.members.models import Member, Office
from vng_alv.members.queries import find_association, offices_of
from vng_alv.notifications.models import Notice, NoticeState
from vng_alv.proposals.models import Proposal
from vng_alv.voting.models import Ballot, Round

#: A meeting of yesterday is still to be rounded off.
ROUNDED_OFF = timedelta(days=1)


def collect(person_id: uuid.UUID) -> dict[str, Any]:
    """Everything that is kept of a person, as JSON data. Raises ``Missing``."""
    person = get_person(person_id)
    association = find_association()
    return {
        "example": association is not None and association.example,
        "person": {
            "id": str(person.id),
            "name": person.name,
            "email": person.email,
            "phone": person.phone,
            "locale": person.locale,
            "active": person.active,
            "created_at": person.created_at.isoformat(),
            "code_app": person.totp_secret is not None,
        },
        "offices": [
            {"member": office.member.code, "name": office.member.name, "office": office.kind.value}
            for office in offices_of(person_id)
        ],
        "roles": [role.role.value for role in person.roles],
        "mandates": _mandates(person_id),
        "sessions": [
            {
                "device": one.device,
                "entry": one.entry.value,
                "created_at": one.created_at.isoformat(),
                "last_used_at": one.last_used_at.isoformat(),
                "expires_at": one.expires_at.isoformat(),
            }
            for one in sessions.of_person(person_id)
        ],
        "passkeys": [
            {"name": key.name, "created_at": key.created_at.isoformat(), "last_used_at": _moment(key.last_used_at)}
            for key in db.session.scalars(select(Passkey).where(Passkey.person_id == person_id))
        ],
        "sign_in_services": [
            {"provider": one.provider, "subject": one.subject, "created_at": one.created_at.isoformat()}
            for one in db.session.scalars(select(Identity).where(Identity.person_id == person_id))
        ],
        "notices": [
            {"kind": one.kind.value, "created_at": one.created_at.isoformat(), "sent_at": _moment(one.sent_at)}
            for one in db.session.scalars(
                select(Notice).where(Notice.person_id == person_id).order_by(Notice.created_at)
            )
        ],
        "comments": _comments(person_id),
        "casts": _casts(person_id),
        "log": [
            {"at": entry.at.isoformat(), "act": entry.act, "subject": entry.subject, "data": entry.data}
            for entry in all_entries_of(person_id)
        ],
    }


def _moment(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


def _mandates(person_id: uuid.UUID) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(Meeting.code, Member.code, Mandate.since, Mandate.until)
        .join(Mandate.meeting)
        .join(Member, Member.id == Mandate.member_id)
        .where(Mandate.person_id == person_id)
        .order_by(Mandate.since)
    )
    return [
        {"meeting": meeting, "member": member, "since": since.isoformat(), "until": _moment(until)}
        for meeting, member, since, until in rows
    ]


def _comments(person_id: uuid.UUID) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(Comment, Member.code, Proposal.code, Meeting.code)
        .join(Member, Member.id == Comment.member_id)
        .join(Consultation, Consultation.id == Comment.consultation_id)
        .join(Proposal, Proposal.id == Consultation.proposal_id)
        .join(Meeting, Meeting.id == Proposal.meeting_id)
        .where(Comment.author_id == person_id)
        .order_by(Comment.saved_at)
    )
    return [
        {
            "meeting": meeting,
            "proposal": proposal,
            "member": member,
            "body": comment.body,
            "position": comment.position.value if comment.position else None,
            "saved_at": comment.saved_at.isoformat(),
            "sent_at": _moment(comment.sent_at),
        }
        for comment, member, proposal, meeting in rows
    ]


def _casts(person_id: uuid.UUID) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(Ballot, Round.number, Round.title, Meeting.code, Member.code)
        .join(Round, Round.id == Ballot.round_id)
        .join(Meeting, Meeting.id == Round.meeting_id)
        .join(Member, Member.id == Ballot.member_id)
        .where(Ballot.person_id == person_id)
        .order_by(Ballot.cast_at, Round.number)
    )
    return [
        {
            "receipt": ballot.receipt,
            "cast_at": ballot.cast_at.isoformat(),
            "meeting": meeting,
            "member": member,
            "round": number,
            "title": title,
            "choice": ballot.choice.value,
        }
        for ballot, number, title, meeting, member in rows
    ]


def erase(person: Person, actor: Actor | None) -> None:
    """Take out what is personal. The row and its key stay, so that log, ballots and receipts stay whole.

    Raises ``Refused``: not oneself, and not somebody who votes at a meeting to come or waits for a new second step.
    """
    if actor and actor.id == person.id:
        raise Refused(Refusal.NOT_YOURSELF)
    db.session.execute(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))
    if _still_needed(person.id):
        raise Refused(Refusal.STILL_NEEDED, name=person.name)
    person.erased_at, person.active = person.erased_at or db.now(), False
    person.name, person.phone = "Verwijderd", ""
    person.email = f"verwijderd-{person.id}@verwijderd.invalid"
    person.password_hash = person.totp_secret = person.totp_step = None
    person.roles.clear()
    db.session.flush()
    for table in (Passkey, RecoveryCode, Identity, Invitation, Office):
        db.session.execute(delete(table).where(table.person_id == person.id))
    links.void(person.id)
    devices.forget_all(person.id)
    sessions.end_all(person.id)
    db.session.execute(delete(Notice).where(Notice.person_id == person.id, Notice.state != NoticeState.SENT))
    db.session.execute(update(Notice).where(Notice.person_id == person.id).values(context={}, last_error=""))
    record("person.erase", actor, f"person:{person.id}")


def _still_needed(person_id: uuid.UUID) -> bool:
    votes = (
        select(Mandate.id)
        .join(Mandate.meeting)
        .where(Mandate.person_id == person_id, Mandate.until.is_(None), Meeting.starts_at > db.now() - ROUNDED_OFF)
    )
    waits = select(FactorReset.id).where(
        FactorReset.person_id == person_id, FactorReset.confirmed_at.is_(None), FactorReset.withdrawn_at.is_(None)
    )
    return db.session.scalar(votes.limit(1)) is not None or db.session.scalar(waits.limit(1)) is not None
