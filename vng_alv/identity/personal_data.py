"""What is known of a person: all of it as data, and taking out what is personal while log and ballots stay whole."""

import uuid
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Select, delete, or_, select, update

from vng_alv import db
from vng_alv.accounts import links, sessions
from vng_alv.accounts.models import FactorReset, Identity, Invitation, Passkey, Person, RecoveryCode
from vng_alv.accounts.queries import get_person
from vng_alv.accounts.service import keep_a_manager
from vng_alv.amendments.models import AmendmentSection, Merge
from vng_alv.audit.queries import all_entries_of
from vng_alv.audit.service import record
from vng_alv.consultation.models import (
    Answer,
    Attachment,
    Comment,
    CommentRevision,
    CommentTheme,
    Consultation,
    Theme,
)
from vng_alv.consultation.queries import with_answers
from vng_alv.convening.models import Convocation, MeetingDocument
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.identity import devices
from vng_alv.meetings.announcements import Announcement
from vng_alv.meetings.checklist import ChecklistTick
from vng_alv.meetings.models import Mandate, Meeting
from vng_alv.members.models import Member, Office, PeopleImport
from vng_alv.members.queries import find_association, offices_of
from vng_alv.motions.models import FollowUp, Motion
from vng_alv.notifications.models import Notice, NoticeState
from vng_alv.proposals.models import Proposal
from vng_alv.submissions.models import Advice, CoSubmitter, Submission, SubmissionVersion
from vng_alv.voting.models import Ballot, Round
from vng_alv.voting.noted import NotedAgainst
from vng_alv.voting.preparing_models import IntendedVote, IntendedVoteRevision

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
        **{name: _rows(statement) for name, statement in _written(person_id).items()},
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
        .options(*with_answers())
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
            "sent_body": comment.sent_body,
            "sent_position": comment.sent_position.value if comment.sent_position else None,
            "saved_at": comment.saved_at.isoformat(),
            "sent_at": _moment(comment.sent_at),
            "answers": [{"theme": one.theme, "body": one.body, "outcome": one.outcome} for one in comment.answers],
        }
        for comment, member, proposal, meeting in rows
    ]


def _written(person_id: uuid.UUID) -> dict[str, Any]:
    """What this person wrote, gave or began for a member or the association: statements by name, oldest row first.

    A reaction, a draft or a theme goes by whoever wrote in it last; the revisions and versions tell the rest.
    """
    drafted = Submission.author_id == person_id
    asked = or_(CoSubmitter.asked_by == person_id, CoSubmitter.answered_by == person_id)
    return {
        "comment_revisions": select(
            CommentRevision.comment_id, CommentRevision.act, CommentRevision.body, CommentRevision.position,
            CommentRevision.at,
        ).where(CommentRevision.person_id == person_id).order_by(CommentRevision.at),
        "attachments": select(
            Attachment.name, Attachment.size, Attachment.added_at, Attachment.sent_at,
        ).where(Attachment.person_id == person_id).order_by(Attachment.added_at),
        "answers": select(
            Answer.comment_id, Answer.body, Answer.answered_at,
        ).where(Answer.person_id == person_id).order_by(Answer.answered_at),
        "themes": select(
            Theme.id, Theme.title, Theme.answer, Theme.outcome, Theme.saved_at,
        ).where(Theme.person_id == person_id).order_by(Theme.saved_at),
        "grouped": select(
            CommentTheme.theme_id, CommentTheme.comment_id, CommentTheme.at,
        ).where(CommentTheme.person_id == person_id).order_by(CommentTheme.at),
        "submissions": select(
            Submission.id, Submission.kind, Submission.number, Submission.state, Submission.title, Submission.reason,
            Submission.late_reason, Submission.created_at, Submission.saved_at, Submission.submitted_at,
        ).where(drafted).order_by(Submission.created_at),
        "amendment_sections": select(
            AmendmentSection.amendment_id, AmendmentSection.heading, AmendmentSection.body, AmendmentSection.removed,
        ).join(Submission, Submission.id == AmendmentSection.amendment_id).where(drafted).order_by(
            Submission.created_at, AmendmentSection.section_id,
        ),
        "motions": select(
            Motion.submission_id, Motion.noting, Motion.considering, Motion.declares, Motion.requests,
        ).join(Motion.submission).where(drafted).order_by(Submission.created_at),
        "submission_versions": select(
            SubmissionVersion.submission_id, SubmissionVersion.number, SubmissionVersion.content, SubmissionVersion.at,
        ).where(SubmissionVersion.person_id == person_id).order_by(SubmissionVersion.at),
        "co_submitters": select(
            CoSubmitter.submission_id, Member.code.label("member"), CoSubmitter.answer, CoSubmitter.asked_at,
            CoSubmitter.answered_at,
        ).join(CoSubmitter.member).where(asked).order_by(CoSubmitter.asked_at),
        "advice": select(
            Advice.submission_id, Advice.number, Advice.kind, Advice.body, Advice.given_at, Advice.published_at,
        ).where(Advice.person_id == person_id).order_by(Advice.given_at),
        "convocations": select(
            Convocation.meeting_id, Convocation.note, Convocation.sent_at,
        ).where(Convocation.person_id == person_id).order_by(Convocation.sent_at),
        "documents": select(
            MeetingDocument.meeting_id, MeetingDocument.title, MeetingDocument.name, MeetingDocument.added_at,
        ).where(MeetingDocument.person_id == person_id).order_by(MeetingDocument.added_at),
        "ticks": select(
            ChecklistTick.meeting_id, ChecklistTick.item, ChecklistTick.ticked_at,
        ).where(ChecklistTick.person_id == person_id).order_by(ChecklistTick.ticked_at),
        "follow_ups": select(
            FollowUp.motion_id, FollowUp.state, FollowUp.note, FollowUp.at,
        ).where(FollowUp.person_id == person_id).order_by(FollowUp.at),
        "intended_votes": select(
            IntendedVote.id, Member.code.label("member"), IntendedVote.proposal_id, IntendedVote.section_id,
            IntendedVote.amendment_id, IntendedVote.advice_kind, IntendedVote.choice, IntendedVote.reason,
            IntendedVote.saved_at,
        ).join(Member, Member.id == IntendedVote.member_id).where(IntendedVote.author_id == person_id).order_by(
            IntendedVote.saved_at, IntendedVote.id,
        ),
        "intended_vote_revisions": select(
            IntendedVoteRevision.intended_vote_id, IntendedVoteRevision.choice, IntendedVoteRevision.reason,
            IntendedVoteRevision.at,
        ).where(IntendedVoteRevision.person_id == person_id).order_by(IntendedVoteRevision.at),
        "noted_against": select(
            NotedAgainst.round_id, Member.code.label("member"), NotedAgainst.against, NotedAgainst.at,
        ).join(Member, Member.id == NotedAgainst.member_id).where(NotedAgainst.person_id == person_id).order_by(
            NotedAgainst.at,
        ),
        "announcements": select(
            Announcement.text, Announcement.said_at, Announcement.until,
        ).where(Announcement.said_by == person_id).order_by(Announcement.said_at),
        "merges": select(
            Merge.id, Merge.proposal_id, Merge.started_at, Merge.ended_at,
        ).where(Merge.person_id == person_id).order_by(Merge.started_at),
    }  # fmt: skip


def _rows(statement: Select[Any]) -> list[dict[str, Any]]:
    return [{name: _plain(value) for name, value in row.items()} for row in db.session.execute(statement).mappings()]


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, uuid.UUID) else value


def _casts(person_id: uuid.UUID) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(Ballot, Round, Meeting.code, Member.code)
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
            "round": one.label if one.rehearsal else one.number,
            "rehearsal": one.rehearsal,
            "title": one.title,
            "choice": ballot.choice,
        }
        for ballot, one, meeting, member in rows
    ]


def erase(person: Person, actor: Actor | None) -> None:
    """Take out what is personal. The row and its key stay, so that log, ballots and receipts stay whole.

    What was written for a member or the association is theirs and stays; it names its writer by the key only.

    Raises ``Refused``: not oneself, not the last who may manage people, and not somebody who votes at a meeting to come
    or waits for a new second step.
    """
    if actor and actor.id == person.id:
        raise Refused(Refusal.NOT_YOURSELF)
    _take_out_of_imports(person.email)
    keep_a_manager(person, actor)
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


def _take_out_of_imports(email: str) -> None:
    """Of files of people that were not invited yet, nothing stays of the rows with this address but their number.

    The import first, as the worker does, so that neither waits for the other.
    """
    unfinished = select(PeopleImport).where(PeopleImport.finished_at.is_(None)).order_by(PeopleImport.id)
    for kept in db.session.scalars(unfinished.with_for_update().execution_options(populate_existing=True)):
        kept.rows = [{"row": row["row"]} if row.get("email") == email else row for row in kept.rows]
    db.session.flush()


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
