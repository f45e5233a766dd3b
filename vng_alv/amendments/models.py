"""Amendments: what they make of each section, and putting them into the text."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vng_alv.accounts.models import Person
from vng_alv.db import Base, uuid_key
from vng_alv.proposals.models import Proposal, Version
from vng_alv.submissions.models import Submission


class Amendment(Base):
    """A change of the text of one or more sections of a version."""

    __tablename__ = "amendment"

    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("proposal.id"), index=True)
    #: The text that it changes; a newer one once it was carried over.
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id"))
    #: Its place in the order of voting, the furthest-reaching first; None where nobody set it.
    position: Mapped[int | None]
    #: Where its words no longer fit the text: [[section, version that they were written for], …], as keys.
    misfits: Mapped[list[Any]]

    submission: Mapped[Submission] = relationship()
    proposal: Mapped[Proposal] = relationship()
    version: Mapped[Version] = relationship()
    sections: Mapped[list["AmendmentSection"]] = relationship(cascade="all, delete-orphan")


class AmendmentSection(Base):
    """What an amendment makes of one section: other words, no section any more, or a new one."""

    __tablename__ = "amendment_section"
    __table_args__ = (CheckConstraint("NOT removed OR after_id IS NULL", name="new_is_not_removed"),)

    amendment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("amendment.submission_id"), primary_key=True)
    section_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("section.id"), primary_key=True)
    heading: Mapped[str] = mapped_column(String(300))
    #: The whole text of the section as it would read, in Markdown.
    body: Mapped[str] = mapped_column(Text, default="")
    removed: Mapped[bool] = mapped_column(default=False)
    #: For a new section: the one that it comes after.
    after_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("section.id"))


class Merge(Base):
    """Putting amendments into a text: the workbench, kept until the new version is made of it."""

    __tablename__ = "merge"
    __table_args__ = (
        Index(
            "uq_merge_open",
            "proposal_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        CheckConstraint("result_id IS NULL OR ended_at IS NOT NULL", name="result_has_end"),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("proposal.id"))
    base_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id"))
    #: The keys of the amendments that go in.
    amendments: Mapped[list[Any]]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    #: The version that was made; None when the work was thrown away.
    result_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("version.id"))

    proposal: Mapped[Proposal] = relationship()
    base: Mapped[Version] = relationship(foreign_keys=base_id)
    person: Mapped[Person] = relationship()
    sections: Mapped[list["MergeSection"]] = relationship(cascade="all, delete-orphan")


class MergeSection(Base):
    """How far the work on one section is."""

    __tablename__ = "merge_section"

    merge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("merge.id"), primary_key=True)
    section_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("section.id"), primary_key=True)
    #: What was chosen, by the names of ``domain.merging``: {"0": "base" or an amendment's key, "1": ["own words"]}.
    choices: Mapped[dict[str, Any]]
    #: Heading, an empty line and text of the editor's own, in the place of what the choices make; None without.
    body: Mapped[str | None] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime]


class SectionSource(Base):
    """That an amendment shaped a section of a version. Written once, with the version."""

    __tablename__ = "section_source"
    __table_args__ = (
        ForeignKeyConstraint(
            ["version_id", "section_id"],
            ["version_section.version_id", "version_section.section_id"],
            name="fk_section_source_version_section",
        ),
    )

    version_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    section_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    amendment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("amendment.submission_id"), primary_key=True)
