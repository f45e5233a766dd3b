"""The convocation of a meeting, the documents beside its texts, and what was announced after the convocation."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vng_alv.accounts.models import Person
from vng_alv.db import Base, enum_of, uuid_key
from vng_alv.domain.consultation import FileKind
from vng_alv.meetings.models import AgendaItem, Meeting


class Convocation(Base):
    """That a meeting was called together, with what was said then. Written once, and never changed."""

    __tablename__ = "convocation"
    __table_args__ = (CheckConstraint("recipients >= 0", name="recipients"),)

    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    sent_at: Mapped[datetime]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    #: What the secretariat wrote itself.
    note: Mapped[str] = mapped_column(Text, default="")
    #: ``convening.queries.Call`` as data: what the meeting was when it was called together.
    facts: Mapped[dict[str, Any]]
    #: How many people it was sent to.
    recipients: Mapped[int]

    person: Mapped[Person] = relationship()


class MeetingDocument(Base):
    """A file for a meeting, public from a moment on. What it holds never changes; a public one can be withdrawn."""

    __tablename__ = "meeting_document"
    __table_args__ = (
        UniqueConstraint("meeting_id", "sha256"),
        CheckConstraint("size BETWEEN 1 AND 10000000", name="size"),
        CheckConstraint("title <> ''", name="has_title"),
        CheckConstraint("(withdrawn_at IS NULL) = (reason = '')", name="withdrawn_with_reason"),
        CheckConstraint("withdrawn_at IS NULL OR withdrawn_at >= publish_at", name="withdrawn_was_public"),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"))
    agenda_item_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("agenda_item.id"))
    title: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[FileKind] = mapped_column(enum_of(FileKind))
    #: In bytes.
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    #: From when on everybody can read it.
    publish_at: Mapped[datetime]
    added_at: Mapped[datetime]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    #: Why it was withdrawn.
    reason: Mapped[str] = mapped_column(Text, default="")

    meeting: Mapped[Meeting] = relationship()
    agenda_item: Mapped[AgendaItem | None] = relationship()


class Supplement(Base):
    """That a document or a text, published after the convocation, was announced as such. Once for each."""

    __tablename__ = "supplement"
    __table_args__ = (
        UniqueConstraint("document_id"),
        UniqueConstraint("proposal_id"),
        CheckConstraint("(document_id IS NULL) <> (proposal_id IS NULL)", name="one_of_two"),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    document_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("meeting_document.id"))
    proposal_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("proposal.id"))
    announced_at: Mapped[datetime]
