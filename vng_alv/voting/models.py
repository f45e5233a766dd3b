"""Rounds, who may vote in them, ballots and results. Triggers keep rolls, ballots and results as they were written."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vng_alv.db import Base, enum_of, uuid_key
from vng_alv.domain.ballots import Choice
from vng_alv.domain.majority import Verdict
from vng_alv.domain.rounds import RoundKind, RoundState
from vng_alv.meetings.models import Meeting
from vng_alv.proposals.models import Proposal, Version


class Round(Base):
    """One question put to the vote. What it is about can change only while it is a draft."""

    __tablename__ = "round"
    __table_args__ = (
        UniqueConstraint("meeting_id", "number"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("(kind = 'section') = (section_id IS NOT NULL)", name="section_has_section"),
        CheckConstraint("state = 'draft' OR opened_at IS NOT NULL OR state = 'annulled'", name="opened_has_moment"),
        CheckConstraint("state <> 'published' OR published_at IS NOT NULL", name="published_has_moment"),
        Index("ix_round_state", "state"),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"))
    number: Mapped[int]
    kind: Mapped[RoundKind] = mapped_column(enum_of(RoundKind))
    title: Mapped[str] = mapped_column(String(300))
    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("proposal.id"))
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id"))
    section_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("section.id"))
    rule: Mapped[dict[str, Any]]
    state: Mapped[RoundState] = mapped_column(enum_of(RoundState), default=RoundState.DRAFT)
    #: The announced moment of closing, if any; the clock closes what nobody closed.
    closes_at: Mapped[datetime | None]
    #: SHA-256 of the text that is voted on, set at opening.
    text_hash: Mapped[str | None] = mapped_column(String(64))
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    annulled_reason: Mapped[str] = mapped_column(Text, default="")

    meeting: Mapped[Meeting] = relationship()
    proposal: Mapped[Proposal] = relationship()
    version: Mapped[Version] = relationship()


class RollEntry(Base):
    """A member of a round's electorate, as it was when the round opened. Append-only."""

    __tablename__ = "roll_entry"
    __table_args__ = (
        CheckConstraint("weight >= 0", name="weight_not_negative"),
        CheckConstraint("population >= 0", name="population_not_negative"),
        UniqueConstraint("round_id", "member_id", "weight", "advisory", name="uq_roll_entry_weight"),
    )

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("round.id"), primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    province: Mapped[str] = mapped_column(String(100))
    population: Mapped[int]
    weight: Mapped[int]
    advisory: Mapped[bool]


class Ballot(Base):
    """A member's choice in a round. A changed mind is a later version; the last one counts. Append-only."""

    __tablename__ = "ballot"
    __table_args__ = (
        ForeignKeyConstraint(
            ["round_id", "member_id", "weight", "advisory"],
            ["roll_entry.round_id", "roll_entry.member_id", "roll_entry.weight", "roll_entry.advisory"],
            name="fk_ballot_roll_entry",
        ),
        UniqueConstraint("member_id", "key", "round_id"),
        CheckConstraint("version >= 1", name="version_from_one"),
        Index("ix_ballot_receipt", "receipt"),
        # Few ballots replace an earlier one; the count looks them up here.
        Index(
            "ix_ballot_replacing", "round_id", postgresql_where=text("version > 1"), sqlite_where=text("version > 1")
        ),
    )

    round_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    choice: Mapped[Choice] = mapped_column(enum_of(Choice))
    #: The roll's own numbers, which the foreign key holds equal, so that a million ballots are counted in one pass.
    weight: Mapped[int]
    advisory: Mapped[bool]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    cast_at: Mapped[datetime]
    receipt: Mapped[str] = mapped_column(String(19))
    #: The key of the form that was sent: the same form can be sent twice and is recorded once.
    key: Mapped[uuid.UUID]


class Result(Base):
    """The counted sums of a round and its verdict. Append-only, one for each round."""

    __tablename__ = "result"
    __table_args__ = (
        CheckConstraint(
            "weight_for >= 0 AND weight_against >= 0 AND weight_abstain >= 0"
            " AND weight_for + weight_against + weight_abstain <= electorate_weight",
            name="weight_within_electorate",
        ),
        CheckConstraint(
            "members_for >= 0 AND members_against >= 0 AND members_abstain >= 0"
            " AND members_for + members_against + members_abstain <= electorate_members",
            name="members_within_electorate",
        ),
    )

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("round.id"), primary_key=True)
    weight_for: Mapped[int] = mapped_column(BigInteger)
    weight_against: Mapped[int] = mapped_column(BigInteger)
    weight_abstain: Mapped[int] = mapped_column(BigInteger)
    members_for: Mapped[int]
    members_against: Mapped[int]
    members_abstain: Mapped[int]
    electorate_weight: Mapped[int] = mapped_column(BigInteger)
    electorate_members: Mapped[int]
    #: Advisory votes, counted apart: {"weight": {choice: votes}, "members": {choice: members}}.
    advisory: Mapped[dict[str, Any]]
    verdict: Mapped[Verdict] = mapped_column(enum_of(Verdict))
    base: Mapped[int] = mapped_column(BigInteger)
    counted_at: Mapped[datetime]
