"""What municipalities prepare to vote, for their own people. A trigger keeps the history of it."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vng_alv.accounts.models import Person
from vng_alv.db import Base, enum_of, uuid_key
from vng_alv.domain.ballots import Choice
from vng_alv.domain.submissions import AdviceKind
from vng_alv.proposals.models import Proposal, Version

#: What makes a question the one on a whole text, and not on a part of it, a change of it or an advice on it.
WHOLE = "section_id IS NULL AND amendment_id IS NULL AND advice_kind IS NULL"


class IntendedVote(Base):
    """What a member's people advise their delegate to vote, and why; for the eyes of that member only.

    It hangs on the question (an amendment, a section of a text, the whole, or an advice on a motion that goes a certain
    way) and not on a round: a round in preparation may be dropped and made anew, and a question be put again. To be for
    a motion and for the advice against it are opposites, so what was prepared on one is never that on the other.
    """

    __tablename__ = "intended_vote"
    __table_args__ = (
        Index(
            "uq_intended_vote_section",
            "meeting_id",
            "member_id",
            "proposal_id",
            "section_id",
            unique=True,
            postgresql_where=text("section_id IS NOT NULL"),
            sqlite_where=text("section_id IS NOT NULL"),
        ),
        Index(
            "uq_intended_vote_whole",
            "meeting_id",
            "member_id",
            "proposal_id",
            unique=True,
            postgresql_where=text(WHOLE),
            sqlite_where=text(WHOLE),
        ),
        Index(
            "uq_intended_vote_amendment",
            "meeting_id",
            "member_id",
            "amendment_id",
            unique=True,
            postgresql_where=text("amendment_id IS NOT NULL"),
            sqlite_where=text("amendment_id IS NOT NULL"),
        ),
        Index(
            "uq_intended_vote_advice",
            "meeting_id",
            "member_id",
            "proposal_id",
            "advice_kind",
            unique=True,
            postgresql_where=text("advice_kind IS NOT NULL"),
            sqlite_where=text("advice_kind IS NOT NULL"),
        ),
        CheckConstraint("section_id IS NULL OR amendment_id IS NULL", name="section_or_amendment"),
        CheckConstraint(
            "advice_kind IS NULL OR (section_id IS NULL AND amendment_id IS NULL)", name="advice_on_the_whole"
        ),
        CheckConstraint("advice_kind IS NULL OR advice_kind <> 'leave_to_assembly'", name="advice_has_direction"),
        CheckConstraint("revision >= 1", name="revision_from_one"),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"))
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"))
    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("proposal.id"))
    section_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("section.id"))
    amendment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("amendment.submission_id"))
    #: Of a vote on the board's advice on a motion, in the place of that motion: which way the advice goes.
    advice_kind: Mapped[AdviceKind | None] = mapped_column(enum_of(AdviceKind))
    #: None: not decided (yet), whatever the reason says.
    choice: Mapped[Choice | None] = mapped_column(enum_of(Choice))
    reason: Mapped[str] = mapped_column(Text, default="")
    #: The published text that the writer had before them, and the SHA-256 of what the question is about in it.
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id"))
    text_hash: Mapped[str] = mapped_column(String(64))
    #: Counts its changes, so that two people at one intended vote do not overwrite each other.
    revision: Mapped[int]
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    saved_at: Mapped[datetime]

    author: Mapped[Person] = relationship()
    proposal: Mapped[Proposal] = relationship()
    version: Mapped[Version] = relationship()

    @property
    def says(self) -> tuple[Choice | None, str]:
        """The choice and its reason, which belong together."""
        return self.choice, self.reason


class IntendedVoteRevision(Base):
    """What an intended vote said after each change of it, and whose change that was. Append-only."""

    __tablename__ = "intended_vote_revision"

    intended_vote_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("intended_vote.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    choice: Mapped[Choice | None] = mapped_column(enum_of(Choice))
    reason: Mapped[str] = mapped_column(Text)
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

    person: Mapped[Person] = relationship()
    version: Mapped[Version] = relationship()
