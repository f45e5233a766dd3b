"""Meetings, their agenda and who may vote there."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vng_alv.accounts.models import Person
from vng_alv.db import Base, enum_of, uuid_key
from vng_alv.domain.attendance import How
from vng_alv.members.models import Member


class MeetingKind(StrEnum):
    """What kind of meeting it is."""

    ALV = "alv"
    EXTRAORDINARY = "extraordinary"
    #: A written consultation of the members: nobody gathers, and the result is advice to the board.
    LEDENRAADPLEGING = "ledenraadpleging"


class Meeting(Base):
    """A general assembly, or a written consultation of some weeks."""

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("(kind = 'ledenraadpleging') = (ends_at IS NOT NULL)", name="written_has_end"),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("NOT publishes_itself OR kind = 'ledenraadpleging'", name="chair_pronounces"),
        CheckConstraint("(current_item_id IS NULL) = (current_since IS NULL)", name="current_has_moment"),
        # An item of its own agenda; the two tables point at each other, so this comes after both.
        ForeignKeyConstraint(["id", "current_item_id"], ["agenda_item.meeting_id", "agenda_item.id"], use_alter=True),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    code: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[MeetingKind] = mapped_column(enum_of(MeetingKind))
    title: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime]
    #: Until when a written consultation lasts; an assembly has only a beginning.
    ends_at: Mapped[datetime | None]
    #: Whether what was counted is pronounced without a chair.
    publishes_itself: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    #: Until when amendments may be submitted, where the secretariat set another moment than follows from the rules.
    amendments_until: Mapped[datetime | None]

    #: Counts the changes of the agenda, so that two people at it do not undo each other's.
    agenda_version: Mapped[int] = mapped_column(default=0)
    #: The item that the meeting is at now, and since when; what the hall sees of it is for whoever shows it.
    current_item_id: Mapped[uuid.UUID | None]
    current_since: Mapped[datetime | None]

    agenda: Mapped[list["AgendaItem"]] = relationship(
        back_populates="meeting", order_by="AgendaItem.number", foreign_keys="AgendaItem.meeting_id"
    )

    @property
    def is_written(self) -> bool:
        """Whether nobody gathers: members vote in writing, and what they say is advice."""
        return self.kind is MeetingKind.LEDENRAADPLEGING

    @property
    def is_coming_until(self) -> datetime:
        """The moment until which it is still to come, or under way."""
        return self.ends_at or self.starts_at


class AgendaItem(Base):
    """A numbered item on the agenda of a meeting."""

    __tablename__ = "agenda_item"
    __table_args__ = (
        UniqueConstraint("meeting_id", "number"),
        UniqueConstraint("meeting_id", "id"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("minutes >= 1 AND minutes <= 600", name="minutes"),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text, default="")
    #: How long it is expected to take; None where nobody said so.
    minutes: Mapped[int | None]

    meeting: Mapped[Meeting] = relationship(back_populates="agenda", foreign_keys=[meeting_id])


def _one_now(name: str) -> Index:
    """An index that leaves a member at most one at a meeting that has not ended."""
    now = text("until IS NULL")
    return Index(name, "meeting_id", "member_id", unique=True, postgresql_where=now, sqlite_where=now)


class Mandate(Base):
    """Who casts a member's votes at a meeting, and from when until when. At most one person at a time."""

    __tablename__ = "mandate"
    __table_args__ = (
        _one_now("uq_mandate_holder_now"),
        CheckConstraint("until IS NULL OR until >= since", name="until_after_since"),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"))
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    #: Who gave it, and who took it back or gave it to the next one; nobody where the system did.
    given_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))

    person: Mapped[Person] = relationship(foreign_keys=person_id)
    giver: Mapped[Person | None] = relationship(foreign_keys=given_by)
    ender: Mapped[Person | None] = relationship(foreign_keys=ended_by)
    member: Mapped[Member] = relationship()
    meeting: Mapped[Meeting] = relationship()


class Attendance(Base):
    """A member at a meeting, from when until when, and whether in the hall or elsewhere."""

    __tablename__ = "attendance"
    __table_args__ = (
        _one_now("uq_attendance_now"),
        CheckConstraint("until IS NULL OR until >= since", name="until_after_since"),
        CheckConstraint("NOT mistaken OR until IS NOT NULL", name="mistaken_has_end"),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"))
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"))
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    how: Mapped[How] = mapped_column(enum_of(How), default=How.HALL)
    #: Whether it was recorded by mistake: then the member never was there, and the row stays for who reads back.
    mistaken: Mapped[bool] = mapped_column(default=False)
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))

    recorder: Mapped[Person | None] = relationship(foreign_keys=recorded_by)
    ender: Mapped[Person | None] = relationship(foreign_keys=ended_by)


class Proxy(Base):
    """A member's votes at a meeting in the hands of another member, where the association allows it."""

    __tablename__ = "proxy"
    __table_args__ = (
        _one_now("uq_proxy_given_now"),
        CheckConstraint("member_id <> to_member_id", name="not_oneself"),
        CheckConstraint("until IS NULL OR until >= since", name="until_after_since"),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"))
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"))
    to_member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"), index=True)
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    given_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))

    giver: Mapped[Person | None] = relationship(foreign_keys=given_by)
    ender: Mapped[Person | None] = relationship(foreign_keys=ended_by)
    member: Mapped[Member] = relationship(foreign_keys=member_id)
    to_member: Mapped[Member] = relationship(foreign_keys=to_member_id)
    meeting: Mapped[Meeting] = relationship()
