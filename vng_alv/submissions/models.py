"""What amendments and motions share: who submits them, where they stand, and what the board advises."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vng_alv.accounts.models import Person
from vng_alv.db import Base, enum_of, uuid_key
from vng_alv.domain.submissions import AdviceKind, CoAnswer, SubmissionKind, SubmissionState, label_of
from vng_alv.meetings.models import Meeting
from vng_alv.members.models import Member


class Submission(Base):
    """An amendment or a motion of a member; what is particular to it stands in the table of its kind."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("meeting_id", "kind", "number"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("(state = 'draft') = (submitted_at IS NULL)", name="submitted_has_moment"),
        CheckConstraint("(state = 'draft') = (number IS NULL)", name="submitted_has_number"),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"))
    kind: Mapped[SubmissionKind] = mapped_column(enum_of(SubmissionKind))
    #: The first submitter.
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"), index=True)
    #: Of its kind in its meeting, given when it is submitted.
    number: Mapped[int | None]
    title: Mapped[str] = mapped_column(String(300))
    #: Why, in Markdown (toelichting).
    reason: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[SubmissionState] = mapped_column(enum_of(SubmissionState), default=SubmissionState.DRAFT)
    #: Counts the saves, so that two people at one draft do not overwrite each other.
    revision: Mapped[int] = mapped_column(default=1)
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    #: Why it came after the deadline; empty when it was in time. On a draft: the member asks the secretariat to take it
    #: in, which may read the draft for that.
    late_reason: Mapped[str] = mapped_column(Text, default="")
    #: Why it was withdrawn, taken over, or lapsed.
    closing_note: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime | None]

    meeting: Mapped[Meeting] = relationship()
    member: Mapped[Member] = relationship()
    author: Mapped[Person] = relationship()
    co_submitters: Mapped[list["CoSubmitter"]] = relationship(
        back_populates="submission", cascade="all, delete-orphan", order_by="CoSubmitter.asked_at"
    )
    advice: Mapped[list["Advice"]] = relationship(order_by="Advice.number")

    @property
    def label(self) -> str:
        """What people call it: 'AM3' or 'M12'; '' for a draft."""
        return label_of(self.kind, self.number)


class SubmissionVersion(Base):
    """What a submission said each time it was submitted or changed afterwards. Append-only."""

    __tablename__ = "submission_version"

    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: Title, reason and what its kind holds, as it was.
    content: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))


class CoSubmitter(Base):
    """Another member that was asked to submit along, and what it said."""

    __tablename__ = "co_submitter"

    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"), primary_key=True, index=True)
    answer: Mapped[CoAnswer] = mapped_column(enum_of(CoAnswer), default=CoAnswer.ASKED)
    asked_at: Mapped[datetime]
    asked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))

    submission: Mapped[Submission] = relationship(back_populates="co_submitters")
    member: Mapped[Member] = relationship()


class Advice(Base):
    """The board's advice on a submission, in versions; everybody sees the newest published one."""

    __tablename__ = "advice"
    __table_args__ = (UniqueConstraint("submission_id", "number"), CheckConstraint("number >= 1", name="from_one"))

    id: Mapped[uuid.UUID] = uuid_key()
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submission.id"))
    number: Mapped[int]
    kind: Mapped[AdviceKind] = mapped_column(enum_of(AdviceKind))
    #: In Markdown.
    body: Mapped[str] = mapped_column(Text, default="")
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime]
    published_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
