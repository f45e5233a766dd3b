"""Motions: what members ask the assembly to say, and what came of it."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vng_alv.accounts.models import Person
from vng_alv.db import Base, enum_of, uuid_key
from vng_alv.domain.motions import FollowUpState, Group, MotionText
from vng_alv.meetings.models import Meeting
from vng_alv.proposals.models import Proposal
from vng_alv.submissions.models import Submission


class Motion(Base):
    """The words of a motion. Once submitted it has a proposal, whose versions are what is read and voted on."""

    __tablename__ = "motion"
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    proposal_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("proposal.id"), unique=True)
    #: The items under 'constaterende dat', 'overwegende dat', 'spreekt uit' and 'verzoekt', each a list of texts.
    noting: Mapped[list[Any]]
    considering: Mapped[list[Any]]
    declares: Mapped[list[Any]]
    requests: Mapped[list[Any]]
    #: Voted on in parts: lists of positions in declares followed by requests; empty when it is one whole.
    parts: Mapped[list[Any]]

    submission: Mapped[Submission] = relationship()
    proposal: Mapped[Proposal | None] = relationship()
    follow_ups: Mapped[list["FollowUp"]] = relationship(order_by="FollowUp.at")

    @property
    def text(self) -> MotionText:
        """What it says, as the rules see it."""
        groups = {group.value: getattr(self, group.value) for group in Group}
        return MotionText.of(self.submission.title, {**groups, "parts": self.parts})

    @property
    def newest(self) -> "FollowUp | None":
        """The follow-up that counts."""
        return self.follow_ups[-1] if self.follow_ups else None


class FollowUp(Base):
    """Where the work that an adopted motion asks for stands. Append-only; the newest counts."""

    __tablename__ = "follow_up"

    id: Mapped[uuid.UUID] = uuid_key()
    motion_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("motion.submission_id"), index=True)
    state: Mapped[FollowUpState] = mapped_column(enum_of(FollowUpState))
    note: Mapped[str] = mapped_column(Text, default="")
    #: The meeting where account of it is given, if it was put on an agenda.
    meeting_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("meeting.id"))
    at: Mapped[datetime]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))

    meeting: Mapped[Meeting | None] = relationship()
    person: Mapped[Person] = relationship()
