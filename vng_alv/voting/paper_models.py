"""Votes that two people enter from paper or from a show of hands. Triggers hold what a settled one says."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vng_alv.accounts.models import Person
from vng_alv.db import Base, enum_of
from vng_alv.domain.paper import Medium


class PaperVote(Base):
    """That votes in a round are entered too, from paper or from hands; chosen once, while it is open."""

    __tablename__ = "paper_vote"

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("round.id"), primary_key=True)
    medium: Mapped[Medium] = mapped_column(enum_of(Medium))
    chosen_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    chosen_at: Mapped[datetime]


class PaperBallot(Base):
    """What two different people read, each for themselves; a ballot once both read the same.

    ``over_version`` is the version of the member's ballot that it replaces, 0 for none: whoever entered it first saw
    that one and decided. If another one came meanwhile it is not settled.
    """

    __tablename__ = "paper_ballot"
    __table_args__ = (
        ForeignKeyConstraint(
            ["round_id", "member_id"], ["roll_entry.round_id", "roll_entry.member_id"], name="fk_paper_ballot_roll"
        ),
        ForeignKeyConstraint(
            ["round_id", "member_id", "ballot_version"],
            ["ballot.round_id", "ballot.member_id", "ballot.version"],
            name="fk_paper_ballot_ballot",
        ),
        CheckConstraint("number >= 1 AND over_version >= 0", name="number_from_one"),
        CheckConstraint("second_by IS NULL OR second_by <> first_by", name="two_people"),
        CheckConstraint(
            "(second_by IS NULL) = (second_choice IS NULL) AND (second_by IS NULL) = (second_at IS NULL)",
            name="second_is_whole",
        ),
        CheckConstraint(
            "ballot_version IS NULL OR (second_choice IS NOT NULL AND second_choice = first_choice"
            " AND ballot_version = over_version + 1)",
            name="settled_agrees",
        ),
    )

    round_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    over_version: Mapped[int] = mapped_column(default=0)
    #: The key of its ballot.
    key: Mapped[uuid.UUID]
    first_choice: Mapped[str] = mapped_column(String(12))
    first_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    first_at: Mapped[datetime]
    second_choice: Mapped[str | None] = mapped_column(String(12))
    second_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    second_at: Mapped[datetime | None]
    ballot_version: Mapped[int | None]

    first: Mapped[Person] = relationship(foreign_keys=first_by)
    second: Mapped[Person | None] = relationship(foreign_keys=second_by)

    @property
    def differs(self) -> bool:
        """Whether the two read something different."""
        return self.second_by is not None and self.ballot_version is None
