"""What a secret round keeps beside its ballots: the tellers' keys, and sealed ballots until they are counted.

A ballot of such a round (``models.Ballot``) says only that a member took part. What it chose is in ``SealedBallot``
while the round is open, without its member in ``OpenedBallot`` once the second teller opened the outer envelopes, and
nowhere after the first one opened the inner ones: then only sums are left.
"""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vng_alv.accounts.models import Person
from vng_alv.db import Base, uuid_key

#: Places of the tellers: the inner envelope is for the first, the outer one for the second.
FIRST, SECOND = 1, 2


class TellerKey(Base):
    """The public key of a teller for one round; it stands once the round was opened. Of the private key nothing is
    kept, here or elsewhere."""

    __tablename__ = "teller_key"
    __table_args__ = (
        CheckConstraint("place IN (1, 2)", name="place_of_two"),
        UniqueConstraint("round_id", "person_id", name="uq_teller_key_person"),
        UniqueConstraint("round_id", "public_key", name="uq_teller_key_public"),
    )

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    public_key: Mapped[str] = mapped_column(String(70))
    given_at: Mapped[datetime]
    #: When this teller opened the envelopes.
    used_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class SealedBallot(Base):
    """What a member sealed last in a secret round, in base64. Gone once the outer envelopes are opened."""

    __tablename__ = "sealed_ballot"
    __table_args__ = (
        ForeignKeyConstraint(
            ["round_id", "member_id"], ["roll_entry.round_id", "roll_entry.member_id"], name="fk_sealed_ballot_roll"
        ),
    )

    round_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    content: Mapped[str] = mapped_column(Text)


class OpenedBallot(Base):
    """An inner envelope and the votes that it has, of nobody knows whom; '' where the outer one could not be opened.
    Gone once they are counted. All of a round are written in one transaction, in an order that was drawn."""

    __tablename__ = "opened_ballot"
    __table_args__ = (Index("ix_opened_ballot_round", "round_id"),)

    id: Mapped[uuid.UUID] = uuid_key()
    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("round.id"))
    weight: Mapped[int]
    advisory: Mapped[bool]
    content: Mapped[str] = mapped_column(Text)
