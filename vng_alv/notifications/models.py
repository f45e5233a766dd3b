"""Notices: the rows are the outbox."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vng_alv.accounts.models import Person
from vng_alv.db import Base, enum_of, uuid_key


class NoticeKind(StrEnum):
    """What a notice is about; each has its own texts in templates/email/."""

    INVITATION = "invitation"
    INVITATION_REMINDER = "invitation_reminder"
    RESET_PASSWORD = "reset_password"  # noqa: S105  a kind of mail
    LEAVE_ADDRESS = "leave_address"
    TAKE_ADDRESS = "take_address"
    #: A password, an address or a second step was changed.
    SIGN_IN_CHANGED = "sign_in_changed"
    NEW_DEVICE = "new_device"
    OFFICE_GIVEN = "office_given"
    MANDATE_GIVEN = "mandate_given"
    MANDATE_ENDED = "mandate_ended"
    #: A member is asked to submit an amendment or a motion along.
    CO_SUBMITTER_ASKED = "co_submitter_asked"
    #: Something happened to an amendment or a motion, for its submitters.
    SUBMISSION_NEWS = "submission_news"
    CONSULTATION_OPENED = "consultation_opened"
    CONVOCATION = "convocation"
    #: Papers that came after the convocation.
    SUPPLEMENT = "supplement"
    #: A consultation runs, and a member sent nothing.
    REACTION_REMINDER = "reaction_reminder"
    #: A meeting comes, and a member has nobody to cast its votes.
    MANDATE_REMINDER = "mandate_reminder"
    VOTE_OPENED = "vote_opened"
    #: A vote closes soon, and a member has not voted.
    VOTE_REMINDER = "vote_reminder"
    RECEIPT = "receipt"
    RESULT = "result"


class NoticeState(StrEnum):
    """Where a notice stands. ``FAILED`` is given up after the last attempt, and shown to the secretariat."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class Notice(Base):
    """A message to one person, with the facts it was made from. Sent by the worker."""

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_moment"),
        Index("ix_notice_state_next_attempt_at", "state", "next_attempt_at"),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    kind: Mapped[NoticeKind] = mapped_column(enum_of(NoticeKind))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    #: Facts for the templates, as JSON.
    context: Mapped[dict[str, Any]]
    state: Mapped[NoticeState] = mapped_column(enum_of(NoticeState), default=NoticeState.QUEUED)
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
