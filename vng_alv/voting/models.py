"""Rounds, who may vote in them, ballots and results. Triggers keep rolls, ballots and results as they were written."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
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

from vng_alv.accounts.models import Person
from vng_alv.amendments.models import Amendment
from vng_alv.db import Base, enum_of, uuid_key
from vng_alv.domain.ballots import MAX_BALLOT, Choice, Paper
from vng_alv.domain.majority import Verdict
from vng_alv.domain.rounds import RoundKind, RoundState, Way, label_of
from vng_alv.domain.submissions import AdviceKind
from vng_alv.meetings.models import Meeting
from vng_alv.members.models import Member
from vng_alv.proposals.models import Proposal, Version
from vng_alv.submissions.models import Advice


class Round(Base):
    """One question put to the vote. What it is about can change only while it is a draft."""

    __tablename__ = "round"
    __table_args__ = (
        UniqueConstraint("meeting_id", "rehearsal", "number"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("rehearsal = (proposal_id IS NULL)", name="rehearsal_has_no_text"),
        CheckConstraint("(proposal_id IS NULL) = (version_id IS NULL)", name="text_has_version"),
        CheckConstraint("NOT rehearsal OR state NOT IN ('counted', 'published')", name="rehearsal_has_no_outcome"),
        CheckConstraint("(kind = 'section') = (section_id IS NOT NULL)", name="section_has_section"),
        CheckConstraint("(kind = 'amendment') = (amendment_id IS NOT NULL)", name="amendment_has_amendment"),
        CheckConstraint("(kind = 'advice') = (advice_id IS NOT NULL)", name="advice_has_advice"),
        CheckConstraint(
            "way = 'ballots' OR (NOT rehearsal AND opens_at IS NULL AND closes_at IS NULL)",
            name="acclamation_has_no_clock",
        ),
        CheckConstraint(
            "(kind IN ('texts', 'candidates')) = (choices <> 'for,against,abstain')", name="options_have_choices"
        ),
        CheckConstraint("picks >= 1 AND (picks = 1 OR NOT divides)", name="picks_from_one"),
        CheckConstraint("NOT secret OR (kind = 'candidates' AND NOT divides AND way = 'ballots')", name="secret_kind"),
        CheckConstraint("run_off_of IS NULL OR kind IN ('texts', 'candidates')", name="run_off_has_options"),
        CheckConstraint(
            "state IN ('draft', 'scheduled', 'annulled') OR opened_at IS NOT NULL", name="opened_has_moment"
        ),
        CheckConstraint("state <> 'scheduled' OR opens_at IS NOT NULL", name="scheduled_has_moment"),
        CheckConstraint("opens_at IS NULL OR closes_at IS NULL OR closes_at > opens_at", name="closes_after_opening"),
        CheckConstraint("state <> 'published' OR published_at IS NOT NULL", name="published_has_moment"),
        Index("ix_round_state", "state"),
        Index(
            "uq_round_amendment",
            "amendment_id",
            unique=True,
            postgresql_where=text("state <> 'annulled'"),
            sqlite_where=text("state <> 'annulled'"),
        ),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"))
    #: Counted apart for rehearsals; ``label`` tells the two kinds from each other.
    number: Mapped[int]
    kind: Mapped[RoundKind] = mapped_column(enum_of(RoundKind))
    title: Mapped[str] = mapped_column(String(300))
    #: A try-out with an invented question: it is about no text, is never counted and stands in no list of outcomes.
    rehearsal: Mapped[bool] = mapped_column(default=False)
    proposal_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("proposal.id"))
    version_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("version.id"))
    section_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("section.id"))
    amendment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("amendment.submission_id"))
    #: Of a vote on the advice in the place of the motion: the version of the advice.
    advice_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("advice.id"))
    #: How it is decided; chosen while it is a draft.
    way: Mapped[Way] = mapped_column(enum_of(Way), default=Way.BALLOTS)
    #: Of a whole: the keys of the sections that were rejected before it opened, and are not in it any more.
    dropped: Mapped[list[Any]] = mapped_column(default=list)
    #: Of a question with options: [{"key": "1", "title": …, "body": …}, …] in the order of the ballot.
    options: Mapped[list[Any]] = mapped_column(default=list)
    #: What its ballots can say, with commas: the keys of the options, or for, against and abstain.
    choices: Mapped[str] = mapped_column(String(200), default=",".join(Choice))
    #: How many options one ballot may name, and whether votes may be divided over them.
    picks: Mapped[int] = mapped_column(default=1)
    divides: Mapped[bool] = mapped_column(default=False)
    #: Whether nobody is to know what a member chose: its ballots are sealed (voting.secret_models).
    secret: Mapped[bool] = mapped_column(default=False)
    #: The round whose run-off this is.
    run_off_of: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("round.id"))
    rule: Mapped[dict[str, Any]]
    state: Mapped[RoundState] = mapped_column(enum_of(RoundState), default=RoundState.DRAFT)
    #: The announced moment of opening, while it is planned and after the clock opened it.
    opens_at: Mapped[datetime | None]
    #: Why the clock did not open it at the moment that was planned, as a ``Refusal``.
    not_opened: Mapped[str] = mapped_column(String(32), default="")
    #: When the members that had not voted were told so.
    reminded_at: Mapped[datetime | None]
    #: The announced moment of closing, if any; the clock closes what nobody closed.
    closes_at: Mapped[datetime | None]
    #: SHA-256 of the text that is voted on, set at opening.
    text_hash: Mapped[str | None] = mapped_column(String(64))
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    annulled_reason: Mapped[str] = mapped_column(Text, default="")

    meeting: Mapped[Meeting] = relationship()
    proposal: Mapped[Proposal | None] = relationship()
    version: Mapped[Version | None] = relationship()
    amendment: Mapped[Amendment | None] = relationship()
    advice: Mapped[Advice | None] = relationship()

    @property
    def label(self) -> str:
        """Its number as people read it: '7', or 'P1' for a rehearsal."""
        return label_of(self.number, rehearsal=self.rehearsal)

    @property
    def paper(self) -> Paper:
        """What can be written on its ballots."""
        return Paper(tuple(self.choices.split(",")), self.picks, self.divides)

    @property
    def titles(self) -> dict[str, str]:
        """The titles of its options by their keys; none for a question with for and against."""
        return {one["key"]: one["title"] for one in self.options}

    @property
    def advice_kind(self) -> AdviceKind | None:
        """Of a vote on the advice: which way that goes."""
        return self.advice.kind if self.advice_id and self.advice else None

    @property
    def is_acclaimed(self) -> bool:
        """Whether it is decided by acclamation."""
        return self.way is Way.ACCLAMATION


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
    """A member's choice in a round. A changed mind is a later version; the last one counts. Append-only.

    That it says what can be said in its round is looked at by a trigger, as far as it names one option.
    """

    __tablename__ = "ballot"
    __table_args__ = (
        ForeignKeyConstraint(
            ["round_id", "member_id", "weight", "advisory"],
            ["roll_entry.round_id", "roll_entry.member_id", "roll_entry.weight", "roll_entry.advisory"],
            name="fk_ballot_roll_entry",
        ),
        UniqueConstraint("member_id", "key", "round_id"),
        CheckConstraint("version >= 1", name="version_from_one"),
        CheckConstraint("(sealed_sha256 IS NULL) = (choice <> 'secret')", name="sealed_says_nothing"),
        Index("ix_ballot_receipt", "receipt"),
        # Few ballots replace an earlier one; the count looks them up here.
        Index(
            "ix_ballot_replacing", "round_id", postgresql_where=text("version > 1"), sqlite_where=text("version > 1")
        ),
    )

    round_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: As ``domain.ballots`` writes it: for, against, abstain, the key of an option, or several lines.
    choice: Mapped[str] = mapped_column(String(MAX_BALLOT))
    #: The roll's own numbers, which the foreign key holds equal, so that a million ballots are counted in one pass.
    weight: Mapped[int]
    advisory: Mapped[bool]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    cast_at: Mapped[datetime]
    receipt: Mapped[str] = mapped_column(String(19))
    #: The key of the form that was sent: the same form can be sent twice and is recorded once.
    key: Mapped[uuid.UUID]
    #: The member that had this one's proxy and cast for it; nobody when it was cast with the member's own mandate.
    via_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("member.id"))
    #: Of a secret round, where the choice says no more than that: SHA-256 of the sealed text, which is kept elsewhere.
    sealed_sha256: Mapped[str | None] = mapped_column(String(64))

    via: Mapped[Member | None] = relationship()


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
            " AND members_for + members_against + members_abstain + members_divided <= electorate_members",
            name="members_within_electorate",
        ),
        CheckConstraint(
            "(present_weight IS NULL) = (present_members IS NULL)"
            " AND (present_weight IS NULL OR (present_weight BETWEEN weight_for + weight_against + weight_abstain"
            " AND electorate_weight AND present_members BETWEEN members_for + members_against + members_abstain"
            " + members_divided AND electorate_members))",
            name="present_within_electorate",
        ),
    )

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("round.id"), primary_key=True)
    weight_for: Mapped[int] = mapped_column(BigInteger)
    weight_against: Mapped[int] = mapped_column(BigInteger)
    weight_abstain: Mapped[int] = mapped_column(BigInteger)
    members_for: Mapped[int]
    members_against: Mapped[int]
    members_abstain: Mapped[int]
    #: Members that divided their votes; these are in the weights only.
    members_divided: Mapped[int] = mapped_column(default=0)
    electorate_weight: Mapped[int] = mapped_column(BigInteger)
    electorate_members: Mapped[int]
    #: Who was present at closing; only where the rule asks it.
    present_weight: Mapped[int | None] = mapped_column(BigInteger)
    present_members: Mapped[int | None]
    #: Advisory votes, counted apart: {"weight": {choice: votes}, "members": {choice: members}}.
    advisory: Mapped[dict[str, Any]]
    #: Of a question with options instead of all those: {"weight": {key: votes}, "members": {key: members},
    #: "cast": {"weight": votes, "members": members}}; of a secret round as ``voting.tellers`` keeps it.
    options: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    verdict: Mapped[Verdict] = mapped_column(enum_of(Verdict))
    base: Mapped[int] = mapped_column(BigInteger)
    counted_at: Mapped[datetime]

    @property
    def withheld(self) -> bool:
        """Whether only the outcome of a secret round was kept: its numbers would tell who chose what."""
        return "outcome" in (self.options or {})

    @property
    def sums(self) -> dict[str, Any]:
        """The sums as they go into the log: for, against and abstained, or those of the options."""
        if self.options is not None:
            return {"options": self.options}
        found: dict[str, Any] = {
            "weight": [self.weight_for, self.weight_against, self.weight_abstain],
            "members": [self.members_for, self.members_against, self.members_abstain],
        }
        return found | {"divided": self.members_divided} if self.members_divided else found


class Lot(Base):
    """What lots decided in a round where votes were even. Append-only, one for each round."""

    __tablename__ = "lot"

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("round.id"), primary_key=True)
    #: The keys of the options that were drawn.
    drawn: Mapped[list[Any]]
    #: Whether the site drew, or somebody by hand.
    by_site: Mapped[bool]
    #: Who kept it; nobody where that was done at the terminal.
    drawn_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    drawn_at: Mapped[datetime]


class Dispute(Base):
    """Somebody's request that a round is declared void, until another one does so or it is let go."""

    __tablename__ = "dispute"
    __table_args__ = (
        CheckConstraint("NOT annulled OR ended_by <> asked_by", name="two_people"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
        CheckConstraint("NOT annulled OR ended_at IS NOT NULL", name="annulled_has_ended"),
        Index(
            "uq_dispute_now",
            "round_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("round.id"))
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    annulled: Mapped[bool]

    round: Mapped[Round] = relationship()
    asker: Mapped[Person] = relationship(foreign_keys=asked_by)
