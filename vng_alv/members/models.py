"""The association, its register of members and who works for them."""

import uuid
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vng_alv.accounts.models import Person
from vng_alv.db import Base, enum_of, uuid_key
from vng_alv.domain.agenda import Standing
from vng_alv.domain.mandates import OfficeKind
from vng_alv.domain.weights import Band, Bands, Fixed, Formula, Rounding, WeightKind, WeightRule, weigh


class Association(Base):
    """The one association that this installation serves, with its rules."""

    __tablename__ = "association"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("divisor >= 1", name="divisor"),
        CheckConstraint("floor >= 0", name="floor"),
        CheckConstraint("cap >= 1 AND cap >= floor", name="cap"),
        CheckConstraint("fixed_votes >= 0", name="fixed_votes"),
        CheckConstraint("proxies_per_member >= 0", name="proxies_per_member"),
        CheckConstraint("amendment_days >= 0 AND amendment_days <= 60", name="amendment_days"),
        CheckConstraint("co_submitters >= 0", name="co_submitters"),
        CheckConstraint("convocation_days >= 0 AND convocation_days <= 60", name="convocation_days"),
        CheckConstraint("papers_days >= 0 AND papers_days <= 120", name="papers_days"),
        CheckConstraint("early_voting_days >= 0 AND early_voting_days <= 30", name="early_voting_days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str] = mapped_column(String(40))
    email: Mapped[str] = mapped_column(String(254))
    #: Which of the three ways of giving votes counts; what belongs to the others is kept for when it is chosen again.
    weight_kind: Mapped[WeightKind] = mapped_column(enum_of(WeightKind), default=WeightKind.FORMULA)
    divisor: Mapped[int]
    rounding: Mapped[Rounding] = mapped_column(enum_of(Rounding))
    floor: Mapped[int]
    cap: Mapped[int | None]
    #: The table of bands: [[from inhabitants, votes], …].
    bands: Mapped[list[Any]] = mapped_column(default=list)
    #: The votes of a member without a number of its own, where votes are fixed.
    fixed_votes: Mapped[int] = mapped_column(default=1)
    #: The rules for ordinary decisions and for a change of the statutes: a name in ``domain.rulebook.RULES``, or the
    #: key of a rule of the association's own.
    rule: Mapped[str] = mapped_column(String(40))
    statute_rule: Mapped[str] = mapped_column(String(40), default="two_thirds")
    invitation_days: Mapped[int]
    #: For how many other members one member may vote; 0 where there are no proxies.
    proxies_per_member: Mapped[int] = mapped_column(default=0)
    #: Working days before a meeting at which amendments close, and the hour, in Dutch time.
    amendment_days: Mapped[int] = mapped_column(default=9)
    amendment_clock: Mapped[time] = mapped_column(default=time(12))
    #: How many other members must submit an amendment or a motion along.
    co_submitters: Mapped[int] = mapped_column(default=0)
    #: How many days before an assembly members may vote, where the statutes allow it; 0: on the day itself.
    early_voting_days: Mapped[int] = mapped_column(default=0)
    #: How many days lie at least between calling a meeting together and the meeting.
    convocation_days: Mapped[int] = mapped_column(default=14)
    #: Whether a member may divide its votes over the options of a question; else all go to one.
    divides_votes: Mapped[bool] = mapped_column(default=False)
    #: Working days before a meeting by which the last papers are sent.
    papers_days: Mapped[int] = mapped_column(default=10)
    #: What an assembly begins with: [[title, minutes or None, whether at the end], …].
    standing_agenda: Mapped[list[Any]] = mapped_column(default=list)
    #: The votes and reactions in this database are invented; every page and export says so.
    example: Mapped[bool] = mapped_column(default=False)

    @property
    def standing_items(self) -> list[Standing]:
        """The items that an assembly begins with."""
        return [Standing(title, minutes, ends) for title, minutes, ends in self.standing_agenda]

    @property
    def weight_rule(self) -> WeightRule:
        """How a member gets its votes."""
        match self.weight_kind:
            case WeightKind.BANDS:
                return Bands(tuple(Band(lower, votes) for lower, votes in self.bands))
            case WeightKind.FIXED:
                return Fixed(self.fixed_votes)
            case _:
                return Formula(self.divisor, Rounding(self.rounding), self.floor, self.cap)


class DecisionRule(Base):
    """A rule of decision of the association's own, for rounds that are prepared; each of them keeps a copy."""

    __tablename__ = "decision_rule"

    id: Mapped[uuid.UUID] = uuid_key()
    name: Mapped[str] = mapped_column(String(80), unique=True)
    rule: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class Member(Base):
    """A municipality in the register."""

    __tablename__ = "member"
    __table_args__ = (
        CheckConstraint("population >= 0", name="population_not_negative"),
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="valid_until_after_from"),
        CheckConstraint("fixed_votes >= 0", name="fixed_votes"),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    province: Mapped[str] = mapped_column(String(100))
    population: Mapped[int]
    advisory: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    #: The votes of this member alone, which count where the association has fixed votes.
    fixed_votes: Mapped[int | None]

    def votes(self, rule: WeightRule) -> int:
        """How many votes this municipality has by a rule, as a member."""
        return weigh(self.population, rule, self.fixed_votes)

    def is_member_on(self, day: date) -> bool:
        """Whether this municipality is a member on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or self.valid_until > day
        )


class Office(Base):
    """A person's function at a member."""

    __tablename__ = "office"
    __table_args__ = (UniqueConstraint("person_id", "member_id"),)

    id: Mapped[uuid.UUID] = uuid_key()
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"), index=True)
    kind: Mapped[OfficeKind] = mapped_column(enum_of(OfficeKind))

    person: Mapped[Person] = relationship()
    member: Mapped[Member] = relationship()


class MemberImport(Base):
    """A file that was read into the register's terms, kept between its preview and its application."""

    __tablename__ = "member_import"

    id: Mapped[uuid.UUID] = uuid_key()
    file_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    rows: Mapped[list[Any]]
    #: Hash of the changes that were shown; they are applied only if they are still the same.
    changes_hash: Mapped[str] = mapped_column(String(64))
    applied_at: Mapped[datetime | None]


class PeopleImport(Base):
    """A file of people to invite, kept from its preview until the last invitation is made."""

    __tablename__ = "people_import"
    __table_args__ = (CheckConstraint("done >= 0", name="done_not_negative"),)

    id: Mapped[uuid.UUID] = uuid_key()
    file_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    rows: Mapped[list[Any]]
    #: When somebody said yes to the preview; from then on the worker invites, row by row.
    started_at: Mapped[datetime | None]
    #: How many rows are done.
    done: Mapped[int] = mapped_column(default=0)
    #: Rows that could not be done after all, with the reason: [[row, sentence], …].
    faults: Mapped[list[Any]]
    finished_at: Mapped[datetime | None]
