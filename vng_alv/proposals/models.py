"""What is decided on: proposals, their versions, and sections that stay the same section through versions."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vng_alv.db import Base, enum_of, uuid_key
from vng_alv.domain.sections import Recognition
from vng_alv.domain.texts import ProposalKind
from vng_alv.meetings.models import AgendaItem, Meeting
from vng_alv.members.models import Member

__all__ = ["Proposal", "ProposalKind", "Section", "Version", "VersionKind", "VersionSection"]


class VersionKind(StrEnum):
    """What a version is for."""

    CONCEPT = "concept"
    FINAL = "final"
    #: As it reads after amendments.
    AMENDED = "amended"


class Proposal(Base):
    """A text that is put to a meeting."""

    __tablename__ = "proposal"
    __table_args__ = (UniqueConstraint("meeting_id", "code"),)

    id: Mapped[uuid.UUID] = uuid_key()
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"))
    agenda_item_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("agenda_item.id"))
    code: Mapped[str] = mapped_column(String(20))
    kind: Mapped[ProposalKind] = mapped_column(enum_of(ProposalKind))
    title: Mapped[str] = mapped_column(String(300))
    #: None: by the board of the association.
    submitter_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("member.id"))
    advice: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]

    meeting: Mapped[Meeting] = relationship()
    agenda_item: Mapped[AgendaItem | None] = relationship()
    submitter: Mapped[Member | None] = relationship()
    versions: Mapped[list["Version"]] = relationship(back_populates="proposal", order_by="Version.number")


class Version(Base):
    """The text of a proposal at one moment. Once published it never changes."""

    __tablename__ = "version"
    __table_args__ = (UniqueConstraint("proposal_id", "number"), CheckConstraint("number >= 1", name="number_from_one"))

    id: Mapped[uuid.UUID] = uuid_key()
    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("proposal.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    #: What stands before the first section, in Markdown.
    preamble: Mapped[str] = mapped_column(Text, default="")
    text_hash: Mapped[str] = mapped_column(String(64))
    kind: Mapped[VersionKind] = mapped_column(enum_of(VersionKind), default=VersionKind.CONCEPT)
    #: The file that it was read from, or ''.
    file_name: Mapped[str] = mapped_column(String(200), default="")
    #: What was dropped or changed in reading: [[code, number, place], …].
    report: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]

    proposal: Mapped[Proposal] = relationship(back_populates="versions")
    sections: Mapped[list["VersionSection"]] = relationship(order_by="VersionSection.position")


class Section(Base):
    """A numbered part of a proposal: an identity that lasts through versions."""

    __tablename__ = "section"

    id: Mapped[uuid.UUID] = uuid_key()
    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("proposal.id"), index=True)


class VersionSection(Base):
    """The words of a section in one version."""

    __tablename__ = "version_section"
    __table_args__ = (UniqueConstraint("version_id", "position"), UniqueConstraint("version_id", "number"))

    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id"), primary_key=True)
    section_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("section.id"), primary_key=True)
    position: Mapped[int]
    number: Mapped[str] = mapped_column(String(20))
    heading: Mapped[str] = mapped_column(String(300))
    #: The heading of the part that it belongs to, or ''.
    group: Mapped[str] = mapped_column(String(300), default="")
    #: Markdown between that heading and this section's own.
    lead: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text)
    recognition: Mapped[Recognition] = mapped_column(enum_of(Recognition), default=Recognition.NEW)
