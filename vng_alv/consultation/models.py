"""Consultations, and what members said in them."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vng_alv.accounts.models import Person
from vng_alv.db import Base, enum_of, uuid_key
from vng_alv.domain import answering
from vng_alv.domain.answering import Given, Outcome
from vng_alv.domain.consultation import FileKind, RevisionAct
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
    """A member's reaction to a section, or to the whole: words (Markdown), a position, or both.

    ``body`` and ``position`` are the draft; ``sent_body`` and ``sent_position`` what is in force, if ``sent_at`` is
    set. An empty draft stays as a row, with its history.
    """

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
        CheckConstraint("sent_at IS NULL OR sent_body <> '' OR sent_position IS NOT NULL", name="sent_says_something"),
        CheckConstraint(
            "(sent_at IS NULL) = (sent_body IS NULL) AND (sent_at IS NOT NULL OR sent_position IS NULL)",
            name="sent_is_whole",
        ),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    consultation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consultation.id"))
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"), index=True)
    section_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("section.id"))
    body: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[Position | None] = mapped_column(enum_of(Position))
    #: Counts what was done with it, so that two people at one draft do not overwrite each other.
    revision: Mapped[int] = mapped_column(default=1)
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    saved_at: Mapped[datetime]
    sent_body: Mapped[str | None] = mapped_column(Text)
    sent_position: Mapped[Position | None] = mapped_column(enum_of(Position, "sent_position"))
    sent_at: Mapped[datetime | None]

    author: Mapped[Person] = relationship()
    member: Mapped[Member] = relationship()
    answer: Mapped["Answer | None"] = relationship(back_populates="comment")
    under: Mapped[list["CommentTheme"]] = relationship(viewonly=True)

    @property
    def draft(self) -> tuple[str, Position | None]:
        """What it says now, for the member itself."""
        return self.body, self.position

    @property
    def in_force(self) -> tuple[str, Position | None] | None:
        """What was sent and stands, if anything."""
        return None if self.sent_at is None else (self.sent_body or "", self.sent_position)

    @property
    def answers(self) -> tuple[Given, ...]:
        """All that was answered to what is in force: to this reaction alone, and to the themes that it is under."""
        own = Given(self.answer.body, self.answer.answered_at) if self.answer else None
        links = sorted(self.under, key=lambda link: (link.theme.position, link.theme.title))
        return answering.answers(own, [link.given for link in links], self.sent_at)


class CommentRevision(Base):
    """What a reaction said after each act on it, and whose act that was. Append-only."""

    __tablename__ = "comment_revision"

    comment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    act: Mapped[RevisionAct] = mapped_column(enum_of(RevisionAct))
    #: The draft, also when something else was in force.
    body: Mapped[str] = mapped_column(Text)
    position: Mapped[Position | None] = mapped_column(enum_of(Position))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class Attachment(Base):
    """A file beside the reaction of a member. A draft until it is sent with the reaction."""

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("consultation_id", "member_id", "sha256"),
        CheckConstraint("size BETWEEN 1 AND 10000000", name="size"),
        CheckConstraint("NOT dropped OR sent_at IS NOT NULL", name="dropped_was_sent"),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    consultation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consultation.id"))
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[FileKind] = mapped_column(enum_of(FileKind))
    #: In bytes.
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    #: In force, and goes when the reaction is sent again.
    dropped: Mapped[bool] = mapped_column(default=False)

    member: Mapped[Member] = relationship()
    person: Mapped[Person] = relationship()


class Answer(Base):
    """What the secretariat answered to a reaction."""

    __tablename__ = "answer"

    comment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime]

    comment: Mapped[Comment] = relationship(back_populates="answer")


class Theme(Base):
    """What several reactions are about, and the one answer to all of them."""

    __tablename__ = "theme"
    __table_args__ = (
        UniqueConstraint("consultation_id", "title"),
        CheckConstraint("title <> ''", name="has_title"),
        CheckConstraint("(answer = '') = (answered_at IS NULL)", name="answered_is_whole"),
        CheckConstraint("answer = '' OR outcome IS NOT NULL", name="answer_has_outcome"),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    consultation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consultation.id"))
    title: Mapped[str] = mapped_column(String(answering.MAX_TITLE))
    #: Its place among the themes of the consultation.
    position: Mapped[int]
    #: Markdown; empty while it is not answered.
    answer: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[Outcome | None] = mapped_column(enum_of(Outcome))
    answered_at: Mapped[datetime | None]
    #: Counts its changes, so that two people at one theme do not overwrite each other.
    revision: Mapped[int] = mapped_column(default=1)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    saved_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class CommentTheme(Base):
    """A reaction under a theme; it may be under several."""

    __tablename__ = "comment_theme"

    comment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    theme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("theme.id"), primary_key=True, index=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

    theme: Mapped[Theme] = relationship()

    @property
    def given(self) -> Given:
        """The theme's answer as it stands for this reaction: from when it was given, or the reaction came under it."""
        theme = self.theme
        return Given(theme.answer, max(theme.answered_at or self.at, self.at), theme.title, theme.outcome)
