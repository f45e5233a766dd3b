"""Consultations, and what members said in them."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vng_alv.accounts.models import Person
from vng_alv.db import Base, enum_of, uuid_key
from vng_alv.members.models import Member
from vng_alv.proposals.models import Proposal, Version


class Position(StrEnum):
    """A member's stand on a section. It binds nobody."""

    AGREE = "agree"
    AGREE_IF = "agree_if"
    DISAGREE = "disagree"


class Consultation(Base):
    """The period in which members may react to a published version."""

    __tablename__ = "consultation"
    __table_args__ = (CheckConstraint("closes_at > opened_at", name="closes_after_opening"),)

    id: Mapped[uuid.UUID] = uuid_key()
    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("proposal.id"), unique=True)
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id"))
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]

    proposal: Mapped[Proposal] = relationship()
    version: Mapped[Version] = relationship()


class Comment(Base):
    """A member's reaction to a section, or to the whole: words, a position, or both. A draft until it is sent."""

    __tablename__ = "comment"
    __table_args__ = (
        Index(
            "uq_comment_section",
            "consultation_id",
            "member_id",
            "section_id",
            unique=True,
            postgresql_where=text("section_id IS NOT NULL"),
            sqlite_where=text("section_id IS NOT NULL"),
        ),
        Index(
            "uq_comment_whole",
            "consultation_id",
            "member_id",
            unique=True,
            postgresql_where=text("section_id IS NULL"),
            sqlite_where=text("section_id IS NULL"),
        ),
        CheckConstraint("sent_at IS NULL OR body <> '' OR position IS NOT NULL", name="sent_says_something"),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    consultation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consultation.id"))
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"), index=True)
    section_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("section.id"))
    body: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[Position | None] = mapped_column(enum_of(Position))
    #: Counts the saves, so that two people at one draft do not overwrite each other.
    revision: Mapped[int] = mapped_column(default=1)
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    saved_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    author: Mapped[Person] = relationship()
    member: Mapped[Member] = relationship()
    answer: Mapped["Answer | None"] = relationship(back_populates="comment")


class Answer(Base):
    """What the secretariat answered to a reaction."""

    __tablename__ = "answer"

    comment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime]

    comment: Mapped[Comment] = relationship(back_populates="answer")
